/**
 * All SQL of the history database. Tables and columns are documented in migrations/0001_history.sql.
 *
 * Rows are written many to a statement, as one JSON array in one parameter, because D1 allows 100 bound parameters and on its
 * free plan 50 queries an invocation. Times are stored with fixed milliseconds, so that text order is time order
 * (`storedTime`), and read back as the rest of Faultline writes them (`readTime`).
 */
import type { Delivery } from "../domain/delivery.ts";
import type { HistoryRow, MetricsWindow } from "../domain/history.ts";
import type { PastIncident } from "../domain/evidence.ts";
import type { Anomaly, Incident } from "../domain/incident.ts";
import type { Cause, Narrative } from "../domain/narrative.ts";
import type { IncidentCause } from "../domain/resource.ts";
import { formatRfc3339 } from "../domain/rfc3339.ts";
import { base64OfHex } from "./base64.ts";

export type HistoryTable = HistoryRow["table"];
export type WindowTable = "service_metrics" | "service_metrics_hourly";

interface TableShape {
  readonly key: readonly string[];
  /** Columns that follow from the key and stand in an index: an update leaves them out, which spares the index entry's row. */
  readonly fixed: readonly string[];
  readonly columns: readonly string[];
}

const METRICS: TableShape = {
  key: ["service", "window_start"],
  fixed: [],
  columns: names(`window_end request_count error_count error_rate latency_sum_us
    avg_latency_ms p50_latency_ms p95_latency_ms p99_latency_ms latency_sketch
    baseline_request_rate baseline_error_rate baseline_p95_ms revision`),
};

const SHAPES: Readonly<Record<HistoryTable, TableShape>> = {
  services: {
    key: ["service"],
    fixed: [],
    columns: names("status incident_id first_event_at last_event_at deleted_at revision"),
  },
  service_metrics: METRICS,
  service_metrics_hourly: METRICS,
  anomalies: {
    key: ["service", "detected_at", "metric_name"],
    fixed: ["incident_id"],
    columns: names(`window_start window_end endpoint anomaly_type detector severity
      metric_value baseline_value threshold_value score description
      resolved resolved_at revision`),
  },
  audit_log: {
    key: ["id"],
    fixed: [],
    columns: names("at actor action subject detail revision"),
  },
  incident_summaries: {
    key: ["incident_id", "version"],
    fixed: [],
    columns:
      names(`service window_start window_end summary possible_causes recommended_actions affected_metrics evidence
      source source_reason llm_model latency_ms written_at revision`),
  },
  feedback: {
    key: ["incident_id"],
    fixed: [],
    columns: names("service metric_name verdict at actor revision"),
  },
  deliveries: {
    key: ["id"],
    fixed: ["incident_id", "heard_at"],
    columns: names(`subscription_id subscription_name service change status reason detail silence_id message_id
      event_at delivered_at attempts http_status latency_ms revision`),
  },
  subscription_health: {
    key: ["id"],
    fixed: [],
    columns: names("health revision"),
  },
  incidents: {
    key: ["id"],
    fixed: ["service", "opened_at"],
    columns: names(`status severity metric_name anomaly_type endpoint endpoint_share
      onset_at updated_at resolved_at
      metric_value baseline_value threshold_value score description
      request_count failed_count slow_count excess_count excess_low excess_high
      reopened_count flapping resolution deployed_version previous_version deployed_at usual_at feedback historical
      acknowledged_at acknowledged_by revision`),
  },
};

function names(list: string): readonly string[] {
  return list.split(/\s+/);
}

function columnsOf(table: HistoryTable): readonly string[] {
  const { key, fixed, columns } = SHAPES[table];
  return [...key, ...fixed, ...columns];
}

/**
 * Upserts rows where they are newer. ?1: a JSON array of row objects (`latency_sketch` in hex); ?2: how many rows of the same
 * transaction come before, so that each row of it has a change_id of its own.
 */
