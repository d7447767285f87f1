/**
 * What latency is normal: a decayed histogram of the seconds that nothing spoke against, the bound above which a request is slow
 * (1.25 x its p95), the normal share of slow requests, and a fast twin of the histogram for creeping faults. Quantiles come from
 * the bins of a sketch, so their error is known (1 %) whatever the shape: two modes or a heavy tail included.
 */
import type { BinaryReader, BinaryWriter } from "./binary.ts";
import { LatencySum } from "./latency-sum.ts";
import { binAtMost, type Sketch } from "./sketch.ts";

/** Decay by minute: half-lives of two hours and of three minutes. */
const NORMAL_DECAY = 0.5 ** (1 / 120);
const FAST_DECAY = 0.5 ** (1 / 3);
/** Counts are whole numbers of 1/1024 request: a bin with a tenth of a request still decays. */
const SCALE = 1024;
export const SLOW_FACTOR = 1.25;
/** Below it a quantile of the tail means little: no request is called slow. */
const REQUESTS_MIN = 200;
/** What was learned since becomes part of normal every five minutes, sooner where it would change it by a quarter. */
const FOLD_S = 300;
const FOLD_PART = 0.25;
const EARLY_FOLD_S = 10;

/** Changes in place. */
export class LatencyBaseline {
  #normal = new LatencySum();
  /** The last minutes, learned or not. */
  #fast = new LatencySum();
  /** Learned since `normal` was last changed, in requests. */
  #learned = new LatencySum();
  #minute = 0;
  #folded_minute = 0;
  /** p90 of the last minutes over the normal one at the newest minute's end; 1 while too little has been seen. */
  #creep = 1;
  #p95_ms: number | null = null;
  #slow_bin = Infinity;
  #slow_share = 0;
  /** Grows whenever `normal` changes. Not stored: whoever made something of `normal` makes it anew after decoding. */
  #revision = 0;

  clone(): LatencyBaseline {
    const copy = new LatencyBaseline();
    copy.#normal = this.#normal.clone();
    copy.#fast = this.#fast.clone();
    copy.#learned = this.#learned.clone();
    copy.#minute = this.#minute;
    copy.#folded_minute = this.#folded_minute;
    copy.#creep = this.#creep;
    copy.#p95_ms = this.#p95_ms;
    copy.#slow_bin = this.#slow_bin;
    copy.#slow_share = this.#slow_share;
    copy.#revision = this.#revision;
    return copy;
  }

  get normal(): LatencySum {
    return this.#normal;
  }

  /** Requests behind `normal`, decayed. */
  get requests(): number {
    return this.#normal.total / SCALE;
  }

  get revision(): number {
    return this.#revision;
  }

  /** Null while too little has been seen. */
  get p95_ms(): number | null {
    return this.#p95_ms;
  }

  /** The bin above which a request is slow; Infinity while too little has been seen. */
  get slow_bin(): number {
    return this.#slow_bin;
  }

  /** The normal share of slow requests. */
  get slow_share(): number {
    return this.#slow_share;
  }

  get creep(): number {
    return this.#creep;
  }

  /** A fault has ended: what the last minutes hold of it does not creep. */
  forgetRecent(): void {
    this.#fast.clear();
    this.#creep = 1;
  }

  /** Adds a second; `learn` says that nothing speaks against it. Seconds ascend. */
  add(second: number, sketch: Sketch, learn: boolean): void {
    const minute = Math.floor(second / 60);
    if (minute !== this.#minute) this.#turn(minute);
    this.#fast.add(sketch, SCALE);
    if (!learn) return;
    this.#learned.add(sketch);
    const isEarly = second % EARLY_FOLD_S === EARLY_FOLD_S - 1 && this.#learned.total > FOLD_PART * this.requests;
    if (isEarly || second % FOLD_S === FOLD_S - 1) this.#fold(minute);
  }

  #turn(minute: number): void {
    const [fast, normal] = [this.#fast.quantileMs(0.9), this.#normal.quantileMs(0.9)];
    const isKnown = this.#p95_ms !== null && this.#fast.total >= REQUESTS_MIN * SCALE && fast !== null && normal;
    this.#creep = isKnown ? fast / normal : 1;
    this.#fast.decay(FAST_DECAY ** Math.min(minute - this.#minute, 10_000));
    this.#minute = minute;
  }

  #fold(minute: number): void {
    if (minute !== this.#folded_minute) {
      this.#normal.decay(NORMAL_DECAY ** Math.min(minute - this.#folded_minute, 10_000));
      this.#folded_minute = minute;
    }
    this.#normal.add(this.#learned.toSketch(), SCALE);
    this.#learned.clear();
    this.#revision += 1;
    this.#measure();
  }

  #measure(): void {
    this.#p95_ms = this.requests < REQUESTS_MIN ? null : this.#normal.quantileMs(0.95)!;
    this.#slow_bin = this.#p95_ms === null ? Infinity : binAtMost(this.#p95_ms * SLOW_FACTOR);
    this.#slow_share = this.#p95_ms === null ? 0 : this.#normal.above(this.#slow_bin) / this.#normal.total;
  }

  encode(writer: BinaryWriter): void {
    for (const sum of [this.#normal, this.#fast, this.#learned]) sum.encode(writer);
    writer.uint(this.#minute);
    writer.uint(this.#folded_minute);
    writer.double(this.#creep);
  }

  static decode(reader: BinaryReader): LatencyBaseline {
    const baseline = new LatencyBaseline();
    baseline.#normal = LatencySum.decode(reader);
    baseline.#fast = LatencySum.decode(reader);
    baseline.#learned = LatencySum.decode(reader);
    baseline.#minute = reader.uint();
    baseline.#folded_minute = reader.uint();
    baseline.#creep = reader.double();
    // Only `fold` changes what is measured, and it measures at once.
    baseline.#measure();
    return baseline;
  }
}
