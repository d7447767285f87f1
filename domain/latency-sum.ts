/**
 * Latencies added up second by second: the bins of sketch.ts as a plain array, so that a second costs its own bins and nothing
 * for those already there. Counts are whole numbers, in units that the owner chooses, so that storing them loses nothing.
 */
import type { BinaryReader, BinaryWriter } from "./binary.ts";
import { BIN_COUNT, binValueMs, encodeSketch, readSketch, type Sketch } from "./sketch.ts";

/** Changes in place. */
export class LatencySum {
  readonly #counts = new Float64Array(BIN_COUNT);
  #total = 0;
  /** Lowest and highest bin that may hold something. */
  #low = BIN_COUNT;
  #high = -1;
  /** Its bytes until it changes: most sums of a service change once in minutes, and are stored with each batch. */
  #encoded: Uint8Array | null = null;

  get total(): number {
    return this.#total;
  }

  /** The bins that may hold something, from low to high; empty where high < low. */
  get low(): number {
    return this.#low;
  }

  get high(): number {
    return this.#high;
  }

  at(bin: number): number {
    return this.#counts[bin]!;
  }

  /** Adds every count times `weight`, a whole number. */
  add({ bins, counts }: Sketch, weight = 1): void {
    if (bins.length === 0) return;
    this.#encoded = null;
    const own = this.#counts;
    let total = 0;
    for (let i = 0; i < bins.length; i += 1) {
      const count = counts[i]! * weight;
      own[bins[i]!]! += count;
      total += count;
    }
    this.#total += total;
    this.#low = Math.min(this.#low, bins[0]!);
    this.#high = Math.max(this.#high, bins[bins.length - 1]!);
  }

  /** Every count times `factor` (0 to 1), rounded to whole ones. */
  decay(factor: number): void {
    this.#encoded = null;
    const own = this.#counts;
    let total = 0;
    for (let bin = this.#low; bin <= this.#high; bin += 1) {
      const count = Math.round(own[bin]! * factor);
      own[bin] = count;
      total += count;
    }
    this.#total = total;
    while (this.#low <= this.#high && own[this.#low] === 0) this.#low += 1;
    while (this.#high >= this.#low && own[this.#high] === 0) this.#high -= 1;
    if (total === 0) this.clear();
  }

  clear(): void {
    if (this.#total === 0) return;
    this.#encoded = null;
    this.#counts.fill(0, this.#low, this.#high + 1);
    this.#total = 0;
    this.#low = BIN_COUNT;
    this.#high = -1;
  }

  /** As quantileMs of sketch.ts: milliseconds, at most 1 % off; null while empty. */
  quantileMs(q: number): number | null {
    if (this.#total === 0) return null;
    const rank = Math.floor(q * (this.#total - 1));
    let seen = 0;
    for (let bin = this.#low; bin <= this.#high; bin += 1) {
      seen += this.#counts[bin]!;
      if (seen > rank) return binValueMs(bin);
    }
    return binValueMs(this.#high);
  }

  /** Counts in higher bins than `bin`. */
  above(bin: number): number {
    let count = 0;
    for (let at = Math.max(this.#low, bin + 1); at <= this.#high; at += 1) count += this.#counts[at]!;
    return count;
  }

  toSketch(): Sketch {
    const own = this.#counts;
    let distinct = 0;
    for (let bin = this.#low; bin <= this.#high; bin += 1) if (own[bin]! > 0) distinct += 1;
    const bins = new Uint16Array(distinct);
    const counts = new Float64Array(distinct);
    for (let bin = this.#low, at = 0; at < distinct; bin += 1) {
      if (own[bin]! <= 0) continue;
      bins[at] = bin;
      counts[at] = own[bin]!;
      at += 1;
    }
    return { bins, counts };
  }

  encode(writer: BinaryWriter): void {
    writer.raw((this.#encoded ??= encodeSketch(this.toSketch())));
  }

  static decode(reader: BinaryReader): LatencySum {
    const sum = new LatencySum();
    sum.add(readSketch(reader));
    return sum;
  }
}
