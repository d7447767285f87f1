/** Whether requests are slower than normal: a bank on the tail, one on the middle, and a slow lane for what creeps. */
import type { BinaryReader, BinaryWriter } from "./binary.ts";
import { THRESHOLD } from "./cusum.ts";
import type { Guard } from "./error-test.ts";
import type { FindingReason } from "./finding.ts";
import { LatencyBaseline, SLOW_FACTOR } from "./latency-baseline.ts";
import { type BankVerdict, type Level, RateBank } from "./rate-bank.ts";
import { type NormalShare, type Prior, ShareBaseline } from "./share-baseline.ts";
import { decodeSketch, EMPTY_SKETCH, encodeSketch, mergeSketches, quantileMs, type Sketch } from "./sketch.ts";

const TAIL_LEVELS: readonly Level[] = [
  { excess: 0.08, ramp_s: 60 },
  { excess: 0.15, ramp_s: 25 },
  { excess: 0.4, ramp_s: 6 },
];
const TAIL_GUARD: Guard = { factor: 2, errors: 2, floor: 0.005 };

/** A shift of everything shows in the middle first; its normal share is larger, so that less slack is needed. */
const MIDDLE_LEVELS: readonly Level[] = [
  { excess: 0.15, ramp_s: 60 },
  { excess: 0.25, ramp_s: 30 },
  { excess: 0.4, ramp_s: 8 },
];
const MIDDLE_GUARD: Guard = { factor: 1.25, errors: 2, floor: 0.03 };

const PRIOR: Prior = { share: 0.02, strength: 200 };

/** Creeping latency: the p90 of the last minutes above e^0.3 of the normal one for two minutes. */
const CREEP_RATIO = Math.exp(0.3);
const CREEP_S = 120;

/** One bank with what it needs to know of its share. Changes in place. */
class ShareTest {
  readonly #levels: readonly Level[];
  readonly #guard: Guard;
  bank: RateBank;
  seen = new ShareBaseline(PRIOR);

  constructor(levels: readonly Level[], guard: Guard) {
    this.#levels = levels;
    this.#guard = guard;
    this.bank = new RateBank(levels);
  }

