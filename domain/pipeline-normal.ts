/** What is normal of the pipeline's figures, from the readings of the last 24 h, and since when one is not. */
import { MINUTE_MS, type PipelineReading } from "./pipeline-reading.ts";

const sumOf = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0);

/** In per cent of what was accepted; null where nothing was. */
const shareOf = (count: number, accepted: number): number | null => (accepted === 0 ? null : (100 * count) / accepted);

type Figure = (reading: PipelineReading) => number | null;

/** The figures of a reading, each a number over time. Shares in per cent. */
export const FIGURES = {
  request_rate: (reading) => reading.request_rate,
  lag: (reading) => reading.lag,
  stalled: (reading) => reading.stalled,
  unanswered: (reading) => reading.unanswered,
  behind_s: (reading) => reading.behind_s,
  answer_p99_ms: (reading) => reading.answer_p99_ms,
  late: ({ late, accepted }) => shareOf(late, accepted),
  dropped: ({ dropped }) => dropped,
  duplicates: ({ duplicates, accepted }) => shareOf(duplicates, accepted),
  rejected: ({ rejected }) => sumOf(rejected),
  outbox_d1: ({ outbox }) => outbox?.["d1"] ?? null,
  outbox_fleet: ({ outbox }) => outbox?.["fleet"] ?? null,
  outbox_narrator: ({ outbox }) => outbox?.["narrator"] ?? null,
  outbox_subscribers: ({ outbox }) => outbox?.["subscribers"] ?? null,
  history_behind_s: (reading) => reading.history_behind_s,
  /** 1 where the Narrator did not answer though somebody asked it. */
  narrator_away: ({ narrator, request_rate }) => (request_rate === null ? null : narrator === null ? 1 : 0),
  narrator_waiting: ({ narrator }) => narrator?.waiting ?? null,
  narrator_p95_ms: (reading) => reading.narrator_p95_ms,
  delivery_p99_ms: (reading) => reading.delivery_p99_ms,
  readers: ({ readers }) => (readers === null ? null : Math.max(0, ...Object.values(readers))),
} as const satisfies Readonly<Record<string, Figure>>;

export type FigureName = keyof typeof FIGURES;

/** A range of numbers that is normal. */
export interface NormalRange {
  readonly low: number;
  readonly high: number;
}

/** What the last 24 h say of a figure. */
export interface FigureNormal {
  /** Null while too few minutes are known. */
  readonly range: NormalRange | null;
  /** RFC 3339: the beginning of the first minute since which it is outside without a break; null where the newest is not. */
  readonly outside_since: string | null;
}

export type PipelineNormal = Readonly<Record<FigureName, FigureNormal>>;

/** Fewer minutes say nothing of what is usual. */
const MINUTES_MIN = 10;
/** Normal is where nine of ten minutes are. */
const TAIL = 0.05;
/** A figure that has no limit is within so many times what is usual by chance. */
const FAR = 3;
/** Minutes are told to be one after the other with so much between their beginnings: one that was missed does not end a fault. */
const BREAK_MS = 3 * MINUTE_MS;

/**
 * `limit`: above it is never normal, whatever was usual. `usual`: above the top of what is usual is not normal, and more than 0 where
 * nothing is known. `floor`: far above what is usual is not normal, unless it is below the floor.
 */
type Rule = { readonly limit: number } | { readonly usual: true } | { readonly floor: number };

/** Figures without a rule are judged by other things than their number, as rows of an outbox by how long they are overdue. */
const RULES: Readonly<Partial<Record<FigureName, Rule>>> = {
  // 2 s of disorder, the batches' own wait, and a second that has to be over before it is closed.
  behind_s: { limit: 10 },
  // An outbox's call takes a moment, and one that failed is tried again after a second.
  history_behind_s: { limit: 10 },
  // More than this share behind the watermark, and detection misses what it should have seen.
  late: { limit: 1 },
  // A bridge that starts again sends its last batches again; more is a partition that goes in circles.
  duplicates: { limit: 5 },
  dropped: { limit: 0 },
  stalled: { limit: 0 },
  unanswered: { limit: 0 },
  narrator_away: { limit: 0 },
  // Some senders are wrong all day, which is no news.
  rejected: { usual: true },
  lag: { floor: 1_000 },
  answer_p99_ms: { floor: 1_000 },
  delivery_p99_ms: { floor: 5_000 },
  narrator_p95_ms: { floor: 30_000 },
};

/** Whether a number is not normal. */
export function isOutside(figure: FigureName, value: number | null, range: NormalRange | null): boolean {
  const rule = RULES[figure];
  if (value === null || rule === undefined) return false;
  if ("limit" in rule) return value > rule.limit;
  if ("usual" in rule) return value > (range?.high ?? 0);
  return range !== null && value > Math.max(rule.floor, FAR * range.high);
}

/** @param readings ascending */
export function normalOf(readings: readonly PipelineReading[]): PipelineNormal {
  const entries = Object.keys(FIGURES).map((name) => {
    const figure = name as FigureName;
    const range = rangeOf(figure, readings);
    return [figure, { range, outside_since: outsideSince(figure, range, readings) }];
  });
  return Object.fromEntries(entries) as PipelineNormal;
}

function rangeOf(figure: FigureName, readings: readonly PipelineReading[]): NormalRange | null {
  const values = readings.map(FIGURES[figure]).filter((value) => value !== null);
  const all = values.toSorted((a, b) => a - b);
  const sane_max = saneMax(RULES[figure], all);
  const sorted = all.filter((value) => value <= sane_max);
  if (sorted.length < MINUTES_MIN) return null;
  return { low: quantile(sorted, TAIL), high: quantile(sorted, 1 - TAIL) };
}

/** What is beyond it is a fault, which must not become normal by lasting: of a young history an hour is most. */
function saneMax(rule: Rule | undefined, sorted: readonly number[]): number {
  if (rule === undefined || sorted.length === 0) return Infinity;
  if ("limit" in rule) return rule.limit;
  return Math.max("floor" in rule ? rule.floor : 0, FAR * quantile(sorted, 0.5));
}

function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.round(q * (sorted.length - 1))]!;
}

function outsideSince(
  figure: FigureName,
  range: NormalRange | null,
  readings: readonly PipelineReading[],
): string | null {
  let since: string | null = null;
  for (const reading of readings.toReversed()) {
    const isBroken = since !== null && Date.parse(since) - Date.parse(reading.minute) >= BREAK_MS;
    if (isBroken || !isOutside(figure, FIGURES[figure](reading), range)) break;
    since = reading.minute;
  }
  return since;
}
