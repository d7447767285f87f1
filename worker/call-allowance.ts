/** How often an isolate may tell the Fleet what is no part of an answer: a few times at once, then one each few seconds. */
export class CallAllowance {
  readonly #calls_max: number;
  readonly #every_ms: number;
  #calls: number;
  #refilled_ms: number | null = null;

  constructor(calls_max: number, every_ms: number) {
    this.#calls_max = calls_max;
    this.#every_ms = every_ms;
    this.#calls = calls_max;
  }

  /** Takes one, if there is one. */
  take(now_ms: number): boolean {
    this.#refilled_ms ??= now_ms;
    const earned = Math.floor(Math.max(0, now_ms - this.#refilled_ms) / this.#every_ms);
    this.#calls = Math.min(this.#calls_max, this.#calls + earned);
    this.#refilled_ms += earned * this.#every_ms;
    if (this.#calls === 0) return false;
    this.#calls -= 1;
    return true;
  }
}
