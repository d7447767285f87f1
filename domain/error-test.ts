/** Whether a share of failed requests is worse than normal: one for the whole service, one for each endpoint. */
import type { BinaryReader, BinaryWriter } from "./binary.ts";
import { rampFactor, RateBank, type BankVerdict, type Level } from "./rate-bank.ts";
import { type Prior, ShareBaseline } from "./share-baseline.ts";

/** One percent, worth a hundred requests: a service that fails more is learned within its first seconds. */
const PRIOR: Prior = { share: 0.01, strength: 100 };

/** How normal is guarded before it is tested against: slack for what the baseline cannot know. */
export interface Guard {
  readonly factor: number;
  readonly errors: number;
  readonly floor: number;
}

/** Changes in place. */
export class ErrorTest {
  readonly #guard: Guard;
  readonly #levels: readonly Level[];
  #baseline = new ShareBaseline(PRIOR);
  #bank: RateBank;

  constructor(levels: readonly Level[], guard: Guard) {
    this.#levels = levels;
    this.#guard = guard;
    this.#bank = new RateBank(levels);
  }

  clone(): ErrorTest {
    const copy = new ErrorTest(this.#levels, this.#guard);
    copy.#baseline = this.#baseline.clone();
    copy.#bank = this.#bank.clone();
    return copy;
  }

  get baseline(): ShareBaseline {
    return this.#baseline;
  }

  /** Normal with its guard: what the fault is tested against. */
  get normal(): number {
    const { factor, errors, floor } = this.#guard;
    return Math.min(0.9, this.#baseline.share * factor + this.#baseline.error * errors + floor);
  }

  get threshold_value(): number {
    return Math.min(0.99, this.normal + this.#levels[0]!.excess);
  }

  get isProven(): boolean {
    return this.#bank.isProven;
  }

  /** What spoke for a fault came from a larger one that has ended. */
  reset(): void {
    this.#bank.reset();
  }

  evidence(threshold: number): number {
    return this.#bank.evidence(threshold);
  }

  get since_s(): number {
    return this.#bank.since_s;
  }

  step(request_count: number, error_count: number, rate: number, threshold: number): BankVerdict {
    // A healthy second of a healthy service: nothing to add up.
    if (error_count === 0 && this.#bank.isQuiet) return "below_threshold";
    const ramp_factor = rampFactor(rate);
    return this.#bank.step(request_count, error_count, this.normal, threshold, ramp_factor, this.#baseline.dispersion);
  }

  learn(request_count: number, error_count: number): void {
    this.#baseline.learn(request_count, error_count);
  }

  encode(writer: BinaryWriter): void {
    this.#baseline.encode(writer);
    this.#bank.encode(writer);
  }

  static decode(reader: BinaryReader, levels: readonly Level[], guard: Guard): ErrorTest {
    const test = new ErrorTest(levels, guard);
    test.#baseline = ShareBaseline.decode(reader, PRIOR);
    test.#bank = RateBank.decode(reader, levels);
    return test;
  }
}
