/**
 * Whether requests are slower than normal: a bank of tests of the whole histogram of latencies relative to their endpoints' paces
 * (endpoint-paces.ts) against itself shifted (slow-scores.ts), and a slow lane for what creeps.
 */
import type { BinaryReader, BinaryWriter } from "./binary.ts";
import { EndpointPaces, type PacedSecond } from "./endpoint-paces.ts";
import type { FindingReason } from "./finding.ts";
import { LatencyBaseline, SLOW_FACTOR } from "./latency-baseline.ts";
import { LatencySum } from "./latency-sum.ts";
import { type Level, LevelBank } from "./level-bank.ts";
import { ScoreScatter } from "./score-scatter.ts";
import { type NormalShare, type Prior, ShareBaseline } from "./share-baseline.ts";
import { countAbove, EMPTY_SKETCH, type Sketch, sketchCount } from "./sketch.ts";
import { type Slowness, slowScores } from "./slow-scores.ts";

/** Any of them fades within seconds of normal requests. */
const EACH = { fall: 2, leaves: Infinity } as const;

/**
 * From small to large. Where the evidence turns from against a fault to for it, and what must not last as long as the ramp: about
 * x1.3 (a deploy of 20 s at x1.5), 12 % of the requests slow, a third of them slow, x1.65 (a deploy speaks against it), x2.5 (a
 * pause of 3 s), and x3.5 (the same pause speaks against it, so that the ramp can be as short as a pause).
 */
const LEVELS: readonly (Level & Slowness)[] = [
  { factor: [1.4, 1.9], share: 1, guard: 1.12, benign: 1.2, weight: 1, ramp_s: 60, ramp_requests: 60, ...EACH },
  { factor: [4, 20], share: 0.12, guard: 1.2, benign: 1.6, weight: 1, ramp_s: 25, ramp_requests: 40, ...EACH },
  { factor: [3, 20], share: 0.35, guard: 1.2, benign: 1.6, weight: 1, ramp_s: 10, ramp_requests: 20, ...EACH },
  { factor: [1.8, 2.7], share: 1, guard: 1.2, benign: 1.68, weight: 1.45, ramp_s: 8, ramp_requests: 16, ...EACH },
  { factor: [3, 12], share: 1, guard: 1.2, benign: 1.6, weight: 1, ramp_s: 5, ramp_requests: 10, ...EACH },
  { factor: [5.5, 22], share: 1, guard: 1.3, benign: 3.8, weight: 1, ramp_s: 3, ramp_requests: 8, ...EACH },
];

/** Share of slow requests, for counting what a fault has done. */
const SLOW_PRIOR: Prior = { share: 0.02, strength: 200 };

/** Creeping latency: the last minutes slower by e^0.3 than normal for two minutes. */
const CREEP_RATIO = Math.exp(0.3);
const CREEP_S = 120;

/** What is said of a second. */
export interface LatencyVerdict {
  readonly reason: FindingReason;
  /** p95 since something speaks for a fault, ms; 0 while nothing does. */
  readonly p95_ms: number;
  /** How long (s) the winning statistic has been above 0. */
  readonly since_s: number;
}

