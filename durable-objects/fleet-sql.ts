/**
 * The tables of the Fleet's object. Rows are the bill (DESIGN.md section 7): natural keys are the only index, but for the one
 * that finds a repeated incident event. All times are the receiving clock's, in ms, where nothing else is said.
 */
import type { Refusal } from "../domain/fleet.ts";
import type { Incident } from "../domain/incident.ts";
import type { DurableEvent, FleetService, IncidentEvent, MinutePoint } from "../domain/message.ts";
import type { ToldIncident } from "./fleet-neighbours.ts";
import { numberOf, numberOrNullOf, textOf } from "./sql-row.ts";
import type { SqlRow, Storage } from "./storage.ts";

/** What the Fleet knows of one service: a row of `services`. */
export interface FleetEntry {
  readonly service: string;
  /** Its place in the order of admission, from 1. */
  readonly number: number;
  readonly first_seen_ms: number;
  /** Null unless it is in quarantine. */
  readonly quarantined_ms: number | null;
  /** When it reported last; null while it never did. */
  readonly heard_ms: number | null;
  readonly live: FleetService;
  /** The closed minutes of its last hour, ascending. */
  readonly minutes: readonly MinutePoint[];
  /** Its open incident. */
  readonly incident: Incident | null;
}

const SCHEMA = [
  // services: the registry, at most `services_max` rows. live, minutes, incident: JSON (FleetService, MinutePoint[], Incident).
  // `live` and `heard_ms` are as of the last closed minute or incident event: rates of each second are never stored.
  `CREATE TABLE IF NOT EXISTS services (service TEXT PRIMARY KEY, number INTEGER NOT NULL, first_seen_ms INTEGER NOT NULL,
     quarantined_ms INTEGER, heard_ms INTEGER, live TEXT NOT NULL, minutes TEXT NOT NULL, incident TEXT) WITHOUT ROWID`,
  // refusals: spans of offsets that were named as rejected. service '*': every name that was refused while the registry was
  // full. ended_ms: 0 while names are still refused for it (such a row widens), else kept for 24 h from then.
  // ended_by: for '*', the number of the service whose admission ended it: it binds names from that number on.
  // Bound: one widening row a (service in quarantine or '*') and partition, and MARKS_MAX rows in all.
  `CREATE TABLE IF NOT EXISTS refusals (service TEXT NOT NULL, source TEXT NOT NULL, topic TEXT NOT NULL,
     partition INTEGER NOT NULL, ended_ms INTEGER NOT NULL, ended_by INTEGER, first_offset INTEGER NOT NULL,
     last_offset INTEGER NOT NULL, PRIMARY KEY (service, source, topic, partition, ended_ms)) WITHOUT ROWID`,
  // incident_events: what a live socket may have missed, kept 24 h. The newest row stays, so that seq never starts again.
  // service_seq: the service's own number of the event; event: JSON of IncidentEvent or NarrativeEvent.
  `CREATE TABLE IF NOT EXISTS incident_events (seq INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, service TEXT NOT NULL,
     service_seq INTEGER NOT NULL, event TEXT NOT NULL, UNIQUE (service, service_seq))`,
];

/** Beyond it the oldest marks that no longer widen go first. Only many invented topics or partitions get there. */
export const MARKS_MAX = 20_000;

/** Any service that was refused while the registry was full. */
export const ANY_SERVICE = "*";

/** Where a batch lies in its partition. */
type Span = Omit<Refusal, "reason">;

export class FleetStore {
  readonly #storage: Storage;

  constructor(storage: Storage) {
    this.#storage = storage;
    for (const statement of SCHEMA) storage.exec(statement);
  }

  /** In the order of admission. */
  entries(): FleetEntry[] {
    const columns = "service, number, first_seen_ms, quarantined_ms, heard_ms, live, minutes, incident";
    return this.#storage.exec(`SELECT ${columns} FROM services ORDER BY number`).map(entryOf);
  }

