/** The last few things that were refused, in one row: the object may be evicted while somebody still looks for a mistake. */
import { type Rejection, REJECTIONS_MAX } from "../domain/rejection.ts";
import { textOf } from "./sql-row.ts";
import type { Storage } from "./storage.ts";

// rejections: one row. list: JSON, the newest first, at most REJECTIONS_MAX of some hundred bytes each.
const SCHEMA = "CREATE TABLE IF NOT EXISTS rejections (id INTEGER PRIMARY KEY CHECK (id = 1), list TEXT NOT NULL)";

export class FleetRejections {
  readonly #storage: Storage;
  #list: readonly Rejection[];

  constructor(storage: Storage) {
    this.#storage = storage;
    storage.exec(SCHEMA);
    const row = storage.exec("SELECT list FROM rejections")[0];
    this.#list = row === undefined ? [] : (JSON.parse(textOf(row, "list")) as Rejection[]);
  }

  /** Takes some more, the oldest first. */
  take(rejections: readonly Rejection[]): void {
    const list = [...rejections.toReversed(), ...this.#list].slice(0, REJECTIONS_MAX);
    const query = "INSERT INTO rejections (id, list) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET list = excluded.list";
    this.#storage.exec(query, JSON.stringify(list));
    this.#list = list;
  }

  /** The newest first. */
  get list(): readonly Rejection[] {
    return this.#list;
  }
}