export const UPSERTS: Readonly<Record<HistoryTable, string>> = {
  services: upsert("services"),
  service_metrics: upsert("service_metrics"),
  service_metrics_hourly: upsert("service_metrics_hourly"),
  anomalies: upsert("anomalies"),
  incidents: upsert("incidents"),
  audit_log: upsert("audit_log"),
  feedback: upsert("feedback"),
  deliveries: upsert("deliveries"),
  subscription_health: upsert("subscription_health"),
  incident_summaries: upsert("incident_summaries"),
};

function upsert(table: HistoryTable): string {
  const { key, columns } = SHAPES[table];
  const all = columnsOf(table);
  const field = (name: string): string =>
    name === "latency_sketch" ? `unhex(entry.value ->> '$.${name}')` : `entry.value ->> '$.${name}'`;
  // "WHERE" is there for the parser, which would otherwise take ON CONFLICT for a join's ON.
  return `INSERT INTO ${table} (${all.join(", ")}, change_id)
    SELECT ${all.map(field).join(", ")}, sequence.value + ?2 + entry.key + 1
    FROM json_each(?1) AS entry CROSS JOIN change_sequence AS sequence
    WHERE sequence.name = 'history'
    ON CONFLICT (${key.join(", ")}) DO UPDATE SET
      ${[...columns, "change_id"].map((name) => `${name} = excluded.${name}`).join(", ")}
    WHERE excluded.revision > ${table}.revision`;
}

/** Last in the transaction: ?1 change_ids have been given out. */
export const ADVANCE_SEQUENCE = "UPDATE change_sequence SET value = value + ?1 WHERE name = 'history'";

/** Windows of ?1 that start at or after ?2 and before ?3, oldest first, at most ?4. */
export function selectWindows(table: WindowTable): string {
  return `SELECT service, window_start, window_end, request_count, error_count, error_rate, latency_sum_us,
      avg_latency_ms, p50_latency_ms, p95_latency_ms, p99_latency_ms, hex(latency_sketch) AS latency_sketch_hex,
      baseline_request_rate, baseline_error_rate, baseline_p95_ms, revision
    FROM ${table}
    WHERE service = ?1 AND window_start >= ?2 AND window_start < ?3
    ORDER BY window_start LIMIT ?4`;
}

const INCIDENT_COLUMNS = columnsOf("incidents").join(", ");

/** Incidents of service ?1 that opened at or after ?2, newest first, in the order of incidents_by_service: ?3 are looked at. */
const NEWEST_OF_SERVICE = `SELECT id, metric_name, onset_at, resolved_at, resolution, endpoint, severity, deployed_version, feedback,
    opened_at
  FROM incidents WHERE service = ?1 AND opened_at >= ?2 ORDER BY opened_at DESC, id DESC LIMIT ?3`;

/** Among the newest ?3 of service ?1 since ?2 those of metric ?4 that began before ?5, without ?6, at most ?7. */
export const SELECT_ALIKE = `SELECT id, onset_at, resolved_at, resolution, endpoint, severity, deployed_version, feedback
  FROM (${NEWEST_OF_SERVICE})
  WHERE metric_name = ?4 AND onset_at < ?5 AND id <> ?6 ORDER BY opened_at DESC, id DESC LIMIT ?7`;

const NARRATIVE_COLUMNS = columnsOf("incident_summaries").join(", ");

/** The words of incident ?1 of its newest version, or of version ?2 where that is no null. */
export const SELECT_NARRATIVE = `SELECT ${NARRATIVE_COLUMNS} FROM incident_summaries
  WHERE incident_id = ?1 AND (?2 IS NULL OR version = ?2) ORDER BY version DESC LIMIT 1`;

/**
 * The first cause of the newest words of the incidents whose ids are the JSON array ?1, and the names of the facts it rests on. In a
 * query with MAX, SQLite takes the other columns from the row that has it.
 */
