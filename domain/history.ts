/** What the objects project into the history database (D1). Field names are the tables' columns; times are RFC 3339. */
import type { Delivery } from "./delivery.ts";
import type { Anomaly, Feedback, Incident, MetricName } from "./incident.ts";
import type { ServiceStatus } from "./message.ts";
import type { Narrative } from "./narrative.ts";
import type { SubscriptionHealth } from "./subscription.ts";

/** One minute (`service_metrics`) or one hour (`service_metrics_hourly`) of one service; natural key (service, window_start). */
export interface MetricsWindow {
  readonly service: string;
  readonly window_start: string;
  readonly window_end: string;
  readonly request_count: number;
  readonly error_count: number;
  /** 0 to 1; 0 without requests. */
  readonly error_rate: number;
  readonly latency_sum_us: number;
  /** Null without requests, as the quantiles are. */
  readonly avg_latency_ms: number | null;
  readonly p50_latency_ms: number | null;
  readonly p95_latency_ms: number | null;
  readonly p99_latency_ms: number | null;
  /** The encoded sketch (domain/sketch.ts) in base64; a BLOB in the table. */
  readonly latency_sketch: string;
  readonly baseline_request_rate: number | null;
  readonly baseline_error_rate: number | null;
  readonly baseline_p95_ms: number | null;
  readonly revision: number;
}

/** The row of a service in `services`; natural key (service). */
export interface ServiceRecord {
  readonly service: string;
  readonly status: ServiceStatus;
  readonly incident_id: string | null;
  readonly first_event_at: string;
  readonly last_event_at: string;
  /** Null unless an administrator deleted it; an event of the name takes that back. */
  readonly deleted_at: string | null;
  readonly revision: number;
}

/** What a person said of an incident; natural key (incident_id). */
export interface FeedbackRecord {
  readonly incident_id: string;
  readonly service: string;
  readonly metric_name: MetricName;
  /** Null: taken back. */
  readonly verdict: Feedback | null;
  readonly at: string;
  readonly actor: string;
  /** Of the incident. */
  readonly revision: number;
}

/** An act that stands in `audit_log` for good; natural key (id). `detail` is JSON (worker/migrations/0002_settings.sql). */
export interface AuditRecord {
  readonly id: string;
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly detail: string;
  readonly revision: 1;
}

/**
 * An act as a row of the audit log. `subject`: the service; `key`: what tells this act from the others of its kind on it, as the
 * incident and its revision, or the version of the settings.
 */
export function auditRow(
  act: Pick<AuditRecord, "actor" | "action" | "subject">,
  key: string,
  detail: object,
  at: string,
): Extract<HistoryRow, { table: "audit_log" }> {
  const { actor, action, subject } = act;
  const row = {
    id: `${action} ${key}`,
    at,
    actor,
    action,
    subject,
    detail: JSON.stringify(detail),
    revision: 1 as const,
  };
  return { table: "audit_log", row };
}

/** One row to upsert. A row with an older or equal `revision` than the stored one changes nothing. */
export type HistoryRow =
  | { readonly table: "services"; readonly row: ServiceRecord }
  | { readonly table: "service_metrics"; readonly row: MetricsWindow }
  | { readonly table: "service_metrics_hourly"; readonly row: MetricsWindow }
  | { readonly table: "anomalies"; readonly row: Anomaly & { readonly revision: number } }
  | { readonly table: "incidents"; readonly row: Incident }
  | { readonly table: "audit_log"; readonly row: AuditRecord }
  | { readonly table: "feedback"; readonly row: FeedbackRecord }
  | { readonly table: "deliveries"; readonly row: Delivery }
  | {
      readonly table: "subscription_health";
      readonly row: { readonly id: string; readonly revision: number; readonly health: SubscriptionHealth };
    }
  /** Natural key (incident_id, version). */
  | { readonly table: "incident_summaries"; readonly row: Narrative };

/** Where the objects' outbox drains to. Rejects when the database cannot take the rows: the same rows come again. */
export interface History {
  write(rows: readonly HistoryRow[]): Promise<void>;
}
