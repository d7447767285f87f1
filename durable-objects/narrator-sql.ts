/**
 * The tables of the Narrator's object. An incident has one row while its words are not final, whatever becomes of it meanwhile.
 * All times are the receiving clock's, in ms, where nothing else is said.
 */
import type { Evidence } from "../domain/evidence.ts";
import { SEVERITIES } from "../domain/incident.ts";
import { TEMPLATE_REASONS, type TemplateReason } from "../domain/narrative.ts";
import type { NarrationRequest, NarrativeDraft } from "../domain/narrator.ts";
import { type Job, STAGES } from "./narrator-job.ts";
import { ordered, replaced } from "./ordered-jobs.ts";
import { numberOf, numberOrNullOf, textOf } from "./sql-row.ts";
import type { SqlRow, Storage } from "./storage.ts";

/** Incidents that may wait at once: a row has some kilobytes, and whoever reads words reads the worst of them. */
const JOBS_MAX = 1_000;
/** How long it is known that an incident had its last words: an outbox that repeats itself does so within minutes. */
const DONE_KEPT_MS = 24 * 3_600_000;
const DONE_MAX = 10_000;

const SCHEMA = [
  // jobs: severity: index of SEVERITIES. content: JSON of Evidence, once `written` of NarrativeDraft. What else: see Job.
  `CREATE TABLE IF NOT EXISTS jobs (incident_id TEXT PRIMARY KEY, service TEXT NOT NULL, version INTEGER NOT NULL,
     severity INTEGER NOT NULL, historical INTEGER NOT NULL, resolved_at INTEGER, received_at INTEGER NOT NULL, stage TEXT NOT NULL,
     told TEXT, attempts INTEGER NOT NULL, call_at INTEGER NOT NULL, tell_failures INTEGER NOT NULL, tell_at INTEGER NOT NULL,
     content TEXT NOT NULL) WITHOUT ROWID`,
  // done: versions whose last words were taken, or that nobody waits for: they are not written again. Kept 24 h, 10,000 at most.
  `CREATE TABLE IF NOT EXISTS done (incident_id TEXT PRIMARY KEY, version INTEGER NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID`,
  // dropped: how many jobs were given up since the beginning. One row.
  "CREATE TABLE IF NOT EXISTS dropped (id INTEGER PRIMARY KEY CHECK (id = 1), count INTEGER NOT NULL)",
];

const COLUMNS = `incident_id, service, version, severity, historical, resolved_at, received_at, stage, told, attempts, call_at,
  tell_failures, tell_at`;

export class NarratorStore {
  readonly #storage: Storage;
  /** As they are stored; null where they are to be read again. A thousand that wait are not read for each step of one of them. */
  #jobs: readonly Job[] | null = null;

  constructor(storage: Storage) {
    this.#storage = storage;
    for (const statement of SCHEMA) storage.exec(statement);
  }

