/** Far more requests than usual: worth knowing, never an alarm. */
import type { BinaryReader, BinaryWriter } from "./binary.ts";

/** A mean that follows within seconds, half-life 10 s; no second counts for more than six usual ones. */
const DECAY = 0.5 ** (1 / 10);
const SECOND_FACTOR_MAX = 6;
/** Some way below three times, so that a surge to three times stays above it while it scatters. */
const BEGIN_FACTOR = 2.2;
const RISEN_FACTOR = 2;
const END_FACTOR = 1.5;
const LASTS_S = 60;
const MEAN_MIN = 1e-6;
/** Below it, three times as many are a handful. */
const USUAL_MIN = 0.5;

/** Requests a second: the mean of the newest minute, and what is usual. */
export interface Surge {
  readonly rate: number;
  readonly usual: number;
  /** Its first second, estimated. */
  readonly since: number;
}

/** Changes in place. */
export class SurgeWatch {
  /** Null while there is none. */
  surge: Surge | null = null;
  #mean = 0;
  /** Seconds in a row far above usual, or, in a surge, near it again. */
  #turning_s = 0;
  #isRisen = false;

  /** Traffic is at twice of what is usual, so that it teaches nothing of it. */
  get isRisen(): boolean {
    return this.#isRisen;
  }

  /** Judges a second. `minute_rate`: requests a second over the minute that ends with it; `usual`: the same while all is well. */
  step(second: number, request_count: number, minute_rate: number, usual: number): void {
    const normal = this.surge?.usual ?? usual;
    const counted = Math.min(request_count, SECOND_FACTOR_MAX * Math.max(1, normal));
    const mean = this.#mean * DECAY + counted * (1 - DECAY);
    // So small a rest is none: after a long silence nothing is left that its length would change.
    this.#mean = mean < MEAN_MIN ? 0 : mean;
    this.#isRisen = normal >= USUAL_MIN && this.#mean >= normal * RISEN_FACTOR;
    const isTurning =
      this.surge === null
        ? normal >= USUAL_MIN && this.#mean >= normal * BEGIN_FACTOR
        : this.#mean < normal * END_FACTOR;
    this.#turning_s = isTurning ? this.#turning_s + 1 : 0;
    const hasTurned = this.#turning_s >= LASTS_S;
    if (hasTurned) this.#turning_s = 0;
    if (this.surge === null) {
      if (hasTurned) this.surge = { rate: minute_rate, usual, since: second - LASTS_S + 1 };
    } else this.surge = hasTurned ? null : { ...this.surge, rate: minute_rate };
  }

  encode(writer: BinaryWriter): void {
    writer.double(this.#mean);
    writer.uint(this.#turning_s);
    writer.uint((this.#isRisen ? 1 : 0) + (this.surge === null ? 0 : 2));
    if (this.surge === null) return;
    writer.double(this.surge.rate);
    writer.double(this.surge.usual);
    writer.uint(this.surge.since);
  }

  static decode(reader: BinaryReader): SurgeWatch {
    const watch = new SurgeWatch();
    watch.#mean = reader.double();
    watch.#turning_s = reader.uint();
    const flags = reader.uint();
    watch.#isRisen = flags % 2 === 1;
    if (flags >= 2) watch.surge = { rate: reader.double(), usual: reader.double(), since: reader.uint() };
    return watch;
  }
}
