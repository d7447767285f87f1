/**
 * What changed in history, for those who carry it on: each reader has a cursor here, and moves it once it has put a page away.
 *
 * No reader can overtake a change. A transaction that writes history takes its change_ids above all that were given out before
 * (history.ts), D1 runs one transaction at a time, and a page is read in one transaction: it sees all changes up to some moment
 * and none after, so that whatever is written later has a change_id above the page's cursor. A row that changes again before it
 * was read moves up and is read once, as it is then.
 */
import { READER_WAITING_MAX, type ReaderStanding } from "../domain/pipeline.ts";
import {
  ACKNOWLEDGE,
  DELETE_READER,
  NOTE_TOPICS,
  SELECT_NEWEST,
  SELECT_READER,
  SELECT_READERS,
  SELECT_WAITING,
} from "./changes-sql.ts";
import {
  type AnomalyRow,
  type ChangingTable,
  type IncidentRow,
  type MetricsRow,
  parseAnomalyRow,
  parseIncidentRow,
  parseWindowTimes,
  selectChanges,
} from "./history-sql.ts";
import { asked } from "./history.ts";

/** Kafka's names, where the same rows go. */
export const TOPICS = ["aggregated_metrics", "anomalies", "incidents"] as const;
export type ChangeTopic = (typeof TOPICS)[number];

/** Bounds what one viewer's token can make history keep. */
export const READERS_MAX = 32;

export interface Change {
  /** Topic, natural key and revision of the row: the same whenever the same is read again. */
  readonly id: string;
  readonly topic: ChangeTopic;
  /** The service: changes of one service stay in order. */
  readonly key: string;
  /** The columns of the table as in migrations/, but for latency_sketch and change_id; times RFC 3339, flags as booleans. */
  readonly value: Readonly<Record<string, unknown>>;
}

export interface ChangesPage {
  /** Oldest change first; none where the reader has everything. */
  readonly changes: readonly Change[];
  /** To acknowledge once the changes are put away. Opaque to the reader. */
  readonly cursor: string;
}

export interface ChangesRequest {
  readonly reader: string;
  /** Without repetition. */
  readonly topics: readonly ChangeTopic[];
  /** Changes a page, 1 or more. */
  readonly limit: number;
}

type Numbered = { readonly service: string; readonly revision: number; readonly change_id: number };
type ReadWindow = Omit<MetricsRow, "latency_sketch_hex"> & Numbered;
type ReadAnomaly = AnomalyRow & Numbered;
type ReadIncident = Omit<IncidentRow, "change_id"> & Numbered;

const TABLES: Readonly<Record<ChangeTopic, ChangingTable>> = {
  aggregated_metrics: "service_metrics",
  anomalies: "anomalies",
  incidents: "incidents",
};

/** How a row of the topic's table becomes a change. D1 has no types of rows: the SELECT of the same topic vouches for it. */
const CHANGES: Readonly<Record<ChangeTopic, (row: never) => Change>> = {
  aggregated_metrics: ({ change_id: _place, ...row }: ReadWindow) => {
    const value = parseWindowTimes(row);
    return change("aggregated_metrics", [value.service, value.window_start], value);
  },
  anomalies: ({ change_id: _place, ...row }: ReadAnomaly) => {
    const value = { ...parseAnomalyRow(row), revision: row.revision };
    return change("anomalies", [value.service, value.detected_at, value.metric_name], value);
  },
  incidents: ({ change_id: _place, ...row }: ReadIncident) => {
    const { anomalies: _own, ...value } = parseIncidentRow(row, []);
    return change("incidents", [value.id], value);
  },
};

function change(
  topic: ChangeTopic,
  key: readonly string[],
  value: { readonly service: string; readonly revision: number },
): Change {
  return { id: [topic, ...key, value.revision].join("/"), topic, key: value.service, value: { ...value } };
}

