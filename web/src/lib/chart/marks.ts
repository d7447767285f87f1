/** From points to what a chart of one metric draws: marks with their normal range and their finding. */
import { inGap } from "../point.ts";
import { measureSpread, normalRange, type Spread } from "../normal-band.ts";
import type { FindingSpan } from "../finding-span.ts";
import type { Mark } from "./line.ts";
import type { Point } from "../point.ts";
import type { Span } from "../span.ts";

export interface MetricSource {
  readonly points: readonly Point[];
  readonly gaps: readonly Span[];
  /** All incidents on the axis: what happened within them does not say what is normal. */
  readonly incidents: readonly FindingSpan[];
  /** The findings on this metric. */
  readonly findings: readonly FindingSpan[];
  readonly value: (point: Point) => number | null;
  /** What was normal at the point, or now where the point does not know. */
  readonly baseline: (point: Point) => number | null;
  readonly provisional: (point: Point) => boolean;
  /** Epoch seconds: what is younger is drawn as provisional, so that the dashes are wide enough to be seen. */
  readonly provisional_from: number;
}

export interface MetricMarks {
  readonly marks: readonly Mark[];
  readonly spread: Spread | null;
}

export function metricMarks(source: MetricSource): MetricMarks {
  const spread = measureSpread(
    source.points.map((point) => ({
      value: isMeasured(source, point) ? source.value(point) : null,
      baseline: source.baseline(point),
      quiet: !source.provisional(point) && spanAt(source.incidents, point) === null,
    })),
  );
  const marks = source.points.map((point): Mark => {
    const finding = spanAt(source.findings, point);
    return {
      at: point.at + point.covered_s / 2,
      value: isMeasured(source, point) ? source.value(point) : null,
      normal: normalRange(source.baseline(point), spread),
      provisional: source.provisional(point) || point.at + point.covered_s / 2 > source.provisional_from,
      finding: finding === null ? null : { severity: finding.severity, over: finding.over },
    };
  });
  return { marks, spread };
}

/** In a gap there is nothing to draw, and of what was not read yet nothing is known. */
function isMeasured({ gaps }: MetricSource, point: Point): boolean {
  return !point.unread && !inGap(gaps, point.at);
}

/** The newest span that touches the point: where findings follow each other closely, the later one is the one that matters. */
function spanAt(spans: readonly FindingSpan[], point: Point): FindingSpan | null {
  return spans.findLast((span) => point.at + point.covered_s > span.from && point.at < span.until) ?? null;
}
