import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { listWindow, rowOffsets } from "./list-window.ts";

const heights = fc.array(fc.constantFrom(32, 56, 90), { maxLength: 1200 });

describe("the rows that are drawn", () => {
  test("are those on the screen and some on either side", () => {
    const offsets = rowOffsets(Array.from({ length: 1000 }, () => 32));
    expect(listWindow(offsets, 3200, 4200, 5)).toEqual({ first: 95, end: 137 });
    expect(listWindow(offsets, -500, 500, 5)).toEqual({ first: 0, end: 21 });
    expect(listWindow(offsets, 31_500, 32_500, 5)).toEqual({ first: 979, end: 1000 });
  });

  test("of an empty list are none, and of a list that is scrolled past its last", () => {
    expect(listWindow(rowOffsets([]), 0, 900, 5)).toEqual({ first: 0, end: 0 });
    expect(listWindow(rowOffsets([32, 32, 32]), 5000, 6000, 0)).toEqual({ first: 2, end: 3 });
  });

  test("hold every row that the screen touches, and few others, whatever the heights", () => {
    fc.assert(
      fc.property(heights, fc.double({ min: -2000, max: 120_000, noNaN: true }), fc.nat(20), (rows, top, margin) => {
        const offsets = rowOffsets(rows);
        const bottom = top + 1000;
        const { first, end } = listWindow(offsets, top, bottom, margin);
        const touched = rows.flatMap((height, at) =>
          offsets[at]! <= bottom && offsets[at]! + height > top ? [at] : [],
        );
        for (const at of touched) expect(at >= first && at < end).toBe(true);
        expect(end - first).toBeLessThanOrEqual(Math.ceil(1000 / 32) + 2 + 2 * margin);
      }),
    );
  });
});
