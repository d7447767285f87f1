/** What became of what was sent, in numbers that add up. */
import { BIN_COUNT } from "./sketch.ts";

/** Beyond so many words a minute's reasons count as `other`: they are few, but a problem's word is not bounded by a list. */
const REASONS_MAX = 40;

/** What became of what was sent to one isolate of the Worker, or to all of them, in a span of time. */
export interface IngestCounts {
  readonly accepted: number;
  readonly late: number;
  readonly dropped: number;
  readonly duplicates: number;
  /** By reason: events, and requests that were refused as a whole. */
  readonly rejected: Readonly<Record<string, number>>;
  /** How many answers took how long, by bin of the latency sketch (sketch.ts). */
  readonly answers: Readonly<Record<string, number>>;
}

export const NO_COUNTS: IngestCounts = {
  accepted: 0,
  late: 0,
  dropped: 0,
  duplicates: 0,
  rejected: {},
  answers: {},
};

export function addCounts(a: IngestCounts, b: IngestCounts): IngestCounts {
  return {
    accepted: a.accepted + b.accepted,
    late: a.late + b.late,
    dropped: a.dropped + b.dropped,
    duplicates: a.duplicates + b.duplicates,
    rejected: addByKey(a.rejected, b.rejected, REASONS_MAX),
    answers: addByKey(a.answers, b.answers, BIN_COUNT),
  };
}

/** Keys beyond `keys_max` count as `other`. */
function addByKey(
  a: Readonly<Record<string, number>>,
  b: Readonly<Record<string, number>>,
  keys_max: number,
): Record<string, number> {
  const sums = new Map(Object.entries(a));
  for (const [word, count] of Object.entries(b)) {
    const key = sums.has(word) || sums.size < keys_max ? word : "other";
    sums.set(key, (sums.get(key) ?? 0) + count);
  }
  return Object.fromEntries(sums);
}
