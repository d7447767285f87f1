/** The schemas of targets as people give them, once with what is secret in the clear, once with the names that it has in a file. */
import * as v from "valibot";
import { CHANGES } from "./delivery.ts";
import type { SettingsProblem } from "./settings-file.ts";
import { isMembers, members, missingRight } from "./settings-fields.ts";
import { PRESETS, type Target } from "./target.ts";
import { isOwnHeader } from "./target-headers.ts";
import { TARGET_URL_LENGTH_MAX } from "./target-url.ts";
import { mergeTarget } from "./target-view.ts";

const VALUE_LENGTH_MAX = 4_000;
const BODY_LENGTH_MAX = 20_000;
const HEADERS_MAX = 20;
const PARAMS_MAX = 10;

/** All kinds of messages that may have a template of their own; `default` where a kind has none. */
export const TEMPLATE_KINDS = [
  ...CHANGES,
  "reopened",
  "acknowledged",
  "flapping",
  "repeated",
  "digest",
  "caught_up",
  "test",
  "default",
] as const;

const URL_RIGHT = `must be a URL that begins with https:// (or, where ALLOWED_TARGETS has its host, http://), at most ${TARGET_URL_LENGTH_MAX} characters`;
const url = v.pipe(
  v.string(URL_RIGHT),
  v.regex(/^https?:\/\/\S+$/, URL_RIGHT),
  v.maxLength(TARGET_URL_LENGTH_MAX, URL_RIGHT),
);

const WHSEC_RIGHT = 'must be a secret of the Standard Webhooks specification: "whsec_" and 24 to 64 bytes in base64';
const whsec = v.pipe(
  v.string(WHSEC_RIGHT),
  v.regex(
    /^whsec_(?:(?:[A-Za-z0-9+/]{4}){8,20}(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?|(?:[A-Za-z0-9+/]{4}){21}(?:[A-Za-z0-9+/]{2}==)?)$/,
    WHSEC_RIGHT,
  ),
);

const HEADER_NAME_RIGHT = "must be the name of a header that is not set by Faultline itself";
const headerName = v.pipe(
  v.string(HEADER_NAME_RIGHT),
  v.regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/, HEADER_NAME_RIGHT),
);
const HEADER_RIGHT = `must be 1 to ${VALUE_LENGTH_MAX} printable ASCII characters`;
const headerValue = v.pipe(v.string(HEADER_RIGHT), v.regex(/^[\x20-\x7e]{1,4000}$/, HEADER_RIGHT));

const PARAM_RIGHT = "must be 1 to 500 printable characters";
const param = v.pipe(v.string(PARAM_RIGHT), v.regex(/^\P{Cc}{1,500}$/u, PARAM_RIGHT));

const TOKEN_RIGHT = "must be null or a token of a Slack app, as xoxb-…";
const token = v.pipe(v.string(TOKEN_RIGHT), v.regex(/^[\x21-\x7e]{1,500}$/, TOKEN_RIGHT));
const KEY_RIGHT = "must be the integration key of a PagerDuty service, 32 letters and digits";
const routingKey = v.pipe(v.string(KEY_RIGHT), v.regex(/^[A-Za-z0-9]{32}$/, KEY_RIGHT));

const CHANNEL_RIGHT = "must be null or the name or id of a channel, 1 to 100 characters, as #alerts";
const channel = v.pipe(v.string(CHANNEL_RIGHT), v.regex(/^[^\s\p{Cc}]{1,100}$/u, CHANNEL_RIGHT));

/** Names of environment variables, as a file gives them for what is secret. */
export const ENV_NAME = /^[A-Z_][A-Z0-9_]{0,99}$/;
export const ENV_RIGHT = 'must be the name of an environment variable: A-Z, 0-9 and "_", as SLACK_URL';

type Text = v.GenericSchema<string>;

function record<K extends v.BaseSchema<string, string, v.BaseIssue<unknown>>, S extends v.GenericSchema>(
  key: K,
  value: S,
  max: number,
) {
  const right = `must be an object with at most ${max} members`;
  return v.pipe(v.custom<object>(isMembers, right), v.record(key, value), v.maxEntries(max, right));
}

const PARAM_NAME_RIGHT = "must be a name of 1 to 50 of a-z, 0-9 and _";
const paramName = v.pipe(v.string(PARAM_NAME_RIGHT), v.regex(/^[a-z0-9_]{1,50}$/, PARAM_NAME_RIGHT));

const BODY_RIGHT = `must be a Mustache template of 1 to ${BODY_LENGTH_MAX} characters`;
const TEMPLATE_URL_RIGHT = `must be null (the target's own) or a template of a URL of at most ${TARGET_URL_LENGTH_MAX} characters`;
const templateUrl = v.pipe(v.string(TEMPLATE_URL_RIGHT), v.regex(/^\S{1,2048}$/, TEMPLATE_URL_RIGHT));
const templateBody = v.pipe(v.string(BODY_RIGHT), v.regex(/^[^\0]{1,20000}$/, BODY_RIGHT));
const templatePatch = members({
  url: v.exactOptional(v.nullable(templateUrl)),
  body: v.exactOptional(templateBody),
  headers: v.exactOptional(record(headerName, v.nullable(headerValue), HEADERS_MAX)),
});
const KIND_RIGHT = `is unknown: templates are by ${TEMPLATE_KINDS.join(", ")}`;
const kind = v.picklist(TEMPLATE_KINDS, KIND_RIGHT);

const preset = v.exactOptional(v.nullable(v.picklist(PRESETS, `must be null or one of ${PRESETS.join(", ")}`)));

