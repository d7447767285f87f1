/** The schedule of retries. */
import { expect, test } from "vitest";
import { pauseMs, retryDelayMs } from "./subscription-retries.ts";

test("ten attempts are spread over 75 h 35 min, and there is no eleventh", () => {
  const delays = Array.from({ length: 9 }, (_, i) => retryDelayMs(i + 1, null, 0)!);
  expect(delays.map((delay_ms) => delay_ms / 60_000)).toEqual([5 / 60, 5, 30, 120, 300, 600, 840, 1_200, 1_440]);
  expect(delays.reduce((sum, delay_ms) => sum + delay_ms)).toBe(75 * 3_600_000 + 35 * 60_000 + 5_000);
  expect(retryDelayMs(10, null, 0)).toBeNull();
  expect(retryDelayMs(10, 60, 0)).toBeNull();
});

test("chance adds up to a tenth, and what the target asks for is a minimum, an hour at most", () => {
  expect(retryDelayMs(2, null, 0.5)).toBe(315_000);
  expect(retryDelayMs(1, 60, 0)).toBe(60_000);
  expect(retryDelayMs(3, 60, 0)).toBe(1_800_000);
  expect(retryDelayMs(1, 100_000, 0)).toBe(3_600_000);
  expect(retryDelayMs(1, -5, 0)).toBe(5_000);
});

test("a target that takes no more is left alone as long as it asks, and longer each time up to five minutes", () => {
  expect([1, 2, 3, 20].map((nth) => pauseMs(nth, null, 0))).toEqual([1_000, 2_000, 4_000, 300_000]);
  expect(pauseMs(1, 90, 0)).toBe(90_000);
  expect(pauseMs(1, 100_000, 0)).toBe(3_600_000);
  expect(pauseMs(20, null, 0.5)).toBe(315_000);
});
