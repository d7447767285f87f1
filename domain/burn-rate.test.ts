import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BinaryReader, BinaryWriter } from "./binary.ts";
import { type BurnFinding, BurnRate } from "./burn-rate.ts";

const START = 1_793_577_600;
const OBJECTIVE = 0.999;
const HOUR_S = 3600;

class Service {
  readonly burn = new BurnRate();
  second = START;
  finding: BurnFinding | null = null;

  run(seconds: number, requests: number, error_rate: number): this {
    for (let i = 0; i < seconds; i += 1) {
      // Whole errors, evenly spread.
      const errors = Math.floor((i + 1) * requests * error_rate) - Math.floor(i * requests * error_rate);
      this.finding = this.burn.step(this.second, requests, errors, OBJECTIVE);
      this.second += 1;
    }
    return this;
  }

  /** Seconds until a rule fires, null if none does. */
  until(seconds: number, requests: number, error_rate: number): number | null {
    for (let i = 1; i <= seconds; i += 1) {
      const errors = Math.floor(i * requests * error_rate) - Math.floor((i - 1) * requests * error_rate);
      this.finding = this.burn.step(this.second, requests, errors, OBJECTIVE);
      this.second += 1;
      if (this.finding.reason === "above_threshold") return i;
    }
    return null;
  }
}

describe("the budget of errors", () => {
  test("spent at 20 times its rate pages within the hour, by the first rule", () => {
    const service = new Service().run(3 * HOUR_S, 10, 0);
    const after_s = service.until(HOUR_S, 10, 0.02)!;
    // 72 % of the long window must have failed so: 14.4 of 20.
    expect(after_s / HOUR_S).toBeGreaterThan(0.7);
    expect(after_s / HOUR_S).toBeLessThan(0.85);
    expect(service.finding).toMatchObject({ severity: "page", factor: 14.4, window_s: 3600, short_window_s: 300 });
    // The long window slides by five minutes.
    expect(service.finding!.burn).toBeGreaterThan(14.4);
    expect(service.finding!.burn).toBeLessThan(16);
  });

  test("spent all at once pages within a minute or so", () => {
    expect(new Service().run(3 * HOUR_S, 10, 0).until(120, 10, 1)).not.toBeNull();
  });

  test.each([
    [8, 6, "page", 6],
    [4, 24, "ticket", 3],
    [1.5, 72, "ticket", 1],
  ] as const)("spent at %d times its rate over %d h: %s", (times, hours, severity, factor) => {
    const service = new Service().run(2 * HOUR_S, 10, 0);
    expect(service.until(hours * HOUR_S + HOUR_S, 10, times * 0.001)).not.toBeNull();
    expect(service.finding).toMatchObject({ severity, factor, objective: OBJECTIVE });
  });

  test("kept tells nothing", () => {
    expect(new Service().until(80 * HOUR_S, 10, 0.0009)).toBeNull();
  });

  test("is judged only where half of the window has data", () => {
    const service = new Service();
    expect(service.until(HOUR_S, 10, 0.02)! / HOUR_S).toBeGreaterThanOrEqual(0.5);
    expect(new Service().run(1200, 10, 0.02).finding!.reason).toBe("too_few_requests");
  });

  test("is not spent by a single failed request", () => {
    expect(
      new Service()
        .run(3 * HOUR_S, 0.05 * 20, 0)
        .run(1, 1, 1)
        .run(3600, 0, 0).finding!.reason,
    ).not.toBe("above_threshold");
  });

  test("rests once the short window is well below, although the long one still is above", () => {
    const service = new Service().run(3 * HOUR_S, 10, 0).run(HOUR_S, 10, 0.03);
    expect(service.finding!.reason).toBe("above_threshold");
    expect(service.finding!.factor).toBe(14.4);
    // Five minutes on the first rule's short window is well again, half an hour on the next rule's.
    expect(service.run(400, 10, 0).finding).toMatchObject({ reason: "above_threshold", factor: 6 });
    while (service.finding!.reason === "above_threshold") service.run(1, 10, 0);
    expect(service.finding!.reason).toBe("between");
    while (service.finding!.reason === "between") service.run(1, 10, 0);
    expect(service.finding!.reason).toBe("below_threshold");
    expect(service.second - START - 4 * HOUR_S).toBeLessThan(2400);
  });
});

const life = fc.array(fc.tuple(fc.nat(200), fc.nat(50), fc.nat(50)), { minLength: 1, maxLength: 60 });

describe("its state", () => {
  test("survives its encoding at any second", () => {
    fc.assert(
      fc.property(life, life, (before, after) => {
        const burn = new BurnRate();
        let second = START;
        const step = (own: BurnRate, [wait, requests, errors]: [number, number, number]): BurnFinding =>
          own.step((second += wait + 1), requests, Math.min(requests, errors), OBJECTIVE);
        for (const entry of before) step(burn, entry);
        const bytes = bytesOf(burn);
        const decoded = BurnRate.decode(new BinaryReader(bytes));
        for (const entry of after) {
          const from = second;
          const said = step(burn, entry);
          second = from;
          expect(step(decoded, entry)).toEqual(said);
        }
        expect(bytesOf(decoded)).toEqual(bytesOf(burn));
      }),
    );
  });

  test("takes at most 3 KB, whatever the traffic", () => {
    const service = new Service();
    for (let i = 0; i < 80 * 60; i += 1) {
      service.second += 59;
      service.run(1, 100_000, 0.5);
    }
    expect(bytesOf(service.burn).length).toBeLessThanOrEqual(3072);
  });
});

function bytesOf(burn: BurnRate): Uint8Array {
  const writer = new BinaryWriter();
  burn.encode(writer);
  return writer.finish();
}
