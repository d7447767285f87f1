import { describe, expect, test } from "vitest";
import { PointSeries } from "../point.ts";
import { SecondLog } from "../second-log.ts";
import { BASELINE, T, tick } from "../testing/seconds.ts";
import { askNeighbour, metricOf, neighbourReach, neighbourWords } from "./neighbour-chart.ts";
import { serviceFigures } from "./service-figures.ts";

/** Three minutes of a service whose slowest are as slow as this, up to `until`. */
function figuresOf(p95_latency_ms: number, until = T + 180) {
  const log = new SecondLog();
  const quantiles = { p95_latency_ms, p99_latency_ms: p95_latency_ms * 2 };
  for (let at = T; at < until; at += 1) log.hear([tick(at, quantiles)], BASELINE);
  const points = new PointSeries(log).between(T, until);
  return serviceFigures({ points, incidents: [], baseline: BASELINE, from: T, until: T + 180, width: 800 });
}

describe("the chart of another service", () => {
  test("is of the one figure that is asked for", () => {
    const figures = figuresOf(100);
    expect(metricOf(figures, "rate")).toBe(figures.rate);
    expect(metricOf(figures, "errors")).toBe(figures.errors);
    expect(metricOf(figures, "latency")).toBe(figures.p95);
  });

  test("has the scale of the service's own chart of that figure, with its p99, unless one would lie on the ground", () => {
    expect(neighbourReach(figuresOf(100), figuresOf(690), "latency", null)).toBe(690);
    expect(neighbourReach(figuresOf(400), figuresOf(690), "latency", null)).toBe(800);
    expect(neighbourReach(figuresOf(400), figuresOf(690), "latency", 900)).toBe(900);
    expect(neighbourReach(figuresOf(400), figuresOf(690), "rate", 900)).toBeLessThan(20);
    expect(neighbourReach(figuresOf(4000), figuresOf(690), "latency", null)).toBe(0);
  });

  test("answers the crosshair with the point of that moment", () => {
    const asked = askNeighbour(figuresOf(690), "latency", T + 62.5, 5);
    expect(asked.mark.at).toBe(T + 62.5);
    expect(neighbourWords({ service: "payments", name: "latency" }, asked)).toBe("payments p95 690 ms");
    const errors = askNeighbour(figuresOf(690), "errors", T + 62.5, 5);
    expect(neighbourWords({ service: "payments", name: "errors" }, errors)).toBe("payments errors 0.0 % of 50");
  });

  test("says that it has none where its data ends earlier, and does not tell its newest point instead", () => {
    const asked = askNeighbour(figuresOf(690, T + 60), "latency", T + 92.5, 5);
    expect(asked).toEqual({
      mark: { at: T + 92.5, value: null, normal: null, provisional: false, finding: null },
      text: "no data yet",
    });
  });
});
