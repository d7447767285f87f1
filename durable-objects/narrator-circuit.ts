/**
 * The circuit breaker before the model: it opens after CALLS_MAX failed calls in a row, and after OPEN_MS lets one call at a time
 * try. One that succeeds closes it. It outlives the object's memory: an eviction must not send everybody to a model that is down.
 */
import type { CircuitState } from "../domain/narrator.ts";
import { numberOf, numberOrNullOf, textOf } from "./sql-row.ts";
import type { Storage } from "./storage.ts";

const CALLS_MAX = 5;
const OPEN_MS = 30_000;
/** What a model's failure says is foreign text: it is shown in short. */
const REASON_LENGTH_MAX = 300;

// circuit: failures: calls in a row; opened_at: when it opened, or a try failed last, null while closed; since: when it left or
// came back to `closed`; reason: of the last failure. Times are the receiving clock's, ms. One row, none before the first failure.
const SCHEMA = `CREATE TABLE IF NOT EXISTS circuit (id INTEGER PRIMARY KEY CHECK (id = 1), failures INTEGER NOT NULL,
  opened_at INTEGER, since INTEGER, reason TEXT)`;

interface Circuit {
  readonly failures: number;
  readonly opened_ms: number | null;
  readonly since_ms: number | null;
  readonly reason: string | null;
}

export class NarratorCircuit {
  readonly #storage: Storage;
  #circuit: Circuit;

  constructor(storage: Storage) {
    this.#storage = storage;
    storage.exec(SCHEMA);
    const row = storage.exec("SELECT failures, opened_at, since, reason FROM circuit WHERE id = 1")[0];
    this.#circuit = {
      failures: row === undefined ? 0 : numberOf(row, "failures"),
      opened_ms: row === undefined ? null : numberOrNullOf(row, "opened_at"),
      since_ms: row === undefined ? null : numberOrNullOf(row, "since"),
      reason: row === undefined || row["reason"] === null ? null : textOf(row, "reason"),
    };
  }

  state(now_ms: number): CircuitState {
    const { opened_ms } = this.#circuit;
    if (opened_ms === null) return "closed";
    return now_ms < opened_ms + OPEN_MS ? "open" : "half_open";
  }

  /** When an open one lets a call try; null while it is closed. */
  get trial_ms(): number | null {
    const { opened_ms } = this.#circuit;
    return opened_ms === null ? null : opened_ms + OPEN_MS;
  }

  describe(now_ms: number): Omit<Circuit, "opened_ms"> & { readonly state: CircuitState } {
    const { failures, since_ms, reason } = this.#circuit;
    return { state: this.state(now_ms), failures, since_ms, reason };
  }

  /** A call brought a whole answer. `closed` runs in the same transaction where this closes the circuit. */
  succeeded(now_ms: number, closed: () => void): void {
    const { failures, opened_ms, since_ms } = this.#circuit;
    if (failures === 0) return;
    const after = { failures: 0, opened_ms: null, since_ms: opened_ms === null ? since_ms : now_ms, reason: null };
    this.#storage.transaction(() => {
      this.#save(after);
      if (opened_ms !== null) closed();
    });
    this.#circuit = after;
  }

  /** `isTrial`: it was the call that tried. One that had begun before the circuit opened says nothing new. */
  failed(now_ms: number, isTrial: boolean, why: string): void {
    const { failures, opened_ms, since_ms } = this.#circuit;
    if (opened_ms !== null && !isTrial) return;
    const reason = why.slice(0, REASON_LENGTH_MAX);
    const opens = failures + 1 >= CALLS_MAX;
    const after: Circuit = {
      failures: failures + 1,
      opened_ms: opens ? now_ms : null,
      since_ms: opens && opened_ms === null ? now_ms : since_ms,
      reason,
    };
    this.#save(after);
    this.#circuit = after;
  }

  #save({ failures, opened_ms, since_ms, reason }: Circuit): void {
    this.#storage.exec(
      "INSERT OR REPLACE INTO circuit (id, failures, opened_at, since, reason) VALUES (1, ?, ?, ?, ?)",
      failures,
      opened_ms,
      since_ms,
      reason,
    );
  }
}
