/** The live protocol: what a WebSocket of `faultline.v1` carries, as JSON, from server to client. */
import type { Incident, Severity } from "./incident.ts";
import type { Narrative } from "./narrative.ts";

/** The WebSocket subprotocol. The server echoes it and refuses an upgrade that does not offer it. */
export const LIVE_SUBPROTOCOL = "faultline.v1";

/** Grows whenever a message's shape changes (message.test.ts forces it). */
export const LIVE_VERSION = 1;

/** The client sends PING as a bare text frame each 15 s; the runtime answers PONG without waking the object. */
export const PING = "ping";
export const PONG = "pong";

/** A socket is closed with this code when the session that opened it has ended. */
export const CLOSE_SESSION_ENDED = 4401;

/** A service's socket is closed with this code when the service was deleted. */
export const CLOSE_SERVICE_DELETED = 4404;

export type ServiceStatus = "healthy" | Severity;

/** One second of a service. Quantiles are null where there was no request. */
export interface SecondPoint {
  /** Epoch seconds of event time. */
  readonly at: number;
  readonly request_count: number;
  readonly error_count: number;
  readonly latency_sum_us: number;
  readonly p50_latency_ms: number | null;
  readonly p95_latency_ms: number | null;
  readonly p99_latency_ms: number | null;
  /** The second is still open: its numbers can grow. */
  readonly provisional: boolean;
}

/** What is normal for a service now; null where too little has been seen to say. */
export interface BaselinePoint {
  readonly request_rate: number | null;
  readonly error_rate: number | null;
  readonly p95_latency_ms: number | null;
}

/** First message of a service's socket. */
export interface ServiceSnapshot {
  readonly type: "snapshot";
  readonly version: typeof LIVE_VERSION;
  readonly service: string;
  /** The newest durable event; pass it as `?after=` on the next connect. */
  readonly seq: number;
  /** True when `?after=` was unknown or older than 24 h: the events between are not all replayed. */
  readonly reset: boolean;
  readonly status: ServiceStatus;
  /** Event time in ms up to which data is taken as complete; null before the first second closed. */
  readonly watermark: number | null;
  readonly baseline: BaselinePoint;
  /** The newest seconds that had requests (at most 120), ascending. */
  readonly seconds: readonly SecondPoint[];
  /** The open incident, if any. */
  readonly incident: Incident | null;
  /** Its newest narrative. */
  readonly narrative: Narrative | null;
}

/** At most four a second. */
export interface ServiceTick {
  readonly type: "tick";
  readonly service: string;
  /** Receiving clock, ms. */
  readonly at: number;
  /** Newest event time seen, ms. */
  readonly newest_event_time: number;
  readonly watermark: number | null;
  readonly baseline: BaselinePoint;
  /** Seconds that changed since the last tick, ascending: each replaces what the client holds for it. */
  readonly seconds: readonly SecondPoint[];
}

/** A durable event with a growing `seq`; the same `seq` is never used twice on one socket address. */
export interface IncidentEvent {
  readonly type: "incident";
  readonly seq: number;
  readonly action: "opened" | "updated" | "resolved";
  readonly incident: Incident;
}

/** The words of an incident: at once after the event of the version that they are of, and again whenever better ones take their place. */
export interface NarrativeEvent {
  readonly type: "narrative";
  /** From the same numbers as the incident events. */
  readonly seq: number;
  /** Of the incident at this version: `?min_severity=` goes by it. */
  readonly severity: Severity;
  readonly narrative: Narrative;
}

/** What is replayed after `?after=`. */
export type DurableEvent = IncidentEvent | NarrativeEvent;

/** What the fleet knows of a service: rates over its newest ten closed seconds. */
export interface FleetService {
  readonly service: string;
  readonly status: ServiceStatus;
  readonly incident_id: string | null;
  /** Event time (ms) of the newest second in the rates. */
  readonly at: number;
  /** Requests per second. */
  readonly request_rate: number;
  readonly error_rate: number;
  readonly p95_latency_ms: number | null;
  readonly baseline: BaselinePoint;
}

/** One closed minute, for sparklines. */
export interface MinutePoint {
  /** Epoch seconds of the minute's start. */
  readonly at: number;
  readonly request_count: number;
  readonly error_count: number;
  readonly p95_latency_ms: number | null;
}

/** First message of the fleet's socket. */
export interface FleetSnapshot {
  readonly type: "snapshot";
  readonly version: typeof LIVE_VERSION;
  readonly seq: number;
  readonly reset: boolean;
  /** Each service with its closed minutes of the last hour, ascending. */
  readonly services: readonly (FleetService & { readonly minutes: readonly MinutePoint[] })[];
  readonly incidents: readonly Incident[];
}

/** At most one a second, for all services that changed. */
export interface FleetTick {
  readonly type: "tick";
  readonly at: number;
  readonly services: readonly (FleetService & { readonly closed_minute?: MinutePoint })[];
}

/** The service was deleted: it is no longer in the fleet, until a tick brings it anew. */
export interface FleetRemoval {
  readonly type: "removed";
  readonly service: string;
}

export type ServiceMessage = ServiceSnapshot | ServiceTick | DurableEvent;
export type FleetMessage = FleetSnapshot | FleetTick | FleetRemoval | DurableEvent;
