import { describe, expect, test } from "vitest";
import { type Excess, excessOf, type FaultAge, type ImpactBasis, type Totals } from "./impact.ts";

const BASIS: ImpactBasis = {
  errors: { share: 0.01, error: 0.0005, dispersion: 1.5 },
  slow: { share: 0.02, error: 0.0005, dispersion: 1.5, bin: 600 },
};
const AGE = { lasted_s: 600, proven_after_s: 4 };
const totals = (failed_count: number, slow_count: number): Totals => ({
  request_count: 60_000,
  failed_count,
  slow_count,
});

describe("the excess of an incident", () => {
  test("is what failed beyond normal, within an interval that holds it", () => {
    const excess = excessOf(totals(12_600, 1200), BASIS, { failed: true, slow: false }, AGE);
    expect(excess.excess_count).toBe(12_000);
    expect(excess.excess_low).toBeLessThan(12_000);
    expect(excess.excess_high).toBeGreaterThan(12_000);
    expect(excess.excess_high - excess.excess_low).toBeLessThan(1500);
  });

  test("is wider where the fault was long in being proven", () => {
    const width = (proven_after_s: number): number => {
      const { excess_low, excess_high } = excessOf(
        totals(1800, 1200),
        BASIS,
        { failed: true, slow: false },
        { ...AGE, proven_after_s },
      );
      return excess_high - excess_low;
    };
    expect(width(4)).toBe(width(1));
    expect(width(120)).toBeGreaterThan(width(4));
  });

  test("allows for slow ones that were learned as normal before a slow fault was proven, but for no fewer", () => {
    const age = (proven_after_s: number): FaultAge => ({ lasted_s: 3600, proven_after_s });
    const of = (proven_after_s: number): Excess =>
      excessOf(totals(600, 13_200), BASIS, { failed: false, slow: true }, age(proven_after_s));
    const [soon, late] = [of(29), of(30)];
    expect(late.excess_count).toBe(12_000);
    expect(late.excess_high - soon.excess_high).toBeGreaterThanOrEqual(3000);
    expect(Math.abs(late.excess_low - soon.excess_low)).toBeLessThan(20);
  });

  test("is wider where the bound above which a request is slow was learned from few, and where few lie above it", () => {
    const width = (share_error: number, slow_count: number): number => {
      const basis = { ...BASIS, slow: { ...BASIS.slow!, error: share_error } };
      const excess = excessOf(totals(600, slow_count), basis, { failed: false, slow: true }, AGE);
      return (excess.excess_high - excess.excess_low) / excess.excess_count;
    };
    expect(width(0.006, 13_200)).toBeGreaterThan(1.3 * width(0.0005, 13_200));
    expect(width(0.0005, 13_200)).toBeGreaterThan(1.3 * width(0.0005, 54_000));
  });

  test("of failed and slow ones allows for all having been both, and for none", () => {
    const excess = excessOf(totals(30_600, 31_200), BASIS, { failed: true, slow: true }, AGE);
    expect(excess.excess_count).toBe(45_000);
    expect(excess.excess_low).toBeLessThan(30_000);
    expect(excess.excess_high).toBe(60_000);
  });

  test("is none below normal, without harm that belongs to it, and without requests", () => {
    const none = { excess_count: 0, excess_low: 0 };
    expect(excessOf(totals(300, 0), BASIS, { failed: true, slow: true }, AGE)).toMatchObject(none);
    expect(excessOf(totals(9000, 9000), BASIS, { failed: false, slow: false }, AGE)).toMatchObject(none);
    const nobody = { request_count: 0, failed_count: 0, slow_count: 0 };
    expect(excessOf(nobody, BASIS, { failed: true, slow: true }, AGE)).toEqual({ ...none, excess_high: 0 });
  });

  test("counts nothing slow where latency was not learned", () => {
    const excess = excessOf(totals(0, 9000), { ...BASIS, slow: null }, { failed: false, slow: true }, AGE);
    expect(excess.excess_count).toBe(0);
  });
});
