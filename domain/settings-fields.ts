/**
 * The schema of each field that can be set, with what would be right in its message: "sla_ms: " stands before it. The JSON
 * schema for editors is made from these (settings-json-schema.ts), so that a rule is a bound or a pattern, never a function.
 */
import * as v from "valibot";

const ENDPOINTS_SET_MAX = 50;
const ERRORS_MAX = 50;
const LINK_LENGTH_MAX = 2_000;
const OWNER_LENGTH_MAX = 200;

const DETECTOR_NAMES = ["sequential", "reference"] as const;

const RESERVED = ["__proto__", "prototype", "constructor"];

/** Valibot takes an empty array for an object, and passes over keys that could reach a prototype: neither is right here. */
export function isMembers(value: unknown): boolean {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject && !RESERVED.some((key) => Object.hasOwn(value, key));
}

/** An object with these members and no others. */
export function members<const E extends v.ObjectEntries>(entries: E) {
  const names = Object.keys(entries).join(", ");
  return v.pipe(
    v.custom<object>(isMembers, `must be an object with members among ${names}`),
    v.strictObject(entries, (issue) =>
      issue.expected === "never" ? `is unknown: the members are ${names}` : `is missing${missingRight(entries, issue)}`,
    ),
  );
}

/** "; it must be …": a missing member is found by the object around it; what would be right its own schema knows. */
export function missingRight(entries: v.ObjectEntries, { path }: v.StrictObjectIssue): string {
  const member = entries[String(path?.at(-1)?.key)];
  const right = member === undefined ? undefined : v.safeParse(member, undefined).issues?.[0].message;
  return right === undefined ? "" : `; it ${right}`;
}

export function numberIn(what: string, min: number, max: number) {
  const right = `must be ${what} from ${min} to ${max}`;
  return v.pipe(v.number(right), v.minValue(min, right), v.maxValue(max, right));
}

const ENDPOINT_RIGHT = "must be the name of an endpoint, 1 to 200 printable characters, as the dashboard shows it";
const endpointName = v.pipe(v.string(ENDPOINT_RIGHT), v.regex(/^\P{Cc}{1,200}$/u, ENDPOINT_RIGHT));

const endpointKey = v.pipe(
  v.string(ENDPOINT_RIGHT),
  v.regex(/^(?!(?:__proto__|prototype|constructor)$)\P{Cc}{1,200}$/u, ENDPOINT_RIGHT),
);

const sla = (whose: string) =>
  v.pipe(
    v.nullable(numberIn("null (latency is not judged) or a number of milliseconds", 1, 3_600_000)),
    v.description(`The average latency that ${whose} promises, in milliseconds; null: its latency is not judged.`),
  );

const endpoints = v.pipe(
  v.custom<object>(
    isMembers,
    `must be an object with the names of endpoints as members, none of them ${RESERVED.join(", ")}`,
  ),
  v.record(endpointKey, members({ sla_ms: sla("the endpoint") })),
  v.maxEntries(ENDPOINTS_SET_MAX, `must have at most ${ENDPOINTS_SET_MAX} endpoints`),
  v.description("Endpoints with a promise of their own, by name: `/cart/pay`, `/users/:id`."),
);

const slo = v.pipe(
  v.nullable(members({ availability: numberIn("the share of requests that must succeed,", 0.9, 0.99999) })),
  v.description("The service level objective, which turns burn-rate rules on; null: none."),
);

const STATUS_RIGHT =
  'must be a status class ("1xx" to "5xx"), a status code from 100 to 599 or a range of them ("520-530")';
const errors = v.pipe(
  v.array(
    v.union(
      [
        v.picklist(["1xx", "2xx", "3xx", "4xx", "5xx"], STATUS_RIGHT),
        v.pipe(v.string(STATUS_RIGHT), v.regex(/^[1-5][0-9]{2}-[1-5][0-9]{2}$/, STATUS_RIGHT)),
        v.pipe(
          v.number(STATUS_RIGHT),
          v.integer(STATUS_RIGHT),
          v.minValue(100, STATUS_RIGHT),
          v.maxValue(599, STATUS_RIGHT),
        ),
      ],
      STATUS_RIGHT,
    ),
    "must be a list of status classes, codes and ranges of codes",
  ),
  v.maxLength(ERRORS_MAX, `must have at most ${ERRORS_MAX} entries`),
  v.description("Which answers are errors: status classes, codes and ranges of codes, both ends included."),
);

