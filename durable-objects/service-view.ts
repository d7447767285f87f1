/** What a service's state looks like from outside: live messages, reports to the Fleet, the detail page, history records. */
import type { Bucket } from "../domain/bucket.ts";
import { endpointShares } from "../domain/evidence-endpoints.ts";
import type { FleetReport } from "../domain/fleet.ts";
import type { ServiceRecord } from "../domain/history.ts";
import {
  type FleetService,
  LIVE_VERSION,
  type MinutePoint,
  type SecondPoint,
  type ServiceSnapshot,
  type ServiceTick,
} from "../domain/message.ts";
import { type Minute, MINUTE_S, summarize } from "../domain/minute.ts";
import type { StoredMinutes } from "../domain/monitor-draft.ts";
import { type MonitorState, statusOf } from "../domain/monitor-state.ts";
import type { Narrative } from "../domain/narrative.ts";
import { partitionKey } from "../domain/positions.ts";
import { endpointSums } from "../domain/reference-detector.ts";
import type { EndpointItem, GuardItem, PartitionPosition, ServiceDetail } from "../domain/resource.ts";
import { formatRfc3339 } from "../domain/rfc3339.ts";
import { quantileMs } from "../domain/sketch.ts";
import { dataFlow } from "../domain/silence.ts";
import { isIdle, newestEventMs } from "../domain/watermark.ts";
import type { OutboxWaiting } from "./service-monitor-sql.ts";

/** The Fleet sees rates over this many of the newest closed seconds. */
const FLEET_SPAN_S = 10;
const SNAPSHOT_SECONDS = 120;

type Minutes = Pick<StoredMinutes, "read">;

function minuteOf(state: MonitorState, stored: Minutes, minute: number): Minute | undefined {
  return state.minutes.get(minute) ?? stored.read(minute);
}

function secondPoint(state: MonitorState, second: number, minute: Minute | undefined): SecondPoint | null {
  const bucket = minute?.buckets[second % MINUTE_S];
  if (bucket === undefined) return null;
  return {
    at: second,
    request_count: bucket.request_count,
    error_count: bucket.error_count,
    latency_sum_us: bucket.latency_sum_us,
    p50_latency_ms: quantileMs(bucket.sketch, 0.5),
    p95_latency_ms: quantileMs(bucket.sketch, 0.95),
    p99_latency_ms: quantileMs(bucket.sketch, 0.99),
    provisional: state.open_second === null || second >= state.open_second,
  };
}

/** The points of those of `seconds` that had requests, ascending. */
function secondPoints(state: MonitorState, seconds: Iterable<number>, stored: Minutes): SecondPoint[] {
  const byMinute = Map.groupBy(seconds, (second) => Math.floor(second / MINUTE_S));
  const points: SecondPoint[] = [];
  for (const [number, own] of byMinute) {
    const minute = minuteOf(state, stored, number);
    for (const second of own) {
      const point = secondPoint(state, second, minute);
      if (point !== null) points.push(point);
    }
  }
  return points.sort((a, b) => a.at - b.at);
}

/** `narrativeOf`: the newest narrative of an incident, where there is one. */
export function snapshotOf(
  state: MonitorState,
  reset: boolean,
  stored: Minutes,
  narrativeOf: (incident_id: string) => Narrative | null,
): ServiceSnapshot {
  const newest = Math.floor((newestEventMs(state.watermark) ?? 0) / 1000);
  const span = Array.from({ length: SNAPSHOT_SECONDS }, (_, i) => newest - SNAPSHOT_SECONDS + 1 + i);
  const open = state.tracker.incident?.status === "open" ? state.tracker.incident : null;
  return {
    type: "snapshot",
    version: LIVE_VERSION,
    service: state.service,
    seq: state.seq,
    reset,
    status: statusOf(state.tracker),
    watermark: state.watermark.watermark_ms,
    baseline: state.detectors.normal,
    seconds: secondPoints(state, span, stored),
    incident: open,
    narrative: open === null ? null : narrativeOf(open.id),
  };
}

/** A tick with at most this many seconds: a client that catches up on hours reads them by HTTP. */
const TICK_SECONDS_MAX = 600;

export function tickOf(
  state: MonitorState,
  seconds: ReadonlySet<number>,
  stored: Minutes,
  now_ms: number,
): ServiceTick {
  const newest = [...seconds].sort((a, b) => a - b).slice(-TICK_SECONDS_MAX);
  return {
    type: "tick",
    service: state.service,
    at: now_ms,
    newest_event_time: newestEventMs(state.watermark) ?? 0,
    watermark: state.watermark.watermark_ms,
    baseline: state.detectors.normal,
    seconds: secondPoints(state, newest, stored),
  };
}

/** The buckets of the seconds from `from` to before `to`. A stored minute is read once: that costs as much as a batch. */
function bucketsOf(state: MonitorState, stored: Minutes, from: number, to: number): (Bucket | undefined)[] {
  const buckets: (Bucket | undefined)[] = [];
  for (let at = from; at < to;) {
    const number = Math.floor(at / MINUTE_S);
    const minute = minuteOf(state, stored, number);
    for (; at < to && at < (number + 1) * MINUTE_S; at += 1) buckets.push(minute?.buckets[at % MINUTE_S]);
  }
  return buckets;
}