  saveEntry(entry: FleetEntry): void {
    this.#storage.exec(
      `INSERT INTO services (service, number, first_seen_ms, quarantined_ms, heard_ms, live, minutes, incident)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (service) DO UPDATE SET quarantined_ms = excluded.quarantined_ms,
         heard_ms = excluded.heard_ms, live = excluded.live, minutes = excluded.minutes, incident = excluded.incident`,
      entry.service,
      entry.number,
      entry.first_seen_ms,
      entry.quarantined_ms,
      entry.heard_ms,
      JSON.stringify(entry.live),
      JSON.stringify(entry.minutes),
      entry.incident === null ? null : JSON.stringify(entry.incident),
    );
  }

  deleteEntry(service: string): void {
    this.#storage.exec("DELETE FROM services WHERE service = ?", service);
  }

  /** Remembers that a service's events in a span are refused; a span that is remembered already costs no row. */
  mark(service: string, span: Span): void {
    this.#storage.exec(
      `INSERT INTO refusals (service, source, topic, partition, ended_ms, first_offset, last_offset) VALUES (?, ?, ?, ?, 0, ?, ?)
         ON CONFLICT DO UPDATE SET first_offset = min(first_offset, excluded.first_offset),
         last_offset = max(last_offset, excluded.last_offset)
         WHERE excluded.first_offset < first_offset OR excluded.last_offset > last_offset`,
      service,
      span.source,
      span.topic,
      span.partition,
      span.first_offset,
      span.last_offset,
    );
  }

  /** Ends the widening of a service's marks. `ended_ms` is later than that of every mark which ended before. */
  endMarks(service: string, now_ms: number, ended_by: number | null): void {
    this.#storage.exec(
      `UPDATE refusals SET ended_by = ?2, ended_ms = max(?3, 1 + (SELECT max(ended_ms) FROM refusals WHERE service = ?1))
         WHERE service = ?1 AND ended_ms = 0`,
      service,
      ended_by,
      now_ms,
    );
  }

  /** The ended marks that bind a service, the oldest first: an offset in several keeps the reason that it was given first. */
  marksOf(service: string, number: number): Refusal[] {
    const query = `SELECT service, source, topic, partition, first_offset, last_offset FROM refusals
      WHERE ended_ms > 0 AND (service = ?1 OR (service = '${ANY_SERVICE}' AND ended_by <= ?2)) ORDER BY service = '${ANY_SERVICE}' DESC, ended_ms`;
    return this.#storage.exec(query, service, number).map((row) => ({
      source: textOf(row, "source"),
      topic: textOf(row, "topic"),
      partition: numberOf(row, "partition"),
      first_offset: numberOf(row, "first_offset"),
      last_offset: numberOf(row, "last_offset"),
      reason: textOf(row, "service") === ANY_SERVICE ? "too_many_services" : "quarantined",
    }));
  }

  /** When the oldest mark that no longer widens ended; null without one. */
  oldestEndedMark(): number | null {
    return numberOrNullOf(this.#storage.exec("SELECT min(ended_ms) AS at FROM refusals WHERE ended_ms > 0")[0]!, "at");
  }

  deleteMarks(ended_before_ms: number, limit: number): void {
    this.#storage.exec(
      `DELETE FROM refusals WHERE (service, source, topic, partition, ended_ms) IN (SELECT service, source, topic, partition,
         ended_ms FROM refusals WHERE ended_ms > 0 AND ended_ms <= ? LIMIT ?)`,
      ended_before_ms,
      limit,
    );
  }

  countMarks(): number {
    return numberOf(this.#storage.exec("SELECT count(*) AS marks FROM refusals")[0]!, "marks");
  }

  /** Makes room: marks that still widen go last, since their names are being refused now. */
  deleteOldestMarks(count: number): void {
    this.#storage.exec(
      `DELETE FROM refusals WHERE (service, source, topic, partition, ended_ms) IN (SELECT service, source, topic, partition,
         ended_ms FROM refusals ORDER BY ended_ms = 0, ended_ms LIMIT ?)`,
      count,
    );
  }

  hasEvent(service: string, service_seq: number): boolean {
    const query = "SELECT 1 AS found FROM incident_events WHERE service = ? AND service_seq = ?";
    return this.#storage.exec(query, service, service_seq).length > 0;
  }

  saveEvent(service: string, service_seq: number, event: DurableEvent, now_ms: number): void {
    this.#storage.exec(
      "INSERT INTO incident_events (seq, at_ms, service, service_seq, event) VALUES (?, ?, ?, ?, ?)",
      event.seq,
      now_ms,
      service,
      service_seq,
      JSON.stringify(event),
    );
  }

  /** The newest `limit` events after `seq`, ascending. */
  eventsAfter(seq: number, limit: number): DurableEvent[] {
    const query = "SELECT event FROM incident_events WHERE seq > ? ORDER BY seq DESC LIMIT ?";
    const rows = this.#storage.exec(query, seq, limit);
    return rows.map((row): DurableEvent => JSON.parse(textOf(row, "event"))).toReversed();
  }

  /** The incidents of the newest `limit` events, each as often as it was told, in that order. */
  toldIncidents(limit: number): ToldIncident[] {
    const query = `SELECT at_ms, event FROM (SELECT seq, at_ms, event FROM incident_events ORDER BY seq DESC LIMIT ?)
      WHERE event ->> '$.type' = 'incident' ORDER BY seq`;
    return this.#storage.exec(query, limit).map((row): ToldIncident => {
      const { incident }: IncidentEvent = JSON.parse(textOf(row, "event"));
      return { told_ms: numberOf(row, "at_ms"), incident };
    });
  }

  /** The oldest and the newest number that are kept, and when the oldest came; null before the first event. */
  eventRange(): { readonly oldest: number; readonly newest: number; readonly oldest_ms: number } | null {
    const query = `SELECT seq, at_ms, (SELECT max(seq) FROM incident_events) AS newest FROM incident_events
      ORDER BY seq LIMIT 1`;
    const row = this.#storage.exec(query)[0];
    if (row === undefined) return null;
    return { oldest: numberOf(row, "seq"), newest: numberOf(row, "newest"), oldest_ms: numberOf(row, "at_ms") };
  }

  /** Forgets events that came before, and all but the newest `kept_max`; the newest one stays. */
  deleteEvents(before_ms: number, kept_max: number, limit: number): void {
    this.#storage.exec(
      `DELETE FROM incident_events WHERE seq IN (SELECT seq FROM incident_events WHERE (at_ms <= ?1
         OR seq <= (SELECT max(seq) FROM incident_events) - ?2) AND seq < (SELECT max(seq) FROM incident_events)
         ORDER BY seq LIMIT ?3)`,
      before_ms,
      kept_max,
      limit,
    );
  }
}

function entryOf(row: SqlRow): FleetEntry {
  return {
    service: textOf(row, "service"),
    number: numberOf(row, "number"),
    first_seen_ms: numberOf(row, "first_seen_ms"),
    quarantined_ms: numberOrNullOf(row, "quarantined_ms"),
    heard_ms: numberOrNullOf(row, "heard_ms"),
    live: JSON.parse(textOf(row, "live")),
    minutes: JSON.parse(textOf(row, "minutes")),
    incident: row["incident"] === null ? null : JSON.parse(textOf(row, "incident")),
  };
}
