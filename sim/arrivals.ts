/** When a service's batches came, to know whether point 2b of section 5 speaks of its stream at all. */
import type { TestEvent } from "../tests/monitor-harness.ts";

/** Nothing closes for this long after the first batch, and a partition is idle after as long. */
const IDLE_MS = 5_000;
/** Nothing holds a watermark back for longer. */
const HOLD_MAX_MS = 30_000;
/** However fast requests were, silence proves nothing before. */
const SILENCE_MS_MIN = 10_000;

interface Arrival {
  readonly at_ms: number;
  readonly last_offset: number;
}

export class Arrivals {
  readonly #byPartition = new Map<number, Arrival[]>();

  add(partition: number, at_ms: number, last_offset: number): void {
    const own = this.#byPartition.get(partition) ?? [];
    own.push({ at_ms, last_offset });
    this.#byPartition.set(partition, own);
  }

  /** Whether no partition joined late or went idle before its end, nor lagged for too long, and silence has not spoken yet. */
  isSteady(streams: readonly (readonly TestEvent[])[], now_ms: number): boolean {
    const all = [...this.#byPartition.values()].flat();
    const first_ms = Math.min(...all.map(({ at_ms }) => at_ms));
    const last_ms = Math.max(...all.map(({ at_ms }) => at_ms));
    if (now_ms - last_ms >= SILENCE_MS_MIN) return false;
    return streams.every((events, partition) => {
      const end = events.at(-1)?.offset;
      if (end === undefined) return true;
      const times = this.#timesUntil(partition, end);
      const gaps = times.map((at_ms, i) => at_ms - (times[i - 1] ?? first_ms));
      return gaps.length > 0 && Math.max(...gaps) < IDLE_MS && times.at(-1)! - first_ms < HOLD_MAX_MS;
    });
  }

  /** Times up to the batch that brought the offset. */
  #timesUntil(partition: number, offset: number): number[] {
    const own = this.#byPartition.get(partition) ?? [];
    const end = own.findIndex(({ last_offset }) => last_offset >= offset);
    return own.slice(0, end + 1).map(({ at_ms }) => at_ms);
  }
}
