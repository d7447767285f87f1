import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  coarsenSketch,
  decodeSketch,
  EMPTY_SKETCH,
  encodeSketch,
  latencyBin,
  mergeAllSketches,
  mergeSketches,
  quantileMs,
  SKETCH_RELATIVE_ERROR,
  type Sketch,
  sketchCount,
  sketchOfBins,
} from "./sketch.ts";

const latencies_us = fc.array(
  fc.oneof(
    fc.integer({ min: 0, max: 3_600_000_000 }),
    fc.integer({ min: 0, max: 2_000_000 }),
    fc.integer({ min: 0, max: 300 }),
  ),
  { minLength: 1, maxLength: 300 },
);
const sketchOf = (values: readonly number[]): Sketch => sketchOfBins(Uint16Array.from(values, latencyBin));

describe("the latency sketch", () => {
  test("every quantile is at most 1 % from the exact one", () => {
    fc.assert(
      fc.property(latencies_us, fc.double({ min: 0, max: 1, noNaN: true }), (values, q) => {
        const exact_ms = values.toSorted((a, b) => a - b)[Math.floor(q * (values.length - 1))]! / 1000;
        const estimate_ms = quantileMs(sketchOf(values), q)!;
        expect(Math.abs(estimate_ms - exact_ms)).toBeLessThanOrEqual(exact_ms * SKETCH_RELATIVE_ERROR * (1 + 1e-9));
      }),
    );
  });

  test("merging is exactly associative and commutative, and equals sketching everything at once", () => {
    fc.assert(
      fc.property(latencies_us, latencies_us, latencies_us, (x, y, z) => {
        const [a, b, c] = [sketchOf(x), sketchOf(y), sketchOf(z)];
        const whole = sketchOf([...x, ...y, ...z]);
        expect(mergeSketches(mergeSketches(a, b), c)).toEqual(whole);
        expect(mergeSketches(a, mergeSketches(c, b))).toEqual(whole);
        expect(mergeAllSketches([c, a, b])).toEqual(whole);
      }),
    );
  });

  test("coarsened, it is the same in whatever order parts were merged and coarsened, and loses no request", () => {
    fc.assert(
      fc.property(latencies_us, latencies_us, fc.integer({ min: 0, max: 11 }), (x, y, shift) => {
        const whole = coarsenSketch(sketchOf([...x, ...y]), shift);
        const early = mergeSketches(coarsenSketch(sketchOf(x), shift), sketchOf(y));
        expect(coarsenSketch(early, shift)).toEqual(whole);
        expect(coarsenSketch(coarsenSketch(sketchOf([...x, ...y]), Math.max(0, shift - 1)), shift)).toEqual(whole);
        expect(sketchCount(whole)).toBe(x.length + y.length);
        expect([...whole.bins].every((bin) => bin % 2 ** shift === 0)).toBe(true);
      }),
    );
  });

  test("survives its encoding", () => {
    fc.assert(
      fc.property(latencies_us, (values) => {
        expect(decodeSketch(encodeSketch(sketchOf(values)))).toEqual(sketchOf(values));
      }),
    );
  });

  test("refuses bytes that are no sketch", () => {
    expect(() => decodeSketch(Uint8Array.of(255, 255, 255, 127))).toThrow(RangeError);
    expect(() => decodeSketch(Uint8Array.of(3, 1))).toThrow(RangeError);
  });

  test("is empty without values", () => {
    expect(quantileMs(EMPTY_SKETCH, 0.5)).toBeNull();
    expect(sketchCount(EMPTY_SKETCH)).toBe(0);
  });

  test("a minute of ordinary traffic takes at most 2 KB: 60,000 requests, log-normal around 150 ms", () => {
    // Box-Muller over a fixed linear congruential sequence: the shape matters here, not the randomness.
    let state = 1;
    const next = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
    const values = Array.from({ length: 60_000 }, () => {
      const normal = Math.sqrt(-2 * Math.log(next())) * Math.cos(2 * Math.PI * next());
      return Math.round(150_000 * Math.exp(0.5 * normal));
    });
    expect(encodeSketch(sketchOf(values)).length).toBeLessThanOrEqual(2048);
  });
});
