/** How much waits for the consumer group of each source whose bridges tell the group's lag, and not what waits in each partition. */
import type { PipelineItem } from "../../../../domain/pipeline.ts";
import type { ReasonCount } from "./reject-reasons.ts";

/** The one with the most first; none of those whose lag nobody tells. */
export function groupsWaiting({ fleet }: PipelineItem): ReasonCount[] {
  const byPartition = new Set((fleet?.waiting ?? []).map(({ source }) => source));
  const lags = (fleet?.sources ?? []).flatMap(({ source }) => {
    if (byPartition.has(source)) return [];
    const told = fleet?.bridges.find((bridge) => bridge.source === source && bridge.lag !== null);
    return told === undefined ? [] : [{ source, lag: told.lag ?? 0 }];
  });
  const most = Math.max(1, ...lags.map(({ lag }) => lag));
  const sorted = lags.toSorted((a, b) => b.lag - a.lag || (a.source < b.source ? -1 : 1));
  return sorted.map(({ source, lag }) => ({ reason: source, count: lag, share: lag / most }));
}