export const SELECT_CAUSES = `SELECT incident_id, MAX(version) AS version, possible_causes -> '$[0]' AS cause, (
    SELECT json_group_array(name.value) FROM json_each(possible_causes, '$[0].facts') AS cited
      JOIN json_each(evidence) AS fact ON fact.value ->> '$.id' = cited.value
      JOIN json_each(fact.value, '$.names') AS name
  ) AS names
  FROM incident_summaries WHERE incident_id IN (SELECT value FROM json_each(?1)) GROUP BY incident_id`;

/** What became of the changes of incident ?1 after (?2, ?3), in the order in which they were heard, at most ?4. */
export const SELECT_DELIVERIES = `SELECT ${columnsOf("deliveries").join(", ")} FROM deliveries
  WHERE incident_id = ?1 AND (heard_at, id) > (?2, ?3) ORDER BY heard_at, id LIMIT ?4`;

/** One incident, ?1. */
export const SELECT_INCIDENT = `SELECT ${INCIDENT_COLUMNS} FROM incidents WHERE id = ?1`;

/** What a list of incidents may be narrowed by; each condition has its own parameters, in order. */
export const INCIDENT_CONDITIONS = {
  service: "service = ?",
  status: "status = ?",
  severity: "severity = ?",
  /** Still open, or over only after. */
  from: "(resolved_at IS NULL OR resolved_at >= ?)",
  to: "opened_at < ?",
  /** Comes after (opened_at, id) in the order of the list. */
  after: "(opened_at, id) < (?, ?)",
} as const;
export type IncidentCondition = keyof typeof INCIDENT_CONDITIONS;

/** Incidents under all the conditions, newest first; the last parameter is how many at most. */
export function selectIncidents(conditions: readonly IncidentCondition[]): string {
  const where = conditions.map((name) => INCIDENT_CONDITIONS[name]).join(" AND ");
  return `SELECT ${INCIDENT_COLUMNS} FROM incidents
    ${where === "" ? "" : `WHERE ${where}`}
    ORDER BY opened_at DESC, id DESC LIMIT ?`;
}

/** The anomalies of the incidents whose ids are the JSON array ?1, in the order of their detection. */
export const SELECT_ANOMALIES = `SELECT
    ${columnsOf("anomalies")
      .filter((name) => name !== "revision")
      .join(", ")}
  FROM anomalies WHERE incident_id IN (SELECT value FROM json_each(?1))
  ORDER BY detected_at, service, metric_name`;

export type ChangingTable = "service_metrics" | "anomalies" | "incidents";

/**
 * Rows of a table that changed after what reader ?1 has acknowledged, in the order of their newest change, at most ?2. Without
 * sketches: they are no plain column, and most of a window's bytes.
 */
export function selectChanges(table: ChangingTable): string {
  const plain = columnsOf(table).filter((name) => name !== "latency_sketch");
  return `SELECT ${plain.join(", ")}, change_id FROM ${table}
    WHERE change_id > COALESCE((SELECT cursor FROM change_readers WHERE reader = ?1), 0)
    ORDER BY change_id LIMIT ?2`;
}

/** Whether any migration was ever applied: wrangler makes this table with the first. */
export const SELECT_HAS_MIGRATIONS = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name = 'd1_migrations'";
export const SELECT_MIGRATIONS = "SELECT name FROM d1_migrations ORDER BY id";

/** RFC 3339 in UTC with milliseconds, clamped to the years 0 to 9999 that RFC 3339 can write. */
export function storedTime(time_ms: number): string {
  return new Date(Math.min(Math.max(time_ms, -62_167_219_200_000), 253_402_300_799_999)).toISOString();
}

function readTime(stored: string): string {
  return formatRfc3339(Date.parse(stored));
}

function readTimeOrNull(stored: string | null): string | null {
  return stored === null ? null : readTime(stored);
}

