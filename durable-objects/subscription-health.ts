/** How a subscription's target has been doing. It is told and never acted on: what is sent when follows from the queue alone. */
import type { SubscriptionHealth } from "../domain/subscription.ts";
import { formatRfc3339 } from "../domain/rfc3339.ts";
import { textOf } from "./sql-row.ts";
import type { Storage } from "./storage.ts";

/** Failures in a row that make a target unhealthy. */
const FAILURES_MAX = 5;
/** What an answer says is foreign text: it is shown in short. */
const REASON_LENGTH_MAX = 300;

// health: JSON of Doing. One row, none before the first attempt.
const SCHEMA = "CREATE TABLE IF NOT EXISTS health (id INTEGER PRIMARY KEY CHECK (id = 1), doing TEXT NOT NULL)";

/** Times are the receiving clock's, ms. */
interface Doing {
  readonly state: "healthy" | "failing" | "unhealthy";
  readonly since_ms: number | null;
  readonly reason: string | null;
  readonly delivered_ms: number | null;
  /** In a row. */
  readonly failures: number;
}

const UNTRIED: Doing = { state: "healthy", since_ms: null, reason: null, delivered_ms: null, failures: 0 };

export class SubscriptionHealthRecord {
  readonly #storage: Storage;

  constructor(storage: Storage) {
    this.#storage = storage;
    storage.exec(SCHEMA);
  }

  succeeded(now_ms: number): void {
    const before = this.#doing();
    const since_ms = before.state === "healthy" ? before.since_ms : now_ms;
    this.#save({ state: "healthy", since_ms, reason: null, delivered_ms: now_ms, failures: 0 });
  }

  /** `gave_up`: it was the last attempt for its message. */
  failed(now_ms: number, why: string, gave_up: boolean): void {
    const before = this.#doing();
    const failures = before.failures + 1;
    const isUnhealthy = gave_up || failures >= FAILURES_MAX || before.state === "unhealthy";
    const state = isUnhealthy ? "unhealthy" : "failing";
    const since_ms = state === before.state ? before.since_ms : now_ms;
    this.#save({ ...before, state, since_ms, reason: why.slice(0, REASON_LENGTH_MAX), failures });
  }

  forget(): void {
    this.#storage.exec("DELETE FROM health");
  }

  /** `disabled`: since when (null: not known) and why nothing is delivered; null where it is. */
  describe(
    disabled: { readonly at_ms: number | null; readonly reason: string } | null,
    waiting: number,
  ): SubscriptionHealth {
    const { state, since_ms, reason, delivered_ms, failures } = this.#doing();
    const since = disabled === null ? since_ms : disabled.at_ms;
    return {
      state: disabled === null ? state : "disabled",
      since: since === null ? null : formatRfc3339(since),
      reason: disabled?.reason ?? reason,
      delivered_at: delivered_ms === null ? null : formatRfc3339(delivered_ms),
      waiting,
      failures,
    };
  }

  #doing(): Doing {
    const row = this.#storage.exec("SELECT doing FROM health WHERE id = 1")[0];
    return row === undefined ? UNTRIED : (JSON.parse(textOf(row, "doing")) as Doing);
  }

  #save(doing: Doing): void {
    this.#storage.exec("INSERT OR REPLACE INTO health (id, doing) VALUES (1, ?)", JSON.stringify(doing));
  }
}