function fleetService(state: MonitorState, stored: Minutes): FleetService {
  const end = state.open_second ?? 0;
  const sums = summarize(bucketsOf(state, stored, Math.max(0, end - FLEET_SPAN_S), end));
  const { incident } = state.tracker;
  return {
    service: state.service,
    status: statusOf(state.tracker),
    incident_id: incident?.status === "open" ? incident.id : null,
    at: state.open_second === null ? (newestEventMs(state.watermark) ?? 0) : (end - 1) * 1000,
    request_rate: sums.request_count / FLEET_SPAN_S,
    error_rate: sums.request_count === 0 ? 0 : sums.error_count / sums.request_count,
    p95_latency_ms: quantileMs(sums.sketch, 0.95),
    baseline: state.detectors.normal,
  };
}

/** One report for each closed minute, or a single one without. */
export function fleetReports(state: MonitorState, closed: readonly Minute[], stored: Minutes): FleetReport[] {
  // A minute that has just closed need not be read from where it has just been written.
  const read = (number: number): Minute | undefined =>
    closed.find(({ minute }) => minute === number) ?? stored.read(number);
  const report = fleetService(state, { read });
  if (closed.length === 0) return [report];
  return closed.map((minute) => ({ ...report, closed_minute: minutePoint(minute) }));
}

function minutePoint(minute: Minute): MinutePoint {
  const sums = summarize(minute.buckets);
  return {
    at: minute.minute * MINUTE_S,
    request_count: sums.request_count,
    error_count: sums.error_count,
    p95_latency_ms: quantileMs(sums.sketch, 0.95),
  };
}

export function serviceRecord(state: MonitorState): ServiceRecord {
  const { incident } = state.tracker;
  return {
    service: state.service,
    status: statusOf(state.tracker),
    incident_id: incident?.status === "open" ? incident.id : null,
    first_event_at: formatRfc3339(state.first_event_ms ?? 0),
    last_event_at: formatRfc3339(state.last_event_ms ?? 0),
    deleted_at: null,
    revision: state.record_revision,
  };
}

export function describeService(
  state: MonitorState,
  outbox: readonly OutboxWaiting[],
  stored: Minutes,
  now_ms: number,
): ServiceDetail {
  const { incident } = state.tracker;
  const now = fleetService(state, stored);
  return {
    ...now,
    at: formatRfc3339(now.at),
    version: state.versions.at(-1)?.version ?? null,
    watermark: state.watermark.watermark_ms === null ? null : formatRfc3339(state.watermark.watermark_ms),
    sla_ms: state.settings.sla_ms,
    settings_version: state.settings_version,
    surge: surgeOf(state),
    learning: state.detectors.reference.baseline.learning,
    counters: state.counters,
    partitions: partitionPositions(state, now_ms),
    endpoints: endpointItems(state),
    incident: incident?.status === "open" ? incident : null,
    outbox: Object.fromEntries(outbox.map(({ target, rows }) => [target, rows])),
    outbox_since: Object.fromEntries(outbox.map(({ target, due_ms }) => [target, overdueSince(due_ms, now_ms)])),
    data: dataFlow(state, now_ms),
    guards: guardItems(state),
  };
}

function overdueSince(due_ms: number | null, now_ms: number): string | null {
  return due_ms === null || due_ms > now_ms ? null : formatRfc3339(due_ms);
}

function surgeOf({ detectors }: MonitorState): ServiceDetail["surge"] {
  if (detectors.surge === null) return null;
  const { rate, usual, since } = detectors.surge;
  return { request_rate: rate, usual_rate: usual, since: formatRfc3339(since * 1000) };
}

function guardItems({ detectors, open_second }: MonitorState): GuardItem[] {
  return detectors.guard.list(open_second ?? 0).map(({ metric, until, ...guard }) => {
    return { metric_name: metric, ...guard, until: formatRfc3339(until * 1000) };
  });
}

function partitionPositions(state: MonitorState, now_ms: number): PartitionPosition[] {
  return [...state.partitions.values()].map((partition) => {
    const progress = state.watermark.partitions.get(partitionKey(partition));
    const { source, topic, base, high } = partition;
    return {
      source,
      topic,
      partition: partition.partition,
      base,
      high,
      newest_event_at: progress === undefined ? null : formatRfc3339(progress.newest_ms),
      idle: progress === undefined || isIdle(progress, now_ms),
    };
  });
}

/** The endpoints of the newest 60 closed seconds, the busiest first. */
function endpointItems(state: MonitorState): EndpointItem[] {
  const { tracker } = state;
  const detector = state.detectors.reference;
  const newest = (state.open_second ?? 0) - 1;
  const seconds = detector.ring.since(0, newest).map((entry) => entry.closed);
  const open = tracker.incident?.status === "open" ? tracker.incident : null;
  const shares: ReadonlyMap<string, number> = open === null ? new Map() : endpointShares(open, state);
  const items = [...endpointSums(seconds)].map(([endpoint, sums]): EndpointItem => {
    const before = detector.baseline.endpoint(endpoint);
    return {
      endpoint,
      request_rate: sums.request_count / seconds.length,
      error_rate: sums.error_count / sums.request_count,
      avg_latency_ms: sums.latency_sum_us / sums.request_count / 1000,
      baseline_error_rate: before === undefined ? null : before.error_count / before.request_count,
      baseline_avg_latency_ms: before === undefined ? null : before.latency_sum_us / before.request_count / 1000,
      excess_share: shares.size === 0 ? null : (shares.get(endpoint) ?? 0),
    };
  });
  return items.sort((a, b) => b.request_rate - a.request_rate || (a.endpoint < b.endpoint ? -1 : 1));
}
