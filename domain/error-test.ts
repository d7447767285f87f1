/** Whether a share of failed requests is worse than normal: one for the whole service, one for each endpoint. */
import type { BinaryReader, BinaryWriter } from "./binary.ts";
import { ErrorScores } from "./error-scores.ts";
import { type BankVerdict, type Level, LevelBank } from "./level-bank.ts";
import { type Prior, ShareBaseline } from "./share-baseline.ts";

/** One percent, worth a hundred requests: a service that fails more is learned within its first seconds. */
const PRIOR: Prior = { share: 0.01, strength: 100 };

/** How normal is guarded before it is tested against: slack for what the baseline cannot know. */
export interface Guard {
  readonly factor: number;
  readonly errors: number;
  readonly floor: number;
}

/** One size of fault: the evidence turns at so many percentage points (as a ratio) above normal. */
export interface ErrorLevel extends Level {
  readonly turn: number;
  /** The guarded normal share is that of a bad hour; evidence counts as for one that is this part of it, 0 to 1. */
  readonly usual_part: number;
}

/** What is tested: sizes of faults from small to large, the guard of normal, and the threshold in nats. */
export class ErrorPlan {
  readonly levels: readonly ErrorLevel[];
  readonly guard: Guard;
  readonly #threshold: number;
  readonly #scores: readonly ErrorScores[];

  constructor(levels: readonly ErrorLevel[], guard: Guard, threshold: number) {
    this.levels = levels;
    this.guard = guard;
    this.#threshold = threshold;
    this.#scores = levels.map(({ turn, usual_part }) => new ErrorScores(turn, usual_part));
  }

  newBank(): LevelBank {
    return new LevelBank(this.levels, this.#threshold);
  }

  decodeBank(reader: BinaryReader): LevelBank {
    return LevelBank.decode(reader, this.levels, this.#threshold);
  }

  /**
   * Judges a second. `normal`: the guarded normal share; `dispersion` (1 or more): by how much counts scatter more than
   * independent requests would, which weakens the evidence; `rate`: requests a second that are normal.
   */
  judge(
    bank: LevelBank,
    request_count: number,
    error_count: number,
    normal: number,
    dispersion: number,
    rate: number,
  ): BankVerdict {
    for (let i = 0; i < this.#scores.length; i += 1) {
      const { hit, miss } = this.#scores[i]!.of(normal);
      bank.add(i, (error_count * hit + (request_count - error_count) * miss) / dispersion, rate);
    }
    return bank.judge(request_count);
  }
}

/** Changes in place. */
export class ErrorTest {
  readonly #plan: ErrorPlan;
  #baseline = new ShareBaseline(PRIOR);
  #bank: LevelBank;

  constructor(plan: ErrorPlan) {
    this.#plan = plan;
    this.#bank = plan.newBank();
  }

  get baseline(): ShareBaseline {
    return this.#baseline;
  }

  /** Normal with its guard: what the fault is tested against. */
  get normal(): number {
    const { factor, errors, floor } = this.#plan.guard;
    const { share, error, wander } = this.#baseline;
    return Math.min(0.9, share * factor + Math.hypot(error, wander) * errors + floor);
  }

  /** The share above which the smallest size of fault gathers evidence. */
  get threshold_value(): number {
    return Math.min(0.99, this.normal + this.#plan.levels[0]!.turn);
  }

  get isProven(): boolean {
    return this.#bank.isProven;
  }

  /** A stretch without a request (level-bank.ts). */
  pause(): void {
    this.#bank.pause();
  }

  leaveOut(seconds: number): void {
    this.#bank.leaveOut(seconds);
  }

  /** What spoke for a fault came from a larger one that has ended. */
  reset(): void {
    this.#bank.reset();
  }

  /** The strongest statistic as a part of its threshold, 0 to 1. */
  get evidence(): number {
    return this.#bank.evidence;
  }

  get since_s(): number {
    return this.#bank.since_s;
  }

  /** `rate`: requests a second that are normal; `strictness`: of the settings (cusum.ts). */
  step(request_count: number, error_count: number, rate: number, strictness: number): BankVerdict {
    // A healthy second of a healthy service: nothing to add up.
    if (error_count === 0 && this.#bank.isQuiet) return "below_threshold";
    const dispersion = this.#baseline.dispersion * strictness;
    return this.#plan.judge(this.#bank, request_count, error_count, this.normal, dispersion, rate);
  }

  learn(request_count: number, error_count: number): void {
    this.#baseline.learn(request_count, error_count);
  }

  encode(writer: BinaryWriter): void {
    this.#baseline.encode(writer);
    this.#bank.encode(writer);
  }

  static decode(reader: BinaryReader, plan: ErrorPlan): ErrorTest {
    const test = new ErrorTest(plan);
    test.#baseline = ShareBaseline.decode(reader, PRIOR);
    test.#bank = plan.decodeBank(reader);
    return test;
  }
}
