/** The one alarm of a service's object: set to the earliest of all due times, which follow from storage. */
import type { Storage } from "./storage.ts";

/** When an alarm whose work failed rings again. */
const RETRY_MS = 5_000;

export class MonitorAlarm {
  readonly #storage: Storage;
  readonly #now: () => number;
  /** When it is set to ring; null when unknown or not set. */
  #armed_ms: number | null = null;

  constructor(storage: Storage, now: () => number) {
    this.#storage = storage;
    this.#now = now;
  }

  /** It has rung, and is not set any more. */
  rang(): void {
    this.#armed_ms = null;
  }

  /**
   * Sets it to the earliest due time (ms), if that is earlier than what is set: each setting is a row. What is overdue failed
   * or is under way: it is looked at again after RETRY_MS, never at once.
   */
  arm(dues: readonly (number | null)[]): void {
    const now_ms = this.#now();
    const due_ms = Math.min(...dues.filter((at) => at !== null).map((at) => (at > now_ms ? at : now_ms + RETRY_MS)));
    if (due_ms === Infinity || (this.#armed_ms !== null && this.#armed_ms <= due_ms)) return;
    this.#storage.setAlarm(due_ms);
    this.#armed_ms = due_ms;
  }

  /** The same after slow work, which rejects for nothing: what was set before it still rings, and sets the next one. */
  armAfterwards(dues: readonly (number | null)[]): void {
    try {
      this.arm(dues);
    } catch (error) {
      console.error("the next due time waits for the alarm that is set already", error);
    }
  }
}
