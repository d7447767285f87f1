/**
 * The tables of what a subscription sends: its queue, and the ledger with the way to history. Times are the receiving clock's, in ms,
 * where nothing else is said.
 */
import { seqOf } from "../domain/delivery-rules-id.ts";
import type { LineDraft, MessageDraft, ToldChange } from "../domain/delivery-rules-state.ts";
import type { Delivery, DeliveryAttempt, MessageLogItem } from "../domain/delivery.ts";
import { SEVERITIES } from "../domain/incident.ts";
import type { MessageItem } from "../domain/notification.ts";
import { formatRfc3339 } from "../domain/rfc3339.ts";
import { numberOf, textOf } from "./sql-row.ts";
import type { SqlRow, Storage } from "./storage.ts";
import type { IncidentContent } from "./subscription-sql.ts";

/** As a message keeps it, when it was made; its words are the newest when it is sent. */
type StoredItem = Pick<MessageItem, "change" | "incident" | "owner" | "links" | "spark">;

export interface MessageContent extends Pick<MessageDraft, "group_open" | "more"> {
  readonly items: readonly StoredItem[];
}

export interface QueuedMessage extends Pick<MessageDraft, "id" | "kind" | "group_key"> {
  readonly status: MessageLogItem["status"];
  readonly created_ms: number;
  /** No attempt before. */
  readonly next_ms: number;
  /** Attempts of its turn that failed; redeliveries do not count. */
  readonly failures: number;
  readonly attempts: readonly DeliveryAttempt[];
  readonly content: MessageContent;
}

/** What becomes of a message after an attempt, or without one. */
export interface MessageOutcome extends Pick<QueuedMessage, "status" | "next_ms" | "failures"> {
  /** Null: none was made. */
  readonly attempt: DeliveryAttempt | null;
  /** Why it is withheld; null where it is not. */
  readonly withheld: Pick<Delivery, "reason" | "detail"> | null;
}

/** The newest that are kept of a message's attempts. */
const ATTEMPTS_MAX = 20;
/** Of an incident in a message: its most severe anomalies. A row has 2 MB at most, and a message 20 incidents. */
const ANOMALIES_MAX = 10;

const SCHEMA = [
  // messages: position: order of the queue. content: JSON of MessageContent; attempts: JSON of DeliveryAttempt[]; the rest: see
  // QueuedMessage.
  `CREATE TABLE IF NOT EXISTS messages (position INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, group_key TEXT NOT NULL,
     kind TEXT NOT NULL, status TEXT NOT NULL, created_at INTEGER NOT NULL, next_at INTEGER NOT NULL, failures INTEGER NOT NULL,
     attempts TEXT NOT NULL, content TEXT NOT NULL)`,
  "CREATE INDEX IF NOT EXISTS messages_waiting ON messages (group_key, position) WHERE status = 'waiting'",
  // threads: what the first answer of a group gave; at: when.
  "CREATE TABLE IF NOT EXISTS threads (group_key TEXT PRIMARY KEY, thread TEXT NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID",
  // ledger: line: JSON of Delivery, which has message_id and status, too; at: when it changed last; untold: 1 while history has yet
  // to hear of its newest revision.
  `CREATE TABLE IF NOT EXISTS ledger (id TEXT PRIMARY KEY, message_id TEXT, status TEXT NOT NULL, at INTEGER NOT NULL,
     untold INTEGER NOT NULL, line TEXT NOT NULL) WITHOUT ROWID`,
  "CREATE INDEX IF NOT EXISTS ledger_by_message ON ledger (message_id) WHERE message_id IS NOT NULL",
  "CREATE INDEX IF NOT EXISTS ledger_untold ON ledger (at) WHERE untold = 1",
];

const COLUMNS = "id, group_key, kind, status, created_at, next_at, failures, attempts, content";

/** The first of each group: the others wait for it. A cross join, so that only those are looked up. */
const HEADS = `(SELECT min(position) AS head FROM messages WHERE status = 'waiting' GROUP BY group_key)
  CROSS JOIN messages ON position = head`;

export class SubscriptionMessages {
  readonly #storage: Storage;

  constructor(storage: Storage) {
    this.#storage = storage;
    for (const statement of SCHEMA) storage.exec(statement);
  }

