/** A subscription while somebody fills it in, and the request that it becomes. What is secret is never held but as it was just typed. */
import { FORM_WORDS, readPasted, type Form } from "./pasted-address.ts";
import { CHANGES, type Change } from "../../../../domain/delivery.ts";
import type { Severity } from "../../../../domain/incident.ts";
import { WISH_DEFAULTS, type SubscriptionItem } from "../../../../domain/subscription.ts";
import { PRESETS, type Preset } from "../../../../domain/target.ts";

/** All as typed. Members of the target that are empty keep what is stored, where something is. */
export interface SubscriptionDraft {
  /** Null: a new one. */
  readonly id: string | null;
  /** Of what is changed, as it was when that began; 0 for a new one. */
  readonly revision: number;
  readonly form: Form;
  readonly address: string;
  readonly name: string;
  /** Names and patterns, with commas or blanks between. */
  readonly services: string;
  readonly min_severity: Severity;
  readonly changes: readonly Change[];
  readonly group_wait_s: string;
  /** Empty: never. */
  readonly repeat_min: string;
  readonly max_per_hour: string;
  readonly enabled: boolean;
  /** One a line, `Name: value`. */
  readonly headers: string;
  readonly secret: string;
  readonly routing_key: string;
  readonly token: string;
  readonly channel: string;
  readonly chat_id: string;
  readonly topic: string;
  readonly api_key: string;
  /** Mustache, of all kinds of messages; empty: the form's own body. */
  readonly template: string;
}

/** `secret`: what requests of a plain webhook are signed with, shown once. */
export function newDraft(secret: string): SubscriptionDraft {
  return { ...EMPTY, secret };
}

const EMPTY: SubscriptionDraft = {
  id: null,
  revision: 0,
  form: "webhook",
  address: "",
  name: "",
  services: "",
  min_severity: WISH_DEFAULTS.min_severity,
  changes: WISH_DEFAULTS.changes,
  group_wait_s: String(WISH_DEFAULTS.group_wait_s),
  repeat_min: "",
  max_per_hour: String(WISH_DEFAULTS.max_per_hour),
  enabled: true,
  headers: "",
  secret: "",
  routing_key: "",
  token: "",
  channel: "",
  chat_id: "",
  topic: "",
  api_key: "",
  template: "",
};

export function draftOf(item: SubscriptionItem): SubscriptionDraft {
  const shown = (name: string): string => {
    const value = item.target.shown[name];
    return typeof value === "string" ? value : "";
  };
  return {
    ...EMPTY,
    id: item.id,
    revision: item.revision,
    form: formOf(item),
    name: item.name,
    services: item.services.join(", "),
    min_severity: item.min_severity,
    changes: item.changes,
    group_wait_s: String(item.group_wait_s),
    repeat_min: item.repeat_min === null ? "" : String(item.repeat_min),
    max_per_hour: String(item.max_per_hour),
    enabled: item.enabled,
    channel: shown("channel"),
    chat_id: shown("chat_id"),
    topic: shown("topic"),
    template: templateOf(item),
  };
}

function formOf({ target }: Pick<SubscriptionItem, "target">): Form {
  return target.type === "webhook" ? (target.preset ?? "webhook") : target.type;
}

/** Where it goes, in words: "Slack at hooks.slack.com". */
export function targetWords(item: Pick<SubscriptionItem, "target">): string {
  const host = URL.canParse(item.target.origin) ? new URL(item.target.origin).host : item.target.origin;
  const where = ["channel", "chat_id", "topic"].map((name) => item.target.shown[name]).find((one) => one !== undefined);
  const place = typeof where === "string" ? `${where} at ${host}` : host;
  return item.target.type === "webhook" && item.target.preset === null
    ? `Webhook at ${host}`
    : `${FORM_WORDS[formOf(item)]}, ${place}`;
}

function templateOf({ target }: SubscriptionItem): string {
  const templates = target.shown["templates"] as { readonly default?: { readonly body?: string } } | undefined;
  return templates?.default?.body ?? "";
}

