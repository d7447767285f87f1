/** Requests, failed and slow ones of the newest ten minutes, second by second: an incident counts from its onset. */
import type { BinaryReader, BinaryWriter } from "./binary.ts";
import { addTotals, NO_TOTALS, type Totals } from "./impact.ts";

const TOTALS_S = 600;

/** Changes in place; `clone` first where the old state must stay. */
export class TotalsRing {
  #seconds: Totals[] = Array.from({ length: TOTALS_S }, () => NO_TOTALS);
  /** The newest pushed second; -1 before the first. */
  #newest = -1;

  clone(): TotalsRing {
    const copy = new TotalsRing();
    copy.#seconds = [...this.#seconds];
    copy.#newest = this.#newest;
    return copy;
  }

  /** Seconds must be pushed without a gap; what lies before a leap of time is forgotten by its place. */
  push(second: number, totals: Totals): void {
    this.#seconds[second % TOTALS_S] = totals;
    this.#newest = second;
  }

  /** The sum of the pushed seconds from `from` on. */
  since(from: number): Totals {
    let sum = NO_TOTALS;
    for (let second = Math.max(from, this.#newest - TOTALS_S + 1, 0); second <= this.#newest; second += 1)
      sum = addTotals(sum, this.#seconds[second % TOTALS_S]!);
    return sum;
  }

  /** Layout: newest second + 1; of each place its requests, and where there are some, the failed and the slow ones. */
  encode(writer: BinaryWriter): void {
    writer.uint(this.#newest + 1);
    for (const { request_count, failed_count, slow_count } of this.#seconds) {
      writer.uint(request_count);
      if (request_count === 0) continue;
      writer.uint(failed_count);
      writer.uint(slow_count);
    }
  }

  static decode(reader: BinaryReader): TotalsRing {
    const ring = new TotalsRing();
    ring.#newest = reader.uint() - 1;
    ring.#seconds = Array.from({ length: TOTALS_S }, () => {
      const request_count = reader.uint();
      if (request_count === 0) return NO_TOTALS;
      return { request_count, failed_count: reader.uint(), slow_count: reader.uint() };
    });
    return ring;
  }
}
