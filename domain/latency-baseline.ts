/**
 * What latency is normal: a decayed histogram of the seconds that nothing spoke against, the bound above which a request is slow
 * (1.25 x its p95), and the normal share of slow requests; the same of latencies relative to their endpoints' paces, with a fast
 * twin for creeping faults. Quantiles come from the bins of a sketch, so their error is known (1 %) whatever the shape: two modes
 * or a heavy tail included.
 */
import type { BinaryReader, BinaryWriter } from "./binary.ts";
import { LatencySum } from "./latency-sum.ts";
import { LearnedLatency, SCALE } from "./learned-latency.ts";
import { binAtMost, type Sketch } from "./sketch.ts";

/** Decay by minute of the fast twin: a half-life of three minutes. */
const FAST_DECAY = 0.5 ** (1 / 3);
export const SLOW_FACTOR = 1.25;
/** Below it a quantile of the tail means little: no request is called slow. */
const REQUESTS_MIN = 200;
/** What was learned since becomes part of normal every five minutes, sooner where it would change it by a quarter. */
const FOLD_S = 300;
const FOLD_PART = 0.25;
const EARLY_FOLD_S = 10;
/**
 * What creeps moves the whole histogram. A quantile alone leaps from one mode to the other where the mix of two kinds of requests
 * drifts past it; no two of these can lie at the same gap.
 */
const CREEP_QUANTILES = [0.5, 0.75, 0.9] as const;

/** Changes in place. */
export class LatencyBaseline {
  #whole = new LearnedLatency();
  #relative = new LearnedLatency();
  /** Relative latencies of the last minutes, learned or not. */
  #fast = new LatencySum();
  #minute = 0;
  #folded_minute = 0;
  /** How much slower the last minutes were at the newest minute's end, as a factor; 1 while too little has been seen. */
  #creep = 1;
  #p95_ms: number | null = null;
  #slow_bin = Infinity;
  #slow_share = 0;
  /** Grows whenever what is normal changes. Not stored: whoever made something of it makes it anew after decoding. */
  #revision = 0;

  /** Of latencies relative to their endpoints' paces; null while too little has been seen. */
  get relative(): LearnedLatency | null {
    return this.#relative.requests < REQUESTS_MIN ? null : this.#relative;
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

  /** Adds a second's latencies, and the same relative to paces; `learn` says that nothing speaks against it. Seconds ascend. */
  add(second: number, sketch: Sketch, relative: Sketch, learn: boolean): void {
    const minute = Math.floor(second / 60);
    if (minute !== this.#minute) this.#turn(minute);
    this.#fast.add(relative, SCALE);
    if (!learn) return;
    this.#whole.add(sketch);
    this.#relative.add(relative);
    const isEarly = second % EARLY_FOLD_S === EARLY_FOLD_S - 1 && this.#hasLearnedMuch();
    if (isEarly || second % FOLD_S === FOLD_S - 1) this.#fold(minute);
  }

  #hasLearnedMuch(): boolean {
    const relative = this.#relative;
    return this.#whole.waiting > FOLD_PART * this.#whole.requests || relative.waiting > FOLD_PART * relative.requests;
  }

  #turn(minute: number): void {
    const isKnown = this.relative !== null && this.#fast.total >= REQUESTS_MIN * SCALE;
    this.#creep = isKnown ? Math.min(...CREEP_QUANTILES.map((q) => this.#slowerAt(q))) : 1;
    this.#fast.decay(FAST_DECAY ** Math.min(minute - this.#minute, 10_000));
    this.#minute = minute;
  }

  #slowerAt(q: number): number {
    return this.#fast.quantileMs(q)! / this.#relative.normal.quantileMs(q)!;
  }

  #fold(minute: number): void {
    const minutes = minute - this.#folded_minute;
    this.#folded_minute = minute;
    this.#whole.fold(minutes);
    this.#relative.fold(minutes);
    this.#revision += 1;
    this.#measure();
  }

  #measure(): void {
    const { normal, requests } = this.#whole;
    this.#p95_ms = requests < REQUESTS_MIN ? null : normal.quantileMs(0.95)!;
    this.#slow_bin = this.#p95_ms === null ? Infinity : binAtMost(this.#p95_ms * SLOW_FACTOR);
    this.#slow_share = this.#p95_ms === null ? 0 : normal.above(this.#slow_bin) / normal.total;
  }

  encode(writer: BinaryWriter): void {
    this.#whole.encode(writer);
    this.#relative.encode(writer);
    this.#fast.encode(writer);
    writer.uint(this.#minute);
    writer.uint(this.#folded_minute);
    writer.double(this.#creep);
  }

  static decode(reader: BinaryReader): LatencyBaseline {
    const baseline = new LatencyBaseline();
    baseline.#whole = LearnedLatency.decode(reader);
    baseline.#relative = LearnedLatency.decode(reader);
    baseline.#fast = LatencySum.decode(reader);
    baseline.#minute = reader.uint();
    baseline.#folded_minute = reader.uint();
    baseline.#creep = reader.double();
    // Only `fold` changes what is measured, and it measures at once.
    baseline.#measure();
    return baseline;
  }
}