/** What a paste fills in: a name that somebody has typed stays. */
export function withAddress(draft: SubscriptionDraft, address: string): SubscriptionDraft {
  const before = readPasted(draft.address);
  const pasted = readPasted(address);
  if (pasted === null) return { ...draft, address };
  const isOwnName = draft.name !== "" && draft.name !== before?.name;
  return {
    ...draft,
    address,
    form: pasted.form,
    name: isOwnName ? draft.name : pasted.name,
    routing_key: pasted.routing_key ?? draft.routing_key,
    chat_id: pasted.chat_id ?? draft.chat_id,
    topic: pasted.topic ?? draft.topic,
  };
}

/** The body of `POST /v1/subscriptions`, or of `PUT` for one that is there. What is typed wrong is sent as typed: the answer names it. */
export function bodyOf(draft: SubscriptionDraft): Record<string, unknown> {
  const services = draft.services.split(/[\s,]+/).filter((one) => one !== "");
  return {
    name: draft.name.trim(),
    services: services.length === 0 ? ["*"] : services,
    min_severity: draft.min_severity,
    changes: CHANGES.filter((change) => draft.changes.includes(change)),
    group_wait_s: numberOf(draft.group_wait_s),
    repeat_min: draft.repeat_min.trim() === "" ? null : numberOf(draft.repeat_min),
    max_per_hour: numberOf(draft.max_per_hour),
    enabled: draft.enabled,
    target: targetOf(draft),
  };
}

function numberOf(text: string): number | string {
  const value = Number(text.trim().replace(",", "."));
  return text.trim() === "" || Number.isNaN(value) ? text : value;
}

function targetOf(draft: SubscriptionDraft): Record<string, unknown> {
  // An address that cannot be read is sent as it stands, so that the answer says what is wrong with it.
  const url = typed("url", readPasted(draft.address)?.url ?? draft.address.trim());
  const { form } = draft;
  if (form === "slack") {
    return { type: form, ...url, ...typed("token", draft.token.trim()), ...typed("channel", draft.channel.trim()) };
  }
  if (form === "pagerduty") return { type: form, ...url, ...typed("routing_key", draft.routing_key.trim()) };
  if (form === "alertmanager") return { type: form, ...url, ...headersOf(draft) };
  return { type: "webhook", ...url, ...webhookOf(draft) };
}

function webhookOf(draft: SubscriptionDraft): Record<string, unknown> {
  const preset: Preset | null = PRESETS.find((one) => one === draft.form) ?? null;
  const params = { ...typed("chat_id", draft.chat_id.trim()), ...typed("topic", draft.topic.trim()) };
  const secret = draft.secret.trim();
  return {
    preset,
    ...(Object.keys(params).length === 0 ? {} : { params }),
    ...headersOf(draft),
    // A new secret stands before the one that is there, so that a receiver can change over; the older is taken out later.
    ...(preset !== null || secret === "" ? {} : { secrets: draft.id === null ? [secret] : [secret, null] }),
    ...templatesOf(draft),
  };
}

function templatesOf({ id, template }: SubscriptionDraft): Record<string, unknown> {
  if (template.trim() !== "") return { templates: { default: { body: template } } };
  return id === null ? {} : { templates: null };
}

function headersOf({ headers, api_key, form }: SubscriptionDraft): Record<string, unknown> {
  const lines = headers.split("\n").filter((line) => line.trim() !== "");
  const given = lines.map((line) => {
    const [name = "", ...value] = line.split(":");
    return [name.trim(), value.join(":").trim()] as const;
  });
  const key = api_key.trim();
  if (form === "opsgenie" && key !== "") given.push(["Authorization", `GenieKey ${key}`]);
  return given.length === 0 ? {} : { headers: Object.fromEntries(given) };
}

function typed(name: string, value: string): Record<string, string> {
  return value === "" ? {} : { [name]: value };
}

/** A secret of the Standard Webhooks specification, of 32 bytes that nobody can guess. */
export function webhookSecret(bytes: Uint8Array): string {
  return `whsec_${btoa(String.fromCharCode(...bytes))}`;
}
