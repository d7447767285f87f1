import { describe, expect, it } from "vitest";
import { ErrorRise } from "./error-rise.ts";
import { ErrorPlan, ErrorTest } from "./error-test.ts";
import { ShareBaseline } from "./share-baseline.ts";

const PRIOR = { share: 0.01, strength: 100 };
const HOUR_S = 3600;

/** Known for so long, with one request in fifty failing. */
function knownFor(seconds: number): ShareBaseline {
  const baseline = new ShareBaseline(PRIOR);
  for (let second = 0; second < seconds; second += 1) baseline.learn(100, 2);
  return baseline;
}

describe("how well a normal share is known", () => {
  it("is bounded by how much shares wander, until hours of them were seen", () => {
    const young = knownFor(300);
    const old = knownFor(5 * HOUR_S);
    expect(young.wander).toBeCloseTo(0.25 * young.share * Math.SQRT1_2, 4);
    expect(young.error).toBeLessThan(young.wander / 4);
    expect(old.wander).toBeLessThan(0.05 * old.share);
  });

  it("raises the guard of a service that is known for minutes alone", () => {
    const plan = new ErrorPlan(
      [{ turn: 0.009, usual_part: 1, ramp_s: 60, ramp_requests: 120 }],
      {
        factor: 1.6,
        errors: 2,
        floor: 0.001,
      },
      16,
    );
    const [young, old] = [300, 5 * HOUR_S].map((seconds) => {
      const test = new ErrorTest(plan);
      for (let second = 0; second < seconds; second += 1) test.learn(100, 2);
      return test.normal / test.baseline.share;
    });
    expect(old).toBeLessThan(1.8);
    expect(young).toBeGreaterThan(old! + 0.2);
  });

  it("asks for a larger rise out of a good spell while few are known", () => {
    const [young, old] = [200, 5 * HOUR_S].map((seconds) => {
      const baseline = knownFor(seconds);
      for (let failed = 2; ; failed += 0.1) {
        const rise = new ErrorRise();
        for (let second = 0; second < 600; second += 1) rise.step(100, 1, baseline, 1);
        const verdicts = Array.from({ length: 300 }, () => rise.step(100, failed, baseline, 1));
        if (verdicts.includes("above_threshold")) return failed;
      }
    });
    expect(young).toBeGreaterThan(old! + 0.15);
  });
});
