/**
 * What latency is normal: a decayed sketch of the seconds that nothing spoke against, the bound above which a request is slow
 * (1.25 x its p95), the normal share of slow requests under that bound, and a fast twin of the sketch for creeping faults.
 * Quantiles come from sketches, so their error is known (1 %) whatever the shape: two modes or a heavy tail included.
 */
import type { BinaryReader, BinaryWriter } from "./binary.ts";
import {
  binAtMost,
  countAbove,
  decodeSketch,
  EMPTY_SKETCH,
  encodeSketch,
  mergeSketches,
  quantileMs,
  scaleSketch,
  type Sketch,
  sketchCount,
} from "./sketch.ts";

/** Decay by minute: half-lives of two hours and of three minutes. */
const SLOW_DECAY = 0.5 ** (1 / 120);
const FAST_DECAY = 0.5 ** (1 / 3);
/** Counts are whole numbers of 1/64 request, so that a decayed sketch is stored as a sketch. */
const SCALE = 64;
export const SLOW_FACTOR = 1.25;
/** The second bound lies above the middle, where a shift of all requests shows most whatever the tail's shape. */
const MIDDLE_FACTOR = 1.6;
/** Below it a quantile of the tail means little: no request is called slow. */
const REQUESTS_MIN = 200;

/** Changes in place. */
export class LatencyBaseline {
  #slow: Sketch = EMPTY_SKETCH;
  #fast: Sketch = EMPTY_SKETCH;
  /** Seconds of the present minute that were learned, and all of them. */
  #learned: Sketch = EMPTY_SKETCH;
  #all: Sketch = EMPTY_SKETCH;
  #minute = 0;
  #slow_bin = Infinity;
  #slow_share = 0;
  #middle_bin = Infinity;
  #middle_share = 0;
  #requests = 0;
  #p95_ms: number | null = null;

  clone(): LatencyBaseline {
    const copy = new LatencyBaseline();
    copy.#slow = this.#slow;
    copy.#fast = this.#fast;
    copy.#learned = this.#learned;
    copy.#all = this.#all;
    copy.#minute = this.#minute;
    copy.#measure();
    return copy;
  }

  /** Requests behind the normal sketch, decayed. */
  get requests(): number {
    return this.#requests;
  }

  /** Null while too little has been seen. */
  get p95_ms(): number | null {
    return this.#p95_ms;
  }

  /** The bin above which a request is slow; null while too little has been seen. */
  get slow_bin(): number | null {
    return this.#p95_ms === null ? null : this.#slow_bin;
  }

  /** The normal share of slow requests. */
  get slow_share(): number {
    return this.#slow_share;
  }

  /** The normal share of requests above 1.6 x the normal median. */
  get middle_share(): number {
    return this.#middle_share;
  }

  /** Requests of a sketch above 1.25 x the normal p95, and above 1.6 x the normal median; null while those are not known. */
  counts(sketch: Sketch): { readonly slow: number; readonly middle: number } | null {
    if (this.#p95_ms === null) return null;
    return { slow: countAbove(sketch, this.#slow_bin), middle: countAbove(sketch, this.#middle_bin) };
  }

  /** p90 of the last minutes over the normal p90, for creeping faults; null while too little has been seen. */
  get creep(): number | null {
    if (this.#p95_ms === null || sketchCount(this.#fast) < REQUESTS_MIN * SCALE) return null;
    const [fast, slow] = [quantileMs(this.#fast, 0.9)!, quantileMs(this.#slow, 0.9)!];
    return slow === 0 ? null : fast / slow;
  }

  /** A fault has ended: what the last minutes hold of it does not creep. */
  forgetRecent(): void {
    this.#fast = EMPTY_SKETCH;
    this.#all = EMPTY_SKETCH;
  }

  /** Adds a second; `learn` says that nothing speaks against it. Seconds ascend. */
  add(second: number, sketch: Sketch, learn: boolean): void {
    const minute = Math.floor(second / 60);
    if (minute !== this.#minute) this.#turn(minute);
    this.#all = mergeSketches(this.#all, sketch);
    if (learn) this.#learned = mergeSketches(this.#learned, sketch);
    // The first minutes cannot wait for a minute's end.
    if (learn && this.#requests < REQUESTS_MIN * 10 && second % 10 === 9) this.#fold();
  }

  #turn(minute: number): void {
    const minutes = this.#minute === 0 ? 1 : minute - this.#minute;
    this.#slow = scaleSketch(this.#slow, SLOW_DECAY ** Math.min(minutes, 10_000));
    this.#fast = mergeSketches(
      scaleSketch(this.#fast, FAST_DECAY ** Math.min(minutes, 10_000)),
      scaleSketch(this.#all, SCALE),
    );
    this.#all = EMPTY_SKETCH;
    this.#minute = minute;
    this.#fold();
  }

  #fold(): void {
    this.#slow = mergeSketches(this.#slow, scaleSketch(this.#learned, SCALE));
    this.#learned = EMPTY_SKETCH;
    this.#measure();
  }

  #measure(): void {
    const total = sketchCount(this.#slow);
    this.#requests = total / SCALE;
    if (this.#requests < REQUESTS_MIN) return;
    this.#p95_ms = quantileMs(this.#slow, 0.95)!;
    this.#slow_bin = binAtMost(this.#p95_ms * SLOW_FACTOR);
    this.#slow_share = countAbove(this.#slow, this.#slow_bin) / total;
    this.#middle_bin = binAtMost(quantileMs(this.#slow, 0.5)! * MIDDLE_FACTOR);
    this.#middle_share = countAbove(this.#slow, this.#middle_bin) / total;
  }

  encode(writer: BinaryWriter): void {
    for (const sketch of [this.#slow, this.#fast, this.#learned, this.#all]) writer.bytes(encodeSketch(sketch));
    writer.uint(this.#minute);
  }

  static decode(reader: BinaryReader): LatencyBaseline {
    const baseline = new LatencyBaseline();
    baseline.#slow = decodeSketch(reader.bytes());
    baseline.#fast = decodeSketch(reader.bytes());
    baseline.#learned = decodeSketch(reader.bytes());
    baseline.#all = decodeSketch(reader.bytes());
    baseline.#minute = reader.uint();
    baseline.#measure();
    return baseline;
  }
}
