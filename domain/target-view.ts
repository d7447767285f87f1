/** What may be shown of a target, and how a target is changed by whoever cannot see its secrets. */
import type { MessageKind, RequestTemplate, Target, TargetView, WebhookTarget } from "./target.ts";

type HeaderPatch = Readonly<Record<string, string | null>>;

interface TemplatePatch {
  readonly url?: string | null;
  readonly body?: string;
  readonly headers?: HeaderPatch;
}

/**
 * A target as it is written: what is left out keeps its value, as in a JSON merge patch (RFC 7396); null takes away a header, a param
 * or a template. Of `secrets`, null keeps the first that is there, so that a new one can be put before it.
 */
export type TargetPatch =
  | {
      readonly type: "webhook";
      readonly url?: string;
      readonly secrets?: readonly (string | null)[];
      readonly headers?: HeaderPatch;
      readonly preset?: WebhookTarget["preset"];
      readonly params?: HeaderPatch;
      readonly templates?: Readonly<Partial<Record<MessageKind | "default", TemplatePatch | null>>> | null;
    }
  | {
      readonly type: "slack";
      readonly url?: string | null;
      readonly token?: string | null;
      readonly channel?: string | null;
      readonly api_url?: string;
    }
  | { readonly type: "pagerduty"; readonly url?: string; readonly routing_key?: string }
  | { readonly type: "alertmanager"; readonly url?: string; readonly headers?: HeaderPatch };

/** `problem`: what would be right, as it stands after the member's name. */
export type Merged =
  | { readonly ok: true; readonly target: Target }
  | { readonly ok: false; readonly field: string; readonly problem: string };

export const SLACK_API_URL = "https://slack.com/api";
export const PAGERDUTY_URL = "https://events.pagerduty.com/v2/enqueue";

/** Params that say where a message goes and open nothing; every other may be a secret. */
const SHOWN_PARAMS: ReadonlySet<string> = new Set(["chat_id", "topic"]);

/** Where its requests go; empty where nothing was given. */
function addressOf(target: Target): string {
  if (target.type !== "slack") return target.url;
  return target.token === null ? (target.url ?? "") : target.api_url;
}

/** `names`: the members that came from a name, by member. */
export function viewOf(target: Target, names: Readonly<Record<string, string>> = {}): TargetView {
  return {
    type: target.type,
    preset: target.type === "webhook" ? target.preset : null,
    origin: originOf(addressOf(target)),
    set: secretsOf(target).map(({ path }) => path.join(".")),
    names,
    shown: shownOf(target),
  };
}

/** Whether it has a state for who has an incident in hand: an acknowledgement is told to no other, which would only make noise. */
export function tracksHands({ type, preset }: Pick<TargetView, "type" | "preset">): boolean {
  return type === "pagerduty" || preset === "opsgenie";
}

export function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : "";
}

/** A member that is set and never shown: where it lies, and what must not be read anywhere. */
interface Secret {
  readonly path: readonly string[];
  readonly values: readonly string[];
}

function one(path: readonly string[], value: string | null): Secret[] {
  return value === null || value === "" ? [] : [{ path, values: [value] }];
}

function each(path: readonly string[], values: Readonly<Record<string, string>>): Secret[] {
  return Object.entries(values).map(([name, value]) => ({ path: [...path, name], values: [value] }));
}

/** Whether a member is where requests go, and not something that they carry there: a header or a param may be called `url`, too. */
export function isAddress(path: readonly string[]): boolean {
  const [first, , member] = path;
  return path.length === 1 ? first === "url" : path.length === 3 && first === "templates" && member === "url";
}

export function secretsOf(target: Target): readonly Secret[] {
  switch (target.type) {
    case "webhook":
      return webhookSecrets(target);
    case "slack":
      return [...one(["url"], target.url), ...one(["token"], target.token)];
    case "pagerduty":
      return [...one(["url"], target.url), ...one(["routing_key"], target.routing_key)];
    case "alertmanager":
      return [...one(["url"], target.url), ...each(["headers"], target.headers)];
  }
}

function webhookSecrets({ url, secrets, headers, params, templates }: WebhookTarget): Secret[] {
  const hidden = Object.entries(params).filter(([name]) => !SHOWN_PARAMS.has(name));
  return [
    ...one(["url"], url),
    ...(secrets.length === 0 ? [] : [{ path: ["secrets"], values: secrets }]),
    ...each(["headers"], headers),
    ...each(["params"], Object.fromEntries(hidden)),
    ...Object.entries(templates ?? {}).flatMap(([kind, template]) => [
      ...one(["templates", kind, "url"], template.url),
      ...each(["templates", kind, "headers"], template.headers),
    ]),
  ];
}

