/**
 * What the pipeline is read at once a minute and kept for 24 h, so that what is normal is known to whoever opens its page, and since when
 * something is not.
 */
import type { IngestCounts } from "./ingest-counts.ts";
import type { CircuitState } from "./narrator.ts";

export const MINUTE_MS = 60_000;

/** A minute is kept so many minutes: 24 h. */
export const READINGS_KEPT = 1_440;

/** The reading of one minute. Null stands for what nobody could tell, which is not the same as none. */
export interface PipelineReading extends Omit<IngestCounts, "answers"> {
  /** RFC 3339: when its minute began, by the clock. Counts are of the minute, all else is as of its end. */
  readonly minute: string;
  /** Answers of `POST /v1/ingest`. */
  readonly answer_p99_ms: number | null;
  /** Requests a second of all services. */
  readonly request_rate: number | null;
  /** Sources whose events do not come, or fall behind. */
  readonly stalled: number | null;
  /** Objects of the busiest services that did not answer. */
  readonly unanswered: number | null;
  /** Messages that wait in the topics of all sources. */
  readonly lag: number | null;
  /** How far what is judged is behind the clock: half of the services that send are fresher. */
  readonly behind_s: number | null;
  /** By target: rows of the busiest services that wait for it. */
  readonly outbox: Readonly<Record<string, number>> | null;
  readonly history_behind_s: number | null;
  readonly narrator: { readonly circuit: CircuitState; readonly waiting: number } | null;
  /** Answers of the model, and of the targets of subscriptions, over the ten minutes before; null where there was none. */
  readonly narrator_p95_ms: number | null;
  readonly delivery_p99_ms: number | null;
  /** By reader of `GET /v1/changes`: changes that it has not put away. */
  readonly readers: Readonly<Record<string, number>> | null;
}

export function minuteOf(at_ms: number): number {
  return Math.floor(at_ms / MINUTE_MS) * MINUTE_MS;
}

/** The Fleet as the Workers tell it what they count, and ask it for what is kept. */
export interface ReadingsPort {
  /** Takes what was counted since the last time. */
  tellIngest(counts: IngestCounts): Promise<void>;
  /** The readings of the minutes that began at `from_ms` (epoch ms) or later, ascending. */
  readings(from_ms: number): Promise<readonly PipelineReading[]>;
}
