/** PagerDuty Events API v2 (developer.pagerduty.com, "PD-CEF"): one alert a group, by its `dedup_key`. */
import { cut } from "./message-text.ts";
import { fitted, linksOfAll, type MessageView } from "./message-view.ts";
import type { Message, TargetForm } from "./notification.ts";
import { jsonHeaders } from "./target-headers.ts";
import { httpVerdict } from "./target-verdict.ts";
import type { PagerDutyTarget } from "./target.ts";

const SUMMARY_LENGTH_MAX = 1_024;
const KEY_LENGTH_MAX = 255;

const SEVERITIES = { critical: "critical", high: "error", medium: "warning" } as const;

type Action = "trigger" | "acknowledge" | "resolve";

export const pagerDutyForm: TargetForm<PagerDutyTarget> = {
  request(message, target) {
    const event_action = actionOf(message);
    if (event_action === null) return null;
    return fitted(message, (view) => ({
      url: target.url,
      headers: jsonHeaders(),
      body: JSON.stringify({
        routing_key: target.routing_key,
        event_action,
        dedup_key: keyOf(view),
        ...(event_action === "trigger" ? triggerOf(view) : {}),
      }),
    }));
  },
  verdict: httpVerdict,
};

/** New words wake nobody, nor does what is over; a group is resolved with the last of its incidents. */
function actionOf({ kind, items, group_open }: Message): Action | null {
  switch (kind) {
    case "opened":
    case "escalated":
    case "reopened":
    case "flapping":
    case "repeated":
    case "test":
      return "trigger";
    case "acknowledged":
      return "acknowledge";
    case "resolved":
      return group_open === 0 ? "resolve" : null;
    case "digest":
      return items.some(({ incident }) => incident.status === "open") ? "trigger" : null;
    case "narrated":
    case "caught_up":
      return null;
  }
}

/** A digest is of many groups, and a test of none: each is an alert of its own, for somebody to close. */
function keyOf({ kind, id, group_key }: MessageView): string {
  return cut(kind === "digest" || kind === "test" ? id : group_key, KEY_LENGTH_MAX);
}

function triggerOf(view: MessageView): object {
  const { first, kind, severity } = view;
  const links = linksOfAll(view).map(({ label, url }) => ({ href: url, text: label }));
  return {
    payload: {
      summary: cut(view.title, SUMMARY_LENGTH_MAX),
      source: first?.service ?? "faultline",
      severity: kind === "test" ? "info" : SEVERITIES[severity],
      timestamp: first?.onset_at ?? view.at,
      ...(first === null ? {} : { component: first.endpoint ?? first.service, class: first.metric }),
      group: view.group_key,
      custom_details: { text: view.text, incidents: view.items.map(({ incident_id }) => incident_id), more: view.more },
    },
    client: "Faultline",
    ...(first?.url == null ? {} : { client_url: first.url }),
    ...(links.length === 0 ? {} : { links }),
  };
}
