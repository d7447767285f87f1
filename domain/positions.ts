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

/** Offsets of one partition, both ends included. */
export interface OffsetSpan {
  readonly first: number;
  readonly last: number;
}

/** Quarantines of a service that a partition remembers: far more than one lives through while Kafka still has their events. */
const REFUSED_MAX = 16;

/** What a service remembers of one partition. */
export interface PartitionState {
  readonly source: string;
  readonly topic: string;
  readonly partition: number;
  /** First offset seen: what lies below was written before this service started to listen. */
  readonly base: number;
  /** Last offset of the newest batch that was applied, or refused. */
  readonly high: number;
  /** Newest record timestamp of an applied event of this service, ms. */
  readonly time_max_ms: number;
  /** Duplicates since the last event that was applied: suspect if the topic turns out to be a new one. */
  readonly duplicate_run: number;
  /** What quarantines refused, ascending: a redelivery of it is named as rejected again, in a later quarantine or after it. */
  readonly refused: readonly OffsetSpan[];
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
  /** Part of it was applied, or refused: only the events with their offsets can tell. */
  | { readonly kind: "overlap" };

/** Judges a batch by its extremes. `known` is undefined for a partition that this service never saw. */
export function judgeBatch(known: PartitionState | undefined, facts: BatchFacts): Verdict {
  if (known === undefined || facts.offset_min > known.high) return { kind: "new" };
  if (facts.offset_max <= known.high) {
    // A record at or below the high-water that is newer than all that was applied cannot be a redelivery: its first delivery
    // would have raised the newest timestamp.
    if (facts.timestamp_max_ms > known.time_max_ms) return { kind: "recreated_topic" };
    if (facts.offset_max < known.base) return { kind: "before_start" };
    const isRefused = known.refused.some((span) => span.first <= facts.offset_max && span.last >= facts.offset_min);
    if (facts.offset_min >= known.base && !isRefused) return { kind: "duplicate" };
  }
  return { kind: "overlap" };
}

/** Which of a batch's events are new; the rest are duplicates, were refused or lie before the start. */
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
    else if (!isWithin(known.refused, offset)) duplicates += 1;
  }
  return { recreated: false, isNew: (index) => events.offsets[index]! > known.high, duplicates, before_start };
}

export function isWithin(spans: readonly OffsetSpan[], offset: number): boolean {
  return spans.some((span) => offset >= span.first && offset <= span.last);
}

/** The partition after the new events of the batch were applied or refused, or (applied = 0) none were found to be new. */
export function advancePartition(
  known: PartitionState | undefined,
  position: BatchPosition,
  outcome: {
    readonly recreated: boolean;
    readonly applied: number;
    readonly duplicates: number;
    readonly timestamp_max_ms: number;
    /** The service is in quarantine: what is new was refused. */
    readonly refuses: boolean;
  },
): PartitionState {
  const { source, topic, partition, first_offset, last_offset } = position;
  const fresh = known === undefined || outcome.recreated;
  const refused = fresh ? [] : known.refused;
  const first_new = fresh ? first_offset : Math.max(first_offset, known.high + 1);
  return {
    source,
    topic,
    partition,
    base: fresh ? first_offset : known.base,
    high: fresh ? last_offset : Math.max(known.high, last_offset),
    time_max_ms: fresh ? outcome.timestamp_max_ms : Math.max(known.time_max_ms, outcome.timestamp_max_ms),
    duplicate_run: outcome.applied > 0 || outcome.recreated ? 0 : (known?.duplicate_run ?? 0) + outcome.duplicates,
    refused:
      outcome.refuses && first_new <= last_offset ? withSpan(refused, known?.high, first_new, last_offset) : refused,
  };
}

/** A quarantine is one span a partition: batches between that did not carry the service had nothing to refuse. */
function withSpan(
  spans: readonly OffsetSpan[],
  high: number | undefined,
  first: number,
  last: number,
): readonly OffsetSpan[] {
  const newest = spans.at(-1);
  if (newest !== undefined && newest.last === high) return [...spans.slice(0, -1), { first: newest.first, last }];
  return [...spans, { first, last }].slice(-REFUSED_MAX);
}
