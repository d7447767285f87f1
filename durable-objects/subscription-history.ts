/**
 * The way of a subscription's ledger, and of how its target is doing, to the history database: a line goes again until history has its
 * newest revision. Whoever lists subscriptions reads both there and wakes no object.
 */
import type { History, HistoryRow } from "../domain/history.ts";
import { type SubscriptionHealth, UNTRIED_HEALTH } from "../domain/subscription.ts";
import { RetriedPass } from "./retried-pass.ts";
import { numberOf, textOf } from "./sql-row.ts";
import type { Storage } from "./storage.ts";
import type { SubscriptionMessages } from "./subscription-messages.ts";

const ROWS_MAX = 500;

// health_told: JSON of SubscriptionHealth and its revision, as history has them. One row, none before anything was told.
const SCHEMA = `CREATE TABLE IF NOT EXISTS health_told (id INTEGER PRIMARY KEY CHECK (id = 1), revision INTEGER NOT NULL,
  health TEXT NOT NULL)`;

export interface SubscriptionHistoryPorts {
  readonly storage: Storage;
  readonly now: () => number;
  readonly history: History;
  readonly messages: SubscriptionMessages;
  /** As it is now, with its subscription's id; null where there is none (any more). */
  readonly health: () => { readonly id: string; readonly health: SubscriptionHealth } | null;
}

type HealthRow = Extract<HistoryRow, { table: "subscription_health" }>["row"];

export class SubscriptionHistory {
  readonly #ports: SubscriptionHistoryPorts;
  readonly #pass: RetriedPass;

  constructor(ports: SubscriptionHistoryPorts) {
    this.#ports = ports;
    this.#pass = new RetriedPass(ports.now);
    ports.storage.exec(SCHEMA);
  }

  /** When something is to be handed on; null when nothing waits. Never before a write under way is over. */
  due(): number | null {
    const isTold = this.#ports.messages.untold(1).length === 0 && this.#untoldHealth() === null;
    return isTold ? null : this.#pass.due();
  }

  /** Hands on what waits. Never rejects. */
  async drain(): Promise<void> {
    await this.#pass.run(
      () => this.#writeAll(),
      (error, backoff_ms) => console.warn(`history took no deliveries, next attempt in ${backoff_ms} ms`, error),
    );
  }

  async #writeAll(): Promise<true> {
    const { messages, history } = this.#ports;
    for (;;) {
      const lines = messages.untold(ROWS_MAX);
      const health = this.#untoldHealth();
      if (lines.length === 0 && health === null) return true;
      const healths = health === null ? [] : [{ table: "subscription_health", row: health } as const];
      await history.write([...lines.map((row) => ({ table: "deliveries", row }) as const), ...healths]);
      messages.told(lines);
      if (health !== null) this.#toldHealth(health);
    }
  }

  /** Inside the caller's transaction: there is no health any more to tell of. */
  forget(): void {
    this.#ports.storage.exec("DELETE FROM health_told");
  }

  /** Null where history has it. */
  #untoldHealth(): HealthRow | null {
    const { storage, now, health } = this.#ports;
    const own = health();
    if (own === null) return null;
    const told = storage.exec("SELECT revision, health FROM health_told WHERE id = 1")[0];
    const before = told === undefined ? JSON.stringify(UNTRIED_HEALTH) : textOf(told, "health");
    if (before === JSON.stringify(own.health)) return null;
    // By the clock, too: what an eviction kept from being noted may stand in history under the revision after this one.
    const revision = Math.max(now(), told === undefined ? 0 : numberOf(told, "revision") + 1);
    return { ...own, revision };
  }

  #toldHealth({ revision, health }: HealthRow): void {
    // It was removed meanwhile.
    if (this.#ports.health() === null) return;
    const query = "INSERT OR REPLACE INTO health_told (id, revision, health) VALUES (1, ?, ?)";
    this.#ports.storage.exec(query, revision, JSON.stringify(health));
  }
}
