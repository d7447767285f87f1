/**
 * Opsgenie's Alert API, and Jira Service Management's, which is the same under another address: an alert is known by its alias. The
 * target's url is that of alerts, as in `https://api.opsgenie.com/v2/alerts`; what becomes of one goes to an address below it.
 */
import { bodyLines, withoutTags } from "./message-escape.ts";
import { cut } from "./message-text.ts";
import { fitted, type MessageView } from "./message-view.ts";
import type { Message, TargetRequest } from "./notification.ts";
import type { WebhookTarget } from "./target.ts";

const PRIORITIES = { critical: "P1", high: "P2", medium: "P3" } as const;

/** Lengths as docs.opsgenie.com, "Alert API", has them. */
const MESSAGE_LENGTH_MAX = 130;
const ALIAS_LENGTH_MAX = 512;
const DETAIL_LENGTH_MAX = 1_000;

type Act = "create" | "close" | "acknowledge" | "notes";

/** Null: nothing that a person on call should be told. */
export function opsgenieRequest(message: Message, target: WebhookTarget): TargetRequest | null {
  const act = actOf(message);
  if (act === null) return null;
  return fitted(message, (view) => {
    if (act !== "create") {
      const body = { source: "Faultline", note: noteOf(view) };
      return { url: belowAlert(target.url, aliasOf(view), act), headers: {}, body: JSON.stringify(body) };
    }
    const create = { url: target.url, headers: {}, body: JSON.stringify(alertOf(view)) };
    return canRaise(message, view) ? { ...create, next: priorityOf(view, target) } : create;
  });
}

/**
 * Whether an alert may be open already and have another priority: an open alert with the same alias takes a new one as a further
 * count and nothing else of it. Never below what another incident of the group, which the message does not tell of, may ask for.
 */
function canRaise({ kind, items, group_open }: Message, { severity }: MessageView): boolean {
  if (kind === "test" || kind === "digest") return false;
  const isWhole = group_open <= items.filter(({ incident }) => incident.status === "open").length;
  return isWhole ? kind !== "opened" : severity === "critical";
}

/** "Update Alert Priority", which comes second: where somebody has closed the alert meanwhile, there is one again by then. */
function priorityOf(view: MessageView, target: WebhookTarget): TargetRequest {
  const url = belowAlert(target.url, aliasOf(view), "priority");
  return { method: "PUT", url, headers: {}, body: JSON.stringify({ priority: PRIORITIES[view.severity] }) };
}

function actOf({ kind, items, group_open }: Message): Act | null {
  switch (kind) {
    case "opened":
    case "escalated":
    case "reopened":
    case "flapping":
    case "repeated":
    case "test":
      return "create";
    case "resolved":
      return group_open === 0 ? "close" : "notes";
    case "acknowledged":
      return "acknowledge";
    case "narrated":
      return "notes";
    case "digest":
      return items.some(({ incident }) => incident.status === "open") ? "create" : null;
    case "caught_up":
      return null;
  }
}

function aliasOf({ kind, id, group_key }: MessageView): string {
  return cut(kind === "test" || kind === "digest" ? id : group_key, ALIAS_LENGTH_MAX);
}

function belowAlert(url: string, alias: string, act: Exclude<Act, "create"> | "priority"): string {
  const below = new URL(url);
  below.pathname = `${below.pathname.replace(/\/$/, "")}/${encodeURIComponent(alias)}/${act}`;
  below.searchParams.set("identifierType", "alias");
  return below.href;
}

/** Everything is told with signs that look like those of tags: both texts may have HTML. */
function noteOf(view: MessageView): string {
  return withoutTags(view.text);
}

function alertOf(view: MessageView): object {
  const { first, kind, severity } = view;
  const links = first?.links.map(({ label, url }) => `${label}: ${url}`) ?? [];
  const details = {
    service: first?.service,
    endpoint: first?.endpoint,
    metric: first?.metric,
    incident_id: first?.incident_id,
  };
  return {
    message: cut(withoutTags(view.title), MESSAGE_LENGTH_MAX),
    alias: aliasOf(view),
    description: [...[view.title, ...bodyLines(view)].map(withoutTags), ...links].join("\n"),
    tags: ["faultline", severity],
    details: Object.fromEntries(
      Object.entries(details).flatMap(([name, value]) =>
        value === undefined || value === null ? [] : [[name, cut(withoutTags(value), DETAIL_LENGTH_MAX)]],
      ),
    ),
    ...(first === null ? {} : { entity: first.service }),
    source: "Faultline",
    priority: kind === "test" ? "P5" : PRIORITIES[severity],
  };
}
