/** One request event as services send it: its rules, and the reading of one value by them. */
import { ENDPOINT_LENGTH_MAX, templateEndpoint } from "./endpoint.ts";
import { isPrintable } from "./printable.ts";
import { parseRfc3339 } from "./rfc3339.ts";

/** How far an event may be ahead of and behind its record's timestamp. */
export const FUTURE_MAX_MS = 60_000;
export const PAST_MAX_MS = 86_400_000;
/** The last minute that RFC 3339 can write has no end that it could write: 9999-12-31T23:59:00Z. */
export const EVENT_TIME_END_MS = 253_402_300_740_000;

export const LATENCY_MAX_MS = 3_600_000;
export const VERSION_LENGTH_MAX = 100;
export const STATUS_CODE_MIN = 100;
export const STATUS_CODE_MAX = 599;

/** What one ingest request may hold. */
export const BODY_BYTES_MAX = 16 * 1024 * 1024;
export const BATCH_LINES_MAX = 20_000;
export const BATCH_SERVICES_MAX = 1_000;

/** Faultline's own name, under which it may one day watch itself. */
export const RESERVED_SERVICE = "faultline";

/** The rule of `service` and `caller`; for `service` one name is reserved besides. */
export const SERVICE_NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/;

/** Why an event is refused, each with a sentence that names the field and what would be right. A closed list. */
export const REJECT_REASONS = {
  invalid_utf8: "The event is not valid UTF-8; it must be JSON in UTF-8.",
  invalid_json: "The event is not valid JSON; it must be one JSON object.",
  not_an_object: "The event is JSON but not an object; it must be one JSON object.",
  missing_event_time:
    "event_time is missing; it must be an RFC 3339 time with an offset, such as 2026-11-24T10:00:00.123Z.",
  invalid_event_time: "event_time must be an RFC 3339 time with an offset, such as 2026-11-24T10:00:00.123Z.",
  future: "event_time is too far ahead; it must be at most 60 s after the record's timestamp.",
  past: "event_time is too old; it must be at most 24 h before the record's timestamp.",
  invalid_service: "service must match [a-z0-9][a-z0-9._-]{0,62}, such as checkout.",
  reserved_service: "service must not be faultline: the name is reserved.",
  invalid_endpoint: `endpoint must have 1 to ${ENDPOINT_LENGTH_MAX} printable characters, such as /cart/pay.`,
  invalid_latency_ms: "latency_ms must be a finite number from 0 to 3600000.",
  invalid_status_code: "status_code must be an integer from 100 to 599.",
  invalid_caller: "caller must match [a-z0-9][a-z0-9._-]{0,62}, or be left out.",
  invalid_version: `version must have 1 to ${VERSION_LENGTH_MAX} printable characters, or be left out.`,
  reserved_header:
    "A header of the message bears a name that Kafka's own metadata uses; it must not start with kafka_.",
  too_many_services:
    "The service is new and there are as many as services_max allows; raise it in the settings or send fewer names.",
  quarantined: "The service is quarantined; lift the quarantine and replay the dead letters.",
  too_large: "The message alone is larger than a request may be; it must be at most 16 MiB.",
} as const;
export type RejectReason = keyof typeof REJECT_REASONS;

/** An accepted event. */
export interface RequestEvent {
  readonly event_time_ms: number;
  readonly service: string;
  /** Templated (endpoint.ts). */
  readonly endpoint: string;
  /** Whole microseconds, 0 to 3,600,000,000. */
  readonly latency_us: number;
  readonly status_code: number;
  readonly caller: string | null;
  readonly version: string | null;
}

/** How a value came. */
export interface Arrival {
  /** The record's own Kafka timestamp, ms; 0 or less where it has none. */
  readonly timestamp_ms: number;
  /** Over plain HTTP: without a record, `event_time` may be missing. */
  readonly plain: boolean;
  /** The receiving clock, ms. */
  readonly clock_ms: number;
}

export type Verdict =
  | { readonly ok: true; readonly event: RequestEvent }
  | { readonly ok: false; readonly reason: RejectReason };

