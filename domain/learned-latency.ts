/**
 * A decayed histogram of the latencies that nothing spoke against, half-life two hours. What was learned becomes part of it at
 * folds, so that what is made of it (scores, quantiles) is made seldom.
 */
import type { BinaryReader, BinaryWriter } from "./binary.ts";
import { LatencySum } from "./latency-sum.ts";
import type { Sketch } from "./sketch.ts";

/** Decay by minute: a half-life of two hours. */
const DECAY = 0.5 ** (1 / 120);
/** Counts are whole numbers of 1/1024 request: a bin with a tenth of a request still decays. */
export const SCALE = 1024;

/** Changes in place. */
export class LearnedLatency {
  #normal = new LatencySum();
  /** Learned since the last fold, in requests. */
  #learned = new LatencySum();

  get normal(): LatencySum {
    return this.#normal;
  }

  /** Requests behind `normal`, decayed. */
  get requests(): number {
    return this.#normal.total / SCALE;
  }

  /** Requests that wait for the next fold. */
  get waiting(): number {
    return this.#learned.total;
  }

  add(sketch: Sketch): void {
    this.#learned.add(sketch);
  }

  /** `minutes`: since the last fold. */
  fold(minutes: number): void {
    if (minutes > 0) this.#normal.decay(DECAY ** Math.min(minutes, 10_000));
    this.#normal.add(this.#learned.toSketch(), SCALE);
    this.#learned.clear();
  }

  encode(writer: BinaryWriter): void {
    this.#normal.encode(writer);
    this.#learned.encode(writer);
  }

  static decode(reader: BinaryReader): LearnedLatency {
    const own = new LearnedLatency();
    own.#normal = LatencySum.decode(reader);
    own.#learned = LatencySum.decode(reader);
    return own;
  }
}
