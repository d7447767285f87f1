/**
 * What the object of a subscription knows: its configuration, and what the rules of delivery keep. What is sent is in
 * subscription-messages.ts. All times are the receiving clock's, in ms, where nothing else is said.
 */
import {
  EMPTY_MEMORY,
  type GroupState,
  type IncidentState,
  type RulesDecision,
  type RulesInput,
  type RulesMemory,
  type RulesStore,
} from "../domain/delivery-rules-state.ts";
import type { Incident } from "../domain/incident.ts";
import type { Narrative } from "../domain/narrative.ts";
import type { Silence } from "../domain/silencing.ts";
import type { Notice } from "../domain/subscriber.ts";
import type { StoredSubscription } from "../domain/subscription.ts";
import { numberOf, textOf, textOrNullOf } from "./sql-row.ts";
import type { SqlRow, Storage } from "./storage.ts";

const SCHEMA = [
  // config: revision: of `subscription` (JSON of StoredSubscription), or of its removal, then null. gone: JSON of Gone; null where
  // the target has not said so since. One row, none before the first configuration.
  `CREATE TABLE IF NOT EXISTS config (id INTEGER PRIMARY KEY CHECK (id = 1), revision INTEGER NOT NULL, subscription TEXT, gone TEXT)`,
  // heard: the newest event of each service that was taken; at: when.
  "CREATE TABLE IF NOT EXISTS heard (service TEXT PRIMARY KEY, seq INTEGER NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID",
  // incidents: state: JSON of IncidentState, which has group_key, due_at and resolved_at, too; content: JSON of IncidentContent;
  // at: when it changed last.
  `CREATE TABLE IF NOT EXISTS incidents (incident_id TEXT PRIMARY KEY, group_key TEXT, due_at INTEGER, resolved_at INTEGER,
     at INTEGER NOT NULL, state TEXT NOT NULL, content TEXT NOT NULL) WITHOUT ROWID`,
  "CREATE INDEX IF NOT EXISTS incidents_by_group ON incidents (group_key) WHERE group_key IS NOT NULL",
  "CREATE INDEX IF NOT EXISTS incidents_by_due ON incidents (due_at) WHERE due_at IS NOT NULL",
  // groups: state: JSON of GroupState, which has due_at and over_at, too; at: when it changed last.
  `CREATE TABLE IF NOT EXISTS groups (key TEXT PRIMARY KEY, due_at INTEGER, over_at INTEGER, at INTEGER NOT NULL, state TEXT NOT NULL)
     WITHOUT ROWID`,
  "CREATE INDEX IF NOT EXISTS groups_by_due ON groups (due_at) WHERE due_at IS NOT NULL",
  // memory: state: JSON of RulesMemory. One row.
  "CREATE TABLE IF NOT EXISTS memory (id INTEGER PRIMARY KEY CHECK (id = 1), due_at INTEGER, state TEXT NOT NULL)",
  // silences: JSON of the Fleet's newest answer. One row.
  "CREATE TABLE IF NOT EXISTS silences (id INTEGER PRIMARY KEY CHECK (id = 1), silences TEXT NOT NULL)",
];

/** Of what history no longer needs. */
const TABLES = ["heard", "incidents", "groups", "memory", "silences"] as const;

/** The target said that nobody wants this any more. */
export interface Gone {
  readonly at_ms: number;
  readonly reason: string;
}

export interface Config {
  readonly revision: number;
  /** Null: it was removed. */
  readonly subscription: StoredSubscription | null;
  readonly gone: Gone | null;
}

/** By what the rules decide now. */
export interface Standing {
  readonly subscription: StoredSubscription;
  readonly gone: Gone | null;
}

/** What messages tell of an incident. */
export interface IncidentContent extends Pick<Notice, "owner" | "links" | "spark"> {
  readonly incident: Incident;
  readonly narrative: Narrative | null;
}

export interface IncidentNews {
  readonly incident_id: string;
  readonly content: IncidentContent;
}

export class SubscriptionStore implements RulesStore {
  readonly #storage: Storage;

