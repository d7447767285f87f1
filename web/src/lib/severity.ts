/** The order and the words of how bad something is. */
import type { Anomaly, Incident, MetricName, Severity } from "../../../domain/incident.ts";
import type { ServiceStatus } from "../../../domain/message.ts";

const RANK: Readonly<Record<ServiceStatus, number>> = { healthy: 0, medium: 1, high: 2, critical: 3 };

/** The shape beside the word, so that colour never carries the meaning alone. */
export type MarkShape = "circle" | "triangle" | "diamond";

export const MARK_SHAPE: Readonly<Record<Severity, MarkShape>> = {
  medium: "circle",
  high: "triangle",
  critical: "diamond",
};

/** Worst first, equals by name: the order changes only when a status does, so that rows do not wander with their numbers. */
export function compareWorstFirst(
  a: { readonly status: ServiceStatus; readonly service: string },
  b: { readonly status: ServiceStatus; readonly service: string },
): number {
  if (a.status !== b.status) return RANK[b.status] - RANK[a.status];
  return a.service < b.service ? -1 : a.service > b.service ? 1 : 0;
}

/** Whether it got worse. */
export function raisedSeverity(before: Severity, after: Severity): boolean {
  return RANK[after] > RANK[before];
}

/** Open incidents, worst first; among equals the one that began first. */
export function openIncidents(incidents: Iterable<Incident>): Incident[] {
  return [...incidents]
    .filter((incident) => incident.status === "open")
    .toSorted((a, b) => RANK[b.severity] - RANK[a.severity] || a.onset_at.localeCompare(b.onset_at));
}

/** What a page shows of a service. A detector judges more metrics than there are figures; each belongs to one of them. */
export type FigureName = "rate" | "errors" | "latency";

const FIGURE_OF: Readonly<Record<MetricName, FigureName>> = {
  request_rate: "rate",
  error_rate: "errors",
  burn_rate: "errors",
  avg_latency_ms: "latency",
  p95_latency_ms: "latency",
};

/** The figure that a metric is seen in. */
export function figureOfMetric(metric: MetricName): FigureName {
  return FIGURE_OF[metric];
}

/** Whether a metric is seen in a figure. */
export function belongsTo(metric: MetricName, figure: FigureName): boolean {
  return FIGURE_OF[metric] === figure;
}

/** The finding that is true now of one figure: it bears the severity of its own finding, not its service's. */
export function activeFinding(incident: Incident | null, figure: FigureName): Anomaly | null {
  if (incident === null || incident.status !== "open") return null;
  const findings = incident.anomalies.filter((anomaly) => belongsTo(anomaly.metric_name, figure) && !anomaly.resolved);
  return findings.toSorted((a, b) => RANK[b.severity] - RANK[a.severity])[0] ?? null;
}

/** What is known of a service now. */
interface Now {
  readonly request_rate: number;
  readonly error_rate: number | null;
  readonly p95_latency_ms: number | null;
}

/**
 * The severity that a figure of a service bears: that of its finding, as long as the value stands beyond what is allowed. One that is
 * back is told in ink, as the sentence tells it, while its incident waits to be over. `now`: null where nothing is known of now.
 */
export function figureSeverity(incident: Incident | null, figure: FigureName, now: Now | null): Severity | null {
  const finding = activeFinding(incident, figure);
  return finding === null || now === null || isBack(finding, now) ? null : finding.severity;
}

/** A p95 under what is allowed of the average means that the average is too. What a budget spent shows in no figure of now. */
function isBack({ metric_name, threshold_value }: Anomaly, now: Now): boolean {
  switch (metric_name) {
    case "request_rate":
      return now.request_rate >= threshold_value;
    case "error_rate":
      return now.error_rate !== null && now.error_rate <= threshold_value;
    case "burn_rate":
      return false;
    case "avg_latency_ms":
    case "p95_latency_ms":
      return now.p95_latency_ms !== null && now.p95_latency_ms <= threshold_value;
  }
}

const FIGURES: readonly FigureName[] = ["rate", "errors", "latency"];

/** The severity of an incident while one of its figures bears one: what it drew is told in ink once all of them are back. */
export function presentSeverity(incident: Incident | null, now: Now | null): Severity | null {
  if (incident === null) return null;
  return FIGURES.some((figure) => figureSeverity(incident, figure, now) !== null) ? incident.severity : null;
}

/** Half of the excess: then it is this endpoint that drives the incident. */
const DRIVES = 0.5;

/**
 * The severity that an endpoint bears as the driver of the open incident; null where it drives none.
 *
 * @param excess_share its part of the excess, 0 to 1; null where there is none
 * @param figure asks for one figure of the endpoint: it bears the severity of its own finding, if it has one; null asks for its share
 * @param now the service's own figures: what is back bears none
 */
export function driverSeverity(
  incident: Incident | null,
  excess_share: number | null,
  figure: FigureName | null,
  now: Now | null,
): Severity | null {
  if (incident === null || (excess_share ?? 0) < DRIVES) return null;
  return figure === null ? presentSeverity(incident, now) : figureSeverity(incident, figure, now);
}

/** Keeps the newest revision of an incident, whatever the order in which snapshot, history and live events arrive. */
export function newerIncident(known: Incident | undefined, arrived: Incident): Incident {
  return known !== undefined && known.revision > arrived.revision ? known : arrived;
}
