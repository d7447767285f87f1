/**
 * Sequential tests of "normal" against "worse by so much": CUSUMs of log-likelihood ratios (Page, "Continuous Inspection
 * Schemes", Biometrika 1954), stepped once per closed second.
 *
 * A statistic may only grow along a ramp, threshold x (seconds since it was 0) / ramp: a burst of a few seconds, however dense,
 * cannot cross it, while a fault that lasts does after `ramp_s`. It never exceeds the threshold, so that evidence against the
 * fault of the same strength brings it back to 0.
 */
import type { BinaryReader, BinaryWriter } from "./binary.ts";

/** ln(86,400 s x 100): by Wald's bound one false alarm in a hundred days of seconds, were they independent. */
export const THRESHOLD = Math.log(86_400 * 100);

/**
 * By how much evidence is divided so that about `per_day` false alarms a day are expected: the same as a threshold of
 * ln(86,400 / per_day), of which ramps and what freezes the baselines are parts too. 1 at the default of one in a hundred days.
 */
export function strictnessOf(per_day: number): number {
  return Math.log(86_400 / per_day) / THRESHOLD;
}

/** Changes in place. */
export class Cusum {
  #value = 0;
  /** Seconds since it left 0. */
  #age_s = 0;

  clone(): Cusum {
    const copy = new Cusum();
    copy.#value = this.#value;
    copy.#age_s = this.#age_s;
    return copy;
  }

  /** 0 to the threshold, in nats. */
  get value(): number {
    return this.#value;
  }

  /** Seconds since it last was 0; 0 while it is. */
  get age_s(): number {
    return this.#age_s;
  }

  /** Adds one second's log-likelihood ratio, in nats. */
  add(ratio: number, ramp_s: number, threshold: number): void {
    const sum = this.#value + ratio;
    if (sum <= 0) {
      this.reset();
      return;
    }
    this.#age_s += 1;
    this.#value = Math.min(sum, threshold, (threshold * this.#age_s) / ramp_s);
  }

  /** Seconds that bring no evidence at all pass unseen. */
  leaveOut(seconds: number): void {
    if (this.#value > 0) this.#age_s += seconds;
  }

  reset(): void {
    this.#value = 0;
    this.#age_s = 0;
  }

  encode(writer: BinaryWriter): void {
    writer.double(this.#value);
    writer.uint(this.#age_s);
  }

  static decode(reader: BinaryReader): Cusum {
    const cusum = new Cusum();
    cusum.#value = reader.double();
    cusum.#age_s = reader.uint();
    return cusum;
  }
}

/** The log-likelihood ratio of `hits` among `trials` under probability `worse` against `normal`, both inside (0, 1). */
export function bernoulliRatio(trials: number, hits: number, normal: number, worse: number): number {
  return hits * Math.log(worse / normal) + (trials - hits) * Math.log((1 - worse) / (1 - normal));
}

/** The same of a count under a Poisson mean of `low` against `high`. */
export function poissonRatio(count: number, low: number, high: number): number {
  return count * Math.log(low / high) + (high - low);
}