/** Changes in place. */
export class LatencyTest {
  #baseline = new LatencyBaseline();
  #paces = new EndpointPaces();
  #bank = new LevelBank(LEVELS);
  #scatters = LEVELS.map(() => new ScoreScatter());
  #slow = new ShareBaseline(SLOW_PRIOR);
  #creep_s = 0;
  /** Latencies since something speaks for a fault. */
  #recent = new LatencySum();
  /** Made of the baseline's revision; not stored. */
  #scores: readonly Float32Array[] = [];
  #scores_revision = -1;
  /** Of the newest second, one for each level: scores, and their squares. Used up within the same second, so not stored. */
  readonly #sums = new Float64Array(LEVELS.length);
  readonly #square_sums = new Float64Array(LEVELS.length);
  #judged_requests = 0;
  #relative: Sketch = EMPTY_SKETCH;

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
    return this.p95_ms === null ? null : this.#baseline.slow_bin;
  }

  /** The bin above which a request is slow, and how many normally are; null while not known. */
  get slow(): (NormalShare & { readonly bin: number }) | null {
    const { slow_bin: bin } = this;
    if (bin === null) return null;
    const { slow_share: share } = this.#baseline;
    const { error, dispersion } = this.#slow;
    return { bin, share, error, dispersion };
  }

  /** The strongest statistic as a part of its threshold, 0 to 1. */
  get evidence(): number {
    return this.#bank.evidence;
  }

  /** Forgets what spoke for a fault. */
  reset(): void {
    this.#bank.reset();
    this.#creep_s = 0;
    this.#recent.clear();
  }

  /** A stretch without a request: what is proven stays so until requests disprove it, all else is forgotten. */
  pause(): void {
    if (!this.#bank.isProven) this.reset();
  }

  leaveOut(seconds: number): void {
    this.#bank.leaveOut(seconds);
  }

  /** `rate`: requests a second that are normal; `strictness`: of the settings (cusum.ts). */
  step(sketch: Sketch, paced: PacedSecond, rate: number, strictness: number): LatencyVerdict {
    this.#judged_requests = 0;
    this.#relative = this.#paces.relative(paced);
    if (this.p95_ms === null || this.#baseline.relative === null)
      return { reason: "too_few_requests", p95_ms: 0, since_s: 0 };
    const wasProven = this.#bank.isProven;
    const requests = sketchCount(this.#relative);
    if (requests > 0) {
      this.#addUp(this.#relative);
      this.#judged_requests = requests;
      for (const [i, scatter] of this.#scatters.entries()) {
        this.#bank.add(i, this.#sums[i]! / (scatter.dispersion * strictness), rate);
      }
    }
    const verdict = this.#bank.judge(requests);
    if (wasProven && !this.#bank.isProven) {
      this.#baseline.forgetRecent();
      this.#creep_s = 0;
    }
    this.#creep_s = this.#baseline.creep > CREEP_RATIO ? this.#creep_s + 1 : 0;
    if (this.#bank.isQuiet && this.#creep_s === 0) {
      this.#recent.clear();
      return { reason: verdict, p95_ms: 0, since_s: 0 };
    }
    this.#recent.add(sketch);
    const p95_ms = this.#recent.quantileMs(0.95) ?? 0;
    if (verdict === "above_threshold") return { reason: verdict, p95_ms, since_s: this.#bank.since_s };
    if (this.#creep_s >= CREEP_S) return { reason: "above_threshold", p95_ms, since_s: this.#creep_s };
    return { reason: verdict, p95_ms, since_s: 0 };
  }

  /** The scores of a second's requests, for each level. */
  #addUp({ bins, counts }: Sketch): void {
    const scores = this.#tables();
    for (let level = 0; level < scores.length; level += 1) {
      const table = scores[level]!;
      let [sum, square_sum] = [0, 0];
      for (let i = 0; i < bins.length; i += 1) {
        const [count, score] = [counts[i]!, table[bins[i]!]!];
        sum += count * score;
        square_sum += count * score * score;
      }
      this.#sums[level] = sum;
      this.#square_sums[level] = square_sum;
    }
  }

  #tables(): readonly Float32Array[] {
    if (this.#scores_revision !== this.#baseline.revision) {
      const { normal, requests } = this.#baseline.relative!;
      this.#scores = slowScores(normal, requests, LEVELS);
      this.#scores_revision = this.#baseline.revision;
    }
    return this.#scores;
  }

  /** Adds a second's latencies, right after it was judged; `learn` says that nothing speaks against them. */
  learn(second: number, requests: number, sketch: Sketch, paced: PacedSecond, learn: boolean): void {
    if (learn && this.p95_ms !== null) {
      this.#slow.learn(requests, countAbove(sketch, this.#baseline.slow_bin));
      // A second that was not judged, as when the service has to start, has no scores.
      const judged = this.#judged_requests;
      for (const [i, scatter] of this.#scatters.entries()) {
        if (judged > 0) scatter.learn(judged, this.#sums[i]!, this.#square_sums[i]!);
      }
    }
    this.#baseline.add(second, sketch, this.#relative, learn);
    if (learn) this.#paces.learn(paced);
  }

  /** Forgets the paces of all endpoints but these. */
  keepEndpoints(names: { has: (name: string) => boolean }): void {
    this.#paces.keep(names);
  }

  /** `names`: of the endpoints that are known, the same ones in the same order to `decode`. */
  encode(writer: BinaryWriter, names: Iterable<string>): void {
    this.#baseline.encode(writer);
    this.#paces.encode(writer, names);
    this.#bank.encode(writer);
    for (const scatter of this.#scatters) scatter.encode(writer);
    this.#slow.encode(writer);
    this.#recent.encode(writer);
    writer.uint(this.#creep_s);
  }

  static decode(reader: BinaryReader, names: Iterable<string>): LatencyTest {
    const test = new LatencyTest();
    test.#baseline = LatencyBaseline.decode(reader);
    test.#paces = EndpointPaces.decode(reader, names);
    test.#bank = LevelBank.decode(reader, LEVELS);
    test.#scatters = LEVELS.map(() => ScoreScatter.decode(reader));
    test.#slow = ShareBaseline.decode(reader, SLOW_PRIOR);
    test.#recent = LatencySum.decode(reader);
    test.#creep_s = reader.uint();
    return test;
  }
}
