/** Where a subscription's messages go, as an administrator gives it. All of it is kept encrypted; who reads it sees `TargetView`. */
import type { DeliveredChange } from "./delivery.ts";

/** Services that take a webhook in a form of their own: a body template that is ready (target-presets.ts). */
export const PRESETS = ["teams", "discord", "mattermost", "telegram", "ntfy", "opsgenie"] as const;
export type Preset = (typeof PRESETS)[number];

/**
 * How a message becomes a request: logic-less (Mustache) templates over MessageView (message-view.ts), whose values are escaped as
 * JSON strings. `url`: null takes the target's.
 */
export interface RequestTemplate {
  readonly url: string | null;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Messages are about one of these; a `digest` or a `caught_up` message tells of several incidents, a `test` of an invented one. */
export type MessageKind = DeliveredChange | "digest" | "caught_up" | "test";

/**
 * A receiver after the Standard Webhooks specification; with `templates`, one in a form of its own.
 * - `secrets`: `whsec_` and base64, one or two: while a secret is changed both are valid, and each request is signed with both.
 *   Empty: not signed (presets that cannot verify)
 * - `templates`: by kind; `default` where a kind has none; null: the standard body (target-webhook.ts), or the preset's
 */
export interface WebhookTarget {
  readonly type: "webhook";
  readonly url: string;
  readonly secrets: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly preset: Preset | null;
  /** What a preset needs besides: as `chat_id` for telegram, `topic` for ntfy. */
  readonly params: Readonly<Record<string, string>>;
  readonly templates: Readonly<Partial<Record<MessageKind | "default", RequestTemplate>>> | null;
}

/** An incoming webhook (`url`), or an app with a bot token and a channel: then one thread an incident. */
export interface SlackTarget {
  readonly type: "slack";
  readonly url: string | null;
  readonly token: string | null;
  readonly channel: string | null;
  /** Of the Web API, for the bot token; `https://slack.com/api` where nothing else is said. */
  readonly api_url: string;
}

/** PagerDuty Events v2; `url` is `https://events.pagerduty.com/v2/enqueue` where nothing else is said. */
export interface PagerDutyTarget {
  readonly type: "pagerduty";
  readonly url: string;
  readonly routing_key: string;
}

/** Prometheus Alertmanager, API v2; `url` is its base, as in `https://alertmanager.example.org`. */
export interface AlertmanagerTarget {
  readonly type: "alertmanager";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

export type Target = WebhookTarget | SlackTarget | PagerDutyTarget | AlertmanagerTarget;

/** What may be shown of a target: its host, and which of its secrets are set, never one of them. */
export interface TargetView {
  readonly type: Target["type"];
  readonly preset: Preset | null;
  /** Scheme and host of its address, as in `https://hooks.slack.com`. */
  readonly origin: string;
  /** Its members that are set, as in `["url", "secrets", "headers.Authorization"]`. */
  readonly set: readonly string[];
  /** Members that came from a name (`{"env": "SLACK_URL"}` in faultline.config.json), by member: `{"url": "SLACK_URL"}`. */
  readonly names: Readonly<Record<string, string>>;
  /** What is no secret: channel, chat_id, topic, templates. */
  readonly shown: Readonly<Record<string, unknown>>;
}