export type MetricsRow = Omit<MetricsWindow, "latency_sketch"> & { readonly latency_sketch_hex: string };

export function parseMetricsRow({ latency_sketch_hex, ...row }: MetricsRow): MetricsWindow {
  return { ...parseWindowTimes(row), latency_sketch: base64OfHex(latency_sketch_hex) };
}

/** A window's row but for its sketch. */
export function parseWindowTimes<W extends Pick<MetricsWindow, "window_start" | "window_end">>(row: W): W {
  return { ...row, window_start: readTime(row.window_start), window_end: readTime(row.window_end) };
}

export type AnomalyRow = Omit<Anomaly, "resolved"> & { readonly resolved: 0 | 1 };

export function parseAnomalyRow(row: AnomalyRow): Anomaly {
  return {
    ...row,
    detected_at: readTime(row.detected_at),
    window_start: readTime(row.window_start),
    window_end: readTime(row.window_end),
    resolved: row.resolved === 1,
    resolved_at: readTimeOrNull(row.resolved_at),
  };
}

/** Both are JSON; `cause` is null where the words tell none. */
export interface CauseRow {
  readonly incident_id: string;
  readonly cause: string | null;
  readonly names: string;
}

export function parseCauseRow(row: CauseRow): IncidentCause | null {
  if (row.cause === null) return null;
  const { cause, certainty, text } = JSON.parse(row.cause) as Cause;
  return { cause, certainty, text, names: JSON.parse(row.names) as string[] };
}

export type PastRow = Omit<PastIncident, "incident_id"> & { readonly id: string };

export function parsePastRow({ id, ...row }: PastRow): PastIncident {
  return { ...row, incident_id: id, onset_at: readTime(row.onset_at), resolved_at: readTimeOrNull(row.resolved_at) };
}

export function parseDeliveryRow(row: Delivery): Delivery {
  return {
    ...row,
    event_at: readTime(row.event_at),
    heard_at: readTime(row.heard_at),
    delivered_at: readTimeOrNull(row.delivered_at),
  };
}

/** Lists are JSON. */
export type NarrativeRow = Pick<
  Narrative,
  "incident_id" | "version" | "service" | "window_start" | "window_end" | "written_at" | "revision"
> & {
  readonly summary: string;
  readonly possible_causes: string;
  readonly recommended_actions: string;
  readonly affected_metrics: string;
  readonly evidence: string;
  readonly source: Narrative["source"];
  readonly source_reason: Narrative["reason"];
  readonly llm_model: string | null;
  readonly latency_ms: number | null;
};

export function parseNarrativeRow({ source_reason, ...row }: NarrativeRow): Narrative {
  // That source, reason and model fit each other is what was written.
  return {
    ...row,
    window_start: readTime(row.window_start),
    window_end: readTime(row.window_end),
    written_at: readTime(row.written_at),
    summary: JSON.parse(row.summary),
    possible_causes: JSON.parse(row.possible_causes),
    recommended_actions: JSON.parse(row.recommended_actions),
    affected_metrics: JSON.parse(row.affected_metrics),
    evidence: JSON.parse(row.evidence),
    reason: source_reason,
  } as Narrative;
}

export type IncidentRow = Omit<Incident, "historical" | "flapping" | "anomalies"> & {
  readonly historical: 0 | 1;
  readonly flapping: 0 | 1;
};

export function parseIncidentRow(row: IncidentRow, anomalies: readonly Anomaly[]): Incident {
  return {
    ...row,
    onset_at: readTime(row.onset_at),
    opened_at: readTime(row.opened_at),
    updated_at: readTime(row.updated_at),
    resolved_at: readTimeOrNull(row.resolved_at),
    deployed_at: readTimeOrNull(row.deployed_at),
    flapping: row.flapping === 1,
    historical: row.historical === 1,
    acknowledged_at: readTimeOrNull(row.acknowledged_at),
    anomalies,
  };
}