const DETECTORS_RIGHT = `must be a list with one or more of ${DETECTOR_NAMES.join(", ")}`;
const detectors = v.pipe(
  v.array(v.picklist(DETECTOR_NAMES, `must be ${DETECTOR_NAMES.join(" or ")}`), DETECTORS_RIGHT),
  v.minLength(1, DETECTORS_RIGHT),
  v.maxLength(DETECTOR_NAMES.length, DETECTORS_RIGHT),
  v.description(
    "sequential: quick tests second by second. reference: error rate above 3 x normal, latency above 2 x SLA.",
  ),
);

const sensitivity = v.pipe(
  numberIn("a number of false alarms a day,", 0.0001, 10),
  v.description("How many false alarms a day are accepted, about: the more, the sooner is told."),
);

const exclude = v.pipe(
  members({
    endpoints: v.pipe(
      v.array(endpointName, "must be a list of endpoints"),
      v.maxLength(ENDPOINTS_SET_MAX, `must have at most ${ENDPOINTS_SET_MAX} endpoints`),
      v.description("Names of endpoints whose requests are counted but never judged: health checks, long polls."),
    ),
  }),
  v.description("What is not judged at all."),
);

const disorder = v.pipe(
  numberIn("a number of seconds", 0, 30),
  v.description("How far an event may come behind the newest of its partition before it is late, in seconds."),
);

const OWNER_RIGHT = `must be null or 1 to ${OWNER_LENGTH_MAX} characters`;
const owner = v.pipe(
  v.nullable(v.pipe(v.string(OWNER_RIGHT), v.regex(/^\P{Cc}{1,200}$/u, OWNER_RIGHT))),
  v.description("Who answers for the service: a team, a channel."),
);

/** Only these schemes are ever made a link of: `javascript:` in a page that an admin opens would act as that admin. */
const RUNBOOK_RIGHT = "must be null or a URL that begins with http:// or https://";
const TRACES_RIGHT = `${RUNBOOK_RIGHT}, with none but {service}, {endpoint}, {from} and {to} in braces`;
const link = (pattern: RegExp, right: string) =>
  v.nullable(
    v.pipe(
      v.string(right),
      v.regex(pattern, right),
      v.maxLength(LINK_LENGTH_MAX, `must have at most ${LINK_LENGTH_MAX} characters`),
    ),
  );
const runbook = v.pipe(
  link(/^https?:\/\/[^\s{}]+$/u, RUNBOOK_RIGHT),
  v.description("What to do when it fails: a URL."),
);
const traces = v.pipe(
  link(/^https?:\/\/(?:[^\s{}]|\{(?:service|endpoint|from|to)\})+$/u, TRACES_RIGHT),
  v.description("Where its traces are: a URL in which {service}, {endpoint}, {from} and {to} are filled in."),
);

const LINKS_DESCRIPTION = "Links that an incident carries.";

/** All fields of a service, in the order in which they are shown. */
export const SERVICE_FIELDS = {
  sla_ms: sla("the service"),
  endpoints,
  slo,
  errors,
  detectors,
  sensitivity,
  exclude,
  disorder_s: disorder,
  owner,
  links: v.pipe(members({ runbook, traces }), v.description(LINKS_DESCRIPTION)),
};

/** The same as a document may give them: each may be left out, and so may each link. */
export const PATCH_FIELDS = {
  sla_ms: v.exactOptional(SERVICE_FIELDS.sla_ms),
  endpoints: v.exactOptional(endpoints),
  slo: v.exactOptional(slo),
  errors: v.exactOptional(errors),
  detectors: v.exactOptional(detectors),
  sensitivity: v.exactOptional(sensitivity),
  exclude: v.exactOptional(exclude),
  disorder_s: v.exactOptional(disorder),
  owner: v.exactOptional(owner),
  links: v.exactOptional(
    v.pipe(
      members({ runbook: v.exactOptional(runbook), traces: v.exactOptional(traces) }),
      v.description(LINKS_DESCRIPTION),
    ),
  ),
};
