/** The stream of events: a pure function of its options and of event time. */
import type { Fault, FaultSchedule } from "./fault.ts";
import { keyOf, randomFor, type Random } from "./random.ts";
import {
  ERROR_SHARE,
  ERROR_STATUS_CODES,
  LATENCY_SIGMA,
  type EndpointProfile,
  type ServiceProfile,
} from "./services.ts";

/** An event as the contract has it: the value of a `raw_events` message. */
export interface ServiceEventJson {
  /** RFC 3339 with milliseconds, UTC. */
  readonly event_time: string;
  readonly service: string;
  readonly endpoint: string;
  readonly latency_ms: number;
  readonly status_code: number;
  readonly version: string;
}

/** An event with its time as a number, which the sending order needs. */
export interface TimedEvent {
  readonly at_ms: number;
  readonly event: ServiceEventJson;
}

export interface StreamOptions {
  /** Any whole number. */
  readonly seed: number;
  readonly services: readonly ServiceProfile[];
  /** Events a second, mean, over all services together; they share it evenly. */
  readonly rate: number;
  readonly faults: FaultSchedule;
  /** Time is counted from here (epoch ms), so that the same seed gives the same stream after any start. 0 where left out. */
  readonly origin_ms?: number;
}

/**
 * Time is cut into slots that are drawn each on its own. A Poisson process has no memory, so the cut cannot be seen in the
 * events, and any span costs only itself. Faults begin and end at slots.
 */
export const SLOT_MS = 100;

/** No request takes longer than the contract allows. */
const LATENCY_MS_MAX = 3_600_000;

/** Keeps these draws apart from those of the anomalies of the same seed. */
const PURPOSE = keyOf("events");

/** The events with `from_ms <= event_time < to_ms`, by event time: the same ones however a longer span is cut. */
export function* eventsBetween(options: StreamOptions, from_ms: number, to_ms: number): Generator<ServiceEventJson> {
  for (const { event } of timedEventsBetween(options, from_ms, to_ms)) yield event;
}

/** As `eventsBetween`, with the times. */
export function* timedEventsBetween(options: StreamOptions, from_ms: number, to_ms: number): Generator<TimedEvent> {
  const origin_ms = options.origin_ms ?? 0;
  for (let slot = Math.floor((from_ms - origin_ms) / SLOT_MS); origin_ms + slot * SLOT_MS < to_ms; slot++) {
    const events = options.services.flatMap((profile) => eventsOfSlot(options, profile, slot, origin_ms));
    events.sort((a, b) => a.at_ms - b.at_ms);
    for (const timed of events) if (timed.at_ms >= from_ms && timed.at_ms < to_ms) yield timed;
  }
}

function eventsOfSlot(options: StreamOptions, profile: ServiceProfile, slot: number, origin_ms: number): TimedEvent[] {
  const random = randomFor(options.seed, PURPOSE, keyOf(profile.service), slot);
  const begin_ms = origin_ms + slot * SLOT_MS;
  const faults = options.faults.activeAt(profile.service, begin_ms);
  // As many as the busiest endpoint needs are drawn; the others then let some of theirs go.
  const surge = Math.max(1, ...profile.endpoints.map(({ endpoint }) => trafficTo(endpoint, faults)));
  const gap_ms_mean = (1000 * options.services.length) / (options.rate * surge);
  const events: TimedEvent[] = [];
  for (let into_ms = random.exponential(gap_ms_mean); into_ms < SLOT_MS; into_ms += random.exponential(gap_ms_mean)) {
    const at_ms = begin_ms + Math.floor(into_ms);
    const target = endpointOf(profile, random.unit());
    const kept = trafficTo(target.endpoint, faults) / surge;
    if (kept < 1 && random.unit() >= kept) continue;
    events.push({ at_ms, event: eventOf(profile, target, at_ms, faults, random) });
  }
  return events;
}

/** How many times as many requests as usual an endpoint gets: all faults of traffic on it together. */
function trafficTo(endpoint: string, faults: readonly Fault[]): number {
  let factor = 1;
  for (const fault of faults) if (fault.kind === "traffic" && strikes(fault, endpoint)) factor *= fault.factor;
  return factor;
}

function strikes(fault: Fault, endpoint: string): boolean {
  return fault.endpoint === null || fault.endpoint === endpoint;
}

function eventOf(
  profile: ServiceProfile,
  { endpoint, latency_ms_mean }: EndpointProfile,
  at_ms: number,
  faults: readonly Fault[],
  random: Random,
): ServiceEventJson {
  const effect = effectOn(endpoint, faults);
  const failed = random.unit() < effect.error_share;
  const latency_ms = latencyOf(latency_ms_mean, random) * effect.latency_factor;
  return {
    event_time: new Date(at_ms).toISOString(),
    service: profile.service,
    endpoint: endpoint.replace(":id", () => String(1000 + random.index(9000))),
    // Tenths of a millisecond: what services log, and short to send.
    latency_ms: Math.min(LATENCY_MS_MAX, Math.round(latency_ms * 10) / 10),
    status_code: failed ? (ERROR_STATUS_CODES[random.index(ERROR_STATUS_CODES.length)] ?? 500) : 200,
    version: profile.version,
  };
}

function endpointOf(profile: ServiceProfile, unit: number): EndpointProfile {
  let left = unit;
  for (const endpoint of profile.endpoints) {
    left -= endpoint.share;
    if (left < 0) return endpoint;
  }
  const last = profile.endpoints.at(-1);
  if (last === undefined) throw new Error(`service ${profile.service} has no endpoints`);
  return last;
}

/** Log-normal with the given mean: the mean of exp(N(m, s)) is exp(m + s^2 / 2). */
function latencyOf(mean_ms: number, random: Random): number {
  return mean_ms * Math.exp(LATENCY_SIGMA * random.normal() - LATENCY_SIGMA ** 2 / 2);
}

/** What the faults make of an endpoint: the strongest of each kind counts. */
function effectOn(
  endpoint: string,
  faults: readonly Fault[],
): { readonly error_share: number; readonly latency_factor: number } {
  let error_share = ERROR_SHARE;
  let latency_factor = 1;
  for (const fault of faults) {
    if (!strikes(fault, endpoint)) continue;
    if (fault.kind === "errors") error_share = Math.max(error_share, fault.share);
    if (fault.kind === "latency") latency_factor = Math.max(latency_factor, fault.factor);
  }
  return { error_share, latency_factor };
}
