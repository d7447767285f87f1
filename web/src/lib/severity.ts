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

/** Open incidents, worst first; among equals the one that began first. */
export function openIncidents(incidents: Iterable<Incident>): Incident[] {
  return [...incidents]
    .filter((incident) => incident.status === "open")
    .toSorted((a, b) => RANK[b.severity] - RANK[a.severity] || a.onset_at.localeCompare(b.onset_at));
}

/** The finding that is true now of one metric: a figure bears the severity of its own finding, not its service's. */
export function activeFinding(incident: Incident | null, metric: MetricName): Anomaly | null {
  if (incident === null || incident.status !== "open") return null;
  const findings = incident.anomalies.filter((anomaly) => anomaly.metric_name === metric && !anomaly.resolved);
  return findings.toSorted((a, b) => RANK[b.severity] - RANK[a.severity])[0] ?? null;
}

/** Keeps the newest revision of an incident, whatever the order in which snapshot, history and live events arrive. */
export function newerIncident(known: Incident | undefined, arrived: Incident): Incident {
  return known !== undefined && known.revision > arrived.revision ? known : arrived;
}
