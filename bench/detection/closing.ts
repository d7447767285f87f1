/** When a second closes: the wait for the watermark, and what a partition that lags adds to it. */
import type { Random } from "../../generator/random.ts";

/** `disorder_s`, the default of a service's settings. */
const DISORDER_S = 2;
/** Without an event for so long, the clock stands in for the next one. */
const IDLE_S = 5;
/** With late data a partition lags about once a minute, by up to this long. */
const LAG_GAP_S = 60;
const LAG_S_MAX = 10;

/** Seconds in order. */
export class Closing {
  readonly #wait_s: number;
  readonly #lag: Random | null;
  #held_until_s = 0;

  /**
   * `rate` in requests/s: the watermark moves when an event arrives, which takes 1/rate on average. With `lag`, some seconds close
   * late, as a partition holds the watermark back.
   */
  constructor(rate: number, lag: Random | null = null) {
    this.#wait_s = 1 + DISORDER_S + Math.min(IDLE_S, 1 / rate);
    this.#lag = lag;
  }

  /** Event time at which `second` closes; never before an earlier one. */
  closedAt(second: number): number {
    const due_s = second + this.#wait_s;
    if (this.#lag !== null && this.#lag.unit() < 1 / LAG_GAP_S) {
      this.#held_until_s = Math.max(this.#held_until_s, due_s + 1 + this.#lag.index(LAG_S_MAX));
    }
    return Math.max(due_s, this.#held_until_s);
  }
}
