/** How much waits for each consumer group: a bridge's heartbeat tells the lag of its whole group, whatever its partitions. */
import type { PipelineItem } from "../../../../domain/pipeline.ts";
import type { ReasonCount } from "./reject-reasons.ts";

/** The one with the most first; none of those whose lag nobody tells. */
export function groupsWaiting({ fleet }: PipelineItem): ReasonCount[] {
  const lags = (fleet?.sources ?? []).flatMap(({ source }) => {
    const told = fleet?.bridges.find((bridge) => bridge.source === source && bridge.lag !== null);
    return told === undefined ? [] : [{ source, lag: told.lag ?? 0 }];
  });
  const most = Math.max(1, ...lags.map(({ lag }) => lag));
  const sorted = lags.toSorted((a, b) => b.lag - a.lag || (a.source < b.source ? -1 : 1));
  return sorted.map(({ source, lag }) => ({ reason: source, count: lag, share: lag / most }));
}
