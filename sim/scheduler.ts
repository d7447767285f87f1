/** Virtual time: work is done at its hour, one piece after the other, and everything that follows from it without waiting too. */

interface Entry {
  readonly at_ms: number;
  readonly order: number;
  readonly work: () => void;
}

export class Scheduler {
  now_ms: number;
  /** Pieces of work that were done. */
  steps = 0;
  #order = 0;
  /** A binary heap by time, then by the order of asking. */
  readonly #heap: Entry[] = [];

  constructor(now_ms: number) {
    this.now_ms = now_ms;
  }

  /** Does `work` at that time, or next where it has passed. */
  at(at_ms: number, work: () => void): void {
    this.#order += 1;
    this.#heap.push({ at_ms: Math.max(at_ms, this.now_ms), order: this.#order, work });
    this.#rise(this.#heap.length - 1);
  }

  after(delay_ms: number, work: () => void): void {
    this.at(this.now_ms + delay_ms, work);
  }

  sleep(delay_ms: number): Promise<void> {
    return new Promise((resolve) => this.after(delay_ms, resolve));
  }

  /** Lets time pass up to `end_ms`; ends early where `isOver` says so after a piece of work. */
  async runUntil(end_ms: number, isOver: () => boolean): Promise<void> {
    await settled();
    while (!isOver()) {
      const first = this.#heap[0];
      if (first === undefined || first.at_ms > end_ms) {
        this.now_ms = Math.max(this.now_ms, end_ms);
        return;
      }
      this.#takeFirst();
      this.now_ms = first.at_ms;
      this.steps += 1;
      first.work();
      await settled();
    }
  }

  #takeFirst(): void {
    const last = this.#heap.pop()!;
    if (this.#heap.length === 0) return;
    this.#heap[0] = last;
    let at = 0;
    for (;;) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      let least = at;
      if (left < this.#heap.length && this.#isBefore(left, least)) least = left;
      if (right < this.#heap.length && this.#isBefore(right, least)) least = right;
      if (least === at) return;
      this.#swap(at, least);
      at = least;
    }
  }

  #rise(from: number): void {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#isBefore(at, parent)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  #isBefore(a: number, b: number): boolean {
    const [one, other] = [this.#heap[a]!, this.#heap[b]!];
    return one.at_ms === other.at_ms ? one.order < other.order : one.at_ms < other.at_ms;
  }

  #swap(a: number, b: number): void {
    [this.#heap[a], this.#heap[b]] = [this.#heap[b]!, this.#heap[a]!];
  }
}

/** All promises that can settle without time passing have: one macrotask comes after all of them. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
