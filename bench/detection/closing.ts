/** When a second closes: the wait for the watermark, and what a partition that lags adds to it. */
import type { Random } from "../../generator/random.ts";

/** `disorder_s`, the default of a service's settings. */
const DISORDER_S = 2;
/** With late data a partition lags about once a minute, by up to this long. */
const LAG_GAP_S = 60;
const LAG_S_MAX = 10;

export interface Closing {
  /** Event time at which `second` closes; never before an earlier one. */
  closedAt(second: number): number;
}

export const ON_TIME: Closing = { closedAt: (second) => second + 1 + DISORDER_S };

/** Some seconds close late. */
export class LateClosing implements Closing {
  readonly #random: Random;
  #held_until_s = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  closedAt(second: number): number {
    const due_s = ON_TIME.closedAt(second);
    if (this.#random.unit() < 1 / LAG_GAP_S) {
      this.#held_until_s = Math.max(this.#held_until_s, due_s + 1 + this.#random.index(LAG_S_MAX));
    }
    return Math.max(due_s, this.#held_until_s);
  }
}
