/**
 * The schemas of what people give of a subscription, and the way from there to a whole one. As in settings-fields.ts each message
 * says what would be right, and what is more than a bound or a pattern is found by a function beside the schema.
 */
import * as v from "valibot";
import { CHANGES } from "./delivery.ts";
import { SEVERITIES } from "./incident.ts";
import { members, numberIn } from "./settings-fields.ts";
import { type Parsed, pathOf, type SettingsProblem } from "./settings-file.ts";
import { ENV_NAME, ENV_RIGHT, namedTargetSchema, targetSchema } from "./subscription-target-schema.ts";
import { type SubscriptionWish, WISH_DEFAULTS } from "./subscription.ts";

const PATTERNS_MAX = 100;
/** Problems that are named; a body with more is wrong as a whole. */
const PROBLEMS_MAX = 50;

const NAME_RIGHT = "must be 1 to 100 printable characters with no blank at either end";
const name = v.pipe(
  v.string(NAME_RIGHT),
  v.regex(/^(?=\S)(?!.*\s$)[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]{1,100}$/u, NAME_RIGHT),
  v.description("What it is called; no two subscriptions have the same name."),
);

const PATTERN_RIGHT = 'must be a service\'s name, or a pattern of one with "*" for any characters, as checkout-*';
const PATTERNS_RIGHT = `must be a list of 1 to ${PATTERNS_MAX} names of services, or patterns of them`;
export const patterns = v.pipe(
  v.array(v.pipe(v.string(PATTERN_RIGHT), v.regex(/^[a-z0-9._*-]{1,100}$/, PATTERN_RIGHT)), PATTERNS_RIGHT),
  v.minLength(1, PATTERNS_RIGHT),
  v.maxLength(PATTERNS_MAX, PATTERNS_RIGHT),
);

const SEVERITY_RIGHT = `must be one of ${SEVERITIES.join(", ")}`;
export const severity = v.picklist(SEVERITIES, SEVERITY_RIGHT);

const CHANGES_RIGHT = `must be a list with one or more of ${CHANGES.join(", ")}`;
const changes = v.pipe(
  v.array(v.picklist(CHANGES, `must be one of ${CHANGES.join(", ")}`), CHANGES_RIGHT),
  v.minLength(1, CHANGES_RIGHT),
  v.maxLength(CHANGES.length, CHANGES_RIGHT),
);

function wholeIn(what: string, min: number, max: number) {
  return v.pipe(numberIn(what, min, max), v.integer(`must be ${what} from ${min} to ${max}`));
}

/** Each but the name has a default: WISH_DEFAULTS. */
const WISH_FIELDS = {
  name,
  services: v.exactOptional(v.pipe(patterns, v.description("Whose incidents; every service's if left out."))),
  min_severity: v.exactOptional(v.pipe(severity, v.description("How bad an incident must be to be told."))),
  changes: v.exactOptional(v.pipe(changes, v.description("What of an incident is told."))),
  group_wait_s: v.exactOptional(
    v.pipe(
      numberIn("a number of seconds", 0, 300),
      v.description("How long the first incident waits for others that open with it, in seconds; 0: not at all."),
    ),
  ),
  repeat_min: v.exactOptional(
    v.pipe(
      v.nullable(wholeIn("null (never) or a whole number of minutes", 5, 10_080)),
      v.description("A message again each so many minutes while an incident is open and nobody has it in hand."),
    ),
  ),
  max_per_hour: v.exactOptional(
    v.pipe(
      wholeIn("a whole number of messages", 1, 1_000),
      v.description("Messages an hour at most; what is more is told by one digest."),
    ),
  ),
  enabled: v.exactOptional(v.pipe(v.boolean("must be true or false"), v.description("Off: nothing is sent."))),
};

const names = v.exactOptional(
  v.pipe(
    v.custom<object>(
      (value) => typeof value === "object" && value !== null && !Array.isArray(value),
      "must be an object",
    ),
    v.record(
      v.pipe(v.string("must be a member of the target"), v.maxLength(200, "must have at most 200 characters")),
      v.pipe(v.string(ENV_RIGHT), v.regex(ENV_NAME, ENV_RIGHT)),
    ),
    v.maxEntries(50, "must have at most 50 members"),
  ),
);

/**
 * Body of `POST /v1/subscriptions`, and an entry of `PUT /v1/subscriptions-as-code`. `names`: where members of the target came
 * from, by member (`url`, `headers.Authorization`, `secrets.0`).
 */
export const SUBSCRIPTION_FIELDS = { ...WISH_FIELDS, target: targetSchema, names };
export const subscriptionSchema = members(SUBSCRIPTION_FIELDS);
export type SubscriptionBody = v.InferOutput<typeof subscriptionSchema>;

/** Body of `PUT /v1/subscriptions/:id` but for its target: whatever is left out keeps its value. */
export const subscriptionChangeSchema = members({
  ...WISH_FIELDS,
  name: v.exactOptional(name),
  target: v.exactOptional(v.unknown()),
  names,
});

/** An entry of `subscriptions` in faultline.config.json: what is secret may be given by name, as `{"env": "SLACK_URL"}`. */
export const subscriptionEntrySchema = members({ ...WISH_FIELDS, target: namedTargetSchema });

/** The wish with what was left out. */
export function wholeWish(
  given: Omit<SubscriptionBody, "target" | "names">,
  base: Omit<SubscriptionWish, "name"> = WISH_DEFAULTS,
): SubscriptionWish {
  return {
    name: given.name,
    services: given.services ?? base.services,
    min_severity: given.min_severity ?? base.min_severity,
    changes: CHANGES.filter((change) => (given.changes ?? base.changes).includes(change)),
    group_wait_s: given.group_wait_s ?? base.group_wait_s,
    repeat_min: given.repeat_min === undefined ? base.repeat_min : given.repeat_min,
    max_per_hour: given.max_per_hour ?? base.max_per_hour,
    enabled: given.enabled ?? base.enabled,
  };
}

/**
 * Reads something by its schema, or tells all that is wrong, each with its path and what would be right. Never with what was given:
 * it may be a secret.
 */
export function parseBySchema<T>(schema: v.GenericSchema<unknown, T>, content: unknown): Parsed<T> {
  const parsed = v.safeParse(schema, content);
  if (parsed.success) return { ok: true, document: parsed.output };
  const problems = new Map<string, SettingsProblem>();
  for (const issue of parsed.issues) {
    const problem = { path: pathOf(issue), message: issue.message };
    problems.set(`${problem.path} ${problem.message}`, problem);
  }
  return { ok: false, problems: [...problems.values()].slice(0, PROBLEMS_MAX) };
}
