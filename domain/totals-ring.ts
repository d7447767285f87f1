/** Requests, failed and slow ones of the newest ten minutes, second by second: an incident counts from its onset. */
import { type BinaryReader, type BinaryWriter, encoded } from "./binary.ts";
import type { Totals } from "./impact.ts";

export const TOTALS_S = 600;
/** Seconds that are encoded together: of ten minutes only the newest one changes from one commit to the next. */
const BLOCK_S = 60;

/** Changes in place. */
export class TotalsRing {
  readonly #requests = new Uint32Array(TOTALS_S);
  readonly #failed = new Uint32Array(TOTALS_S);
  readonly #slow = new Uint32Array(TOTALS_S);
  /** By block, until one of its seconds changes. */
  readonly #encoded: (Uint8Array | undefined)[] = [];
  #newest = -1;

  /** Seconds must be pushed without a gap; what lies before a leap of time is forgotten by its place. */
  push(second: number, request_count: number, failed_count: number, slow_count: number): void {
    const place = second % TOTALS_S;
    this.#requests[place] = request_count;
    this.#failed[place] = failed_count;
    this.#slow[place] = slow_count;
    this.#encoded[Math.floor(place / BLOCK_S)] = undefined;
    this.#newest = second;
  }

  /** The newest pushed second; -1 before the first. */
  get newest(): number {
    return this.#newest;
  }

  /** The sum of the pushed seconds from `from` on. */
  since(from: number): Totals {
    let [request_count, failed_count, slow_count] = [0, 0, 0];
    for (let second = Math.max(from, this.#newest - TOTALS_S + 1, 0); second <= this.#newest; second += 1) {
      const place = second % TOTALS_S;
      request_count += this.#requests[place]!;
      failed_count += this.#failed[place]!;
      slow_count += this.#slow[place]!;
    }
    return { request_count, failed_count, slow_count };
  }

  /** Layout: newest second + 1; of each place its requests, and where there are some, the failed and the slow ones. */
  encode(writer: BinaryWriter): void {
    writer.uint(this.#newest + 1);
    for (let block = 0; block * BLOCK_S < TOTALS_S; block += 1)
      writer.raw((this.#encoded[block] ??= this.#encodeBlock(block * BLOCK_S)));
  }

  #encodeBlock(from: number): Uint8Array {
    return encoded((writer) => {
      for (let place = from; place < from + BLOCK_S; place += 1) {
        writer.uint(this.#requests[place]!);
        if (this.#requests[place] === 0) continue;
        writer.uint(this.#failed[place]!);
        writer.uint(this.#slow[place]!);
      }
    });
  }

  static decode(reader: BinaryReader): TotalsRing {
    const ring = new TotalsRing();
    ring.#newest = reader.uint() - 1;
    for (let place = 0; place < TOTALS_S; place += 1) {
      ring.#requests[place] = reader.uint();
      if (ring.#requests[place] === 0) continue;
      ring.#failed[place] = reader.uint();
      ring.#slow[place] = reader.uint();
    }
    return ring;
  }
}
