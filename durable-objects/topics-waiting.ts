/**
 * What waits in each partition, from what the bridges of a source tell. Redpanda Connect tells the partitions of its whole group, from
 * each of its instances; another bridge may tell those alone that it owns, which move with a rebalance.
 */
import { PARTITIONS_TOLD_MAX, type TopicWaiting } from "../domain/pipeline.ts";
import type { PartitionLag } from "../domain/resource.ts";

interface Told {
  readonly source: string;
  readonly seen_ms: number;
  readonly partitions: readonly PartitionLag[];
}

interface Waiting extends PartitionLag {
  readonly source: string;
  readonly seen_ms: number;
}

/**
 * By source and topic, each partition once: by the newest word on it. An instance that was heard last more than `missed_ms` before the
 * newest of its source counts no more: others have its partitions. Where all of a source are silent the last words stay, with their time.
 *
 * @param bridges the one heard last is the last
 */
export function topicsWaiting(bridges: readonly Told[], missed_ms: number): TopicWaiting[] {
  const newest_ms = new Map(bridges.map(({ source, seen_ms }) => [source, seen_ms]));
  const fresh = bridges.filter(({ source, seen_ms }) => newest_ms.get(source)! - seen_ms <= missed_ms);
  const newest = new Map<string, Waiting>();
  for (const { source, seen_ms, partitions } of fresh)
    for (const told of partitions)
      newest.set(JSON.stringify([source, told.topic, told.partition]), { ...told, source, seen_ms });
  const worst = [...newest.values()].toSorted((a, b) => b.lag - a.lag).slice(0, PARTITIONS_TOLD_MAX);
  const topics = Map.groupBy(worst.toSorted(byPlace), ({ source, topic }) => JSON.stringify([source, topic]));
  return [...topics.values()].map((waiting) => ({
    source: waiting[0]!.source,
    topic: waiting[0]!.topic,
    at: new Date(Math.max(...waiting.map(({ seen_ms }) => seen_ms))).toISOString(),
    partitions: waiting.map(({ partition, lag }) => ({ partition, lag })),
  }));
}

function byPlace(a: Waiting, b: Waiting): number {
  if (a.source !== b.source) return a.source < b.source ? -1 : 1;
  if (a.topic !== b.topic) return a.topic < b.topic ? -1 : 1;
  return a.partition - b.partition;
}
