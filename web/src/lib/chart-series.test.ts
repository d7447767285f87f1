import { expect, test } from "vitest";
import { ChartSeries } from "./chart-series.ts";
import { BASELINE, T, tick, window } from "./testing/seconds.ts";

const fine = { from: T, until: T + 60, step_s: 5 };
const coarse = { from: T, until: T + 600, step_s: 60 };
/** A minute of history with as many requests of 100 ms. */
const minute = (at: number, requests: number) =>
  window(
    at,
    Array.from({ length: requests }, () => 100),
    { p95_latency_ms: 100 },
  );

test("the whole axis is asked for first, then only closed seconds without their sketch", () => {
  const series = new ChartSeries();
  const wish = series.wish(fine, T + 60);
  expect(wish).toEqual({ from: T, until: T + 60, step: 1 });
  series.load([window(T, [5]), window(T + 1, [5])], wish!);
  series.loaded(fine);
  expect(series.wish(fine, T + 60)).toBeNull();
  series.hear([tick(T + 7), tick(T + 9)], BASELINE);
  expect(series.wish(fine, T + 60)).toEqual({ from: T + 7, until: T + 10, step: 1 });
  expect(series.wish(fine, T + 9)).toBeNull();
});

test("an axis that slides on is not read again, one that reaches further back or in another step is", () => {
  const series = new ChartSeries();
  series.loaded(fine);
  expect(series.wish({ ...fine, from: T + 30 }, T)).toBeNull();
  expect(series.wish({ ...fine, from: T - 5 }, T)).toEqual({ from: T - 5, until: T + 60, step: 1 });
  expect(series.wish(coarse, T)).toEqual({ from: T, until: T + 600, step: 60 });
});

test("before history has been read, no gap is drawn before the first second heard", () => {
  const series = new ChartSeries();
  series.hear([tick(T + 30)], BASELINE);
  expect(series.points(fine, T + 40)[0]?.at).toBe(T + 30);
  series.loaded(fine);
  expect(series.points(fine, T + 40)[0]?.at).toBe(T);
});

test("points of a minute are history's windows, and empty where it has none between them", () => {
  const series = new ChartSeries();
  const wish = series.wish(coarse, T)!;
  series.load([minute(T, 120), minute(T + 120, 60)], wish);
  series.loaded(coarse);
  const points = series.points(coarse, T + 600);
  expect(points.map(({ at, request_count, request_rate }) => [at - T, request_count, request_rate])).toEqual([
    [0, 120, 2],
    [60, 0, 0],
    [120, 60, 1],
  ]);
  expect(points[1]?.p95_latency_ms).toBeNull();
});

test("the newest minute, which is not in history yet, is formed from what was heard, if all of it was", () => {
  const series = new ChartSeries();
  series.load([minute(T, 600)], series.wish(coarse, T)!);
  series.loaded(coarse);
  const heard = Array.from({ length: 140 }, (_none, second) => tick(T + 100 + second));
  series.hear(heard, BASELINE);
  const points = series.points(coarse, T + 240);
  // From T + 60 on only a third was heard: to draw it would draw a drop that was none.
  expect(points.map(({ at, request_count }) => [at - T, request_count])).toEqual([
    [0, 600],
    [120, 600],
    [180, 600],
  ]);
});

test("newer windows are asked for once there must be some, from the newest one on", () => {
  const series = new ChartSeries();
  series.load([minute(T, 1), minute(T + 60, 1)], series.wish(coarse, T)!);
  series.loaded(coarse);
  expect(series.wish({ ...coarse, until: T + 180 }, T)).toBeNull();
  expect(series.wish({ ...coarse, until: T + 190 }, T)).toEqual({ from: T + 60, until: T + 190, step: 60 });
});

test("windows of a minute are forgotten before those of an hour come", () => {
  const series = new ChartSeries();
  series.load([minute(T, 1)], series.wish(coarse, T)!);
  series.loaded(coarse);
  const hours = { from: T, until: T + 7200, step_s: 3600 };
  series.begin(hours);
  series.load([window(T + 3600, [5])], series.wish(hours, T)!);
  series.loaded(hours);
  expect(series.points(hours, T + 7200).map(({ at, covered_s }) => [at - T, covered_s])).toEqual([
    [0, 3600],
    [3600, 3600],
  ]);
  expect(series.points(hours, T + 7200)[0]?.request_count).toBe(0);
});
