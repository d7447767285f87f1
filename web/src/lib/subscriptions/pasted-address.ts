/** What an address that somebody pastes is of: most services are known by their host, and the rest can be chosen. */
import type { Preset, Target } from "../../../../domain/target.ts";

/** What can be chosen: a target's type, or a webhook's preset. */
export type Form = Exclude<Target["type"], "webhook"> | "webhook" | Preset;

export const FORM_WORDS: Readonly<Record<Form, string>> = {
  webhook: "Webhook (Standard Webhooks)",
  slack: "Slack",
  teams: "Microsoft Teams",
  discord: "Discord",
  mattermost: "Mattermost",
  telegram: "Telegram",
  ntfy: "ntfy",
  pagerduty: "PagerDuty",
  opsgenie: "Opsgenie",
  alertmanager: "Prometheus Alertmanager",
};

/** What a paste says by itself; `url` is as the target wants it. */
export interface Pasted {
  readonly form: Form;
  readonly url: string;
  /** PagerDuty's key, where that was pasted instead of an address. */
  readonly routing_key: string | null;
  readonly chat_id: string | null;
  readonly topic: string | null;
  /** For the subscription's name, until somebody types another. */
  readonly name: string;
}

const PAGERDUTY_KEY = /^[A-Za-z0-9]{32}$/;
const PAGERDUTY_URL = "https://events.pagerduty.com/v2/enqueue";

/** Null while it is neither an address nor a key. */
export function readPasted(text: string): Pasted | null {
  const pasted = text.trim();
  const nothing = { routing_key: null, chat_id: null, topic: null };
  if (PAGERDUTY_KEY.test(pasted)) {
    return { ...nothing, form: "pagerduty", url: PAGERDUTY_URL, routing_key: pasted, name: "PagerDuty" };
  }
  if (!/^https?:\/\//i.test(pasted) || !URL.canParse(pasted)) return null;
  const url = new URL(pasted);
  const form = formOf(url);
  const name = form === "webhook" || form === "mattermost" || form === "alertmanager" ? url.host : FORM_WORDS[form];
  const base = { ...nothing, form, url: pasted, name };
  if (form === "telegram") return telegram(base, url);
  if (form === "ntfy") return ntfy(base, url);
  if (form === "opsgenie") return { ...base, url: `${url.origin}/v2/alerts` };
  if (form === "alertmanager") return { ...base, url: pasted.replace(/\/(?:api\/v2\/alerts|#\/.*)?\/?$/, "") };
  return base;
}

function formOf(url: URL): Form {
  const { hostname: host, pathname: path, port } = url;
  const isOf = (domain: string): boolean => host === domain || host.endsWith(`.${domain}`);
  if (isOf("hooks.slack.com") || isOf("hooks.slack-gov.com")) return "slack";
  if ((isOf("discord.com") || isOf("discordapp.com")) && path.startsWith("/api/webhooks/")) return "discord";
  if (isOf("webhook.office.com") || isOf("logic.azure.com") || isOf("api.powerplatform.com")) return "teams";
  if (isOf("api.telegram.org")) return "telegram";
  if (isOf("events.pagerduty.com") || isOf("events.eu.pagerduty.com")) return "pagerduty";
  if (isOf("api.opsgenie.com") || isOf("api.eu.opsgenie.com")) return "opsgenie";
  if (isOf("ntfy.sh") || host.startsWith("ntfy.")) return "ntfy";
  if (/^\/hooks\/[a-z0-9]{26}$/.test(path)) return "mattermost";
  if (port === "9093" || host.startsWith("alertmanager.") || path.endsWith("/api/v2/alerts")) return "alertmanager";
  return "webhook";
}

/** Its address has the bot's token; the chat may stand in the query, as in the links that its documentation shows. */
function telegram(base: Pasted, url: URL): Pasted {
  const bot = /^\/bot[^/]+/.exec(url.pathname)?.[0] ?? url.pathname.replace(/\/$/, "");
  return { ...base, url: `${url.origin}${bot}/sendMessage`, chat_id: url.searchParams.get("chat_id") };
}

/** A message is posted to the server, and its body names the topic. */
function ntfy(base: Pasted, url: URL): Pasted {
  const topic = decodeURIComponent(url.pathname.split("/").find((part) => part !== "") ?? "");
  return { ...base, url: `${url.origin}/`, topic: topic === "" ? null : topic, name: topic || base.name };
}