  clone(): ShareTest {
    const copy = new ShareTest(this.#levels, this.#guard);
    copy.bank = this.bank.clone();
    copy.seen = this.seen.clone();
    return copy;
  }

  step(requests: number, count: number, share: number, ramp_factor: number): BankVerdict {
    const { factor, errors, floor } = this.#guard;
    const normal = Math.min(0.9, share * factor + this.seen.error * errors + floor);
    return this.bank.step(requests, count, normal, THRESHOLD, ramp_factor, this.seen.dispersion);
  }

  encode(writer: BinaryWriter): void {
    this.bank.encode(writer);
    this.seen.encode(writer);
  }

  decode(reader: BinaryReader): void {
    this.bank = RateBank.decode(reader, this.#levels);
    this.seen = ShareBaseline.decode(reader, PRIOR);
  }
}

/** What is said of a second. */
export interface LatencyVerdict {
  readonly reason: FindingReason;
  /** p95 since something speaks for a fault, ms; 0 while nothing does. */
  readonly p95_ms: number;
  /** How long (s) the winning statistic has been above 0. */
  readonly since_s: number;
}

/** Changes in place; `clone` first where the old state must stay. */
export class LatencyTest {
  #baseline = new LatencyBaseline();
  #tail = new ShareTest(TAIL_LEVELS, TAIL_GUARD);
  #middle = new ShareTest(MIDDLE_LEVELS, MIDDLE_GUARD);
  #creep_s = 0;
  /** Latencies since something speaks for a fault. */
  #recent: Sketch = EMPTY_SKETCH;

  clone(): LatencyTest {
    const copy = new LatencyTest();
    copy.#baseline = this.#baseline.clone();
    copy.#tail = this.#tail.clone();
    copy.#middle = this.#middle.clone();
    copy.#creep_s = this.#creep_s;
    copy.#recent = this.#recent;
    return copy;
  }

  /** Null while too little has been seen. */
  get p95_ms(): number | null {
    return this.#baseline.p95_ms;
  }

  /** The p95 from which a request is slow; 0 while not known. */
  get threshold_ms(): number {
    return (this.p95_ms ?? 0) * SLOW_FACTOR;
  }

  /** The bin above which a request is slow; null while not known. */
  get slow_bin(): number | null {
    return this.#baseline.slow_bin;
  }

  /** The bin above which a request is slow, and how many normally are; null while not known. */
  get slow(): (NormalShare & { readonly bin: number }) | null {
    const { slow_bin: bin, slow_share: share } = this.#baseline;
    if (bin === null) return null;
    const { error, dispersion } = this.#tail.seen;
    return { bin, share, error, dispersion };
  }

  /** The strongest statistic as a part of its threshold, 0 to 1. */
  get evidence(): number {
    return Math.max(this.#tail.bank.evidence(THRESHOLD), this.#middle.bank.evidence(THRESHOLD));
  }

  /** Forgets what spoke for a fault. */
  reset(): void {
    this.#tail.bank.reset();
    this.#middle.bank.reset();
    this.#creep_s = 0;
    this.#recent = EMPTY_SKETCH;
  }

  step(requests: number, sketch: Sketch, ramp_factor: number): LatencyVerdict {
    const counts = this.#baseline.counts(sketch);
    if (counts === null) return { reason: "too_few_requests", p95_ms: 0, since_s: 0 };
    const wasProven = this.#tail.bank.isProven || this.#middle.bank.isProven;
    const tail = this.#tail.step(requests, counts.slow, this.#baseline.slow_share, ramp_factor);
    const middle = this.#middle.step(requests, counts.middle, this.#baseline.middle_share, ramp_factor);
    if (wasProven && !this.#tail.bank.isProven && !this.#middle.bank.isProven) {
      this.#baseline.forgetRecent();
      this.#creep_s = 0;
    }
    this.#creep_s = (this.#baseline.creep ?? 1) > CREEP_RATIO ? this.#creep_s + 1 : 0;
    const isQuiet = this.#tail.bank.isQuiet && this.#middle.bank.isQuiet && this.#creep_s === 0;
    this.#recent = isQuiet ? EMPTY_SKETCH : mergeSketches(this.#recent, sketch);
    const p95_ms = quantileMs(this.#recent, 0.95) ?? 0;
    if (tail === "above_threshold") return { reason: tail, p95_ms, since_s: this.#tail.bank.since_s };
    if (middle === "above_threshold") return { reason: middle, p95_ms, since_s: this.#middle.bank.since_s };
    if (this.#creep_s >= CREEP_S) return { reason: "above_threshold", p95_ms, since_s: this.#creep_s };
    return { reason: tail === "between" ? tail : middle, p95_ms, since_s: 0 };
  }

  /** Adds a second's latencies; `learn` says that nothing speaks against them. */
  learn(second: number, requests: number, sketch: Sketch, learn: boolean): void {
    const counts = learn ? this.#baseline.counts(sketch) : null;
    if (counts !== null) {
      this.#tail.seen.learn(requests, counts.slow);
      this.#middle.seen.learn(requests, counts.middle);
    }
    this.#baseline.add(second, sketch, learn);
  }

  encode(writer: BinaryWriter): void {
    this.#baseline.encode(writer);
    this.#tail.encode(writer);
    this.#middle.encode(writer);
    writer.uint(this.#creep_s);
    writer.bytes(encodeSketch(this.#recent));
  }

  static decode(reader: BinaryReader): LatencyTest {
    const test = new LatencyTest();
    test.#baseline = LatencyBaseline.decode(reader);
    test.#tail.decode(reader);
    test.#middle.decode(reader);
    test.#creep_s = reader.uint();
    test.#recent = decodeSketch(reader.bytes());
    return test;
  }
}
