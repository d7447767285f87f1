/** What waits in each partition, as bars: of one topic of one source together, all to one scale. */
import type { PipelineItem, TopicWaiting } from "../../../../domain/pipeline.ts";
import { BEAT_PARTITIONS_MAX } from "../../../../domain/resource.ts";
import { BEAT_MISSED_MS } from "./bridge-checks.ts";
import { rangeOf } from "./pipeline-hour.ts";
import { timeOf } from "./readings.ts";

export interface PartitionBar {
  readonly partition: number;
  /** Messages. */
  readonly lag: number;
  /** Of the scale, 0 to 1. */
  readonly share: number;
}

export interface TopicBars {
  readonly source: string;
  readonly topic: string;
  /** In all partitions that are told. */
  readonly lag: number;
  /** How many partitions are told. */
  readonly partitions: number;
  /** Ascending by number; of many partitions those in which most waits, at most BARS_MAX. */
  readonly bars: readonly PartitionBar[];
  readonly worst: PartitionBar;
  /** When its bridges told it last, epoch ms, where that is too long ago to be of now; else null. */
  readonly silent_ms: number | null;
}

/** Shares of the scale. */
export interface Band {
  readonly low: number;
  readonly high: number;
}

export interface PartitionBars {
  readonly topics: readonly TopicBars[];
  /** An even share of what normally waits in all partitions; null where that is not known, or some partitions are not. */
  readonly band: Band | null;
}

/** On a phone a bar is 3 px wide then. */
export const BARS_MAX = 120;

export function partitionBars(item: PipelineItem): PartitionBars {
  const waiting = (item.fleet?.waiting ?? []).filter(({ partitions }) => partitions.length > 0);
  const share = evenShare(item, waiting);
  const most = Math.max(1, share?.high ?? 0, ...waiting.flatMap(({ partitions }) => partitions.map(({ lag }) => lag)));
  return {
    topics: waiting.map((topic) => barsOf(topic, most, timeOf(item))),
    band: share === null ? null : { low: share.low / most, high: share.high / most },
  };
}

function barsOf({ source, topic, at, partitions }: TopicWaiting, most: number, now_ms: number): TopicBars {
  const bars = partitions.map(({ partition, lag }) => ({ partition, lag, share: lag / most }));
  const worst = bars.toSorted((a, b) => b.lag - a.lag).slice(0, BARS_MAX);
  const told_ms = Date.parse(at);
  return {
    source,
    topic,
    lag: partitions.reduce((sum, { lag }) => sum + lag, 0),
    partitions: partitions.length,
    bars: worst.toSorted((a, b) => a.partition - b.partition),
    worst: worst[0]!,
    silent_ms: now_ms - told_ms > BEAT_MISSED_MS ? told_ms : null,
  };
}

/** The minutes that are kept have the lag of all groups together: of a partition alone nobody knows what is normal. */
function evenShare(item: PipelineItem, waiting: readonly TopicWaiting[]): Band | null {
  const range = rangeOf(item, "lag");
  const told = new Set(waiting.map(({ source }) => source));
  const bridges = item.fleet?.bridges ?? [];
  const isWhole =
    bridges.every(({ source, lag }) => lag === null || told.has(source)) &&
    waiting.every(({ partitions }) => partitions.length < BEAT_PARTITIONS_MAX);
  if (range === null || waiting.length === 0 || !isWhole) return null;
  const count = waiting.reduce((sum, { partitions }) => sum + partitions.length, 0);
  return { low: range.low / count, high: range.high / count };
}
