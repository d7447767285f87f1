/**
 * Prometheus Alertmanager, `POST /api/v2/alerts` (its api/v2/openapi.yaml): one alert an incident, known by its labels.
 *
 * Labels are what stays the same while an incident lasts, and its severity, by which people route: where that rose, the alert of the
 * lower one is ended. The endpoint that drives it may change and stands in the annotations: a label that changes would leave the old
 * alert firing for good.
 */
import { fitted, type ItemView, type MessageView, type Room } from "./message-view.ts";
import { type Incident, SEVERITIES, type Severity } from "./incident.ts";
import type { MessageItem, TargetForm } from "./notification.ts";
import { formatRfc3339 } from "./rfc3339.ts";
import { jsonHeaders } from "./target-headers.ts";
import { httpVerdict } from "./target-verdict.ts";
import type { AlertmanagerTarget, MessageKind } from "./target.ts";

/**
 * An alert without an end is over five minutes (`resolve_timeout`) after it was last heard of, and changes are told once: so each says
 * when it ends at the latest, each repetition moves that, and the incident's own end comes before it.
 */
const LASTS_MS = 7 * 86_400_000;
const TEST_LASTS_MS = 300_000;

/** Where texts have so little room an alert has its summary alone. */
const BARE_TEXT = 40;

/** Each incident is an alert of its own: texts give way before any is left out. */
const ROOMS_FOR_ALL: readonly Room[] = [
  { items: 50, text: 500, link: 1_024 },
  { items: 50, text: 100, link: 600 },
  { items: 50, text: BARE_TEXT, link: 0 },
  { items: 20, text: BARE_TEXT, link: 0 },
  { items: 7, text: BARE_TEXT, link: 0 },
];

export const alertmanagerForm: TargetForm<AlertmanagerTarget> = {
  request(message, target, _thread, sent_ms) {
    const { kind, items } = message;
    // It has no word for an acknowledgement, and what is caught up with should wake nobody.
    if (kind === "acknowledged" || kind === "caught_up" || items.length === 0) return null;
    const make = (view: MessageView, room: Room) => ({
      url: `${target.url.replace(/\/$/, "")}/api/v2/alerts`,
      headers: jsonHeaders(target.headers),
      body: JSON.stringify(view.items.flatMap((told, index) => alertsOf(kind, items[index]!, told, room, sent_ms))),
    });
    return fitted(message, make, ROOMS_FOR_ALL);
  },
  verdict: httpVerdict,
};

function alertsOf(kind: MessageKind, item: MessageItem, told: ItemView, room: Room, sent_ms: number): object[] {
  const { incident } = item;
  const annotations = room.text === BARE_TEXT ? { summary: told.title } : annotationsOf(told);
  const ending = (severity: Severity, ends_ms: number) => ({
    labels: labelsOf(incident, severity, kind),
    annotations,
    startsAt: incident.onset_at,
    endsAt: formatRfc3339(ends_ms),
    ...(told.url === null ? {} : { generatorURL: told.url }),
  });
  if (kind === "test") return [ending(incident.severity, sent_ms + TEST_LASTS_MS)];
  const now_ms = Math.max(Date.parse(incident.onset_at), sent_ms);
  return [
    ...lowerSeverities(item).map((lower) => ending(lower, now_ms)),
    ending(incident.severity, endOf(incident, now_ms)),
  ];
}

/** Under which it may have been told before. */
function lowerSeverities({ change, incident }: MessageItem): readonly Severity[] {
  return change === "opened" || change === "reopened" ? [] : SEVERITIES.slice(0, SEVERITIES.indexOf(incident.severity));
}

/** Epoch ms; by the clock, which Alertmanager has too, where an event's own lies ahead of it. */
function endOf({ status, resolved_at, updated_at, onset_at }: Incident, now_ms: number): number {
  if (status === "open") return now_ms + LASTS_MS;
  return Math.max(Date.parse(onset_at), Math.min(Date.parse(resolved_at ?? updated_at), now_ms));
}

function labelsOf({ service, metric_name, id }: Incident, severity: Severity, kind: MessageKind): object {
  const alertname = kind === "test" ? "FaultlineTest" : "FaultlineIncident";
  return { alertname, service, severity, metric: metric_name, incident_id: id };
}

function annotationsOf({ title, impact, cause, action, endpoint, owner, began, runbook, traces }: ItemView): object {
  const all = { impact, cause, action, endpoint, owner, began, runbook_url: runbook, traces_url: traces };
  return { summary: title, ...Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null)) };
}
