/**
 * Exactly once in effect (DESIGN.md section 5, point 1): which events of a batch a service has applied already.
 *
 * An owner of a partition delivers it in order, one batch at a time, from a committed offset, so every batch starts at or
 * below what was applied + 1. Hence one high-water offset per (source, topic, partition) is enough: an event at or below
 * it is a duplicate, whatever the boundaries of the batches were.
 */
import type { BatchFacts, ServiceEvents } from "./service-batch.ts";

/** The place in Kafka that a batch comes from. The batch holds every message of the partition from first to last offset. */
export interface BatchPosition {
  readonly source: string;
  readonly topic: string;
  readonly partition: number;
  readonly first_offset: number;
  readonly last_offset: number;
}

/** What a service remembers of one partition. */
export interface PartitionState {
  readonly source: string;
  readonly topic: string;
  readonly partition: number;
  /** First offset seen: what lies below was written before this service started to listen. */
  readonly base: number;
  /** Last offset of the newest applied batch. */
  readonly high: number;
  /** Newest record timestamp of an applied event of this service, ms. */
  readonly time_max_ms: number;
  /** Duplicates since the last event that was applied: suspect if the topic turns out to be a new one. */
  readonly duplicate_run: number;
}

export function partitionKey(position: { source: string; topic: string; partition: number }): string {
  return JSON.stringify([position.source, position.topic, position.partition]);
}

/** What to do with the events of a batch, and why. */
export type Verdict =
  | { readonly kind: "new" }
  | { readonly kind: "recreated_topic" }
  | { readonly kind: "duplicate" }
  | { readonly kind: "before_start" }
  /** Part of it was applied: only the events with their offsets can tell. */
  | { readonly kind: "overlap" };

/** Judges a batch by its extremes. `known` is undefined for a partition that this service never saw. */
export function judgeBatch(known: PartitionState | undefined, facts: BatchFacts): Verdict {
  if (known === undefined || facts.offset_min > known.high) return { kind: "new" };
  if (facts.offset_max <= known.high) {
    // A record at or below the high-water that is newer than all that was applied cannot be a redelivery: its first delivery
    // would have raised the newest timestamp.
    if (facts.timestamp_max_ms > known.time_max_ms) return { kind: "recreated_topic" };
    if (facts.offset_max < known.base) return { kind: "before_start" };
    if (facts.offset_min >= known.base) return { kind: "duplicate" };
  }
  return { kind: "overlap" };
}

/** Which of a batch's events are to be applied; the rest are duplicates or lie before the start. */
export interface EventVerdict {
  readonly recreated: boolean;
  readonly isNew: (index: number) => boolean;
  readonly duplicates: number;
  readonly before_start: number;
}

export function judgeEvents(known: PartitionState, events: ServiceEvents): EventVerdict {
  let [duplicates, before_start] = [0, 0];
  for (let i = 0; i < events.offsets.length; i += 1) {
    const offset = events.offsets[i]!;
    if (offset > known.high) continue;
    if (events.timestamps_ms[i]! > known.time_max_ms) {
      return { recreated: true, isNew: () => true, duplicates: 0, before_start: 0 };
    }
    if (offset < known.base) before_start += 1;
    else duplicates += 1;
  }
  return { recreated: false, isNew: (index) => events.offsets[index]! > known.high, duplicates, before_start };
}

/** The partition after events of the batch were applied, or (applied = 0) found to be duplicates. */
export function advancePartition(
  known: PartitionState | undefined,
  position: BatchPosition,
  outcome: {
    readonly recreated: boolean;
    readonly applied: number;
    readonly duplicates: number;
    readonly timestamp_max_ms: number;
  },
): PartitionState {
  const { source, topic, partition } = position;
  const fresh = known === undefined || outcome.recreated;
  return {
    source,
    topic,
    partition,
    base: fresh ? position.first_offset : known.base,
    high: fresh ? position.last_offset : Math.max(known.high, position.last_offset),
    time_max_ms: fresh ? outcome.timestamp_max_ms : Math.max(known.time_max_ms, outcome.timestamp_max_ms),
    duplicate_run: outcome.applied > 0 ? 0 : (known?.duplicate_run ?? 0) + outcome.duplicates,
  };
}