/** A byte order mark stays in the text, where JSON does not allow it: the verdict does not depend on the decoder's mood. */
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Judges the bytes of one value. The authority: the fast scanner accepts only what this accepts, with the same result, and
 * leaves the rest to it. As in JSON.parse, the last of duplicate keys counts and `200.0` is an integer. The first broken rule in
 * the order of the fields below is the reason.
 */
export function parseEvent(value: Uint8Array, arrival: Arrival): Verdict {
  let text: string;
  try {
    text = utf8.decode(value);
  } catch {
    return refuse("invalid_utf8");
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    // Whatever the parser cannot take is not an event; V8's is iterative, so that deep nesting does not end here.
    return refuse("invalid_json");
  }
  return judge(parsed, arrival);
}

function judge(parsed: unknown, arrival: Arrival): Verdict {
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    return refuse("not_an_object");
  }
  const fields: Fields = parsed;
  const event_time_ms = judgeTime(fields.event_time ?? null, arrival);
  if (typeof event_time_ms === "string") {
    return refuse(event_time_ms);
  }
  const { service, endpoint, latency_ms, status_code } = fields;
  const caller = fields.caller ?? null;
  const version = fields.version ?? null;
  if (!isServiceName(service)) {
    return refuse("invalid_service");
  }
  if (service === RESERVED_SERVICE) {
    return refuse("reserved_service");
  }
  const template = typeof endpoint === "string" ? templateEndpoint(endpoint) : null;
  if (template === null) {
    return refuse("invalid_endpoint");
  }
  if (typeof latency_ms !== "number" || !isLatency(latency_ms)) {
    return refuse("invalid_latency_ms");
  }
  if (typeof status_code !== "number" || !isStatusCode(status_code)) {
    return refuse("invalid_status_code");
  }
  if (caller !== null && !isServiceName(caller)) {
    return refuse("invalid_caller");
  }
  if (version !== null && !(typeof version === "string" && isPrintable(version, VERSION_LENGTH_MAX))) {
    return refuse("invalid_version");
  }
  const latency_us = latencyUs(latency_ms);
  return { ok: true, event: { event_time_ms, service, endpoint: template, latency_us, status_code, caller, version } };
}

/** What is known of a parsed object before it is judged. */
interface Fields {
  readonly event_time?: unknown;
  readonly service?: unknown;
  readonly endpoint?: unknown;
  readonly latency_ms?: unknown;
  readonly status_code?: unknown;
  readonly caller?: unknown;
  readonly version?: unknown;
}

function judgeTime(value: unknown, arrival: Arrival): number | RejectReason {
  if (value === null) {
    return arrival.plain ? arrival.clock_ms : "missing_event_time";
  }
  const time_ms = typeof value === "string" ? parseRfc3339(value) : Number.NaN;
  if (Number.isNaN(time_ms)) {
    return "invalid_event_time";
  }
  const reference_ms = referenceMs(arrival);
  if (time_ms > reference_ms + FUTURE_MAX_MS || time_ms >= EVENT_TIME_END_MS) {
    return "future";
  }
  // Buckets are counted from the epoch on; only a record of its first day could name a time before it.
  return time_ms < Math.max(0, reference_ms - PAST_MAX_MS) ? "past" : time_ms;
}

/** What an event's time is held against: its record's timestamp, so that a redelivery is judged alike; the clock where there is none. */
export function referenceMs(arrival: Arrival): number {
  return arrival.plain || arrival.timestamp_ms <= 0 ? arrival.clock_ms : arrival.timestamp_ms;
}

/** The rule of `service` and `caller`; the reserved name passes. */
export function isServiceName(value: unknown): value is string {
  return typeof value === "string" && SERVICE_NAME.test(value);
}

function isLatency(latency_ms: number): boolean {
  return latency_ms >= 0 && latency_ms <= LATENCY_MAX_MS;
}

function isStatusCode(status_code: number): boolean {
  return Number.isInteger(status_code) && status_code >= STATUS_CODE_MIN && status_code <= STATUS_CODE_MAX;
}

/** Milliseconds in whole microseconds, rounded to the nearest; never -0. */
export function latencyUs(latency_ms: number): number {
  return Math.round(latency_ms * 1000) + 0;
}

function refuse(reason: RejectReason): Verdict {
  return { ok: false, reason };
}
