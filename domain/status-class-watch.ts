/**
 * Answers by class of status code, of the newest ten minutes second by second, and what is typical. They judge nothing: which codes
 * are errors is a setting, and an incident's evidence says which classes carry it.
 */
import { type BinaryReader, type BinaryWriter, encoded } from "./binary.ts";
import { RING_S } from "./second-ring.ts";
import { CLASS_COUNT, NO_CLASSES, type StatusClasses } from "./status-classes.ts";
import { TOTALS_S } from "./totals-ring.ts";

/** Half-life of two hours of seconds that teach, as that of the share of errors. */
const DECAY = 0.5 ** (1 / 7200);
/** Answers behind what is typical before it counts. */
const TYPICAL_MIN = 50;
/** Seconds that are encoded together: of ten minutes only the newest one changes from one commit to the next. */
const BLOCK_S = 60;

/** Changes in place. */
export class StatusClassWatch {
  readonly #counts = new Uint32Array(TOTALS_S * CLASS_COUNT);
  /** By block, until one of its seconds changes. */
  readonly #encoded: (Uint8Array | undefined)[] = [];
  #newest = -1;
  /** The newest second in which something spoke for a fault. */
  #spoke = -1;
  /** Decayed counts of seconds that nothing spoke against. */
  #typical = new Float64Array(CLASS_COUNT);

  /** Shares of the answers, which sum up to 1, while nothing speaks for a fault; null while too few were seen. */
  get typical(): readonly number[] | null {
    const all = this.#typical.reduce((sum, own) => sum + own, 0);
    return all < TYPICAL_MIN ? null : Array.from(this.#typical, (own) => own / all);
  }

  /**
   * Seconds must be pushed without a gap, empty ones too; what lies before a leap of time is forgotten by its place. `learn`: nothing
   * speaks for a fault. A second teaches once a minute has passed in which nothing did: it is not known sooner.
   */
  push(second: number, classes: StatusClasses, learn: boolean): void {
    if (!learn) this.#spoke = second;
    const left = second - RING_S;
    if (left > this.#spoke && left >= 0) this.#learn(left);
    const place = second % TOTALS_S;
    for (let i = 0; i < CLASS_COUNT; i += 1) this.#counts[place * CLASS_COUNT + i] = classes[i]!;
    this.#encoded[Math.floor(place / BLOCK_S)] = undefined;
    this.#newest = second;
  }

  /** A second without answers lets nothing be forgotten: a service that slept knows what it knew. */
  #learn(second: number): void {
    const place = (second % TOTALS_S) * CLASS_COUNT;
    const own = this.#counts.subarray(place, place + CLASS_COUNT);
    if (own.every((count) => count === 0)) return;
    for (let i = 0; i < CLASS_COUNT; i += 1) this.#typical[i] = this.#typical[i]! * DECAY + own[i]!;
  }

  /** Sums of the pushed seconds `from` to `to`, at most ten minutes. */
  over(from: number, to: number): StatusClasses {
    const sums = [...NO_CLASSES];
    const last = Math.min(to, this.#newest);
    for (let second = Math.max(from, this.#newest - TOTALS_S + 1, 0); second <= last; second += 1) {
      const place = (second % TOTALS_S) * CLASS_COUNT;
      for (let i = 0; i < CLASS_COUNT; i += 1) sums[i]! += this.#counts[place + i]!;
    }
    return sums;
  }

  /** Layout: newest and last spoken second + 1, what is typical; of each place bits that say which classes it has, and their counts. */
  encode(writer: BinaryWriter): void {
    writer.uint(this.#newest + 1);
    writer.uint(this.#spoke + 1);
    for (const own of this.#typical) writer.double(own);
    for (let block = 0; block * BLOCK_S < TOTALS_S; block += 1)
      writer.raw((this.#encoded[block] ??= this.#encodeBlock(block * BLOCK_S)));
  }

  #encodeBlock(from: number): Uint8Array {
    return encoded((writer) => {
      for (let place = from; place < from + BLOCK_S; place += 1) {
        const own = this.#counts.subarray(place * CLASS_COUNT, (place + 1) * CLASS_COUNT);
        writer.uint(own.reduce((bits, count, i) => bits + (count > 0 ? 2 ** i : 0), 0));
        for (const count of own) if (count > 0) writer.uint(count);
      }
    });
  }

  static decode(reader: BinaryReader): StatusClassWatch {
    const watch = new StatusClassWatch();
    watch.#newest = reader.uint() - 1;
    watch.#spoke = reader.uint() - 1;
    for (let i = 0; i < CLASS_COUNT; i += 1) watch.#typical[i] = reader.double();
    for (let place = 0; place < TOTALS_S; place += 1) {
      const bits = reader.uint();
      for (let i = 0; i < CLASS_COUNT; i += 1)
        if (Math.floor(bits / 2 ** i) % 2 === 1) watch.#counts[place * CLASS_COUNT + i] = reader.uint();
    }
    return watch;
  }
}
