/** How often each reason stands among what was refused in the last hour. */
import type { PipelineHour } from "./pipeline-check.ts";

export interface ReasonCount {
  readonly reason: string;
  readonly count: number;
  /** Of the most frequent one, 0 to 1. */
  readonly share: number;
}

/** The most frequent first. */
export function reasonCounts({ minutes, live }: Pick<PipelineHour, "minutes" | "live">): ReasonCount[] {
  const counts = new Map<string, number>();
  for (const { rejected } of [...minutes, live])
    for (const [reason, count] of Object.entries(rejected)) counts.set(reason, (counts.get(reason) ?? 0) + count);
  const sorted = [...counts].toSorted((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  const most = sorted[0]?.[1] ?? 1;
  return sorted.map(([reason, count]) => ({ reason, count, share: count / most }));
}
