/**
 * Tokens of a day that all instances of the Narrator share; the first one keeps them. What a call may need at most is set aside
 * before it and given back after, so that calls at the same time never spend more than there is. What an eviction leaves set
 * aside counts as spent: such a call had begun.
 */
import type { BudgetPort } from "../domain/narrator.ts";
import { numberOf } from "./sql-row.ts";
import type { Storage } from "./storage.ts";

const DAY_MS = 86_400_000;

// budget: day: YYYY-MM-DD (UTC); tokens: spent or set aside. Yesterday's row stays for calls that midnight finds under way.
const SCHEMA = "CREATE TABLE IF NOT EXISTS budget (day TEXT PRIMARY KEY, tokens INTEGER NOT NULL) WITHOUT ROWID";

export class NarratorBudget implements BudgetPort {
  readonly #storage: Storage;
  readonly #daily_tokens: number;

  constructor(storage: Storage, daily_tokens: number) {
    this.#storage = storage;
    this.#daily_tokens = daily_tokens;
    storage.exec(SCHEMA);
  }

  async reserve(day: string, tokens: number): Promise<boolean> {
    return this.#storage.transaction(() => {
      if (this.spent(day) + tokens > this.#daily_tokens) return false;
      this.#storage.exec("DELETE FROM budget WHERE day < ?", dayOf(Date.parse(day) - DAY_MS));
      const query = `INSERT INTO budget (day, tokens) VALUES (?, ?)
        ON CONFLICT (day) DO UPDATE SET tokens = tokens + excluded.tokens`;
      this.#storage.exec(query, day, tokens);
      return true;
    });
  }

  /** A day that is forgotten takes nothing back. */
  async giveBack(day: string, tokens: number): Promise<void> {
    this.#storage.exec("UPDATE budget SET tokens = max(0, tokens - ?) WHERE day = ?", tokens, day);
  }

  /** What is spent or set aside of that day. */
  spent(day: string): number {
    const row = this.#storage.exec("SELECT tokens FROM budget WHERE day = ?", day)[0];
    return row === undefined ? 0 : numberOf(row, "tokens");
  }
}

/** The day (UTC) of a time in ms, as in `2026-11-24`. */
export function dayOf(at_ms: number): string {
  return new Date(at_ms).toISOString().slice(0, 10);
}

/** When the next day begins (ms). */
export function nextDay(at_ms: number): number {
  return (Math.floor(at_ms / DAY_MS) + 1) * DAY_MS;
}
