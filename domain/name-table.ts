/** Finds the number of a name from the name's bytes, without making a string of them. */

/** Names remembered at once. A batch may hold 1,000 services; of endpoints with ids in them only the newest stay. */
const SLOTS_MAX = 4096;
/** A bound on the search, so that names crafted to collide cost a few comparisons and not a batch's worth. */
const PROBES_MAX = 8;

/**
 * A hash table with open addressing over names that stand somewhere in the bytes of `view`. It is a cache: a name it has forgotten is
 * looked up by its string and remembered again.
 */
export class NameTable {
  private readonly view: DataView;
  /** The number of slots, a power of two, less one. */
  private readonly mask: number;
  private readonly hashes: Int32Array;
  private readonly starts: Int32Array;
  /** 0 marks an empty slot: no name is empty. */
  private readonly lengths: Int32Array;
  private readonly numbers: Int32Array;

  /** `names_max`: how many names there can be at most; a small batch gets a small table. */
  constructor(view: DataView, names_max: number) {
    let slots = 1;
    while (slots < SLOTS_MAX && slots < 2 * names_max) {
      slots *= 2;
    }
    this.view = view;
    this.mask = slots - 1;
    this.hashes = new Int32Array(slots);
    this.starts = new Int32Array(slots);
    this.lengths = new Int32Array(slots);
    this.numbers = new Int32Array(slots);
  }

  /** The number remembered for the bytes from `start` to before `end`, or -1. */
  find(start: number, end: number, hash: number): number {
    for (let probe = 0; probe < PROBES_MAX; probe += 1) {
      const slot = (hash + probe) & this.mask;
      const length = this.lengths[slot]!;
      if (length === 0) {
        return -1;
      }
      if (this.hashes[slot] === hash && length === end - start && this.equal(this.starts[slot]!, start, length)) {
        return this.numbers[slot]!;
      }
    }
    return -1;
  }

  /** `hash` is a 32-bit integer; `end` is greater than `start`. */
  remember(start: number, end: number, hash: number, number: number): void {
    let slot = hash & this.mask;
    for (let probe = 0; probe < PROBES_MAX; probe += 1) {
      const next = (hash + probe) & this.mask;
      if (this.lengths[next] === 0) {
        slot = next;
        break;
      }
    }
    this.hashes[slot] = hash;
    this.starts[slot] = start;
    this.lengths[slot] = end - start;
    this.numbers[slot] = number;
  }

  private equal(a: number, b: number, length: number): boolean {
    const { view } = this;
    let i = 0;
    for (; i + 4 <= length; i += 4) {
      if (view.getInt32(a + i) !== view.getInt32(b + i)) {
        return false;
      }
    }
    for (; i < length; i += 1) {
      if (view.getUint8(a + i) !== view.getUint8(b + i)) {
        return false;
      }
    }
    return true;
  }
}
