/** A message about an incident that never was: to try a target with, and to show what it would get. */
import type { DeliveredChange } from "./delivery.ts";
import type { Anomaly, Incident } from "./incident.ts";
import type { Message } from "./notification.ts";
import { formatRfc3339 } from "./rfc3339.ts";
import type { StoredSubscription } from "./subscription.ts";
import type { MessageKind } from "./target.ts";

const SERVICE = "example";
/** Its fault began this long before it is told. */
const SINCE_MS = 42_000;
const STEP_S = 2;
const VALUES = [0.004, 0.003, 0.005, 0.004, 0.004, 0.006, 0.004, 0.02, 0.11, 0.24, 0.31, 0.33, 0.31, 0.32, 0.3, 0.31];

/** `at_ms`: the clock; a digest and a caught-up message stand for three. It has no links by which anybody could act. */
export function sampleMessage(
  subscription: { readonly id: string; readonly wish: Pick<StoredSubscription["wish"], "name"> },
  at_ms: number,
  public_url: string | null,
  kind: MessageKind = "test",
): Message {
  const change: DeliveredChange = kind === "test" || kind === "digest" || kind === "caught_up" ? "opened" : kind;
  const incident = sampleIncident(at_ms, change);
  const item = {
    change,
    incident,
    narrative: null,
    owner: "the team that owns it",
    links: { runbook: null, traces: null },
    spark: { metric_name: "error_rate" as const, step_s: STEP_S, values: VALUES },
    url: public_url,
    acts: null,
  };
  return {
    id: `msg_sample${Math.floor(at_ms)}`,
    kind,
    subscription: { id: subscription.id, name: subscription.wish.name },
    at: formatRfc3339(at_ms),
    group_key: incident.id,
    group_open: incident.status === "open" ? 1 : 0,
    items: [item],
    more: kind === "digest" || kind === "caught_up" ? 2 : 0,
  };
}

function sampleIncident(at_ms: number, change: DeliveredChange): Incident {
  const onset_ms = at_ms - SINCE_MS;
  const [onset_at, opened_at, updated_at] = [onset_ms, onset_ms + 4_000, at_ms].map(formatRfc3339) as [
    string,
    string,
    string,
  ];
  const id = `${SERVICE}-${Math.floor(onset_ms / 1000) + 4}-error_rate`;
  const isOver = change === "resolved";
  const finding = {
    service: SERVICE,
    severity: "high" as const,
    metric_name: "error_rate" as const,
    anomaly_type: "error_rate" as const,
    endpoint: "/pay",
    metric_value: 0.31,
    baseline_value: 0.004,
    threshold_value: 0.05,
    score: 92,
    description: "31 % of requests failed (normally 0.4 %).",
  };
  const anomaly: Anomaly = {
    ...finding,
    incident_id: id,
    detected_at: opened_at,
    window_start: onset_at,
    window_end: opened_at,
    detector: "sequential",
    resolved: isOver,
    resolved_at: isOver ? updated_at : null,
  };
  return {
    ...finding,
    id,
    status: isOver ? "resolved" : "open",
    endpoint_share: 0.94,
    onset_at,
    opened_at,
    updated_at,
    resolved_at: isOver ? updated_at : null,
    request_count: 1_000,
    failed_count: 310,
    slow_count: 0,
    excess_count: 306,
    excess_low: 280,
    excess_high: 332,
    reopened_count: change === "reopened" ? 1 : 0,
    flapping: change === "flapping",
    resolution: isOver ? "recovered" : null,
    deployed_version: null,
    previous_version: null,
    deployed_at: null,
    usual_at: null,
    feedback: null,
    historical: false,
    acknowledged_at: change === "acknowledged" ? updated_at : null,
    acknowledged_by: change === "acknowledged" ? "a person" : null,
    revision: 1,
    anomalies: [anomaly],
  };
}
