/**
 * A bank of CUSUMs on a share of requests (failed, or slow): one for each size of fault, so that a large one is found within
 * seconds and a small one within a minute.
 */
import type { BinaryReader, BinaryWriter } from "./binary.ts";
import { bernoulliRatio, Cusum } from "./cusum.ts";

/** One size of fault: so many percentage points above normal (as a ratio), and the time it must last. */
export interface Level {
  readonly excess: number;
  readonly ramp_s: number;
}

export type BankVerdict =
  /** At least one size of fault is proven. */
  | "above_threshold"
  /** None is, but what was proven has not been disproven yet. */
  | "between"
  | "below_threshold";

const PROBABILITY_MAX = 0.99;

/** Changes in place. */
export class RateBank {
  readonly #levels: readonly Level[];
  readonly #cusums: readonly Cusum[];
  /** Index of the largest size that was proven and not disproven since; -1 if none. */
  #proven = -1;

  constructor(levels: readonly Level[], cusums: readonly Cusum[] = levels.map(() => new Cusum()), proven = -1) {
    this.#levels = levels;
    this.#cusums = cusums;
    this.#proven = proven;
  }

  clone(): RateBank {
    const cusums = this.#cusums.map((cusum) => cusum.clone());
    return new RateBank(this.#levels, cusums, this.#proven);
  }

  /** The largest statistic as a part of the threshold, 0 to 1. */
  evidence(threshold: number): number {
    return Math.max(...this.#cusums.map((cusum) => cusum.value)) / threshold;
  }

  /** Nothing speaks for a fault of any size. */
  get isQuiet(): boolean {
    return this.#proven < 0 && this.#cusums.every((cusum) => cusum.value === 0);
  }

  /**
   * Judges a second. `normal`: the guarded normal share; `ramp_factor` stretches the ramps where requests are few;
   * `dispersion` (1 or more) is by how much counts scatter more than independent requests would: it weakens the evidence.
   */
  step(trials: number, hits: number, normal: number, threshold: number, ramp_factor = 1, dispersion = 1): BankVerdict {
    let proven = -1;
    for (const [i, level] of this.#levels.entries()) {
      const cusum = this.#cusums[i]!;
      const worse = Math.min(PROBABILITY_MAX, normal + level.excess);
      if (worse > normal)
        cusum.add(bernoulliRatio(trials, hits, normal, worse) / dispersion, level.ramp_s * ramp_factor, threshold);
      if (cusum.value >= threshold) proven = i;
    }
    if (proven >= 0) {
      this.#proven = Math.max(this.#proven, proven);
      return "above_threshold";
    }
    if (this.#proven < 0) return "below_threshold";
    if (this.#cusums[this.#proven]!.value > 0) return "between";
    // What spoke for smaller faults came from the one that is disproven now; a smaller one that remains speaks again.
    this.reset();
    return "below_threshold";
  }

  reset(): void {
    this.#proven = -1;
    for (const cusum of this.#cusums) cusum.reset();
  }

  /** Something was proven and is not disproven yet. */
  get isProven(): boolean {
    return this.#proven >= 0;
  }

  /** How long (s) the winning statistic has been above 0: the fault began then. */
  get since_s(): number {
    let [best, age] = [-1, 0];
    for (const cusum of this.#cusums) if (cusum.value > best) [best, age] = [cusum.value, cusum.age_s];
    return age;
  }

  encode(writer: BinaryWriter): void {
    writer.uint(this.#proven + 1);
    for (const cusum of this.#cusums) cusum.encode(writer);
  }

  static decode(reader: BinaryReader, levels: readonly Level[]): RateBank {
    const proven = reader.uint() - 1;
    return new RateBank(
      levels,
      levels.map(() => Cusum.decode(reader)),
      proven,
    );
  }
}

/** Where requests are fewer than two a second, a few of one user must not look like a fault: ramps stretch. */
const FULL_RATE = 2;
const RAMP_FACTOR_MAX = 15;

/** By how much ramps stretch at `rate` requests a second: 1 to 15. */
export function rampFactor(rate: number): number {
  return Math.min(RAMP_FACTOR_MAX, Math.max(1, FULL_RATE / Math.max(rate, 0.01)));
}
