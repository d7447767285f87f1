import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isLeap, judgeLeap, type WaitingEvent } from "./replay-leap.ts";

const DAY_MS = 86_400_000;
const at = (...times_ms: readonly number[]): WaitingEvent[] =>
  times_ms.map((event_time_ms, i) => ({
    service: 0,
    event_time_ms,
    endpoint: "/",
    latency_us: 1,
    status_code: 200,
    version: null,
    line: i + 1,
  }));
const times = (count: number, time_ms: number): number[] => Array.from({ length: count }, () => time_ms);

describe("a leap of time", () => {
  test("is more than a day, and the first event of all", () => {
    expect(isLeap(DAY_MS, 0)).toBe(false);
    expect(isLeap(DAY_MS + 1, 0)).toBe(true);
    expect(isLeap(0, -Infinity)).toBe(true);
  });

  test("is true once ten events have confirmed it, wrong once ten have contradicted it, and unsure before", () => {
    expect(judgeLeap(at(9 * DAY_MS, ...times(9, 9 * DAY_MS), ...times(9, 0)))).toBe("unsure");
    expect(judgeLeap(at(9 * DAY_MS, ...times(9, 0), ...times(10, 8 * DAY_MS)))).toBe("moved");
    expect(judgeLeap(at(9 * DAY_MS, ...times(9, 8 * DAY_MS), ...times(10, 8 * DAY_MS - 1)))).toBe("wrong");
  });

  test("is judged after nineteen events at the latest", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20 * DAY_MS }), { minLength: 20, maxLength: 20 }), (found) => {
        expect(judgeLeap(at(...found))).not.toBe("unsure");
      }),
    );
  });
});
