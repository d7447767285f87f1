/**
 * Webhooks after the Standard Webhooks specification (github.com/standard-webhooks/standard-webhooks): `webhook-id`,
 * `webhook-timestamp` and one signature a secret in `webhook-signature`; the body is `{type, timestamp, data}` where no template
 * or preset makes another.
 */
import { Webhook } from "standardwebhooks";
import { cut, impactText, sparkline, tidied } from "./message-text.ts";
import { fitted, type MessageView, type Room } from "./message-view.ts";
import type { Narrative } from "./narrative.ts";
import type { Message, MessageItem, TargetForm, TargetRequest } from "./notification.ts";
import { jsonHeaders, lowered } from "./target-headers.ts";
import { presetRequest } from "./target-presets.ts";
import type { RequestTemplate, WebhookTarget } from "./target.ts";
import { escapingOf, render } from "./target-template.ts";
import { httpVerdict } from "./target-verdict.ts";

export const webhookForm: TargetForm<WebhookTarget> = {
  request(message, target, _thread, sent_ms) {
    const template = templateOf(target, message.kind);
    if (template === null && target.preset !== null) {
      const made = presetRequest(target.preset, message, target);
      return made === null ? null : signed(made, message.id, target, sent_ms);
    }
    const made =
      template === null
        ? { url: target.url, headers: {}, body: standardBody(message) }
        : fitted(message, (view) => templatedRequest(template, target, view));
    return signed(made, message.id, target, sent_ms);
  },
  verdict: httpVerdict,
};

function templateOf({ templates }: WebhookTarget, kind: Message["kind"]): RequestTemplate | null {
  return templates?.[kind] ?? templates?.default ?? null;
}

/** The request of a template, not signed yet. */
export function templatedRequest(template: RequestTemplate, target: WebhookTarget, view: MessageView): TargetRequest {
  const given = { ...view, params: target.params };
  const headers = Object.entries(template.headers).map(([name, value]) => [name, render(value, given, "header")]);
  const body = render(template.body, given, escapingOf(contentTypeOf(template, target)));
  return {
    url: template.url === null ? target.url : render(template.url, given, "url"),
    headers: Object.fromEntries(headers) as Record<string, string>,
    body,
  };
}

/** What a template's body is said to be; null where its headers do not say. */
export function contentTypeOf(template: RequestTemplate, target: WebhookTarget): string | null {
  const said = { ...lowered(target.headers), ...lowered(template.headers) };
  return said["content-type"] ?? null;
}

function signed(made: TargetRequest, id: string, target: WebhookTarget, sent_ms: number): TargetRequest {
  const at = new Date(sent_ms);
  const signatures = target.secrets.map((secret) => new Webhook(secret).sign(id, at, made.body));
  return {
    ...made,
    headers: {
      ...jsonHeaders({ ...lowered(target.headers), ...lowered(made.headers) }),
      "webhook-id": id,
      "webhook-timestamp": String(Math.floor(sent_ms / 1000)),
      ...(signatures.length === 0 ? {} : { "webhook-signature": signatures.join(" ") }),
    },
    ...(made.next === undefined ? {} : { next: signed(made.next, id, target, sent_ms) }),
  };
}

/** `incident.opened` and its like; `incidents.digest`, `incidents.caught_up`; `test`. */
function typeOf({ kind }: Message): string {
  if (kind === "test") return kind;
  return kind === "digest" || kind === "caught_up" ? `incidents.${kind}` : `incident.${kind}`;
}

function standardBody(message: Message): string {
  return fitted(message, (view, room) => ({ body: JSON.stringify(standardEvent(message, view, room)) })).body;
}

/** `timestamp`: when the message was made; `data.items[].incident` has the columns of `GET /v1/incidents`. */
function standardEvent(message: Message, view: MessageView, room: Room) {
  const { id, kind, at, group_key, group_open, subscription } = message;
  const items = message.items.slice(0, room.items);
  return {
    type: typeOf(message),
    timestamp: at,
    data: {
      message_id: id,
      kind,
      subscription: { id: subscription.id, name: view.subscription_name },
      title: view.title,
      group_key,
      group_open,
      items: items.map((item, index) => standardItem(item, view.items[index]!, room)),
      more: view.more,
    },
  };
}

function standardItem(item: MessageItem, view: MessageView["items"][number], room: Room) {
  const { incident, spark, narrative } = item;
  const { anomalies, ...own } = incident;
  const short = (text: string | null) => tidied(text ?? "", room.text) || null;
  // Room for one text more than the least is room for the numbers beside it.
  const roomy = room.text > 100;
  return {
    change: item.change,
    title: view.title,
    incident: {
      ...own,
      description: view.description,
      endpoint: view.endpoint,
      deployed_version: view.version,
      previous_version: short(own.previous_version),
      acknowledged_by: view.acknowledged_by,
      anomalies: roomy
        ? anomalies
            .slice(-5)
            .map((one) => ({ ...one, endpoint: short(one.endpoint), description: tidied(one.description, room.text) }))
        : [],
    },
    narrative: narrative === null ? null : standardNarrative(narrative, roomy ? 3 : 1, room.text),
    impact: impactText(incident),
    owner: view.owner,
    spark: spark === null || !roomy ? null : { ...spark, values: spark.values.slice(-60), bars: sparkline(spark) },
    links: {
      incident: view.url,
      acknowledge: view.acknowledge_url,
      snooze: view.snooze_url,
      false_positive: view.false_positive_url,
      runbook: view.runbook,
      traces: view.traces,
    },
  };
}

function standardNarrative(narrative: Narrative, statements: number, length_max: number) {
  const { summary, possible_causes, recommended_actions, source, llm_model, window_start, window_end } = narrative;
  const texts = (all: readonly { readonly text: string }[]) =>
    all.slice(0, statements).map(({ text }) => tidied(text, length_max));
  return {
    summary: texts(summary),
    possible_causes: possible_causes
      .slice(0, statements)
      .map(({ cause, certainty, text }) => ({ cause, certainty, text: tidied(text, length_max) })),
    recommended_actions: texts(recommended_actions),
    source,
    llm_model: llm_model === null ? null : cut(llm_model, length_max),
    window_start,
    window_end,
  };
}
