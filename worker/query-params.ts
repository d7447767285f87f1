/** What stands behind the `?` of a read: parsed once, and a wrong parameter is named with what would be right. */
import type { Context } from "hono";
import * as v from "valibot";
import { SERVICE_NAME } from "../domain/event.ts";
import { SEVERITIES } from "../domain/incident.ts";
import { parseRfc3339 } from "../domain/rfc3339.ts";
import type { AppContext } from "./context.ts";
import type { IncidentPlace } from "./history.ts";
import { problem } from "./problem.ts";

const LIST_LIMIT_DEFAULT = 100;
const LIST_LIMIT_MAX = 1_000;
const WINDOWS_LIMIT_DEFAULT = 1_000;
const WINDOWS_LIMIT_MAX = 10_000;
const SHOWN_LENGTH_MAX = 80;

/** SERVICE_NAME in words. */
export const NAME_FORM = '1 to 63 of a-z, 0-9, ".", "_", "-", no mark first';

/** The parameters as the schema has them, or the 400 that names the first wrong one. Unknown parameters are ignored. */
export function parseQuery<S extends v.GenericSchema<unknown, unknown>>(
  schema: S,
  context: Context<AppContext>,
): v.InferOutput<S> | Response {
  const parsed = v.safeParse(schema, context.req.query());
  return parsed.success ? parsed.output : problem(400, "bad_query", parsed.issues[0].message);
}

/** "name: must be right, not what was given." */
function wrong(name: string, right: string): (issue: v.BaseIssue<unknown>) => string {
  return ({ input }) => {
    const given = typeof input === "string" ? JSON.stringify(input.slice(0, SHOWN_LENGTH_MAX)) : "missing";
    return `${name}: must be ${right}, not ${given}.`;
  };
}

const TIME_RIGHT = "an RFC 3339 time as in 2026-11-24T10:00:00Z (in a URL + is written %2B)";

/** In epoch milliseconds. */
function timeParam(name: string): v.OptionalSchema<v.GenericSchema<string, number>, undefined> {
  const isTime = (text: string): boolean => !Number.isNaN(parseRfc3339(text));
  return v.optional(v.pipe(v.string(), v.check(isTime, wrong(name, TIME_RIGHT)), v.transform(parseRfc3339)));
}

/** How many items a page may have. */
export function limitParam(otherwise: number, max: number): v.GenericSchema<unknown, number> {
  const isLimit = (text: string): boolean => /^\d{1,9}$/.test(text) && Number(text) >= 1 && Number(text) <= max;
  const message = wrong("limit", `a whole number from 1 to ${max}`);
  return v.optional(v.pipe(v.string(), v.check(isLimit, message), v.transform(Number)), String(otherwise));
}

/** `GET /v1/pipeline/readings`. */
export const readingsQuery = v.object({ from: timeParam("from") });

const NO_SPAN = "from: must be earlier than to.";

const SPAN = { from: timeParam("from"), to: timeParam("to") };

/** The start of the first window of the next page, in epoch seconds: the same for every step. */
const windowsCursor = v.optional(
  v.pipe(v.string(), v.regex(/^\d{1,12}$/, wrong("cursor", "the next of the page before"))),
);

/** `GET /v1/services/:service/windows`; times in epoch ms, ±Infinity for no bound. */
export const windowsQuery = v.pipe(
  v.object({
    ...SPAN,
    step: v.optional(
      v.pipe(
        v.picklist(["1", "60", "3600"], wrong("step", "1, 60 or 3600 (seconds)")),
        v.transform((step) => Number(step) as 1 | 60 | 3600),
      ),
      "60",
    ),
    limit: limitParam(WINDOWS_LIMIT_DEFAULT, WINDOWS_LIMIT_MAX),
    cursor: windowsCursor,
  }),
  v.transform(({ from = -Infinity, to = Infinity, cursor = null, step, limit }) => ({
    from_ms: from,
    to_ms: to,
    step,
    limit,
    cursor,
  })),
  v.check(({ from_ms, to_ms }) => from_ms < to_ms, NO_SPAN),
);

