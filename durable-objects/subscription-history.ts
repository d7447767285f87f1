/** The way of a subscription's ledger to the history database: a line goes again until history has its newest revision. */
import type { History } from "../domain/history.ts";
import { RetriedPass } from "./retried-pass.ts";
import type { SubscriptionMessages } from "./subscription-messages.ts";

const ROWS_MAX = 500;

export class SubscriptionHistory {
  readonly #messages: SubscriptionMessages;
  readonly #history: History;
  readonly #pass: RetriedPass;

  constructor(messages: SubscriptionMessages, history: History, now: () => number) {
    this.#messages = messages;
    this.#history = history;
    this.#pass = new RetriedPass(now);
  }

  /** When lines are to be handed on; null when none waits. Never before a write under way is over. */
  due(): number | null {
    return this.#messages.untold(1).length === 0 ? null : this.#pass.due();
  }

  /** Hands on what waits. Never rejects. */
  async drain(): Promise<void> {
    await this.#pass.run(
      () => this.#writeAll(),
      (error, backoff_ms) => console.warn(`history took no deliveries, next attempt in ${backoff_ms} ms`, error),
    );
  }

  async #writeAll(): Promise<true> {
    for (;;) {
      const lines = this.#messages.untold(ROWS_MAX);
      if (lines.length === 0) return true;
      await this.#history.write(lines.map((row) => ({ table: "deliveries", row })));
      this.#messages.told(lines);
    }
  }
}
