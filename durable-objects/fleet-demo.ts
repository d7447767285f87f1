/** The faults of demo mode: a few rows that are there while they last, so that a restart goes on with what was broken. */
import { DEMO_FAULTS_MAX, DEMO_KINDS, type DemoFault, type DemoState, type DemoWish } from "../domain/demo.ts";
import { numberOf, textOf, textOrNullOf } from "./sql-row.ts";
import type { SqlRow, Storage } from "./storage.ts";

// demo_faults: what is played now, at most DEMO_FAULTS_MAX. strength: see domain/demo.ts; from_ms, to_ms: receiving clock. An id is
// never used twice, so that a generator that asks tells a new fault from an old one.
const SCHEMA = `CREATE TABLE IF NOT EXISTS demo_faults (id INTEGER PRIMARY KEY AUTOINCREMENT, service TEXT NOT NULL, endpoint TEXT,
  kind TEXT NOT NULL, strength REAL NOT NULL, from_ms INTEGER NOT NULL, to_ms INTEGER NOT NULL)`;

const COLUMNS = "id, service, endpoint, kind, strength, from_ms, to_ms";

export class FleetDemo {
  readonly #storage: Storage;
  /** When a generator asked last; in memory, since it asks again within the second. */
  #asked_ms: number | null = null;

  constructor(storage: Storage) {
    this.#storage = storage;
    storage.exec(SCHEMA);
  }

  /** Those that are on, the oldest first. */
  state(by_player: boolean, now_ms: number): Omit<DemoState, "on"> {
    if (by_player) this.#asked_ms = now_ms;
    const rows = this.#storage.exec(`SELECT ${COLUMNS} FROM demo_faults WHERE to_ms > ? ORDER BY id`, now_ms);
    return {
      faults: rows.map(parseRow),
      asked_at: this.#asked_ms === null ? null : new Date(this.#asked_ms).toISOString(),
    };
  }

  /** Null where as many are on as may be. */
  begin({ service, endpoint, kind, strength, for_s }: DemoWish, now_ms: number): DemoFault | null {
    return this.#storage.transaction(() => {
      this.#storage.exec("DELETE FROM demo_faults WHERE to_ms <= ?", now_ms);
      const count = numberOf(this.#storage.exec("SELECT count(*) AS n FROM demo_faults")[0]!, "n");
      if (count >= DEMO_FAULTS_MAX) return null;
      const query = `INSERT INTO demo_faults (service, endpoint, kind, strength, from_ms, to_ms) VALUES (?, ?, ?, ?, ?, ?)
        RETURNING ${COLUMNS}`;
      const to_ms = now_ms + for_s * 1000;
      return parseRow(this.#storage.exec(query, service, endpoint, kind, strength, now_ms, to_ms)[0]!);
    });
  }

  /** Ends one, or all where `id` is null; tells how many were on. */
  end(id: string | null, now_ms: number): number {
    const query = "DELETE FROM demo_faults WHERE (?1 IS NULL OR id = ?1) RETURNING to_ms";
    const which = id === null ? null : Number(id);
    return this.#storage.exec(query, which).filter((row) => numberOf(row, "to_ms") > now_ms).length;
  }
}

function parseRow(row: SqlRow): DemoFault {
  const kind = DEMO_KINDS.find((known) => known === textOf(row, "kind"));
  if (kind === undefined) throw new Error(`demo_faults holds the kind ${textOf(row, "kind")}`);
  const [from_ms, to_ms] = [numberOf(row, "from_ms"), numberOf(row, "to_ms")];
  return {
    id: String(numberOf(row, "id")),
    service: textOf(row, "service"),
    endpoint: textOrNullOf(row, "endpoint"),
    kind,
    strength: numberOf(row, "strength"),
    for_s: Math.round((to_ms - from_ms) / 1000),
    from: new Date(from_ms).toISOString(),
    to: new Date(to_ms).toISOString(),
  };
}
