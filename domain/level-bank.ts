/**
 * A bank of CUSUMs on the same requests: one for each size of fault, so that a large one is found within seconds and a small one
 * within a minute.
 */
import type { BinaryReader, BinaryWriter } from "./binary.ts";
import { Cusum, THRESHOLD } from "./cusum.ts";

/** The time that a fault of one size must last. */
export interface Level {
  readonly ramp_s: number;
  /** Where requests are few it must last for this many on average, so that those of one user do not look like a fault. */
  readonly ramp_requests: number;
  /**
   * A second may take at most so many times what the ramp lets a second give, until the size is proven: else a second of few
   * requests undoes many, of which the ramp has cut most of what they said. No limit without it.
   */
  readonly fall?: number;
  /**
   * When it is disproven, what speaks for so many of the next smaller sizes stays; for none without it. A fault that lasts is now and
   * then taken for a larger one: were all forgotten with that, it would have to be proven anew along the whole of its ramp, as if it
   * had ended meanwhile. But where it has ended, what is left fades slowly for sizes far smaller, and a blip would bring them back.
   */
  readonly leaves?: number;
}

/** Requests a second from which `fall` holds: of fewer a second's evidence is that of one request, for or against. */
const FALL_RATE_MIN = 4;

/** However few the requests are. */
const RAMP_S_MAX = 120;

export type BankVerdict =
  /** At least one size of fault is proven. */
  | "above_threshold"
  /** None is, but what was proven has not been disproven yet. */
  | "between"
  | "below_threshold";

/** Changes in place. */
export class LevelBank {
  readonly #levels: readonly Level[];
  readonly #threshold: number;
  readonly #cusums: readonly Cusum[];
  /** Index of the largest size that was proven and not disproven since; -1 if none. */
  #proven: number;

  /** Levels from the smallest size of fault to the largest. */
  constructor(
    levels: readonly Level[],
    threshold = THRESHOLD,
    cusums: readonly Cusum[] = levels.map(() => new Cusum()),
    proven = -1,
  ) {
    this.#levels = levels;
    this.#threshold = threshold;
    this.#cusums = cusums;
    this.#proven = proven;
  }

  /** The largest statistic as a part of the threshold, 0 to 1. */
  get evidence(): number {
    let largest = 0;
    for (const cusum of this.#cusums) largest = Math.max(largest, cusum.value);
    return largest / this.#threshold;
  }

  /** Nothing speaks for a fault of any size. */
  get isQuiet(): boolean {
    if (this.#proven >= 0) return false;
    for (const cusum of this.#cusums) if (cusum.value > 0) return false;
    return true;
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

  /** Adds a second's evidence for one size of fault, in nats; `rate`: requests a second that are normal. */
  add(index: number, evidence: number, rate: number): void {
    const { ramp_s, ramp_requests, fall } = this.#levels[index]!;
    const stretched_s = Math.min(RAMP_S_MAX, Math.max(ramp_s, ramp_requests / Math.max(rate, 1e-3)));
    const isBound = fall !== undefined && rate >= FALL_RATE_MIN && this.#proven < 0;
    const least = isBound ? (-fall * this.#threshold) / stretched_s : -Infinity;
    this.#cusums[index]!.add(Math.max(least, evidence), stretched_s, this.#threshold);
  }

  /**
   * After all levels of a second were added. One without a request says nothing: what was proven before is neither so again nor
   * disproven.
   */
  judge(request_count: number): BankVerdict {
    const verdict = this.#verdict();
    return request_count === 0 && verdict === "above_threshold" ? "between" : verdict;
  }

  #verdict(): BankVerdict {
    let above = -1;
    for (let i = 0; i < this.#cusums.length; i += 1) if (this.#cusums[i]!.value >= this.#threshold) above = i;
    if (above >= 0) {
      // A size that is disproven while a smaller one holds hands over to that.
      const isHeld = this.#proven > above && this.#cusums[this.#proven]!.value > 0;
      if (!isHeld) this.#proven = above;
      return "above_threshold";
    }
    if (this.#proven < 0) return "below_threshold";
    if (this.#cusums[this.#proven]!.value > 0) return "between";
    this.#giveUp(this.#proven);
    return "below_threshold";
  }

  /** A size is disproven, and with it the larger ones, which would have held too. */
  #giveUp(size: number): void {
    this.#proven = -1;
    const kept = size - (this.#levels[size]!.leaves ?? 0);
    for (const [i, cusum] of this.#cusums.entries()) if (i < kept || i >= size) cusum.reset();
  }

  /** A stretch without a request: what is proven stays so until requests disprove it, all else is forgotten. */
  pause(): void {
    if (this.#proven < 0) this.reset();
  }

  /** Seconds without a request pass unseen. */
  leaveOut(seconds: number): void {
    for (const cusum of this.#cusums) cusum.leaveOut(seconds);
  }

  reset(): void {
    this.#proven = -1;
    for (const cusum of this.#cusums) cusum.reset();
  }

  encode(writer: BinaryWriter): void {
    writer.uint(this.#proven + 1);
    for (const cusum of this.#cusums) cusum.encode(writer);
  }

  static decode(reader: BinaryReader, levels: readonly Level[], threshold = THRESHOLD): LevelBank {
    const proven = reader.uint() - 1;
    const cusums = levels.map(() => Cusum.decode(reader));
    return new LevelBank(levels, threshold, cusums, proven);
  }
}
