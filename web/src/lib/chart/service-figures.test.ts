import { describe, expect, test } from "vitest";
import { anIncident } from "../testing/incident.ts";
import { PointSeries } from "../point.ts";
import { SecondLog } from "../second-log.ts";
import { window } from "../testing/seconds.ts";
import { splitRuns } from "./line.ts";
import { askMoment, serviceFigures } from "./service-figures.ts";

const UNTIL = Date.parse("2026-11-24T10:06:15Z") / 1000;
const FROM = UNTIL - 900;
const ONSET = Date.parse("2026-11-24T10:04:12Z") / 1000;
const BASELINE = { request_rate: 100, error_rate: 0.01, p95_latency_ms: 100 };

/** A quarter of an hour: 1 in 100 requests fails (now and then none or two), from the onset on 30. */
function figuresOf(incidents = [anIncident({})]) {
  const log = new SecondLog();
  for (let at = FROM; at < UNTIL; at += 1) {
    const error_count = at >= ONSET ? 30 : at % 3;
    const numbers = { request_count: 100, error_count, latency_sum_us: 5_000_000 };
    const quantiles = { p50_latency_ms: 50, p95_latency_ms: 100, p99_latency_ms: 120 };
    log.hear([{ at, ...numbers, ...quantiles, provisional: at >= UNTIL - 2 }], BASELINE);
  }
  const points = new PointSeries(log).between(FROM, UNTIL);
  return serviceFigures({ points, incidents, baseline: BASELINE, from: FROM, until: UNTIL, width: 1000 });
}

describe("what the charts of a service draw", () => {
  test("given an error surge, then its marks lie outside a band that the surge did not widen", () => {
    const { errors } = figuresOf();
    const newest = errors.marks.at(-1)!;
    expect(newest.value).toBeCloseTo(0.3);
    expect(newest.normal!.high).toBeLessThan(0.03);
    expect(newest.finding).toEqual({ severity: "critical", over: false });
    expect(errors.normally).toMatch(/^normally \d\.\d to \d\.\d$/);
  });

  test("given a time whose seconds have all closed, then nothing of it is provisional", () => {
    const log = new SecondLog();
    log.load(Array.from({ length: 60 }, (_none, i) => window(FROM + i, [50])));
    const points = new PointSeries(log).between(FROM, FROM + 60);
    const figures = serviceFigures({
      points,
      incidents: [],
      baseline: BASELINE,
      from: FROM,
      until: FROM + 60,
      width: 500,
    });
    expect([...figures.rate.marks, ...figures.p95.marks].filter((mark) => mark.provisional)).toEqual([]);
    expect(figuresOf().rate.marks.filter((mark) => mark.provisional).length).toBeGreaterThan(0);
  });

  test("given an incident on errors, then no finding lies on the other figures", () => {
    const { rate, p95, errors } = figuresOf();
    expect([rate.findings, p95.findings]).toEqual([[], []]);
    expect(errors.findings).toHaveLength(1);
  });

  test("given open seconds, then the newest marks are provisional, and the dashes are wide enough to be seen", () => {
    const { marks } = figuresOf().rate;
    const dashed = splitRuns(marks).find((run) => run.provisional)!.marks;
    const width_px = ((dashed.at(-1)!.at - dashed[0]!.at) * 1000) / 900;
    expect(dashed.at(-1)).toBe(marks.at(-1));
    expect(width_px).toBeGreaterThanOrEqual(8);
    expect(width_px).toBeLessThan(20);
  });

  test("given a moment that is asked for, then all charts answer with the same point, errors with what they are of", () => {
    const asked = askMoment(figuresOf(), ONSET + 60)!;
    expect(asked.errors.text).toBe("30.0 % of 500");
    expect(new Set([asked.rate.mark.at, asked.errors.mark.at, asked.p95.mark.at])).toEqual(new Set([asked.at]));
    expect(Math.abs(asked.at - (ONSET + 60))).toBeLessThanOrEqual(5);
  });

  test("given no points, then there is nothing to ask", () => {
    const empty = serviceFigures({ points: [], incidents: [], baseline: null, from: FROM, until: UNTIL, width: 1000 });
    expect(askMoment(empty, UNTIL)).toBeNull();
    expect(empty.rate.normally).toBe("normal is being learned");
  });
});
