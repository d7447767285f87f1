import { expect, test } from "vitest";
import { PointSeries } from "./point.ts";
import { SecondLog } from "./second-log.ts";
import { spanFigures } from "./span-figures.ts";
import { BASELINE, T, window } from "./testing/seconds.ts";

test("p95 of a span is that of all its requests, and not a mean or the worst of its points", () => {
  const log = new SecondLog();
  log.load([window(T, Array(990).fill(10)), window(T + 7, Array(10).fill(1000), { error_count: 5 })]);
  const figures = spanFigures(new PointSeries(log).between(T, T + 10))!;
  expect(figures).toMatchObject({ request_rate: 100, error_rate: 0.005, baseline: BASELINE });
  expect(figures.p95_latency_ms).toBeCloseTo(10, 0);
});

test("given no request, then nothing is told", () => {
  expect(spanFigures(new PointSeries(new SecondLog()).between(T, T + 10))).toBeNull();
});