  /** Inside the caller's transaction. A message that is there already stays as it is. */
  add(draft: MessageDraft, contentOf: (incident_id: string) => IncidentContent | null, now_ms: number): void {
    const items = draft.items.flatMap(({ incident_id, change }): StoredItem[] => {
      const content = contentOf(incident_id);
      if (content === null) return [];
      const { incident, owner, links, spark } = content;
      return [{ change, incident: inBrief(incident), owner, links, spark }];
    });
    const more = draft.more + draft.items.length - items.length;
    const content: MessageContent = { items, more, group_open: draft.group_open };
    this.#storage.exec(
      `INSERT INTO messages (${COLUMNS}) VALUES (?, ?, ?, 'waiting', ?, ?, 0, '[]', ?) ON CONFLICT (id) DO NOTHING`,
      draft.id,
      draft.group_key,
      draft.kind,
      now_ms,
      now_ms,
      JSON.stringify(content),
    );
  }

  /** The messages whose turn it is, the longest due first. */
  due(now_ms: number, limit: number): QueuedMessage[] {
    const query = `SELECT ${COLUMNS} FROM ${HEADS} WHERE next_at <= ? ORDER BY next_at, position LIMIT ?`;
    return this.#storage.exec(query, now_ms, limit).map(messageOf);
  }

  /** When the first message whose turn is yet to come is due, after `now_ms`; null where none is. */
  nextDue(now_ms: number): number | null {
    const query = `SELECT min(next_at) AS due FROM ${HEADS} WHERE next_at > ?`;
    const due = this.#storage.exec(query, now_ms)[0]!["due"];
    return typeof due === "number" ? due : null;
  }

  get(id: string): QueuedMessage | null {
    const row = this.#storage.exec(`SELECT ${COLUMNS} FROM messages WHERE id = ?`, id)[0];
    return row === undefined ? null : messageOf(row);
  }

  waiting(): number {
    return numberOf(this.#storage.exec("SELECT count(*) AS n FROM messages WHERE status = 'waiting'")[0]!, "n");
  }

  /** Newest first; `before`: a message's id, null: from the newest on. */
  newest(before: string | null, limit: number): QueuedMessage[] {
    const query = `SELECT ${COLUMNS} FROM messages
      WHERE ?1 IS NULL OR position < (SELECT position FROM messages WHERE id = ?1) ORDER BY position DESC LIMIT ?2`;
    return this.#storage.exec(query, before, limit).map(messageOf);
  }

  thread(group_key: string): string | null {
    const row = this.#storage.exec("SELECT thread FROM threads WHERE group_key = ?", group_key)[0];
    return row === undefined ? null : textOf(row, "thread");
  }

  /** The first one of a group stays. */
  saveThread(group_key: string, thread: string, now_ms: number): void {
    const query = "INSERT INTO threads (group_key, thread, at) VALUES (?, ?, ?) ON CONFLICT (group_key) DO NOTHING";
    this.#storage.exec(query, group_key, thread, now_ms);
  }

  /** Inside the caller's transaction: the message and the lines that it tells. */
  settle(id: string, { status, next_ms, failures, attempt, withheld }: MessageOutcome, now_ms: number): void {
    const before = this.get(id);
    if (before === null) return;
    const attempts = attempt === null ? before.attempts : [...before.attempts, attempt].slice(-ATTEMPTS_MAX);
    this.#storage.exec(
      "UPDATE messages SET status = ?, next_at = ?, failures = ?, attempts = ? WHERE id = ?",
      status,
      next_ms,
      failures,
      JSON.stringify(attempts),
      id,
    );
    const delivered_at = status === "delivered" ? formatRfc3339(now_ms) : null;
    const isWithheld = status === "withheld";
    for (const line of this.#linesOf(id)) {
      const tried = attempt === null ? line : triedLine(line, attempt);
      // A redelivery that fails leaves standing why it was withheld.
      const { reason, detail } = withheld ?? (isWithheld ? line : { reason: null, detail: tried.detail });
      this.#saveLine({ ...line, ...tried, status, delivered_at, reason, detail, revision: line.revision + 1 }, now_ms);
    }
  }

  /** The target is back, or is another: whoever it did not take before need not wait any longer. */
  hasten(now_ms: number): void {
    const query = "UPDATE messages SET next_at = ?1 WHERE status = 'waiting' AND next_at > ?1";
    this.#storage.exec(query, now_ms);
  }

  waitingIds(): string[] {
    const rows = this.#storage.exec("SELECT id FROM messages WHERE status = 'waiting' ORDER BY position");
    return rows.map((row) => textOf(row, "id"));
  }

  /** Inside the caller's transaction: writes a line, or what is new of it. */
  saveDraft(draft: LineDraft, by: Pick<Delivery, "subscription_id" | "subscription_name">, now_ms: number): void {
    const known = this.line(draft.id);
    const fresh = { heard_at: formatRfc3339(now_ms), attempts: 0, http_status: null, latency_ms: null, revision: 0 };
    const { heard_at, attempts, http_status, latency_ms, revision } = known ?? fresh;
    const rest = { heard_at, delivered_at: null, attempts, http_status, latency_ms, revision: revision + 1 };
    this.#saveLine({ ...draft, ...by, ...rest }, now_ms);
  }

  line(id: string): Delivery | null {
    const row = this.#storage.exec("SELECT line FROM ledger WHERE id = ?", id)[0];
    return row === undefined ? null : (JSON.parse(textOf(row, "line")) as Delivery);
  }

  /** The changes that it tells, without reminders: of its own lines, and of those that it tells in the place of others. */
  changesOf(message_id: string): ToldChange[] {
    const query = `SELECT line FROM ledger WHERE message_id = ? AND line ->> '$.reason' IS NOT 'grouped' ORDER BY id`;
    const lines = this.#storage.exec(query, message_id).map((row) => JSON.parse(textOf(row, "line")) as Delivery);
    return lines.flatMap(({ incident_id, id, change, event_at }) =>
      change === "repeated" ? [] : [{ incident_id, seq: seqOf(id), change, event_at }],
    );
  }

  /** Lines that are delivered once this message is: not those that it tells in the place of their own. */
  #linesOf(message_id: string): Delivery[] {
    const query = `SELECT line FROM ledger WHERE message_id = ?
      AND (status IN ('waiting', 'failed') OR line ->> '$.reason' = 'disabled') ORDER BY id`;
    return this.#storage.exec(query, message_id).map((row) => JSON.parse(textOf(row, "line")) as Delivery);
  }

  #saveLine(line: Delivery, now_ms: number): void {
    this.#storage.exec(
      "INSERT OR REPLACE INTO ledger (id, message_id, status, at, untold, line) VALUES (?, ?, ?, ?, 1, ?)",
      line.id,
      line.message_id,
      line.status,
      now_ms,
      JSON.stringify(line),
    );
  }

  /** Lines whose newest revision history has yet to hear of, the oldest change first. */
  untold(limit: number): Delivery[] {
    const query = "SELECT line FROM ledger WHERE untold = 1 ORDER BY at, id LIMIT ?";
    return this.#storage.exec(query, limit).map((row) => JSON.parse(textOf(row, "line")) as Delivery);
  }

  /** History has them, at these revisions. */
  told(lines: readonly Delivery[]): void {
    const query = "UPDATE ledger SET untold = 0 WHERE id = ? AND line ->> '$.revision' = ?";
    this.#storage.transaction(() => {
      for (const line of lines) this.#storage.exec(query, line.id, line.revision);
    });
  }

  /** Inside the caller's transaction: the subscription is gone, and what it still had to tell with it. */
  forget(now_ms: number): void {
    const query = "SELECT line FROM ledger WHERE status = 'waiting'";
    for (const row of this.#storage.exec(query)) {
      const line = JSON.parse(textOf(row, "line")) as Delivery;
      const end = { status: "withheld", reason: "disabled", detail: "the subscription was deleted" } as const;
      this.#saveLine({ ...line, ...end, revision: line.revision + 1 }, now_ms);
    }
    this.#storage.exec("DELETE FROM messages");
    this.#storage.exec("DELETE FROM threads");
    this.#storage.exec("DELETE FROM ledger WHERE untold = 0");
  }

  /**
   * Forgets what is final since before `before_ms`, and the oldest of it beyond `rows_max`; of lines what history has, and that none is
   * kept back of: a line that began anew would be older than what history has of it.
   */
  prune(before_ms: number, rows_max: number): void {
    const oldest = (table: string, final: string, order: string): string =>
      `(SELECT ${order} FROM ${table} WHERE ${final} ORDER BY ${order} DESC LIMIT 1 OFFSET ${rows_max})`;
    const ended = "status <> 'waiting'";
    this.#storage.exec(
      `DELETE FROM messages WHERE ${ended} AND (created_at < ? OR position <= ${oldest("messages", ended, "position")})`,
      before_ms,
    );
    const kept = "SELECT incident_id FROM incidents WHERE state ->> '$.kept_back' IS NOT NULL";
    const known = `${ended} AND untold = 0 AND line ->> '$.incident_id' NOT IN (${kept})`;
    this.#storage.exec(
      `DELETE FROM ledger WHERE ${known} AND (at < ? OR at <= ${oldest("ledger", known, "at")})`,
      before_ms,
    );
    this.#storage.exec(
      "DELETE FROM threads WHERE at < ? AND group_key NOT IN (SELECT group_key FROM messages)",
      before_ms,
    );
  }
}

