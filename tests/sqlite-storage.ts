/** The storage of an actor over `node:sqlite`, for simulations and fault tests: real SQL, real transactions. */
import { DatabaseSync } from "node:sqlite";
import type { SqlRow, SqlValue, Storage } from "../durable-objects/storage.ts";

export interface SqliteStorageOptions {
  /** A file to keep the rows in; by default they live in memory until `close`. */
  readonly path?: string;
}

/** Thrown by a statement that `failAfter` let fail. */
export class InjectedFault extends Error {
  override readonly name = "InjectedFault";
}

export class SqliteStorage implements Storage {
  /** When the alarm is set to ring (ms); null when none is set. Run it by setting it to null and calling the handler. */
  alarm_ms: number | null = null;
  /** Rows that statements inserted, updated or deleted, and `setAlarm` calls, which cost a row each. */
  rows_written = 0;
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, ReturnType<DatabaseSync["prepare"]>>();
  readonly #total_changes: ReturnType<DatabaseSync["prepare"]>;
  /** Rows that were changed since the database was opened. */
  #changes = 0;
  #in_transaction = false;
  #statements_left: number | null = null;
  #failed = false;

  constructor(options: SqliteStorageOptions = {}) {
    this.#database = new DatabaseSync(options.path ?? ":memory:");
    this.#total_changes = this.#database.prepare("SELECT total_changes() AS n");
  }

  /**
   * Lets the next `count` statements pass and throws InjectedFault in place of the one after them, once. A `count` of 0
   * fails the next statement; null lets everything pass. The end of a transaction counts as a statement.
   */
  failAfter(count: number | null): void {
    this.#statements_left = count;
    this.#failed = false;
  }

  /** True when the fault that `failAfter` armed has struck: a fault test has gone through all statements when it is false. */
  get failed(): boolean {
    return this.#failed;
  }

  /** Runs `work` without faults: what a test looks at is no part of what it tests. An armed fault waits. */
  unharmed<T>(work: () => T): T {
    const left = this.#statements_left;
    this.#statements_left = null;
    try {
      return work();
    } finally {
      this.#statements_left = left;
    }
  }

  exec(query: string, ...parameters: SqlValue[]): SqlRow[] {
    this.#strike(query);
    const rows = this.#prepare(query)
      .all(...parameters.map(toSqlite))
      .map(fromSqlite);
    if (!query.startsWith("SELECT")) this.#countRows();
    return rows;
  }

  transaction<T>(work: () => T): T {
    if (this.#in_transaction) throw new Error("transactions are never nested");
    const rows_written = this.rows_written;
    const alarm_ms = this.alarm_ms;
    this.#database.exec("BEGIN IMMEDIATE");
    this.#in_transaction = true;
    try {
      const result = work();
      this.#strike("COMMIT");
      this.#database.exec("COMMIT");
      return result;
    } catch (error) {
      this.#database.exec("ROLLBACK");
      this.rows_written = rows_written;
      this.alarm_ms = alarm_ms;
      throw error;
    } finally {
      this.#in_transaction = false;
    }
  }

  setAlarm(at_ms: number): void {
    this.#strike("setAlarm");
    this.alarm_ms = at_ms;
    this.rows_written += 1;
  }

  /** All rows of all tables, to compare two states. */
  dump(): Record<string, SqlRow[]> {
    const tables = this.#database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").all();
    return Object.fromEntries(
      tables.map(({ name }) => [
        String(name),
        this.#database
          .prepare(`SELECT * FROM "${String(name)}"`)
          .all()
          .map(fromSqlite),
      ]),
    );
  }

  close(): void {
    this.#database.close();
  }

  #strike(what: string): void {
    if (this.#statements_left === null) return;
    if (this.#statements_left === 0) {
      this.#statements_left = null;
      this.#failed = true;
      throw new InjectedFault(`fault injected at: ${what}`);
    }
    this.#statements_left -= 1;
  }

  #prepare(query: string): ReturnType<DatabaseSync["prepare"]> {
    const known = this.#statements.get(query);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(query);
    this.#statements.set(query, statement);
    return statement;
  }

  #countRows(): void {
    const changes = Number(this.#total_changes.get()?.["n"] ?? 0);
    this.rows_written += changes - this.#changes;
    this.#changes = changes;
  }
}

type NodeValue = string | number | bigint | null | NodeJS.ArrayBufferView;

function toSqlite(value: SqlValue): Exclude<NodeValue, bigint> {
  return value instanceof ArrayBuffer ? new Uint8Array(value) : value;
}

/** A Durable Object gives blobs as ArrayBuffer, so this storage does too. */
function fromSqlite(row: Record<string, unknown>): SqlRow {
  return Object.fromEntries(Object.entries(row).map(([column, value]) => [column, fromValue(value)]));
}

function fromValue(value: unknown): SqlValue {
  if (value instanceof Uint8Array) return Uint8Array.from(value).buffer;
  if (value === null || typeof value === "string" || typeof value === "number") return value;
  throw new TypeError(`node:sqlite gave a ${typeof value}`);
}
