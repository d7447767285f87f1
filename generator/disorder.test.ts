import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Disorder } from "./disorder.ts";
import { NO_FAULTS } from "./fault.ts";
import { servicesOf } from "./services.ts";
import { timedEventsBetween } from "./stream.ts";

const STREAM = { seed: 1, services: servicesOf(3), rate: 300, faults: NO_FAULTS };

/** Sends the first 3 s of the stream in spans that end at the cuts. */
function sent(disorder_ms: number, cuts: readonly number[]) {
  const disorder = new Disorder(1, disorder_ms);
  const edges = [0, ...cuts.toSorted((a, b) => a - b), 3000];
  const parts = edges
    .slice(1)
    .flatMap((edge, at) => disorder.pass(timedEventsBetween(STREAM, edges[at] ?? 0, edge), edge));
  return [...parts, ...disorder.rest()];
}

describe("Disorder", () => {
  const whole = [...timedEventsBetween(STREAM, 0, 3000)];

  it("loses and doubles nothing, and gives the same order however the time is cut", () => {
    const order = sent(500, []);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 3000 }), { maxLength: 8 }), (cuts) => {
        expect(sent(500, cuts)).toEqual(order);
      }),
    );
    expect(order.toSorted((a, b) => a.at_ms - b.at_ms).map(({ at_ms }) => at_ms)).toEqual(
      whole.map(({ at_ms }) => at_ms),
    );
    expect(new Set(order).size).toBe(whole.length);
  });

  it("sends no event more than the bound after a newer one, and some out of order", () => {
    let newest_ms = 0;
    let inverted = 0;
    for (const { at_ms } of sent(500, [100, 200, 300, 1000])) {
      expect(newest_ms - at_ms).toBeLessThanOrEqual(500);
      if (at_ms < newest_ms) inverted += 1;
      newest_ms = Math.max(newest_ms, at_ms);
    }
    expect(inverted).toBeGreaterThan(100);
  });

  it("keeps the order where no disorder is wanted", () => {
    expect(sent(0, [100, 1234])).toEqual(whole);
  });
});
