/** Messages for tests: checkout failing since 10:04:12, told at 10:04:54, with what a test wants otherwise; and one target of each form. */
import type { Incident } from "../domain/incident.ts";
import type { Narrative } from "../domain/narrative.ts";
import type { Message, MessageItem } from "../domain/notification.ts";
import { PRESETS, type Preset, type Target, type WebhookTarget } from "../domain/target.ts";

export const SENT_MS = Date.UTC(2026, 10, 24, 10, 4, 54);

export function anIncident(more: Partial<Incident> = {}): Incident {
  const finding = {
    service: "checkout",
    severity: "critical" as const,
    metric_name: "error_rate" as const,
    anomaly_type: "error_rate" as const,
    endpoint: "/cart/pay",
    metric_value: 0.31,
    baseline_value: 0.004,
    threshold_value: 0.05,
    score: 92,
    description: "31.0 % of requests failed (normally 0.4 %, allowed 5.0 %). /cart/pay carries 92 % of the excess.",
  };
  const id = "checkout-1795514656-error_rate";
  return {
    ...finding,
    id,
    status: "open",
    endpoint_share: 0.92,
    onset_at: "2026-11-24T10:04:12Z",
    opened_at: "2026-11-24T10:04:17Z",
    updated_at: "2026-11-24T10:04:54Z",
    resolved_at: null,
    request_count: 1_000,
    failed_count: 310,
    slow_count: 0,
    excess_count: 306,
    excess_low: 280,
    excess_high: 332,
    reopened_count: 0,
    flapping: false,
    resolution: null,
    deployed_version: "2.4.0",
    previous_version: "2.3.9",
    deployed_at: "2026-11-24T10:02:00Z",
    usual_at: null,
    feedback: null,
    historical: false,
    acknowledged_at: null,
    acknowledged_by: null,
    revision: 1,
    anomalies: [
      {
        ...finding,
        incident_id: id,
        detected_at: "2026-11-24T10:04:17Z",
        window_start: "2026-11-24T10:04:12Z",
        window_end: "2026-11-24T10:04:17Z",
        detector: "sequential",
        resolved: false,
        resolved_at: null,
      },
    ],
    ...more,
  };
}

export function aNarrative(more: Partial<Narrative> = {}): Narrative {
  return {
    incident_id: "checkout-1795514656-error_rate",
    service: "checkout",
    summary: [{ text: "Since 10:04:12 UTC, 31 % of checkout's requests fail.", facts: [] }],
    possible_causes: [
      { cause: "release", certainty: "LIKELY", text: "The release of 2.4.0 may have brought it.", facts: [] },
    ],
    recommended_actions: [{ text: "Roll back 2.4.0 if it fits.", facts: [], url: null }],
    source: "template",
    reason: "no_model",
    llm_model: null,
    latency_ms: null,
    version: 1,
    revision: 1,
    window_start: "2026-11-24T10:04:12Z",
    window_end: "2026-11-24T10:04:54Z",
    written_at: "2026-11-24T10:04:54Z",
    affected_metrics: ["error_rate"],
    evidence: [],
    ...more,
  } as Narrative;
}

export function anItem(more: Partial<MessageItem> = {}): MessageItem {
  const base = "https://faultline.example.org";
  return {
    change: "opened",
    incident: anIncident(),
    narrative: aNarrative(),
    owner: "team-pay",
    links: { runbook: "https://wiki.example.org/checkout", traces: null },
    spark: { metric_name: "error_rate", step_s: 2, values: [0.004, null, 0.12, 0.31, 0.3] },
    url: `${base}/incidents/checkout-1795514656-error_rate`,
    acts: { acknowledge: `${base}/act/a`, snooze: `${base}/act/s`, false_positive: `${base}/act/f` },
    ...more,
  };
}

/** Of one incident; its kind follows the change of its item. */
export function aMessage(more: Partial<Message> = {}): Message {
  const items = more.items ?? [anItem()];
  return {
    id: "msg_0123456789abcdefABCDEF",
    kind: items[0]?.change ?? "digest",
    subscription: { id: "sub_0123456789abcdef", name: "On call" },
    at: "2026-11-24T10:04:54Z",
    group_key: items[0]?.incident.id ?? "checkout-1795514656-error_rate",
    group_open: items.filter(({ incident }) => incident.status === "open").length,
    items,
    more: 0,
    ...more,
  };
}

/** The same incident, over after five minutes. */
export function overIncident(more: Partial<Incident> = {}): Incident {
  const over = { status: "resolved", resolution: "recovered", resolved_at: "2026-11-24T10:04:50Z" } as const;
  return anIncident({ ...over, ...more });
}

export function aWebhook(more: Partial<WebhookTarget> = {}): WebhookTarget {
  return {
    type: "webhook",
    url: "https://hooks.example.org/faultline",
    secrets: [],
    headers: {},
    preset: null,
    params: {},
    templates: null,
    ...more,
  };
}

export type FormName = "standard-webhook" | Preset | "slack" | "pagerduty" | "alertmanager";

const SLACK = {
  type: "slack",
  url: "https://hooks.slack.com/services/T/B/x",
  api_url: "https://slack.com/api",
} as const;

/** A target of each form, with the name of the schema that its requests keep to. */
export const FORMS: readonly (readonly [name: FormName, target: Target])[] = [
  ["standard-webhook", aWebhook()],
  ...PRESETS.map((preset) => {
    const url = preset === "opsgenie" ? "https://api.opsgenie.com/v2/alerts" : "https://hooks.example.org/preset";
    return [preset, aWebhook({ preset, url, params: { chat_id: "-1001", topic: "alerts" } })] as const;
  }),
  ["slack", { ...SLACK, token: null, channel: null }],
  ["slack", { ...SLACK, url: null, token: "xoxb-1", channel: "C1" }],
  [
    "pagerduty",
    { type: "pagerduty", url: "https://events.pagerduty.com/v2/enqueue", routing_key: "0123456789abcdef".repeat(2) },
  ],
  ["alertmanager", { type: "alertmanager", url: "https://alertmanager.example.org", headers: {} }],
];