function strict<E extends v.ObjectEntries>(type: string, entries: E) {
  const names = Object.keys(entries).join(", ");
  return v.strictObject(entries, (issue) =>
    issue.expected === "never"
      ? `is unknown: the members of ${type} are ${names}`
      : `is missing${missingRight(entries, issue)}`,
  );
}

function secretsOf<S extends v.GenericSchema>(secret: S) {
  const right = "must be a list of at most two secrets";
  return v.pipe(v.array(secret, right), v.maxLength(2, right));
}

const SLACK = {
  type: v.literal("slack"),
  channel: v.exactOptional(v.nullable(channel)),
  api_url: v.exactOptional(url),
};
const TARGET_RIGHT = "must be an object with type and what that type needs";
const TYPE_RIGHT = "must be one of webhook, slack, pagerduty, alertmanager";

/** `secret` says how a member is given that nobody may read. */
function targetOf<U extends v.GenericSchema>(secret: (schema: Text) => U) {
  const headers = v.exactOptional(record(headerName, secret(headerValue), HEADERS_MAX));
  const template = members({
    url: v.exactOptional(v.nullable(secret(templateUrl))),
    body: templateBody,
    headers,
  });
  return v.pipe(
    v.custom<object>(isMembers, TARGET_RIGHT),
    v.variant(
      "type",
      [
        strict("webhook", {
          type: v.literal("webhook"),
          url: secret(url),
          secrets: v.exactOptional(secretsOf(secret(whsec))),
          headers,
          preset,
          params: v.exactOptional(record(paramName, secret(param), PARAMS_MAX)),
          templates: v.exactOptional(v.nullable(record(kind, template, TEMPLATE_KINDS.length))),
        }),
        strict("slack", {
          ...SLACK,
          url: v.exactOptional(v.nullable(secret(url))),
          token: v.exactOptional(v.nullable(secret(token))),
        }),
        strict("pagerduty", {
          type: v.literal("pagerduty"),
          url: v.exactOptional(secret(url)),
          routing_key: secret(routingKey),
        }),
        strict("alertmanager", { type: v.literal("alertmanager"), url: secret(url), headers }),
      ],
      TYPE_RIGHT,
    ),
  );
}

/** A target with its secrets in the clear. */
export const targetSchema = targetOf((schema) => schema);
export type TargetWish = v.InferOutput<typeof targetSchema>;

/** A target in a file: a secret stands in the clear or, better, by the name of the environment variable that has it. */
export const namedTargetSchema = targetOf((schema) =>
  v.union(
    [schema, v.strictObject({ env: v.pipe(v.string(ENV_RIGHT), v.regex(ENV_NAME, ENV_RIGHT)) })],
    ({ input }) => `${rightOf(schema, input)}, or {"env": NAME} with the name of an environment variable`,
  ),
);
export type NamedTargetWish = v.InferOutput<typeof namedTargetSchema>;

/**
 * A change of a target whose secrets nobody can read, as TargetPatch has it: what is left out keeps its value, null takes a header,
 * a param or a template away, and null among the secrets keeps the first.
 */
export const targetPatchSchema = v.pipe(
  v.custom<object>(isMembers, TARGET_RIGHT),
  v.variant(
    "type",
    [
      strict("webhook", {
        type: v.literal("webhook"),
        url: v.exactOptional(url),
        secrets: v.exactOptional(secretsOf(v.nullable(whsec))),
        headers: v.exactOptional(record(headerName, v.nullable(headerValue), HEADERS_MAX)),
        preset,
        params: v.exactOptional(record(paramName, v.nullable(param), PARAMS_MAX)),
        templates: v.exactOptional(v.nullable(record(kind, v.nullable(templatePatch), TEMPLATE_KINDS.length))),
      }),
      strict("slack", { ...SLACK, url: v.exactOptional(v.nullable(url)), token: v.exactOptional(v.nullable(token)) }),
      strict("pagerduty", {
        type: v.literal("pagerduty"),
        url: v.exactOptional(url),
        routing_key: v.exactOptional(routingKey),
      }),
      strict("alertmanager", {
        type: v.literal("alertmanager"),
        url: v.exactOptional(url),
        headers: v.exactOptional(record(headerName, v.nullable(headerValue), HEADERS_MAX)),
      }),
    ],
    TYPE_RIGHT,
  ),
);

function rightOf(schema: Text, input: unknown): string {
  return v.safeParse(schema, input).issues?.[0].message ?? "must be text";
}

/** The target with what was left out. */
export function wholeTarget(given: TargetWish): Target {
  const merged = mergeTarget(null, given);
  // Only what is carried over from another address can be refused.
  if (!merged.ok) throw new Error(`${merged.field} ${merged.problem}`);
  return merged.target;
}

/** What no schema says: members that need each other, and headers that are not free. Paths begin with `target`. */
export function targetProblems(target: Target): SettingsProblem[] {
  const problems: SettingsProblem[] = [];
  const named = "headers" in target ? Object.keys(target.headers) : [];
  for (const header of named.filter(isOwnHeader))
    problems.push({ path: `target.headers.${header}`, message: HEADER_NAME_RIGHT });
  if (target.type === "slack" && target.url === null) {
    if (target.token === null)
      problems.push({
        path: "target.url",
        message: "must be an incoming webhook, or there must be a token and a channel",
      });
    else if (target.channel === null)
      problems.push({ path: "target.channel", message: "must be the channel that the token's app posts to" });
  }
  return problems;
}
