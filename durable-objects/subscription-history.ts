/** The way of a subscription's ledger to the history database: a line goes again until history has its newest revision. */
import type { History } from "../domain/history.ts";
import { backoffMs } from "./backoff.ts";
import type { SubscriptionMessages } from "./subscription-messages.ts";

const ROWS_MAX = 500;
const BACKOFF_MIN_MS = 1_000;
const BACKOFF_MAX_MS = 60_000;
/** A write that an eviction ended unseen is taken for lost after this. */
const FLIGHT_MS = 60_000;

export class SubscriptionHistory {
  readonly #messages: SubscriptionMessages;
  readonly #history: History;
  readonly #now: () => number;
  #started_ms: number | null = null;
  #failures = 0;
  /** No attempt before, after a failure. */
  #blocked_until_ms = 0;

  constructor(messages: SubscriptionMessages, history: History, now: () => number) {
    this.#messages = messages;
    this.#history = history;
    this.#now = now;
  }

  /** When lines are to be handed on; null when none waits. Never before a write under way is over. */
  due(): number | null {
    if (this.#messages.untold(1).length === 0) return null;
    return this.#started_ms === null ? this.#blocked_until_ms : this.#started_ms + FLIGHT_MS;
  }

  /** Hands on what waits. Never rejects. Single flight. */
  async drain(): Promise<void> {
    const started_ms = this.#now();
    this.#started_ms = started_ms;
    try {
      for (;;) {
        const lines = this.#messages.untold(ROWS_MAX);
        if (lines.length === 0) break;
        await this.#history.write(lines.map((row) => ({ table: "deliveries", row })));
        this.#messages.told(lines);
      }
      this.#failures = 0;
    } catch (error) {
      this.#failures += 1;
      const backoff_ms = backoffMs(this.#failures, BACKOFF_MIN_MS, BACKOFF_MAX_MS);
      this.#blocked_until_ms = this.#now() + backoff_ms;
      console.warn(`history took no deliveries, next attempt in ${backoff_ms} ms`, error);
    } finally {
      if (this.#started_ms === started_ms) this.#started_ms = null;
    }
  }
}
