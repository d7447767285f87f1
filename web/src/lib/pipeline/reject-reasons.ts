/** How often each reason stands among what was refused lately. */
import type { Rejection } from "../../../../domain/rejection.ts";

export interface ReasonCount {
  readonly reason: string;
  readonly count: number;
  /** Of the most frequent one, 0 to 1. */
  readonly share: number;
}

/** The most frequent first. */
export function reasonCounts(rejections: readonly Pick<Rejection, "reason">[]): ReasonCount[] {
  const counts = [...Map.groupBy(rejections, ({ reason }) => reason)].map(
    ([reason, own]) => [reason, own.length] as const,
  );
  const sorted = counts.toSorted((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  const most = sorted[0]?.[1] ?? 1;
  return sorted.map(([reason, count]) => ({ reason, count, share: count / most }));
}
