/**
 * The tables of a service's object. Rows are the bill (DESIGN.md section 7), so a batch writes the one hot row and what it
 * closed: every table has its natural key as the only index.
 */
import type { HistoryRow } from "../domain/history.ts";
import { type Incident, SEVERITIES } from "../domain/incident.ts";
import type { DurableEvent, IncidentEvent } from "../domain/message.ts";
import { decodeMinute, encodeMinute, type Minute } from "../domain/minute.ts";
import type { StoredMinutes } from "../domain/monitor-draft.ts";
import { decodeState, encodeState, type MonitorState } from "../domain/monitor-state.ts";
import type { ServiceEvent } from "../domain/fleet.ts";
import type { HeldNarrative } from "../domain/narrative-draft.ts";
import type { NarrationRequest } from "../domain/narrator.ts";
import type { Notice } from "../domain/subscriber.ts";
import { blobOf, numberOf, textOf } from "./sql-row.ts";
import type { Storage } from "./storage.ts";

/** Where the outbox drains to. */
export const TARGETS = ["d1", "fleet", "narrator", "subscribers"] as const;
export type Target = (typeof TARGETS)[number];

/** What waits for a target. */
export type OutboxPayload = HistoryRow | ServiceEvent | NarrationRequest | Notice;

/** How many rows wait for a target, and when the first of them was or is due (the clock, ms); null where none waits. */
export interface OutboxWaiting {
  readonly target: Target;
  readonly rows: number;
  readonly due_ms: number | null;
}

/** A row of the outbox. */
export interface OutboxRow {
  readonly key: string;
  readonly position: number;
  readonly payload: string;
}

const SCHEMA = [
  // hot: the one row with everything that changes with each batch (domain/monitor-state.ts).
  "CREATE TABLE IF NOT EXISTS hot (id INTEGER PRIMARY KEY CHECK (id = 1), state BLOB NOT NULL)",
  // minutes: closed minutes, and open ones that do not fit the hot row. changed_at: receiving clock, ms; data: domain/minute.ts.
  "CREATE TABLE IF NOT EXISTS minutes (minute INTEGER PRIMARY KEY, changed_at INTEGER NOT NULL, data BLOB NOT NULL)",
  // incident_events: what a live socket may have missed, kept 24 h, narratives among it. at: receiving clock, ms; event: JSON of
  // domain/message.ts.
  "CREATE TABLE IF NOT EXISTS incident_events (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, event TEXT NOT NULL)",
  // narratives: the newest words of each incident, kept 24 h after their last change and as long as it is open. at: receiving clock, ms;
  // severity: of the incident at this version; is_first: 1 for the object's own; narrative: JSON of domain/narrative.ts.
  `CREATE TABLE IF NOT EXISTS narratives (incident_id TEXT PRIMARY KEY, at INTEGER NOT NULL, severity TEXT NOT NULL,
     is_first INTEGER NOT NULL, narrative TEXT NOT NULL) WITHOUT ROWID`,
  // outbox: what a target has yet to take. key: natural key, so that revisions collapse; position: order of the newest one.
  `CREATE TABLE IF NOT EXISTS outbox (target TEXT NOT NULL, key TEXT NOT NULL, position INTEGER NOT NULL, due_at INTEGER NOT NULL,
     payload TEXT NOT NULL, PRIMARY KEY (target, key)) WITHOUT ROWID`,
  // idempotency: requests over plain HTTP that were applied. key, body: SHA-256 in hex; expires_at: receiving clock, ms.
  `CREATE TABLE IF NOT EXISTS idempotency (key TEXT PRIMARY KEY, body TEXT NOT NULL, accepted INTEGER NOT NULL,
     expires_at INTEGER NOT NULL) WITHOUT ROWID`,
];

// past: of a service that was deleted, how far its numbers had come: what comes after must be newer to history and to the Fleet.
const PAST_SCHEMA = `CREATE TABLE IF NOT EXISTS past (id INTEGER PRIMARY KEY CHECK (id = 1), forgotten_at INTEGER NOT NULL,
  seq INTEGER NOT NULL, outbox_position INTEGER NOT NULL, record_revision INTEGER NOT NULL, window_revision INTEGER NOT NULL)`;

