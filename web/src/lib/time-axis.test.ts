import fc from "fast-check";
import { expect, test } from "vitest";
import { timeAxis, windowStep } from "./time-axis.ts";
import { SPANS_S } from "./time-range.ts";
import { T } from "./testing/seconds.ts";

const last = (span_s: number, width_px: number) => timeAxis({ from: T - span_s, until: T }, width_px, T).step_s;

test("each span of the picker has a round step by its width, on a wide screen and on a phone", () => {
  expect(SPANS_S.map((span_s) => last(span_s, 1080))).toEqual([5, 10, 60, 60, 120, 300, 3600]);
  expect(SPANS_S.map((span_s) => last(span_s, 275))).toEqual([10, 60, 120, 300, 600, 900, 7200]);
});

test("a narrow zoom shows single seconds, but not of a time whose seconds are gone", () => {
  const zoom = (from: number) => timeAxis({ from, until: from + 120 }, 1080, T).step_s;
  expect([zoom(T - 600), zoom(T - 23 * 3600), zoom(T - 25 * 3600)]).toEqual([1, 1, 60]);
});

test("given any span and width, then points can be told apart, and are not more than a page can hold", () => {
  fc.assert(
    fc.property(fc.integer({ min: 10, max: 366 * 86_400 }), fc.integer({ min: 100, max: 3000 }), (span_s, width) => {
      const step_s = last(span_s, width);
      const points = span_s / step_s;
      expect(width / points).toBeGreaterThanOrEqual(2.5);
      // Seconds of an hour, minutes of a day: what is asked for stays within some megabytes.
      expect(span_s / windowStep(step_s)).toBeLessThanOrEqual(8784);
      if (windowStep(step_s) === 1) expect(span_s).toBeLessThanOrEqual(3600);
      if (windowStep(step_s) === 60) expect(span_s).toBeLessThanOrEqual(86_400);
    }),
  );
});

test("points are formed of the longest windows that fit into them", () => {
  expect([1, 5, 30, 60, 300, 1800, 3600, 86_400].map(windowStep)).toEqual([1, 1, 1, 60, 60, 60, 3600, 3600]);
});