const SUMMARY_MS_MIN = 60_000;
/** An hour is a row for each service: 31 days of 1,000 services are 744,000 rows read. */
const SUMMARY_MS_MAX = 31 * 86_400_000;

/** `GET /v1/summary`; times in epoch ms. */
export const summaryQuery = v.pipe(
  v.object(SPAN),
  v.rawTransform(({ dataset, addIssue, NEVER }): { readonly from_ms: number; readonly to_ms: number } => {
    const { from, to } = dataset.value;
    if (from === undefined || to === undefined) {
      addIssue({ message: `${from === undefined ? "from" : "to"}: missing; must be ${TIME_RIGHT}.` });
      return NEVER;
    }
    if (to - from >= SUMMARY_MS_MIN && to - from <= SUMMARY_MS_MAX) return { from_ms: from, to_ms: to };
    addIssue({ message: "from: must be a minute to 31 days before to." });
    return NEVER;
  }),
);

const incidentsCursor = v.optional(
  v.pipe(
    v.string(),
    v.rawTransform(({ dataset, addIssue, NEVER }): IncidentPlace => {
      const place = readCursor(dataset.value);
      if (place !== null) return place;
      addIssue({ message: wrong("cursor", "the next of the page before") });
      return NEVER;
    }),
  ),
);

/** `GET /v1/incidents`; times in epoch ms, ±Infinity for no bound. */
export const incidentsQuery = v.pipe(
  v.object({
    ...SPAN,
    service: v.optional(v.pipe(v.string(), v.regex(SERVICE_NAME, wrong("service", `a service's name: ${NAME_FORM}`)))),
    status: v.optional(v.picklist(["open", "resolved"], wrong("status", "open or resolved"))),
    severity: v.optional(v.picklist(SEVERITIES, wrong("severity", SEVERITIES.join(", ")))),
    limit: limitParam(LIST_LIMIT_DEFAULT, LIST_LIMIT_MAX),
    cursor: incidentsCursor,
  }),
  v.transform(({ from = -Infinity, to = Infinity, service = null, status = null, severity = null, limit, cursor }) => {
    return { from_ms: from, to_ms: to, service, status, severity, limit, after: cursor ?? null };
  }),
  v.check(({ from_ms, to_ms }) => from_ms < to_ms, NO_SPAN),
);

/** `GET /v1/incidents/:id/narrative`; null: the newest version. */
export const narrativeQuery = v.object({
  version: v.optional(
    v.nullable(
      v.pipe(
        v.string(),
        v.regex(/^\d{1,9}$/, wrong("version", "the version of a narrative, a whole number")),
        v.transform(Number),
      ),
    ),
    null,
  ),
});

/** Where a list of incidents goes on, as an opaque word. */
export function writeCursor({ opened_at, id }: IncidentPlace): string {
  return writePlace(opened_at, id);
}

/** Null where it is none of ours. */
function readCursor(cursor: string): IncidentPlace | null {
  const place = readPlace(cursor);
  return place === null ? null : { opened_at: place[0], id: place[1] };
}

/** A time and an id as an opaque word: base64url of the natural order's key. */
export function writePlace(at: string, id: string): string {
  return btoa(JSON.stringify([at, id]))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

/** Null where it is none of ours. */
export function readPlace(cursor: string): readonly [at: string, id: string] | null {
  let content: unknown;
  try {
    content = JSON.parse(atob(cursor.replaceAll("-", "+").replaceAll("_", "/")));
  } catch {
    return null;
  }
  const parsed = v.safeParse(v.tuple([v.string(), v.string()]), content);
  return !parsed.success || Number.isNaN(parseRfc3339(parsed.output[0])) ? null : parsed.output;
}
