/** What a replay says: one line for each closed minute, each change of an anomaly or an incident, and a last one that sums up. */
import type { RejectReason } from "./event.ts";
import type { MetricsWindow } from "./history.ts";
import type { Anomaly, AnomalyType, MetricName, Severity } from "./incident.ts";
import type { IncidentChange } from "./incident-tracker.ts";

/** A row of `service_metrics`. A later line of the same window with a higher revision replaces it. */
export type WindowLine = { readonly type: "window" } & MetricsWindow;

/** A row of `anomalies`, whenever an incident changes and the anomaly with it. */
export type AnomalyLine = { readonly type: "anomaly" } & Anomaly & { readonly revision: number };

/** What a subscriber would have been told. Times are RFC 3339 in event time. */
export interface IncidentLine {
  readonly type: "incident";
  readonly action: IncidentChange["action"];
  readonly id: string;
  readonly service: string;
  /** When it would have been told: the newest event time of the whole stream by then. */
  readonly at: string;
  /** The estimated first second of the fault. */
  readonly onset: string;
  readonly anomaly_type: AnomalyType;
  readonly metric_name: MetricName;
  readonly endpoint: string | null;
  readonly severity: Severity;
  readonly score: number;
  readonly reason: string;
}

export function incidentLine({ action, incident }: IncidentChange, at: string): IncidentLine {
  const { id, service, onset_at: onset, anomaly_type, metric_name, endpoint, severity, score } = incident;
  const numbers = { anomaly_type, metric_name, endpoint, severity, score, reason: incident.description };
  return { type: "incident", action, id, service, at, onset, ...numbers };
}

/** A line that is no event, from 1. */
export interface WrongLine {
  readonly line: number;
  readonly reason: RejectReason;
}

/** What the events of a whole replay came to. */
export interface ReplaySummary {
  readonly events: number;
  /** Events behind the watermark: they corrected their window, never detection. */
  readonly late: number;
  /** Events whose minute was no longer held. */
  readonly dropped: number;
  readonly wrong_lines: number;
  readonly wrong_by_reason: Readonly<Partial<Record<RejectReason, number>>>;
  /** The first ones. */
  readonly wrong_first: readonly WrongLine[];
  readonly services: number;
  /** Minutes with requests, each once however often it was revised. */
  readonly windows: number;
  /** By the worst severity of each. */
  readonly incidents: Readonly<Record<Severity, number>>;
  /** From the oldest to the newest event; 0 without events. */
  readonly event_time_s: number;
}

/** One incident as a subscriber would have known it. Times are RFC 3339 in event time. */
export interface ToldIncident {
  readonly id: string;
  readonly service: string;
  /** When it was first told. */
  readonly at: string;
  readonly onset: string;
  /** Null while it was open at the end. */
  readonly resolved_at: string | null;
  readonly metric_name: IncidentLine["metric_name"];
  readonly endpoint: string | null;
  /** The worst it became. */
  readonly severity: IncidentLine["severity"];
  readonly score: number;
  readonly reason: string;
}

export type ComparedChange = "gained" | "lost" | "moved" | "same";

/** `before` is what the first settings told, `after` what the second did. */
export interface ComparedIncident {
  readonly change: ComparedChange;
  readonly before: ToldIncident | null;
  readonly after: ToldIncident | null;
}

/** What other settings would have told instead of an incident, beside it; null where one of them told nothing. */
export type ComparisonLine = { readonly type: "comparison" } & ComparedIncident;

/** `wall_s` and `events_per_s` are measured by whoever runs the replay. */
export type SummaryLine = { readonly type: "summary" } & ReplaySummary & {
    readonly wall_s: number;
    readonly events_per_s: number;
    /** How many incidents the other settings would have told otherwise. */
    readonly compared?: Readonly<Record<ComparedChange, number>>;
  };

export type ReplayLine = WindowLine | AnomalyLine | IncidentLine;
