import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BAND_SAMPLES_MIN, measureSpread, normalRange, type Sample } from "./normal-band.ts";
import { normallyWords } from "./normally.ts";
import { formatRate } from "./format/number.ts";

const quiet = (value: number | null, baseline: number | null = 100): Sample => ({ value, baseline, quiet: true });

describe("the band of normal", () => {
  test("given too few quiet points, then no width is claimed", () => {
    const few = Array.from({ length: BAND_SAMPLES_MIN - 1 }, (_, i) => quiet(100 + i));
    expect(measureSpread(few)).toBeNull();
    expect(normalRange(100, null)).toBeNull();
  });

  test("given an incident, then its points do not widen what is normal", () => {
    const calm = Array.from({ length: 40 }, (_, i) => quiet(95 + (i % 11)));
    const surge = Array.from({ length: 40 }, () => ({ value: 900, baseline: 100, quiet: false }));
    expect(measureSpread([...calm, ...surge])).toEqual(measureSpread(calm));
  });

  test("given any quiet points, then the band holds the baseline, never falls below zero, and holds most of them", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 40, maxLength: 200 }),
        fc.double({ min: 0, max: 1e6, noNaN: true }),
        (values, baseline) => {
          const range = normalRange(baseline, measureSpread(values.map((value) => quiet(value, baseline))))!;
          const tolerance = 1e-6 * Math.max(1, baseline);
          const inside = values.filter((value) => value >= range.low - tolerance && value <= range.high + tolerance);
          expect(range.low).toBeGreaterThanOrEqual(0);
          expect(range.low).toBeLessThanOrEqual(baseline);
          expect(range.high).toBeGreaterThanOrEqual(baseline);
          expect(inside.length / values.length).toBeGreaterThanOrEqual(0.85);
        },
      ),
    );
  });
});

describe("what stands under a figure", () => {
  test("it tells the range, one value where no width is known, and that nothing is known yet", () => {
    expect(normallyWords(312, { low: 288, high: 337 }, formatRate)).toBe("normally 288 to 337");
    expect(normallyWords(312, null, formatRate)).toBe("normally 312");
    expect(normallyWords(312, { low: 311.9, high: 312.1 }, formatRate)).toBe("normally 312");
    expect(normallyWords(null, null, formatRate)).toBe("normal is being learned");
  });
});