/** What is stored is of another version, or damaged: it is never guessed at. */
export class UnreadableState extends Error {
  override readonly name = "UnreadableState";
}

/** What remains of a service that was deleted; `forgotten_ms`: receiving clock. */
export interface PastService {
  readonly forgotten_ms: number;
  readonly numbers: Pick<MonitorState, "seq" | "outbox_position" | "record_revision" | "window_revision">;
}

export class MonitorStore implements StoredMinutes {
  readonly #storage: Storage;

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  /**
   * False for an object that never applied a batch: it has no tables, so that asking about a name writes nothing, or empty ones
   * where its first batch failed.
   */
  exists(): boolean {
    return this.#has("hot") && this.#storage.exec("SELECT 1 AS found FROM hot").length > 0;
  }

  /** Also true of a deleted service some of whose rows may still wait. */
  hasOutbox(): boolean {
    return this.#has("outbox");
  }

  #has(table: string): boolean {
    const query = "SELECT 1 AS found FROM sqlite_master WHERE type = 'table' AND name = ?";
    return this.#storage.exec(query, table).length > 0;
  }

  /** Inside the caller's transaction: all goes but the outbox and how far the numbers had come. */
  forget({ forgotten_ms, numbers }: PastService): void {
    for (const table of ["hot", "minutes", "incident_events", "narratives", "idempotency"])
      this.#storage.exec(`DROP TABLE IF EXISTS ${table}`);
    // There is nobody any more to take the words.
    this.#storage.exec("DELETE FROM outbox WHERE target = 'narrator'");
    this.#storage.exec(PAST_SCHEMA);
    this.#storage.exec(
      `INSERT OR REPLACE INTO past (id, forgotten_at, seq, outbox_position, record_revision, window_revision)
         VALUES (1, ?, ?, ?, ?, ?)`,
      forgotten_ms,
      numbers.seq,
      numbers.outbox_position,
      numbers.record_revision,
      numbers.window_revision,
    );
  }

  /** A deletion that is repeated, since the registry did not follow at once: who believes in the name counts from now. */
  forgetAgain(forgotten_ms: number): false {
    if (this.#has("past")) this.#storage.exec("UPDATE past SET forgotten_at = ? WHERE id = 1", forgotten_ms);
    return false;
  }

  /** Null where the service was never deleted. */
  past(): PastService | null {
    if (!this.#has("past")) return null;
    const query = "SELECT forgotten_at, seq, outbox_position, record_revision, window_revision FROM past WHERE id = 1";
    const row = this.#storage.exec(query)[0]!;
    return {
      forgotten_ms: numberOf(row, "forgotten_at"),
      numbers: {
        seq: numberOf(row, "seq"),
        outbox_position: numberOf(row, "outbox_position"),
        record_revision: numberOf(row, "record_revision"),
        window_revision: numberOf(row, "window_revision"),
      },
    };
  }

  create(): void {
    for (const statement of SCHEMA) this.#storage.exec(statement);
  }

  /** @throws UnreadableState */
  loadState(): MonitorState | null {
    const row = this.#storage.exec("SELECT state FROM hot WHERE id = 1")[0];
    if (row === undefined) return null;
    try {
      return decodeState(blobOf(row, "state"));
    } catch (cause) {
      throw new UnreadableState("the stored state cannot be read", { cause });
    }
  }

  saveState(state: MonitorState): void {
    const query = "INSERT INTO hot (id, state) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET state = excluded.state";
    this.#storage.exec(query, encodeState(state));
  }

  read(minute: number): Minute | undefined {
    const row = this.#storage.exec("SELECT data FROM minutes WHERE minute = ?", minute)[0];
    return row === undefined ? undefined : decodeMinute(blobOf(row, "data"));
  }

  next(minute: number): number | undefined {
    const row = this.#storage.exec("SELECT min(minute) AS minute FROM minutes WHERE minute > ?", minute)[0];
    const found = row?.["minute"];
    return typeof found === "number" ? found : undefined;
  }

  /** Stored minutes from `from` to before `to`, ascending. */
  range(from: number, to: number): Minute[] {
    const query = "SELECT data FROM minutes WHERE minute >= ? AND minute < ? ORDER BY minute";
    return this.#storage.exec(query, from, to).map((row) => decodeMinute(blobOf(row, "data")));
  }

  saveMinute(minute: Minute, now_ms: number): void {
    const query = `INSERT INTO minutes (minute, changed_at, data) VALUES (?, ?, ?)
      ON CONFLICT (minute) DO UPDATE SET changed_at = excluded.changed_at, data = excluded.data`;
    this.#storage.exec(query, minute.minute, now_ms, encodeMinute(minute));
  }

  /**
   * Deletes minutes that changed last before `before_ms`, unless they are open (`open_minute` up to the clock's minute), and
   * the oldest beyond `rows_max`. Returns the newest deleted one before `open_minute`, or null: those after it came from
   * wrong dates and say nothing about what else is still held.
   */
  purgeMinutes(before_ms: number, open_minute: number, now_minute: number, rows_max: number): number | null {
    const deleted = this.#storage.exec(
      `DELETE FROM minutes WHERE (changed_at < ?1 AND NOT minute BETWEEN ?2 AND ?3)
         OR minute <= (SELECT minute FROM minutes ORDER BY minute DESC LIMIT 1 OFFSET ?4) RETURNING minute`,
      before_ms,
      open_minute,
      now_minute,
      rows_max,
    );
    const closed = deleted.map((row) => numberOf(row, "minute")).filter((minute) => minute < open_minute);
    return closed.length === 0 ? null : closed.reduce((a, b) => Math.max(a, b));
  }

  addEvent(event: DurableEvent, now_ms: number): void {
    const query = "INSERT INTO incident_events (seq, at, event) VALUES (?, ?, ?)";
    this.#storage.exec(query, event.seq, now_ms, JSON.stringify(event));
  }

  /** Events after `seq`, in order. */
  eventsAfter(seq: number): DurableEvent[] {
    const rows = this.#storage.exec("SELECT event FROM incident_events WHERE seq > ? ORDER BY seq", seq);
    return rows.map((row) => JSON.parse(textOf(row, "event")) as DurableEvent);
  }

  /** The newest that is kept of an incident, among its events and what waits for history; null where nothing is. */
  incident(id: string): Incident | null {
    const events = "SELECT event FROM incident_events WHERE event ->> '$.incident.id' = ? ORDER BY seq DESC LIMIT 1";
    const told = this.#storage.exec(events, id)[0];
    if (told !== undefined) return (JSON.parse(textOf(told, "event")) as IncidentEvent).incident;
    const waiting = this.#storage.exec("SELECT payload FROM outbox WHERE target = 'd1' AND key = ?", `incidents ${id}`);
    return waiting[0] === undefined ? null : (JSON.parse(textOf(waiting[0], "payload")) as { row: Incident }).row;
  }

  oldestEvent(): number | null {
    const found = this.#storage.exec("SELECT min(seq) AS seq FROM incident_events")[0]?.["seq"];
    return typeof found === "number" ? found : null;
  }

  purgeEvents(before_ms: number): void {
    this.#storage.exec("DELETE FROM incident_events WHERE at < ?", before_ms);
  }

  /** The newest words of an incident; null where none are kept. */
  narrative(incident_id: string): HeldNarrative | null {
    const query = "SELECT severity, is_first, narrative FROM narratives WHERE incident_id = ?";
    const row = this.#storage.exec(query, incident_id)[0];
    if (row === undefined) return null;
    return {
      severity: SEVERITIES.find((severity) => severity === textOf(row, "severity"))!,
      is_first: numberOf(row, "is_first") === 1,
      narrative: JSON.parse(textOf(row, "narrative")),
    };
  }

  saveNarrative({ narrative, severity, is_first }: HeldNarrative, now_ms: number): void {
    this.#storage.exec(
      `INSERT INTO narratives (incident_id, at, severity, is_first, narrative) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (incident_id) DO UPDATE SET at = excluded.at, severity = excluded.severity, is_first = excluded.is_first,
         narrative = excluded.narrative`,
      narrative.incident_id,
      now_ms,
      severity,
      is_first ? 1 : 0,
      JSON.stringify(narrative),
    );
  }

  /** `open_id`: of the open incident, whose words stay. */
  purgeNarratives(before_ms: number, open_id: string | null): void {
    this.#storage.exec("DELETE FROM narratives WHERE at < ? AND incident_id IS NOT ?", before_ms, open_id);
  }

  put(target: Target, key: string, position: number, due_ms: number, payload: OutboxPayload): void {
    this.#storage.exec(
      `INSERT INTO outbox (target, key, position, due_at, payload) VALUES (?, ?, ?, ?, ?) ON CONFLICT (target, key) DO UPDATE
         SET position = excluded.position, due_at = min(due_at, excluded.due_at), payload = excluded.payload`,
      target,
      key,
      position,
      due_ms,
      JSON.stringify(payload),
    );
  }

  /** When the first row for a target is due; null if none waits. */
  outboxDue(target: Target): number | null {
    const found = this.#storage.exec("SELECT min(due_at) AS due FROM outbox WHERE target = ?", target)[0]?.["due"];
    return typeof found === "number" ? found : null;
  }

  outboxCount(target: Target): number {
    return numberOf(
      this.#storage.exec("SELECT count(*) AS waiting FROM outbox WHERE target = ?", target)[0]!,
      "waiting",
    );
  }

  outboxWaiting(target: Target): OutboxWaiting {
    return { target, rows: this.outboxCount(target), due_ms: this.outboxDue(target) };
  }

  /** The oldest rows for a target, in order: at most `rows_max`, and one more at most than fits `bytes_max` of payload. */
  outbox(target: Target, rows_max: number, bytes_max: number): OutboxRow[] {
    const query = `SELECT key, position, payload FROM
      (SELECT *, sum(octet_length(payload)) OVER (ORDER BY position ROWS UNBOUNDED PRECEDING) - octet_length(payload) AS before
        FROM (SELECT key, position, payload FROM outbox WHERE target = ? ORDER BY position LIMIT ?))
      WHERE before < ? ORDER BY position`;
    return this.#storage.exec(query, target, rows_max, bytes_max).map((row) => ({
      key: textOf(row, "key"),
      position: numberOf(row, "position"),
      payload: textOf(row, "payload"),
    }));
  }

  /** Forgets rows that the target took, unless a newer revision took their place meanwhile. */
  taken(target: Target, rows: readonly OutboxRow[]): void {
    const query = "DELETE FROM outbox WHERE target = ? AND key = ? AND position = ?";
    this.#storage.transaction(() => {
      for (const row of rows) this.#storage.exec(query, target, row.key, row.position);
    });
  }

  /** The request with this key that was applied, if it is not older than 24 h. */
  idempotent(key: string, now_ms: number): { body: string; accepted: number } | null {
    const query = "SELECT body, accepted FROM idempotency WHERE key = ? AND expires_at > ?";
    const row = this.#storage.exec(query, key, now_ms)[0];
    return row === undefined ? null : { body: textOf(row, "body"), accepted: numberOf(row, "accepted") };
  }

  saveIdempotent(key: string, body: string, accepted: number, expires_ms: number): void {
    const query = `INSERT INTO idempotency (key, body, accepted, expires_at) VALUES (?, ?, ?, ?) ON CONFLICT (key) DO UPDATE
      SET body = excluded.body, accepted = excluded.accepted, expires_at = excluded.expires_at`;
    this.#storage.exec(query, key, body, accepted, expires_ms);
  }

  purgeIdempotent(now_ms: number): void {
    this.#storage.exec("DELETE FROM idempotency WHERE expires_at <= ?", now_ms);
  }
}
