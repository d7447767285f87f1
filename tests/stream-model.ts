/** Random streams over partitions, the ways they can be delivered, and what must come out whatever the way. */
import fc from "fast-check";
import { toBase64 } from "../domain/base64.ts";
import { encodeSketch, latencyBin, quantileMs, sketchOfBins } from "../domain/sketch.ts";
import type { TestEvent } from "./monitor-harness.ts";

export const STREAM_START_MS = Date.parse("2026-11-24T10:00:00Z");
/** The default of the setting `disorder_s`. */
const DISORDER_MS = 2000;

/** The log of each partition: every message of the service, offsets ascending with gaps. */
export type PartitionLogs = readonly (readonly TestEvent[])[];

interface EventSeed {
  readonly gap_ms: number;
  readonly back_ms: number;
  readonly offset_gap: number;
  readonly latency_us: number;
  readonly isError: boolean;
  readonly endpoint: number;
}

/** `back_max_ms`: how far an event may lie behind the newest one of its partition. */
function eventSeeds(back_max_ms: number): fc.Arbitrary<EventSeed[]> {
  const seed = fc.record({
    gap_ms: fc.oneof(
      { weight: 9, arbitrary: fc.integer({ min: 0, max: 900 }) },
      { weight: 1, arbitrary: fc.integer({ min: 0, max: 9000 }) },
    ),
    back_ms: fc.integer({ min: 0, max: back_max_ms }),
    offset_gap: fc.integer({ min: 1, max: 3 }),
    latency_us: fc.integer({ min: 0, max: 3_000_000 }),
    isError: fc.boolean(),
    endpoint: fc.integer({ min: 0, max: 3 }),
  });
  return fc.array(seed, { minLength: 1, maxLength: 120 });
}

function logOf(seeds: readonly EventSeed[]): TestEvent[] {
  let [offset, newest_ms] = [0, STREAM_START_MS];
  return seeds.map((seed) => {
    offset += seed.offset_gap;
    newest_ms += seed.gap_ms;
    const event_time_ms = Math.max(STREAM_START_MS, newest_ms - seed.back_ms);
    return {
      offset,
      timestamp_ms: newest_ms,
      event_time_ms,
      endpoint: `/e${seed.endpoint}`,
      latency_us: seed.latency_us,
      status_code: seed.isError ? 503 : 200,
    };
  });
}

/** Events may come any time late. */
export const anyLogs: fc.Arbitrary<PartitionLogs> = fc.array(eventSeeds(90_000).map(logOf), {
  minLength: 1,
  maxLength: 3,
});

/** No event comes more than the disorder bound behind the newest earlier one of its partition. */
export const orderlyLogs: fc.Arbitrary<PartitionLogs> = fc.array(eventSeeds(DISORDER_MS).map(logOf), {
  minLength: 1,
  maxLength: 3,
});

/** What happens next in a delivery. */
export type Step =
  /** The owner of a partition sends its next `size` messages. */
  | { readonly kind: "batch"; readonly partition: number; readonly size: number }
  /** A new owner starts again from `back` messages before what was acknowledged; the old one repeats too. */
  | { readonly kind: "redeliver"; readonly partition: number; readonly back: number; readonly size: number }
  | { readonly kind: "evict" }
  /** The `statement`-th statement from here on fails. */
  | { readonly kind: "fail"; readonly statement: number }
  | { readonly kind: "wait"; readonly duration_ms: number };

export const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant("batch" as const),
        partition: fc.nat(2),
        size: fc.integer({ min: 1, max: 40 }),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant("redeliver" as const),
        partition: fc.nat(2),
        back: fc.integer({ min: 1, max: 60 }),
        size: fc.integer({ min: 1, max: 60 }),
      }),
    },
    { weight: 2, arbitrary: fc.constant({ kind: "evict" as const }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("fail" as const), statement: fc.nat(8) }) },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant("wait" as const), duration_ms: fc.integer({ min: 0, max: 8000 }) }),
    },
  ),
  { maxLength: 60 },
);

/** A window as a plain recomputation over all events gives it. */
export interface ExpectedWindow {
  readonly window_start_ms: number;
  readonly request_count: number;
  readonly error_count: number;
  readonly latency_sum_us: number;
  readonly p95_latency_ms: number | null;
  readonly latency_sketch: string;
}

/** The plain recomputation by windows of `window_ms` (a minute), ascending. */
export function recompute(logs: PartitionLogs, window_ms = 60_000): ExpectedWindow[] {
  const byWindow = Map.groupBy(logs.flat(), (event) => Math.floor(event.event_time_ms / window_ms));
  const windows = [...byWindow].map(([window, events]) => {
    const sketch = sketchOfBins(Uint16Array.from(events, (event) => latencyBin(event.latency_us)));
    return {
      window_start_ms: window * window_ms,
      request_count: events.length,
      error_count: events.filter((event) => event.status_code >= 500).length,
      latency_sum_us: events.reduce((sum, event) => sum + event.latency_us, 0),
      p95_latency_ms: quantileMs(sketch, 0.95),
      latency_sketch: toBase64(encodeSketch(sketch)),
    };
  });
  return windows.sort((a, b) => a.window_start_ms - b.window_start_ms);
}
