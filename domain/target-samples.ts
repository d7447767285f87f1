/** Messages that a template has to be right for: with all that there can be, with nothing but what there must be, and the longest. */
import type { Incident } from "./incident.ts";
import { LEAST_ROOM, messageView, type MessageView, ROOMS } from "./message-view.ts";
import type { Narrative } from "./narrative.ts";
import type { Message, MessageItem } from "./notification.ts";
import { sampleMessage } from "./sample-message.ts";
import type { MessageKind } from "./target.ts";

export interface SampleView {
  /** What it is, for who has to mend a template. */
  readonly what: string;
  readonly view: MessageView;
}

/** Ids only have the form of real ones. */
const SUBSCRIPTION = { id: "sub_0123456789abcdef", wish: { name: "Sample" } };
const AT_MS = Date.UTC(2026, 10, 24, 10, 4, 54);
const BASE = "https://faultline.example.org";

export function sampleViews(kind: MessageKind): SampleView[] {
  const message = sampleMessage(SUBSCRIPTION, AT_MS, `${BASE}/incidents/example`, kind);
  const all = (["critical", "high", "medium"] as const).flatMap((severity) =>
    ([true, false] as const).flatMap((is_open) => {
      const state = `${severity}, ${is_open ? "open" : "resolved"}`;
      const items = message.items.map((item) => ({ ...item, incident: withState(item.incident, severity, is_open) }));
      const own: Message = { ...message, group_open: is_open ? 1 : 0, items, more: 0 };
      const full = { ...own, items: items.map(fullest), more: 2 };
      return [
        { what: `an incident of which nothing is known (${state})`, message: { ...own, items: items.map(barest) } },
        { what: `an incident of which all is known (${state})`, message: { ...full, more: 0 } },
        { what: `several incidents (${state})`, message: { ...full, items: [...full.items, ...full.items] } },
      ];
    }),
  );
  const none = { what: "a message that names no incident", message: { ...message, items: [], more: 3 } };
  return [...all, none].map((sample) => ({ what: sample.what, view: messageView(sample.message, ROOMS[0]!) }));
}

/** The longest that a view with the least room can be, of a character that is long once it is escaped. */
export function longestView(kind: MessageKind, character: string): MessageView {
  const long = character.repeat(4 * LEAST_ROOM.text);
  const message = sampleMessage({ ...SUBSCRIPTION, wish: { name: long } }, AT_MS, null, kind);
  const count = Number.MAX_SAFE_INTEGER;
  const id = `${"s".repeat(63)}-0123456789-avg_latency_ms`;
  const items = message.items.map(fullest).map((item): MessageItem => {
    const incident: Incident = {
      ...item.incident,
      id,
      service: "s".repeat(63),
      metric_name: "avg_latency_ms",
      endpoint: long,
      description: long,
      deployed_version: long,
      acknowledged_by: long,
      request_count: count,
      failed_count: count,
      slow_count: count,
      excess_count: count,
      anomalies: item.incident.anomalies.flatMap((one) => [one, { ...one, anomaly_type: "latency" as const }]),
    };
    const spark = { metric_name: "avg_latency_ms" as const, step_s: 60, values: Array<number>(60).fill(3_600_000) };
    return { ...item, incident, owner: long, narrative: narrativeOf(incident, long), spark };
  });
  return messageView({ ...message, id: `msg_${"m".repeat(60)}`, group_key: id, items, more: count }, LEAST_ROOM);
}

function withState(incident: Incident, severity: Incident["severity"], is_open: boolean): Incident {
  const over = { status: "resolved", resolved_at: incident.updated_at, resolution: "recovered" } as const;
  return { ...incident, severity, ...(is_open ? { status: "open", resolved_at: null, resolution: null } : over) };
}

function fullest(item: MessageItem): MessageItem {
  const acts = { acknowledge: `${BASE}/act/a`, snooze: `${BASE}/act/s`, false_positive: `${BASE}/act/f` };
  const links = { runbook: `${BASE}/runbook`, traces: `${BASE}/traces` };
  const incident = { ...item.incident, acknowledged_by: "a person", deployed_version: "2.4.0" };
  return { ...item, incident, acts, links, narrative: narrativeOf(incident, "The release may have brought it.") };
}

function barest(item: MessageItem): MessageItem {
  const incident = { ...item.incident, endpoint: null, endpoint_share: null, anomalies: [] };
  return { ...item, incident, owner: null, url: null, spark: null };
}

function narrativeOf({ id, service, onset_at, updated_at }: Incident, text: string): Narrative {
  const statement = { text, facts: [] };
  return {
    incident_id: id,
    service,
    summary: [statement],
    possible_causes: [{ ...statement, cause: "release", certainty: "LIKELY" }],
    recommended_actions: [{ ...statement, url: null }],
    source: "template",
    reason: "no_model",
    llm_model: null,
    latency_ms: null,
    version: 1,
    revision: 1,
    window_start: onset_at,
    window_end: updated_at,
    written_at: updated_at,
    affected_metrics: ["error_rate"],
    evidence: [],
  };
}
