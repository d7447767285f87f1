import { describe, expect, it } from "vitest";
import { DetectionStream, type Flow } from "../tests/detection-stream.ts";

const START = 1_764_000_000;
const HOUR_S = 3600;
/** Three requests, then more than a minute without any. */
const ROUND = [15, 15, 90];

function rare(stream: DetectionStream, seconds: number, flow: Partial<Flow> = {}): DetectionStream {
  for (let passed = 0; passed < seconds; passed += 120)
    for (const gap of ROUND) stream.run(1, { name: "/pay", requests: 1, ...flow }).run(gap - 1);
  return stream;
}

describe("a service with minutes between its requests", () => {
  const known = (): DetectionStream => rare(new DetectionStream(START), 6 * HOUR_S);

  it("has not recovered from errors before requests succeed", () => {
    const stream = rare(known(), 2 * HOUR_S, { errors: 1 });
    expect(stream.actions[0]).toBe("opened");
    expect(stream.actions).not.toContain("resolved");
    expect(rare(stream, HOUR_S).actions.at(-1)).toBe("resolved");
  });

  it("tells the same where an hour of silence is left out as where it was judged", () => {
    const [stepped, skipped] = [rare(known(), HOUR_S, { errors: 1 }), rare(known(), HOUR_S, { errors: 1 })];
    stepped.run(5 * HOUR_S);
    skipped
      .run(2 * HOUR_S)
      .leaveOut(2 * HOUR_S)
      .run(HOUR_S);
    for (const stream of [stepped, skipped]) rare(stream, 600, { errors: 1 });
    expect(skipped.changes).toEqual(stepped.changes);
    expect(skipped.findings).toEqual(stepped.findings);
  });

  it("is not told as slow because single requests are", () => {
    const stream = new DetectionStream(START);
    let state = 7;
    const unit = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
    for (let second = 0; second < 12 * HOUR_S; second += 1) {
      // Log-normal with a sigma of 0.6, by the sum of twelve uniform draws; six requests a minute.
      const normal = Array.from({ length: 12 }, unit).reduce((sum, value) => sum + value, -6);
      if (unit() < 0.1)
        stream.run(1, { name: "/pay", requests: 1, latency_ms: Math.round(120 * Math.exp(0.6 * normal)) });
      else stream.run(1);
    }
    expect(stream.changes.map(({ incident }) => incident.metric_name)).toEqual([]);
  });
});