function triedLine(
  line: Delivery,
  { error, http_status, latency_ms }: DeliveryAttempt,
): Pick<Delivery, "attempts" | "http_status" | "latency_ms" | "detail"> {
  // What the attempt before met is over once one is taken.
  const detail = error ?? (line.attempts > 0 ? null : line.detail);
  return { attempts: line.attempts + 1, http_status, latency_ms, detail };
}

function inBrief<I extends MessageItem["incident"]>(incident: I): I {
  const { anomalies } = incident;
  if (anomalies.length <= ANOMALIES_MAX) return incident;
  const worst = anomalies.toSorted((a, b) => SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity));
  const kept = new Set(worst.slice(0, ANOMALIES_MAX));
  return { ...incident, anomalies: anomalies.filter((anomaly) => kept.has(anomaly)) };
}

function messageOf(row: SqlRow): QueuedMessage {
  return {
    id: textOf(row, "id"),
    group_key: textOf(row, "group_key"),
    kind: textOf(row, "kind") as QueuedMessage["kind"],
    status: textOf(row, "status") as QueuedMessage["status"],
    created_ms: numberOf(row, "created_at"),
    next_ms: numberOf(row, "next_at"),
    failures: numberOf(row, "failures"),
    attempts: JSON.parse(textOf(row, "attempts")) as DeliveryAttempt[],
    content: JSON.parse(textOf(row, "content")) as MessageContent,
  };
}
