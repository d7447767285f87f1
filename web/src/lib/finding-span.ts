/** Where findings lie on the time axis of a chart: what is true now in its severity, what is over in grey. */
import { belongsTo, type FigureName } from "./severity.ts";
import type { Incident, Severity } from "../../../domain/incident.ts";

export interface FindingSpan {
  readonly id: string;
  /** Epoch seconds; `until` is the axis' end while it lasts. */
  readonly from: number;
  readonly until: number;
  readonly severity: Severity;
  readonly over: boolean;
}

/** The incidents of a service that touch the axis from `from` to `until`, oldest first. */
export function incidentSpans(incidents: readonly Incident[], from: number, until: number): FindingSpan[] {
  const spans = incidents.map((incident) => ({
    id: incident.id,
    from: epochSeconds(incident.onset_at),
    until: incident.resolved_at === null ? until : epochSeconds(incident.resolved_at),
    severity: incident.severity,
    over: incident.status === "resolved",
  }));
  return clip(spans, from, until);
}

/** The findings on one figure, for the ribbon under its chart. A finding starts with its fault, never before its incident. */
export function figureSpans(
  incidents: readonly Incident[],
  figure: FigureName,
  from: number,
  until: number,
): FindingSpan[] {
  const spans = incidents.flatMap((incident) =>
    incident.anomalies
      .filter((anomaly) => belongsTo(anomaly.metric_name, figure))
      .map((anomaly) => {
        const end = anomaly.resolved_at ?? incident.resolved_at;
        return {
          id: `${incident.id}-${anomaly.detected_at}`,
          from: Math.max(epochSeconds(incident.onset_at), epochSeconds(anomaly.window_start)),
          until: end === null ? until : epochSeconds(end),
          severity: anomaly.severity,
          over: anomaly.resolved || incident.status === "resolved",
        };
      }),
  );
  return clip(spans, from, until);
}

function clip(spans: readonly FindingSpan[], from: number, until: number): FindingSpan[] {
  return spans
    .filter((span) => span.until > from && span.from < until)
    .map((span) => ({ ...span, from: Math.max(span.from, from), until: Math.min(span.until, until) }))
    .toSorted((a, b) => a.from - b.from);
}

function epochSeconds(time: string): number {
  return Date.parse(time) / 1000;
}