function shownOf(target: Target): TargetView["shown"] {
  switch (target.type) {
    case "webhook": {
      const params = Object.entries(target.params).filter(([name]) => SHOWN_PARAMS.has(name));
      const bodies = Object.entries(target.templates ?? {}).map(([kind, { body }]) => [kind, { body }]);
      return {
        ...Object.fromEntries(params),
        ...(target.templates === null ? {} : { templates: Object.fromEntries(bodies) }),
      };
    }
    case "slack":
      return target.channel === null ? {} : { channel: target.channel };
    case "pagerduty":
    case "alertmanager":
      return {};
  }
}

/**
 * The target that a patch makes of `old`; of null or another type, a new one with defaults where the patch says nothing. What a secret
 * belongs to does not change: where the address becomes another host's, what is sent there has to be given anew, or whoever may
 * write could read it by having it sent to himself.
 */
export function mergeTarget(old: Target | null, patch: TargetPatch): Merged {
  const target = patched(old, patch);
  if (old === null || old.type !== target.type || originOf(addressOf(old)) === originOf(addressOf(target))) {
    return { ok: true, target };
  }
  const before = new Map(sentOf(old).map(({ path, values }) => [path.join("."), values[0]]));
  const carried = sentOf(target).find(
    ({ path, values }) => before.get(path.join(".")) === values[0] && !isGiven(patch, path),
  );
  if (carried === undefined) return { ok: true, target };
  const field = carried.path.join(".");
  const problem = "must be given again, or taken away with null: the address is another host's now";
  return { ok: false, field, problem };
}

/** Secrets that a request carries to its address; what signs never leaves. */
function sentOf(target: Target): readonly Secret[] {
  return secretsOf(target).filter(({ path }) => !isAddress(path) && path[0] !== "secrets");
}

function isGiven(patch: TargetPatch, path: readonly string[]): boolean {
  let part: unknown = patch;
  for (const name of path) {
    if (typeof part !== "object" || part === null || !Object.hasOwn(part, name)) return false;
    part = (part as Readonly<Record<string, unknown>>)[name];
  }
  return typeof part === "string";
}

function patched(old: Target | null, patch: TargetPatch): Target {
  switch (patch.type) {
    case "webhook":
      return patchedWebhook(old?.type === "webhook" ? old : NEW_WEBHOOK, patch);
    case "slack": {
      const before = old?.type === "slack" ? old : { url: null, token: null, channel: null, api_url: SLACK_API_URL };
      return { ...before, ...patch };
    }
    case "pagerduty":
      return { ...(old?.type === "pagerduty" ? old : { url: PAGERDUTY_URL, routing_key: "" }), ...patch };
    case "alertmanager": {
      const before = old?.type === "alertmanager" ? old : { url: "", headers: {} };
      return { ...before, ...patch, headers: merged(before.headers, patch.headers) };
    }
  }
}

const NEW_WEBHOOK: WebhookTarget = {
  type: "webhook",
  url: "",
  secrets: [],
  headers: {},
  preset: null,
  params: {},
  templates: null,
};

function patchedWebhook(before: WebhookTarget, patch: Extract<TargetPatch, { type: "webhook" }>): WebhookTarget {
  const [kept = null] = before.secrets;
  return {
    ...before,
    ...patch,
    secrets: patch.secrets?.map((secret) => secret ?? kept ?? "") ?? before.secrets,
    headers: merged(before.headers, patch.headers),
    params: merged(before.params, patch.params),
    templates: patchedTemplates(before.templates, patch.templates),
  };
}

function patchedTemplates(
  before: WebhookTarget["templates"],
  patch: Extract<TargetPatch, { type: "webhook" }>["templates"],
): WebhookTarget["templates"] {
  if (patch === undefined || patch === null) return patch === undefined ? before : null;
  const templates = new Map<string, RequestTemplate>(Object.entries(before ?? {}));
  for (const [kind, change] of Object.entries(patch)) {
    if (change === null) {
      templates.delete(kind);
      continue;
    }
    const { url, body, headers } = templates.get(kind) ?? { url: null, body: "", headers: {} };
    templates.set(kind, {
      url: change.url === undefined ? url : change.url,
      body: change.body ?? body,
      headers: merged(headers, change.headers),
    });
  }
  return Object.fromEntries(templates);
}

/** `__proto__` as a name stays a name: fromEntries defines, it does not assign. */
function merged(before: Readonly<Record<string, string>>, patch: HeaderPatch = {}): Record<string, string> {
  const entries = new Map<string, string | null>([...Object.entries(before), ...Object.entries(patch)]);
  return Object.fromEntries([...entries].filter((entry): entry is [string, string] => entry[1] !== null));
}
