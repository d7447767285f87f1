/**
 * Whether a service sleeps: its requests stop for far longer than their rate explains, and come back. Services that scale to
 * zero do, and those whose callers come in bouts. For them only a silence far beyond what was seen means anything.
 */
import type { BinaryReader, BinaryWriter } from "./binary.ts";

/** Half-life of three days of seconds with requests. */
const DECAY = 0.5 ** (1 / (3 * 86_400));
/**
 * A sleep that nobody was told of weighs more than one that was taken for an outage, since it may have been one: two of the
 * former, or three of the latter, make a service that sleeps.
 */
const UNTOLD_WEIGHT = 1.5;
const TOLD_WEIGHT = 1;
const SLEEPER_MIN = 2.5;
const WEIGHT_MAX = 12;
/** Sleeps are distributed widely: three times the longest one, and an hour at least. */
const LONGEST_FACTOR = 3;
const LIMIT_S_MIN = 3600;

/** Changes in place. */
export class SleepMemory {
  #weight = 0;
  #longest_s = 0;

  get isSleeper(): boolean {
    return this.#weight >= SLEEPER_MIN;
  }

  /** A silence up to here (s) is within what was seen; 0 for a service that does not sleep. */
  get limit_s(): number {
    return this.isSleeper ? Math.max(LIMIT_S_MIN, Math.ceil(this.#longest_s * LONGEST_FACTOR)) : 0;
  }

  /** A second with requests: what was seen ages. */
  age(): void {
    this.#weight *= DECAY;
    this.#longest_s *= DECAY;
  }

  /** A sleep has ended; `wasTold`: it was taken for an outage. */
  add(length_s: number, wasTold: boolean): void {
    this.#weight = Math.min(WEIGHT_MAX, this.#weight + (wasTold ? TOLD_WEIGHT : UNTOLD_WEIGHT));
    this.#longest_s = Math.max(this.#longest_s, length_s);
  }

  encode(writer: BinaryWriter): void {
    writer.double(this.#weight);
    writer.double(this.#longest_s);
  }

  static decode(reader: BinaryReader): SleepMemory {
    const memory = new SleepMemory();
    memory.#weight = reader.double();
    memory.#longest_s = reader.double();
    return memory;
  }
}
