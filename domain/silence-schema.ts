/** The schema of a silence as people give it, and the way from there to a whole one. */
import * as v from "valibot";
import { parseRfc3339 } from "./rfc3339.ts";
import { members } from "./settings-fields.ts";
import type { SettingsProblem } from "./settings-file.ts";
import type { Silence } from "./silencing.ts";
import { patterns, severity } from "./subscription-schema.ts";
import { SEVERITIES } from "./incident.ts";

/** A silence that was forgotten must end some day. */
const SILENCE_MS_MAX = 366 * 86_400_000;

const ENDPOINT_RIGHT =
  'must be null or a pattern of an endpoint, 1 to 200 printable characters with "*" for any, as /cart/*';
const SEVERITIES_RIGHT = `must be null or a list with one or more of ${SEVERITIES.join(", ")}`;
const INCIDENT_RIGHT = "must be null or the id of an incident, as checkout-1764020652-error_rate";
const TIME_RIGHT = "must be an RFC 3339 time, as 2026-11-24T10:00:00Z";
const time = v.pipe(
  v.string(TIME_RIGHT),
  v.regex(/^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:[Zz]|[+-]\d{2}:\d{2})$/, TIME_RIGHT),
);
const HOUR_RIGHT = "must be a time of day from 00:00 to 23:59, as 22:00";
const hour = v.pipe(v.string(HOUR_RIGHT), v.regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, HOUR_RIGHT));
const DAYS_RIGHT = "must be a list of 1 to 7 days of the week, from 1 (Monday) to 7 (Sunday)";
const DAY_RIGHT = "must be a day of the week, from 1 (Monday) to 7 (Sunday)";
const day = v.pipe(v.number(DAY_RIGHT), v.integer(DAY_RIGHT), v.minValue(1, DAY_RIGHT), v.maxValue(7, DAY_RIGHT));
const WEEK = [1, 2, 3, 4, 5, 6, 7];
const ZONE_RIGHT = "must be the IANA name of a time zone, as Europe/Berlin";

const weekly = v.nullable(
  members({
    days: v.pipe(v.array(day, DAYS_RIGHT), v.minLength(1, DAYS_RIGHT), v.maxLength(7, DAYS_RIGHT)),
    from: hour,
    until: v.pipe(hour, v.description("At or before `from` it is the next day's.")),
    zone: v.pipe(v.string(ZONE_RIGHT), v.regex(/^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/, ZONE_RIGHT)),
  }),
);

const FIELDS = {
  services: v.pipe(patterns, v.description('Whose incidents it is for: names and patterns; ["*"]: everyone\'s.')),
  endpoint: v.exactOptional(
    v.pipe(
      v.nullable(v.pipe(v.string(ENDPOINT_RIGHT), v.regex(/^\P{Cc}{1,200}$/u, ENDPOINT_RIGHT))),
      v.description("Only incidents that this endpoint drives."),
    ),
  ),
  severities: v.exactOptional(
    v.pipe(
      v.nullable(
        v.pipe(v.array(severity, SEVERITIES_RIGHT), v.minLength(1, SEVERITIES_RIGHT), v.maxLength(3, SEVERITIES_RIGHT)),
      ),
      v.description("Only incidents as bad as these."),
    ),
  ),
  starts_at: v.exactOptional(v.pipe(time, v.description("When it begins; at once if left out."))),
  ends_at: v.pipe(time, v.description("When it ends, by itself: at most a year after it begins.")),
  weekly: v.exactOptional(v.pipe(weekly, v.description("Only in these hours of these days of the week."))),
};

const COMMENT_RIGHT = "must be why, at most 500 characters";
const comment = v.pipe(v.string(COMMENT_RIGHT), v.regex(/^[^\p{Cc}\p{Cs}\p{Bidi_Control}]{0,500}$/u, COMMENT_RIGHT));

/** Body of `POST /v1/silences` and `PUT /v1/silences/:id`. */
export const silenceSchema = members({
  ...FIELDS,
  incident_id: v.exactOptional(
    v.nullable(
      v.pipe(v.string(INCIDENT_RIGHT), v.regex(/^[a-z0-9][a-z0-9._-]{0,62}-\d{1,15}-[a-z0-9_]{1,40}$/, INCIDENT_RIGHT)),
    ),
  ),
  comment: v.exactOptional(comment),
});
export type SilenceBody = v.InferOutput<typeof silenceSchema>;

const KEY_RIGHT = "must be why, 1 to 500 characters: it is known by it";

/** An entry of `silences` in faultline.config.json and in `PUT /v1/subscriptions-as-code`: known by its comment. */
export const silenceEntrySchema = members({
  ...FIELDS,
  comment: v.pipe(
    v.string(KEY_RIGHT),
    v.regex(/^[^\p{Cc}\p{Cs}\p{Bidi_Control}]{1,500}$/u, KEY_RIGHT),
    v.description("Why; a silence in a file is known by it."),
  ),
});
export type SilenceEntry = v.InferOutput<typeof silenceEntrySchema>;

/** What people choose of a silence. */
export type SilenceWish = Omit<Silence, "id" | "revision" | "created_at" | "created_by">;

/** The silence with what was left out; times as they are stored, where they can be read. `now_ms`: it begins then, if nothing is said. */
export function wholeSilence(given: SilenceBody, now_ms: number): SilenceWish {
  return {
    services: given.services,
    endpoint: given.endpoint ?? null,
    severities: given.severities == null ? null : SEVERITIES.filter((one) => given.severities?.includes(one)),
    incident_id: given.incident_id ?? null,
    starts_at: storedTime(given.starts_at ?? new Date(now_ms).toISOString()),
    ends_at: storedTime(given.ends_at),
    weekly:
      given.weekly == null ? null : { ...given.weekly, days: WEEK.filter((one) => given.weekly?.days.includes(one)) },
    comment: (given.comment ?? "").trim(),
  };
}

/** One form for one moment, so that a silence that is given again is found to be the same. */
function storedTime(text: string): string {
  const time_ms = parseRfc3339(text);
  return Number.isNaN(time_ms) ? text : new Date(time_ms).toISOString();
}

/** What no schema says: whether its times and its zone are there, and in order. */
export function silenceProblems(silence: SilenceWish, now_ms: number): SettingsProblem[] {
  const problems: SettingsProblem[] = [];
  const [starts_ms, ends_ms] = [parseRfc3339(silence.starts_at), parseRfc3339(silence.ends_at)];
  if (Number.isNaN(starts_ms)) problems.push({ path: "starts_at", message: TIME_RIGHT });
  if (Number.isNaN(ends_ms)) problems.push({ path: "ends_at", message: TIME_RIGHT });
  if (ends_ms <= Math.max(starts_ms, now_ms))
    problems.push({ path: "ends_at", message: "must be later than starts_at, and than now" });
  if (ends_ms - starts_ms > SILENCE_MS_MAX)
    problems.push({ path: "ends_at", message: "must be at most a year after starts_at" });
  if (silence.weekly !== null && !isZone(silence.weekly.zone))
    problems.push({ path: "weekly.zone", message: ZONE_RIGHT });
  return problems;
}

/** Whether this runtime knows the zone. */
function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone !== "";
  } catch {
    // RangeError: there is no such zone.
    return false;
  }
}
