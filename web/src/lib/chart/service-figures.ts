/** Everything that the three charts of a service draw, from what is known of it: one computation for one time axis. */
import { incidentSpans, figureSpans, type FindingSpan } from "../finding-span.ts";
import { formatMilliseconds, formatNumber, formatPercent, formatRate } from "../format/number.ts";
import { formatMoment } from "../format/time.ts";
import { normalRange } from "../normal-band.ts";
import { normallyWords } from "../normally.ts";
import { findGaps, trimToGaps, type Point } from "../point.ts";
import { metricMarks, type MetricMarks } from "./marks.ts";
import { incidentRules, type Rule } from "./rules.ts";
import type { Mark } from "./line.ts";
import type { Span } from "../span.ts";
import type { Incident } from "../../../../domain/incident.ts";
import type { BaselinePoint } from "../../../../domain/message.ts";

/** Dashes narrower than this cannot be seen. */
const PROVISIONAL_PX = 8;

export interface FigureSource {
  readonly points: readonly Point[];
  readonly incidents: readonly Incident[];
  readonly baseline: BaselinePoint | null;
  /** Epoch seconds. */
  readonly from: number;
  readonly until: number;
  /** Of the points, seconds. */
  readonly step_s?: number;
  /** px of the plot. */
  readonly width: number;
}

/** One metric: its marks, what was found on it, and what is normal in words. */
export interface MetricFigure {
  readonly marks: readonly Mark[];
  readonly findings: readonly FindingSpan[];
  readonly normally: string;
}

export interface ServiceFigures {
  readonly points: readonly Point[];
  readonly gaps: readonly Span[];
  readonly incidents: readonly FindingSpan[];
  readonly rules: readonly Rule[];
  readonly rate: MetricFigure;
  readonly errors: MetricFigure;
  readonly p50: readonly Mark[];
  readonly p95: MetricFigure;
  readonly p99: readonly Mark[];
}

export function serviceFigures(source: FigureSource): ServiceFigures {
  const { from, until, baseline } = source;
  const gaps = findGaps(source.points, source.step_s);
  const points = trimToGaps(source.points, gaps);
  const incidents = incidentSpans(source.incidents, from, until);
  const provisional_from = provisionalFrom(points, (PROVISIONAL_PX * (until - from)) / Math.max(source.width, 1));
  const shared = { points, gaps, incidents, provisional_from };
  const counts = { ...shared, provisional: (point: Point) => point.provisional };
  const quantiles = { ...shared, provisional: (point: Point) => point.quantiles_provisional };
  // A point that does not know what was normal then is seen against what is normal now.
  const normal = (point: Point) => point.baseline ?? baseline;
  const plain = (value: (point: Point) => number | null) =>
    metricMarks({ ...quantiles, findings: [], value, baseline: () => null }).marks;

  const rateFindings = figureSpans(source.incidents, "rate", from, until);
  const errorFindings = figureSpans(source.incidents, "errors", from, until);
  const latencyFindings = figureSpans(source.incidents, "latency", from, until);
  const rate = metricMarks({
    ...counts,
    findings: rateFindings,
    value: (point) => point.request_rate,
    baseline: (point) => normal(point)?.request_rate ?? null,
  });
  const errors = metricMarks({
    ...counts,
    findings: errorFindings,
    value: (point) => point.error_rate,
    baseline: (point) => normal(point)?.error_rate ?? null,
  });
  const p95 = metricMarks({
    ...quantiles,
    findings: latencyFindings,
    value: (point) => point.p95_latency_ms,
    baseline: (point) => normal(point)?.p95_latency_ms ?? null,
  });
  return {
    points,
    gaps,
    incidents,
    rules: incidentRules(source.incidents, from, until),
    rate: figure(rate, rateFindings, baseline?.request_rate ?? null, formatRate),
    errors: figure(errors, errorFindings, baseline?.error_rate ?? null, formatPercent),
    p50: plain((point) => point.p50_latency_ms),
    p95: figure(p95, latencyFindings, baseline?.p95_latency_ms ?? null, formatMilliseconds),
    p99: plain((point) => point.p99_latency_ms),
  };
}

/**
 * From where on what is drawn is provisional, epoch seconds: the newest point and some px before it, so that the dashes can be
 * seen. Nowhere on an axis that ends where all has closed.
 */
function provisionalFrom(points: readonly Point[], least_s: number): number {
  const newest = points.at(-1);
  const isOpen = points.slice(-3).some((point) => point.provisional || point.quantiles_provisional);
  return newest === undefined || !isOpen ? Infinity : newest.at + newest.covered_s / 2 - least_s;
}

function figure(
  metric: MetricMarks,
  findings: readonly FindingSpan[],
  baseline: number | null,
  format: (value: number) => string,
): MetricFigure {
  return {
    marks: metric.marks,
    findings,
    normally: normallyWords(baseline, normalRange(baseline, metric.spread), format),
  };
}

/** A mark of one chart with its value in words. */
export interface AskedMark {
  readonly mark: Mark;
  readonly text: string;
}

/** What the crosshair tells of one moment. */
export interface AskedMoment {
  /** Epoch seconds of the middle of the point. */
  readonly at: number;
  readonly rate: AskedMark;
  readonly errors: AskedMark;
  readonly p95: AskedMark;
  /** All of it in one line, for whoever listens. */
  readonly words: string;
}

/** The point at a moment (epoch seconds), or the nearest one; null without points. */
export function askMoment(figures: ServiceFigures, moment: number): AskedMoment | null {
  const index = nearestIndex(figures.points, moment);
  const point = figures.points[index];
  const [rate, errors, p95] = [figures.rate.marks[index], figures.errors.marks[index], figures.p95.marks[index]];
  if (point === undefined || point.unread || rate === undefined || errors === undefined || p95 === undefined)
    return null;
  const texts = {
    rate: `${formatRate(point.request_rate)} /s`,
    errors: `${formatPercent(point.error_rate)} % of ${formatNumber(point.request_count)}`,
    p95: `p95 ${formatMilliseconds(point.p95_latency_ms)} ms`,
  };
  return {
    at: rate.at,
    rate: { mark: rate, text: texts.rate },
    errors: { mark: errors, text: texts.errors },
    p95: { mark: p95, text: texts.p95 },
    words: `${formatMoment(point.at * 1000)}: ${texts.rate}, errors ${texts.errors}, ${texts.p95}`,
  };
}

/** The point that the moment lies in, or the last one before it. */
function nearestIndex(points: readonly Point[], moment: number): number {
  const after = points.findIndex((point) => point.at > moment);
  return after < 0 ? points.length - 1 : Math.max(0, after - 1);
}
