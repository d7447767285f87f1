/** A pipeline in which all is well, for tests that change what they are about. */
import type { NarratorStatus } from "../domain/narrator.ts";
import type { FleetPipeline, PipelineItem, ServiceFlow } from "../domain/pipeline.ts";
import { normalOf } from "../domain/pipeline-normal.ts";
import { type IngestCounts, NO_COUNTS } from "../domain/ingest-counts.ts";
import type { PipelineReading } from "../domain/pipeline-reading.ts";
import type { ServiceCounters } from "../domain/resource.ts";

export const PIPELINE_NOW_MS = Date.parse("2026-11-24T10:00:00Z");

export const agoOf = (ago_ms: number): string => new Date(PIPELINE_NOW_MS - ago_ms).toISOString();

export const NARRATOR: NarratorStatus = {
  model: "tiny",
  problem: null,
  circuit: { state: "closed", since: null, failures: 0, reason: null },
  waiting: 0,
  running: 0,
  tokens_today: 1200,
  budget: 2_000_000,
  dropped: 0,
};

export const FLEET: FleetPipeline = {
  services: 3,
  request_rate: 5812,
  busiest: ["checkout"],
  quarantined: [],
  sources: [{ source: "default", standing: "flowing" }],
  bridges: [{ source: "default", instance: "bridge-1", lag: 212, seen_at: agoOf(2000) }],
  waiting: [],
  rejections: [],
  heartbeat: null,
  readings: {
    newest: null,
    running: { ...NO_COUNTS, accepted: 10_000 },
    running_since: agoOf(0),
    normal: normalOf([]),
  },
};

const COUNTERS: ServiceCounters = {
  accepted: 10_000,
  duplicates: 0,
  duplicates_suspect: 0,
  before_start: 0,
  late: 0,
  dropped: 0,
};

export function flowOf(change: Partial<ServiceFlow> = {}): ServiceFlow {
  return {
    service: "checkout",
    at: agoOf(4000),
    request_rate: 300,
    data: "flowing",
    counters: COUNTERS,
    outbox: { d1: 3, fleet: 0, narrator: 0, subscribers: 0 },
    outbox_since: { d1: null, fleet: null, narrator: null, subscribers: null },
    ...change,
  };
}

export function itemOf(change: Partial<PipelineItem> = {}, ago_ms = 0): PipelineItem {
  return {
    at: agoOf(ago_ms),
    fleet: FLEET,
    asked: [flowOf()],
    unanswered: [],
    narrator: NARRATOR,
    subscriptions: { total: 0, waiting: 0, unhealthy: [] },
    history: { narrator_p95_ms: 3_100, delivery_p99_ms: 380, readers: [] },
    ...change,
  };
}

export function countsOf(change: Partial<IngestCounts> = {}): IngestCounts {
  return { ...NO_COUNTS, accepted: 100, answers: { 600: 1 }, ...change };
}

/** A reading of the minute that began so many minutes before PIPELINE_NOW_MS. */
export function pastReading(minutes_ago: number, change: Partial<PipelineReading> = {}): PipelineReading {
  return {
    minute: agoOf(minutes_ago * 60_000),
    accepted: 1000,
    late: 0,
    dropped: 0,
    duplicates: 0,
    rejected: {},
    answer_p99_ms: 41,
    request_rate: 5812,
    stalled: 0,
    unanswered: 0,
    lag: 212,
    behind_s: 3,
    outbox: { d1: 3, fleet: 0, narrator: 0, subscribers: 0 },
    history_behind_s: 0,
    narrator: { circuit: "closed", waiting: 0 },
    narrator_p95_ms: null,
    delivery_p99_ms: null,
    readers: {},
    ...change,
  };
}
