/** What became of what was sent to this isolate, on its way to the Fleet: numbers only, and not more often than they are looked at. */
import { addCounts, type IngestCounts, NO_COUNTS } from "../domain/ingest-counts.ts";
import type { IngestAnswer } from "../domain/resource.ts";
import { latencyBin } from "../domain/sketch.ts";
import { CallAllowance } from "./call-allowance.ts";

/** A minute is read as a whole: whoever sends all day costs three calls of it. What is sent once is told at once. */
const CALLS_MAX = 5;
const CALL_EVERY_MS = 20_000;
/** What was refused is looked for by whoever has just sent it, and must not wait for the next batch because many went well before. */
const REFUSED_CALLS_MAX = 10;
const REFUSED_CALL_EVERY_MS = 5_000;

/** Lives as long as the isolate, and what waits dies with it. */
export class IngestLog {
  #waiting: IngestCounts = NO_COUNTS;
  readonly #allowance = new CallAllowance(CALLS_MAX, CALL_EVERY_MS);
  readonly #refused = new CallAllowance(REFUSED_CALLS_MAX, REFUSED_CALL_EVERY_MS);

  /** What is to be told now, with all that waited; null where it waits for the next one. */
  add(counts: IngestCounts, now_ms: number): IngestCounts | null {
    const all = addCounts(this.#waiting, counts);
    const isRefused = Object.keys(counts.rejected).length > 0;
    const isNow = this.#allowance.take(now_ms) || (isRefused && this.#refused.take(now_ms));
    this.#waiting = isNow ? NO_COUNTS : all;
    return isNow ? all : null;
  }
}

/** A batch that was taken after so many ms. */
export function countsOf(
  { accepted, late, dropped, duplicates, rejected }: IngestAnswer,
  took_ms: number,
): IngestCounts {
  const by_reason = Object.fromEntries(
    [...Map.groupBy(rejected, ({ reason }) => reason)].map(([reason, own]) => [reason, own.length]),
  );
  return { accepted, late, dropped, duplicates, rejected: by_reason, answers: answered(took_ms) };
}

/** A request that was refused as a whole after so many ms, by the word of its problem. */
export function refusedCounts(reason: string, took_ms: number): IngestCounts {
  return { ...NO_COUNTS, rejected: { [reason]: 1 }, answers: answered(took_ms) };
}

/** A clock that was set back measured nothing. */
function answered(took_ms: number): IngestCounts["answers"] {
  return { [latencyBin(Math.round(Math.max(0, took_ms) * 1000))]: 1 };
}
