/** The reading of a minute, from what was counted in it and what the parts of the pipeline tell at its end. */
import type { IngestCounts } from "./ingest-counts.ts";
import type { PipelineItem } from "./pipeline.ts";
import type { PipelineReading } from "./pipeline-reading.ts";
import { quantileMs, type Sketch } from "./sketch.ts";

/** A service with less seldom has a second to close. */
const RATE_MIN = 1;

/** The reading of a minute (its begin, epoch ms) from what was counted in it and what the parts told at its end, or now. */
export function readingOf(minute_ms: number, counts: IngestCounts, item: PipelineItem): PipelineReading {
  const { answers, ...counted } = counts;
  const { narrator, history } = item;
  return {
    ...counted,
    minute: new Date(minute_ms).toISOString(),
    answer_p99_ms: quantileMs(sketchOf(answers), 0.99),
    request_rate: item.fleet?.request_rate ?? null,
    stalled: item.fleet?.sources.filter(({ standing }) => standing === "stalled").length ?? null,
    unanswered: item.fleet === null ? null : item.unanswered.length,
    lag: lagOf(item),
    behind_s: behindOf(item),
    outbox: outboxOf(item),
    history_behind_s: overdueOf(item, "d1"),
    narrator: narrator === null ? null : { circuit: narrator.circuit.state, waiting: narrator.waiting },
    narrator_p95_ms: history?.narrator_p95_ms ?? null,
    delivery_p99_ms: history?.delivery_p99_ms ?? null,
    readers: history === null ? null : Object.fromEntries(history.readers.map((one) => [one.reader, one.waiting])),
  };
}

function sketchOf(answers: IngestCounts["answers"]): Sketch {
  const entries = Object.entries(answers).map(([bin, count]) => ({ bin: Number(bin), count }));
  const ascending = entries.toSorted((a, b) => a.bin - b.bin);
  return {
    bins: Uint16Array.from(ascending, ({ bin }) => bin),
    counts: Float64Array.from(ascending, ({ count }) => count),
  };
}

/** Each instance of a bridge tells the lag of its whole group, so that of each source the newest word counts. */
function lagOf({ fleet }: Pick<PipelineItem, "fleet">): number | null {
  const lags = (fleet?.sources ?? []).flatMap(({ source }) => {
    const told = fleet?.bridges.find((bridge) => bridge.source === source && bridge.lag !== null);
    return told?.lag ?? [];
  });
  return lags.length === 0 ? null : lags.reduce((sum, lag) => sum + lag, 0);
}

/** How far what is judged is behind, s: of the services that send, half are fresher. One that falls silent alone is its own affair. */
function behindOf({ at, asked }: PipelineItem): number | null {
  const behind = asked
    .filter(({ data, request_rate }) => data === "flowing" && request_rate >= RATE_MIN)
    .map((flow) => Math.max(0, Date.parse(at) - Date.parse(flow.at) - 1000) / 1000)
    .toSorted((a, b) => a - b);
  return behind[Math.floor(behind.length / 2)] ?? null;
}

function outboxOf({ asked }: PipelineItem): Record<string, number> | null {
  if (asked.length === 0) return null;
  const rows: Record<string, number> = {};
  for (const { outbox } of asked)
    for (const [target, count] of Object.entries(outbox)) rows[target] = (rows[target] ?? 0) + count;
  return rows;
}

/** For how long (s) the first row for a target is overdue, over the services that were asked; 0 where none is. */
function overdueOf({ at, asked }: PipelineItem, target: string): number | null {
  if (asked.length === 0) return null;
  const since = asked.flatMap(({ outbox_since }) => outbox_since[target] ?? []).map((first) => Date.parse(first));
  return since.length === 0 ? 0 : Math.max(0, Date.parse(at) - Math.min(...since)) / 1000;
}