  /**
   * Keeps what is newer than all that is known of its incident, in the place of an older version that still waits. Returns the
   * incidents whose older row, if any, is gone: also of those that had to go because too many wait.
   */
  take(requests: readonly NarrationRequest[], now_ms: number): string[] {
    const changed = this.#storage.transaction(() => {
      const taken = requests.filter((request) => this.#put(request, now_ms));
      const gone = this.#dropBeyond(JOBS_MAX);
      return [...taken.map(({ evidence }) => evidence.incident_id), ...gone];
    });
    for (const incident_id of changed) this.#reread(incident_id);
    return changed;
  }

  #put({ service, evidence }: NarrationRequest, now_ms: number): boolean {
    const { incident_id, version, subject } = evidence;
    const query =
      "SELECT version FROM jobs WHERE incident_id = ?1 UNION ALL SELECT version FROM done WHERE incident_id = ?1";
    const known = this.#storage.exec(query, incident_id).map((row) => numberOf(row, "version"));
    if (known.some((other) => other >= version)) return false;
    this.#storage.exec(
      `INSERT INTO jobs (${COLUMNS}, content) VALUES (?, ?, ?, ?, ?, ?, ?, 'fresh', NULL, 0, 0, 0, 0, ?)
         ON CONFLICT (incident_id) DO UPDATE SET version = excluded.version, severity = excluded.severity,
           historical = excluded.historical, resolved_at = excluded.resolved_at, stage = 'fresh', told = NULL, attempts = 0,
           call_at = 0, content = excluded.content`,
      incident_id,
      service,
      version,
      SEVERITIES.indexOf(subject.severity),
      Number(subject.historical),
      subject.resolved_at === null ? null : Date.parse(subject.resolved_at),
      now_ms,
      JSON.stringify(evidence),
    );
    return true;
  }

  /** Those that are the template's anyway go first, then the mildest, then the oldest. */
  #dropBeyond(max: number): string[] {
    const query = `DELETE FROM jobs WHERE incident_id IN (SELECT incident_id FROM jobs
      ORDER BY historical DESC, severity, received_at, incident_id LIMIT max(0, (SELECT count(*) FROM jobs) - ?)) RETURNING incident_id`;
    const gone = this.#storage.exec(query, max).map((row) => textOf(row, "incident_id"));
    if (gone.length > 0) this.#countDropped(gone.length);
    return gone;
  }

  /** The most severe first, then the one that has waited longest. */
  jobs(): readonly Job[] {
    this.#jobs ??= ordered(this.#storage.exec(`SELECT ${COLUMNS} FROM jobs`).map(jobOf));
    return this.#jobs;
  }

  /** After its row was changed for good. */
  #reread(incident_id: string): void {
    const jobs = this.#jobs;
    // If it cannot be read now, all are read by whoever asks next.
    this.#jobs = null;
    if (jobs === null) return;
    const row = this.#storage.exec(`SELECT ${COLUMNS} FROM jobs WHERE incident_id = ?`, incident_id)[0];
    this.#jobs = replaced(jobs, incident_id, row === undefined ? null : jobOf(row));
  }

  count(): number {
    return numberOf(this.#storage.exec("SELECT count(*) AS waiting FROM jobs")[0]!, "waiting");
  }

  /** Null where a newer version has taken its place, or it is gone. */
  evidence(job: Job): Evidence | null {
    const content = this.#content(job);
    return content === null ? null : (JSON.parse(content) as Evidence);
  }

  /** Its last words. Null likewise. */
  draft(job: Job): NarrativeDraft | null {
    const content = this.#content(job);
    return content === null ? null : (JSON.parse(content) as NarrativeDraft);
  }

  #content({ incident_id, version }: Job): string | null {
    const query = "SELECT content FROM jobs WHERE incident_id = ? AND version = ?";
    const row = this.#storage.exec(query, incident_id, version)[0];
    return row === undefined ? null : textOf(row, "content");
  }

  prepared(job: Job, evidence: Evidence, told: TemplateReason | null): void {
    this.#change(job, "stage = 'ready', told = ?, content = ?", told, JSON.stringify(evidence));
  }

  /** The service's object has these words. */
  told(job: Job, reason: TemplateReason): void {
    this.#change(job, "told = ?, tell_failures = 0, tell_at = 0", reason);
  }

  tellAgain(job: Job, at_ms: number): void {
    this.#change(job, "tell_failures = tell_failures + 1, tell_at = ?", at_ms);
  }

  /** A call begins: counted first, since it may be what ends this object. */
  begin(job: Job, told: TemplateReason | null): void {
    this.#change(job, "attempts = attempts + 1, told = ?", told);
  }

  callAgain(job: Job, at_ms: number): void {
    this.#change(job, "call_at = ?", at_ms);
  }

  /** The model answers again: who waits for it may go at once, and starts anew. Inside the caller's transaction. */
  callAll(): void {
    this.#jobs = null;
    this.#storage.exec(
      "UPDATE jobs SET attempts = 0, call_at = 0 WHERE stage = 'ready' AND (attempts > 0 OR call_at > 0)",
    );
  }

  written(job: Job, draft: NarrativeDraft): void {
    this.#change(job, "stage = 'written', content = ?", JSON.stringify(draft));
  }

  #change({ incident_id, version }: Job, assignments: string, ...values: (string | number | null)[]): void {
    const query = `UPDATE jobs SET ${assignments} WHERE incident_id = ? AND version = ?`;
    this.#storage.exec(query, ...values, incident_id, version);
    this.#reread(incident_id);
  }

  /** Nothing more is to be written of this version. */
  finish(job: Job, now_ms: number): void {
    this.#storage.transaction(() => this.#finish(job, now_ms));
    this.#reread(job.incident_id);
  }

  /** Likewise, although its last words were not taken. */
  drop(job: Job, now_ms: number): void {
    this.#storage.transaction(() => {
      this.#finish(job, now_ms);
      this.#countDropped(1);
    });
    this.#reread(job.incident_id);
  }

  #finish({ incident_id, version }: Job, now_ms: number): void {
    this.#storage.exec("DELETE FROM jobs WHERE incident_id = ? AND version = ?", incident_id, version);
    this.#storage.exec(
      `INSERT INTO done (incident_id, version, at) VALUES (?, ?, ?) ON CONFLICT (incident_id) DO UPDATE
         SET version = max(version, excluded.version), at = excluded.at`,
      incident_id,
      version,
      now_ms,
    );
  }

  /** Forgets what is done for long, and the oldest beyond what is kept. */
  prune(now_ms: number): void {
    this.#storage.exec(
      `DELETE FROM done WHERE at < ?
         OR incident_id IN (SELECT incident_id FROM done ORDER BY at LIMIT max(0, (SELECT count(*) FROM done) - ?))`,
      now_ms - DONE_KEPT_MS,
      DONE_MAX,
    );
  }

  dropped(): number {
    const row = this.#storage.exec("SELECT count FROM dropped WHERE id = 1")[0];
    return row === undefined ? 0 : numberOf(row, "count");
  }

  #countDropped(count: number): void {
    const query =
      "INSERT INTO dropped (id, count) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET count = count + excluded.count";
    this.#storage.exec(query, count);
  }
}

function jobOf(row: SqlRow): Job {
  return {
    incident_id: textOf(row, "incident_id"),
    service: textOf(row, "service"),
    version: numberOf(row, "version"),
    severity: SEVERITIES[numberOf(row, "severity")]!,
    historical: numberOf(row, "historical") === 1,
    resolved_ms: numberOrNullOf(row, "resolved_at"),
    received_ms: numberOf(row, "received_at"),
    stage: STAGES.find((stage) => stage === textOf(row, "stage"))!,
    told: row["told"] === null ? null : TEMPLATE_REASONS.find((reason) => reason === textOf(row, "told"))!,
    attempts: numberOf(row, "attempts"),
    call_ms: numberOf(row, "call_at"),
    tell_failures: numberOf(row, "tell_failures"),
    tell_ms: numberOf(row, "tell_at"),
  };
}