  constructor(storage: Storage) {
    this.#storage = storage;
    for (const statement of SCHEMA) storage.exec(statement);
  }

  /** Null before the first configuration. */
  config(): Config | null {
    const row = this.#storage.exec("SELECT revision, subscription, gone FROM config WHERE id = 1")[0];
    if (row === undefined) return null;
    const [subscription, gone] = [textOrNullOf(row, "subscription"), textOrNullOf(row, "gone")];
    return {
      revision: numberOf(row, "revision"),
      subscription: subscription === null ? null : (JSON.parse(subscription) as StoredSubscription),
      gone: gone === null ? null : (JSON.parse(gone) as Gone),
    };
  }

  /** Null before the first configuration, and once it is removed. */
  standing(): Standing | null {
    const config = this.config();
    if (config === null || config.subscription === null) return null;
    return { subscription: config.subscription, gone: config.gone };
  }

  saveConfig({ revision, subscription, gone }: Config): void {
    this.#storage.exec(
      "INSERT OR REPLACE INTO config (id, revision, subscription, gone) VALUES (1, ?, ?, ?)",
      revision,
      subscription === null ? null : JSON.stringify(subscription),
      gone === null ? null : JSON.stringify(gone),
    );
  }

  /** Inside the caller's transaction. */
  forget(): void {
    for (const table of TABLES) this.#storage.exec(`DELETE FROM ${table}`);
  }

  /** The newest event of the service that was taken; 0 before the first. */
  heard(service: string): number {
    const row = this.#storage.exec("SELECT seq FROM heard WHERE service = ?", service)[0];
    return row === undefined ? 0 : numberOf(row, "seq");
  }

  saveHeard(service: string, seq: number, now_ms: number): void {
    this.#storage.exec("INSERT OR REPLACE INTO heard (service, seq, at) VALUES (?, ?, ?)", service, seq, now_ms);
  }

  memory(): RulesMemory {
    const row = this.#storage.exec("SELECT state FROM memory WHERE id = 1")[0];
    return row === undefined ? EMPTY_MEMORY : (JSON.parse(textOf(row, "state")) as RulesMemory);
  }

  incident(incident_id: string): IncidentState | null {
    const row = this.#storage.exec("SELECT state FROM incidents WHERE incident_id = ?", incident_id)[0];
    return row === undefined ? null : stateOf(row);
  }

  group(key: string): GroupState | null {
    const row = this.#storage.exec("SELECT state FROM groups WHERE key = ?", key)[0];
    return row === undefined ? null : (JSON.parse(textOf(row, "state")) as GroupState);
  }

  members(key: string): readonly IncidentState[] {
    const rows = this.#storage.exec("SELECT state FROM incidents WHERE group_key = ? ORDER BY incident_id", key);
    return rows.map(stateOf);
  }

  keptBack(): readonly IncidentState[] {
    const query = "SELECT state FROM incidents WHERE due_at IS NULL AND state ->> '$.kept_back' IS NOT NULL";
    return this.#storage.exec(query).map(stateOf);
  }

  silenced(): readonly IncidentState[] {
    const query = "SELECT state FROM incidents WHERE due_at IS NOT NULL AND state ->> '$.kept_back' IS NOT NULL";
    return this.#storage.exec(query).map(stateOf);
  }

  /** Whether a silence keeps something back. */
  isSilenced(now_ms: number): boolean {
    return this.#storage.exec("SELECT 1 AS one FROM incidents WHERE due_at > ? LIMIT 1", now_ms).length > 0;
  }

  /** Null where nothing is known of it (any more). */
  content(incident_id: string): IncidentContent | null {
    const row = this.#storage.exec("SELECT content FROM incidents WHERE incident_id = ?", incident_id)[0];
    return row === undefined ? null : (JSON.parse(textOf(row, "content")) as IncidentContent);
  }

  /** Inside the caller's transaction. `news`: what an event brought of its incident, which is kept if the rules keep its state. */
  saveDecision(decision: RulesDecision, news: IncidentNews | null, now_ms: number): void {
    const { memory, incidents, groups } = decision;
    for (const state of incidents) {
      const content = news?.incident_id === state.incident_id ? news.content : this.content(state.incident_id);
      if (content === null) throw new Error(`the rules keep ${state.incident_id}, of which nothing is known`);
      this.#saveIncident(state, content, now_ms);
    }
    for (const state of groups) {
      this.#storage.exec(
        "INSERT OR REPLACE INTO groups (key, due_at, over_at, at, state) VALUES (?, ?, ?, ?, ?)",
        state.key,
        state.due_ms,
        state.over_ms,
        now_ms,
        JSON.stringify(state),
      );
    }
    if (memory === null) return;
    const query = "INSERT OR REPLACE INTO memory (id, due_at, state) VALUES (1, ?, ?)";
    this.#storage.exec(query, memory.due_ms, JSON.stringify(memory));
  }

  #saveIncident(state: IncidentState, content: IncidentContent, now_ms: number): void {
    const { incident_id, group_key, due_ms, resolved_ms } = state;
    this.#storage.exec(
      `INSERT OR REPLACE INTO incidents (incident_id, group_key, due_at, resolved_at, at, state, content)
         VALUES (?, ?, ?, ?, ?, ?, ?)`,
      incident_id,
      group_key,
      due_ms,
      resolved_ms,
      now_ms,
      JSON.stringify(state),
      JSON.stringify(content),
    );
  }

  /** Rows that are due, the longest first. */
  due(now_ms: number): RulesInput[] {
    const query = `SELECT kind, key FROM (
        SELECT 'memory' AS kind, '' AS key, due_at FROM memory WHERE due_at <= ?1
        UNION ALL SELECT 'incident', incident_id, due_at FROM incidents WHERE due_at <= ?1
        UNION ALL SELECT 'group', key, due_at FROM groups WHERE due_at <= ?1)
      ORDER BY due_at, kind, key`;
    return this.#storage.exec(query, now_ms).map((row): RulesInput => {
      const key = textOf(row, "key");
      switch (textOf(row, "kind")) {
        case "incident":
          return { kind: "incident_due", incident_id: key };
        case "group":
          return { kind: "group_due", key };
        default:
          return { kind: "memory_due" };
      }
    });
  }

  /** When the first row is due; null where none is to be. */
  nextDue(): number | null {
    const query = `SELECT min(due_at) AS due FROM (SELECT due_at FROM memory
      UNION ALL SELECT min(due_at) FROM incidents WHERE due_at IS NOT NULL
      UNION ALL SELECT min(due_at) FROM groups WHERE due_at IS NOT NULL)`;
    const due = this.#storage.exec(query)[0]!["due"];
    return typeof due === "number" ? due : null;
  }

  silences(): readonly Silence[] {
    const row = this.#storage.exec("SELECT silences FROM silences WHERE id = 1")[0];
    return row === undefined ? [] : (JSON.parse(textOf(row, "silences")) as Silence[]);
  }

  saveSilences(silences: readonly Silence[]): void {
    const text = JSON.stringify(silences);
    if (JSON.stringify(this.silences()) === text) return;
    this.#storage.exec("INSERT OR REPLACE INTO silences (id, silences) VALUES (1, ?)", text);
  }

  /** Forgets what was over before `before_ms` and is told as such, and whom nothing was heard of since `silent_ms`. */
  prune(before_ms: number, silent_ms: number): void {
    const over = "resolved_at < ? AND state ->> '$.kept_back' IS NULL";
    this.#storage.exec(`DELETE FROM incidents WHERE (${over}) OR at < ?`, before_ms, silent_ms);
    this.#storage.exec("DELETE FROM groups WHERE over_at < ? OR at < ?", before_ms, silent_ms);
    this.#storage.exec("DELETE FROM heard WHERE at < ?", silent_ms);
  }
}

function stateOf(row: SqlRow): IncidentState {
  // Members that were not there yet when the row was written.
  const later: Pick<IncidentState, "kept_back" | "unsent"> = { kept_back: null, unsent: 0 };
  return { ...later, ...(JSON.parse(textOf(row, "state")) as Omit<IncidentState, keyof typeof later>) };
}