/** The changes after the reader's cursor; a reader that has acknowledged nothing begins with the oldest. @throws HistoryUnavailable */
export async function readChanges(db: D1Database, { reader, topics, limit }: ChangesRequest): Promise<ChangesPage> {
  // One batch is one transaction: were the tables read one after the other, a change of the first could be overtaken.
  const [position, , ...tables] = await asked(
    db.batch<Numbered & { readonly cursor: number }>([
      db.prepare(SELECT_READER).bind(reader),
      db.prepare(NOTE_TOPICS).bind(reader, JSON.stringify(topics)),
      ...topics.map((topic) => db.prepare(selectChanges(TABLES[topic])).bind(reader, limit)),
    ]),
  );
  const rows = tables.flatMap(({ results }, at) => results.map((row) => ({ topic: topics[at]!, row })));
  // A table that has more than its `limit` rows is cut at a change_id that the merged page does not pass.
  const page = rows.sort((a, b) => a.row.change_id - b.row.change_id).slice(0, limit);
  const cursor = page.at(-1)?.row.change_id ?? position?.results[0]?.cursor ?? 0;
  return { changes: page.map(({ topic, row }) => CHANGES[topic](row as never)), cursor: String(cursor) };
}

/** What became of an acknowledgement. `unknown_cursor`: no change has that number yet; `newest` is the largest. */
export type Acknowledged =
  | { readonly ok: true; readonly cursor: string }
  | { readonly ok: false; readonly reason: "unknown_cursor"; readonly newest: string }
  | { readonly ok: false; readonly reason: "too_many_readers" };

/** Moves a reader's cursor, forward only: an older one leaves it where it is and is answered with that. @throws HistoryUnavailable */
export async function acknowledgeChanges(
  db: D1Database,
  reader: string,
  cursor: string,
  now_ms: number,
): Promise<Acknowledged> {
  const position = Number(cursor);
  const [, after, newest] = await asked(
    db.batch<{ readonly cursor: number; readonly value: number }>([
      db.prepare(ACKNOWLEDGE).bind(reader, position, new Date(now_ms).toISOString(), READERS_MAX),
      db.prepare(SELECT_READER).bind(reader),
      db.prepare(SELECT_NEWEST),
    ]),
  );
  const newest_id = newest?.results[0]?.value ?? 0;
  if (position > newest_id) return { ok: false, reason: "unknown_cursor", newest: String(newest_id) };
  const stored = after?.results[0];
  return stored === undefined ? { ok: false, reason: "too_many_readers" } : { ok: true, cursor: String(stored.cursor) };
}

export interface ChangeReader {
  readonly reader: string;
  readonly cursor: string;
  readonly acknowledged_at: string;
}

/** All readers that have acknowledged something, by name. @throws HistoryUnavailable */
export async function listReaders(db: D1Database): Promise<ChangeReader[]> {
  const { results } = await asked(
    db.prepare(SELECT_READERS).all<{ reader: string; cursor: number; acknowledged_at: string }>(),
  );
  return results.map((row) => ({ ...row, cursor: String(row.cursor) }));
}

type WaitingRow = { readonly reader: string; readonly acknowledged_at: string; readonly topics: string } & Readonly<
  Record<ChangeTopic, number>
>;

/** How far each reader has come, by name; at most READERS_MAX. @throws HistoryUnavailable */
export async function readerStandings(db: D1Database): Promise<ReaderStanding[]> {
  const { results } = await asked(db.prepare(SELECT_WAITING).bind(READER_WAITING_MAX).all<WaitingRow>());
  return results.map((row) => {
    const waiting = (JSON.parse(row.topics) as ChangeTopic[]).reduce((sum, topic) => sum + row[topic], 0);
    return {
      reader: row.reader,
      waiting: Math.min(waiting, READER_WAITING_MAX),
      acknowledged_at: row.acknowledged_at,
    };
  });
}

/** Forgets a reader; it would begin anew with the oldest change. False: there was none. @throws HistoryUnavailable */
export async function forgetReader(db: D1Database, reader: string): Promise<boolean> {
  const { meta } = await asked(db.prepare(DELETE_READER).bind(reader).run());
  return meta.changes > 0;
}
