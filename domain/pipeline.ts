/** The answer of `GET /v1/pipeline`: how what carries events and incidents is doing, read at one moment. */
import type { IngestCounts } from "./ingest-counts.ts";
import type { NarratorStatus } from "./narrator.ts";
import type { PipelineNormal } from "./pipeline-normal.ts";
import type { Rejection } from "./rejection.ts";
import type { BridgeSeen, ServiceDetail } from "./resource.ts";
import type { SubscriptionHealth } from "./subscription.ts";

/** So many services' objects are asked, the busiest: each is a call, and somebody who watches asks again every few seconds. */
export const PIPELINE_ASKED_MAX = 20;

/** Bridges that are told of, those heard last; instances that were gone long ago are of no use to anybody. */
export const BRIDGES_TOLD_MAX = 100;

/** Partitions that are told of in all; of more, those in which most waits. */
export const PARTITIONS_TOLD_MAX = 1_024;

/** What waits in the partitions of a topic for a source, as its bridges told last. */
export interface TopicWaiting {
  readonly source: string;
  readonly topic: string;
  /** RFC 3339: when the newest of it was told. */
  readonly at: string;
  /** Ascending, each once. `lag`: messages. */
  readonly partitions: readonly { readonly partition: number; readonly lag: number }[];
}

/** `untold`: no bridge of it tells its lag; `unsure`: it is not known yet whether its lag grows. */
export type SourceStanding = "flowing" | "stalled" | "untold" | "unsure";

/** The dead man's switch (durable-objects/fleet-heartbeat.ts), as of its newest look; both times by the clock. */
export interface HeartbeatStatus {
  /** RFC 3339; null while it has not looked yet. */
  readonly at: string | null;
  /** When the newest heartbeat was taken; null: none ever was. */
  readonly sent_at: string | null;
  /** Why none was sent or taken at that look; null where it was. */
  readonly reason: string | null;
}

/** What the Fleet keeps of how the pipeline was (durable-objects/fleet-readings.ts). */
export interface ReadingsStatus {
  /** RFC 3339: the minute of the newest reading that is kept; null where there is none. `GET /v1/pipeline/readings` has them. */
  readonly newest: string | null;
  /** What was counted since the newest reading, and when (RFC 3339) the minute of the first of it began; null where nobody sent since. */
  readonly running: IngestCounts;
  readonly running_since: string | null;
  readonly normal: PipelineNormal;
}

/** What the Fleet knows of the pipeline. */
export interface FleetPipeline {
  readonly services: number;
  /** Requests a second of all services that reported in the last two minutes. */
  readonly request_rate: number;
  /** Those of them with the most requests, first the busiest. */
  readonly busiest: readonly string[];
  /** Whose events are refused on purpose, the longest first, and since when (RFC 3339, the clock); at most PIPELINE_ASKED_MAX. */
  readonly quarantined: readonly { readonly service: string; readonly since: string }[];
  /** The Kafka sources of `bridges`. */
  readonly sources: readonly { readonly source: string; readonly standing: SourceStanding }[];
  /** The one heard last comes first; at most BRIDGES_TOLD_MAX. */
  readonly bridges: readonly BridgeSeen[];
  /** By source and topic, of the sources whose bridges tell it; at most PARTITIONS_TOLD_MAX partitions in all. */
  readonly waiting: readonly TopicWaiting[];
  /** The newest first. */
  readonly rejections: readonly Rejection[];
  /** Null where HEARTBEAT_URL is not set. */
  readonly heartbeat: HeartbeatStatus | null;
  readonly readings: ReadingsStatus;
}

/** What one service's object told of its part. */
export type ServiceFlow = Pick<
  ServiceDetail,
  "service" | "at" | "request_rate" | "data" | "counters" | "outbox" | "outbox_since"
>;

/** A reader of `GET /v1/changes` that has put something away. */
export interface ReaderStanding {
  readonly reader: string;
  /** Changes of the topics that it reads which it has not put away; at most READER_WAITING_MAX are counted. */
  readonly waiting: number;
  /** When its cursor moved last. */
  readonly acknowledged_at: string;
}

/** Nobody needs to know how many more. */
export const READER_WAITING_MAX = 1_000;

/** What the history database tells of those who come after it. */
export interface HistoryFlow {
  /** Of the model's answers in the ten minutes before; null where there was none. */
  readonly narrator_p95_ms: number | null;
  /** Of the targets' answers in the ten minutes before, likewise. */
  readonly delivery_p99_ms: number | null;
  readonly readers: readonly ReaderStanding[];
}

/** How the targets of subscriptions are doing, as their objects told history last; without those that somebody switched off. */
export interface SubscriptionsFlow {
  readonly total: number;
  /** Messages that their targets have yet to take. */
  readonly waiting: number;
  /** Those that fail, are given up or said that nobody wants their messages any more; by name. */
  readonly unhealthy: readonly (Pick<SubscriptionHealth, "state" | "since" | "reason" | "waiting"> & {
    readonly id: string;
    readonly name: string;
  })[];
}

export interface PipelineItem {
  /** RFC 3339, the server's clock. */
  readonly at: string;
  /** Null where the Fleet does not answer: then no service can be asked either. */
  readonly fleet: FleetPipeline | null;
  /** Of the busiest services, at most PIPELINE_ASKED_MAX. */
  readonly asked: readonly ServiceFlow[];
  /** Those among them whose objects did not answer in time. */
  readonly unanswered: readonly string[];
  /** Null where the Narrator does not answer. */
  readonly narrator: NarratorStatus | null;
  /** Null where the history database does not answer, which has the list of them. */
  readonly subscriptions: SubscriptionsFlow | null;
  /** Null where the history database does not answer. */
  readonly history: HistoryFlow | null;
}
