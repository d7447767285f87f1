/** What history tells the page of the pipeline: how soon models and targets answer, and who carries changes on. */
import type { HistoryFlow } from "../domain/pipeline.ts";
import { readerStandings } from "./changes.ts";
import { asked } from "./history.ts";
import { storedTime } from "./history-sql.ts";
import { SELECT_DELIVERY_ANSWERS, SELECT_NARRATOR_ANSWERS } from "./pipeline-sql.ts";

/** Answers are few: a minute alone has none most of the time. */
const SPAN_MS = 10 * 60_000;

/** @throws HistoryUnavailable */
export async function historyFlow(db: D1Database, now_ms: number): Promise<HistoryFlow> {
  const from = storedTime(now_ms - SPAN_MS);
  const [readers, answers] = await Promise.all([
    readerStandings(db),
    asked(
      db.batch<{ readonly latency_ms: number }>([
        db.prepare(SELECT_NARRATOR_ANSWERS).bind(from),
        db.prepare(SELECT_DELIVERY_ANSWERS).bind(from),
      ]),
    ),
  ]);
  const [narrator = [], deliveries = []] = answers.map(({ results }) => results.map(({ latency_ms }) => latency_ms));
  return {
    narrator_p95_ms: quantile(narrator, 0.95),
    delivery_p99_ms: quantile(deliveries, 0.99),
    readers,
  };
}

/** The smallest value that at most a share of 1 - `q` is above; null of none. */
function quantile(values: readonly number[], q: number): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? null;
}
