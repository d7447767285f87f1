import { describe, expect, test } from "vitest";
import { reachOf, sharedReach } from "./scale.ts";
import type { Mark } from "./line.ts";

const mark = (value: number | null, high = 0): Mark => ({
  at: 0,
  value,
  normal: high === 0 ? null : { low: 0, high },
  provisional: false,
  finding: null,
});

describe("the reach of a scale", () => {
  test("holds all lines and their bands, and what is missing needs nothing", () => {
    expect(reachOf([[mark(5), mark(null)], [mark(3, 8)]])).toEqual({ top: 8, limit: false });
    expect(reachOf([])).toEqual({ top: 0, limit: false });
  });

  test("holds a promise up to twice as high as anything measured, and leaves out one that is higher", () => {
    expect(reachOf([[mark(100)]], 200)).toEqual({ top: 200, limit: true });
    expect(reachOf([[mark(100)]], 201)).toEqual({ top: 100, limit: false });
    expect(reachOf([[mark(100)]], 50)).toEqual({ top: 100, limit: true });
  });

  test("is one for two charts of a metric, whichever comes first, unless one of them would lie on the ground", () => {
    expect(sharedReach(400, 690)).toBe(690);
    expect(sharedReach(690, 400)).toBe(690);
    expect(sharedReach(100, 400)).toBe(400);
    expect(sharedReach(99, 400)).toBe(0);
    expect(sharedReach(0, 400)).toBe(0);
  });
});
