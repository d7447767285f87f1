/**
 * Prometheus Alertmanager, `POST /api/v2/alerts` (its api/v2/openapi.yaml): one alert an incident, known by its labels.
 *
 * Labels are what stays the same while an incident lasts, and its severity, by which people route: where that rose, the alert of the
 * lower one is ended. The endpoint that drives it may change and stands in the annotations: a label that changes would leave the old
 * alert firing for good.
 */
import { fitted, type ItemView, type MessageView, type Room } from "./message-view.ts";
import { SEVERITIES, type Severity } from "./incident.ts";
import type { Message, MessageItem, TargetForm } from "./notification.ts";
import { formatRfc3339 } from "./rfc3339.ts";
import { jsonHeaders } from "./target-headers.ts";
import { httpVerdict } from "./target-verdict.ts";
import type { AlertmanagerTarget } from "./target.ts";

/**
 * An alert without an end is over five minutes (`resolve_timeout`) after it was last heard of, and changes are told once: so each says
 * when it ends at the latest, each repetition moves that, and the incident's own end comes before it.
 */
const LASTS_MS = 7 * 86_400_000;
const TEST_LASTS_MS = 300_000;

/** Each incident is an alert of its own: texts give way before any is left out. */
const ROOMS_FOR_ALL: readonly Room[] = [
  { items: 50, text: 500, link: 1_024 },
  { items: 50, text: 100, link: 600 },
  { items: 50, text: 40, link: 0 },
  { items: 10, text: 40, link: 0 },
];

export const alertmanagerForm: TargetForm<AlertmanagerTarget> = {
  request(message, target, _thread, sent_ms) {
    const { kind, items } = message;
    // It has no word for an acknowledgement, and what is caught up with should wake nobody.
    if (kind === "acknowledged" || kind === "caught_up" || items.length === 0) return null;
    const make = (view: MessageView) => ({
      url: `${target.url.replace(/\/$/, "")}/api/v2/alerts`,
      headers: jsonHeaders(target.headers),
      body: JSON.stringify(alertsOf(message, view, sent_ms)),
    });
    return fitted(message, make, ROOMS_FOR_ALL);
  },
  verdict: httpVerdict,
};

function alertsOf({ kind, items }: Message, view: MessageView, sent_ms: number): object[] {
  return view.items.flatMap((told, index) => {
    const item = items[index]!;
    if (kind === "test") return [alert(item, told, item.incident.severity, sent_ms + TEST_LASTS_MS, kind)];
    const { severity, onset_at } = item.incident;
    const ended = Math.max(Date.parse(onset_at), sent_ms);
    return [
      ...lowerSeverities(item).map((lower) => alert(item, told, lower, ended, kind)),
      alert(item, told, severity, endOf(item, sent_ms), kind),
    ];
  });
}

/** Under which it may have been told before. */
function lowerSeverities({ change, incident }: MessageItem): readonly Severity[] {
  return change === "opened" || change === "reopened" ? [] : SEVERITIES.slice(0, SEVERITIES.indexOf(incident.severity));
}

/** Epoch ms; by the clock that Alertmanager has too, where an event's own lies ahead of it. */
function endOf({ incident }: MessageItem, sent_ms: number): number {
  if (incident.status === "open") return sent_ms + LASTS_MS;
  const over_ms = Date.parse(incident.resolved_at ?? incident.updated_at);
  return Math.max(Date.parse(incident.onset_at), Math.min(over_ms, sent_ms));
}

function alert(
  { incident }: MessageItem,
  told: ItemView,
  severity: Severity,
  ends_ms: number,
  kind: Message["kind"],
): object {
  const { service, metric_name, id, onset_at } = incident;
  const { title, impact, cause, action, endpoint, owner, runbook, traces, began } = told;
  const annotations = {
    summary: title,
    impact,
    cause,
    action,
    endpoint,
    owner,
    began,
    runbook_url: runbook,
    traces_url: traces,
  };
  return {
    labels: {
      alertname: kind === "test" ? "FaultlineTest" : "FaultlineIncident",
      service,
      severity,
      metric: metric_name,
      incident_id: id,
    },
    annotations: Object.fromEntries(Object.entries(annotations).filter(([, value]) => value !== null)),
    startsAt: onset_at,
    endsAt: formatRfc3339(ends_ms),
    ...(told.url === null ? {} : { generatorURL: told.url }),
  };
}
