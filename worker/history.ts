/** The history database: how the objects' rows get in, and how windows and incidents are read. */
import type { Delivery } from "../domain/delivery.ts";
import type { History, HistoryRow, MetricsWindow, ServiceRecord } from "../domain/history.ts";
import type { Anomaly, Incident, Severity } from "../domain/incident.ts";
import type { Narrative } from "../domain/narrative.ts";
import type { IncidentCause, IncidentItem, Page, WindowItem } from "../domain/resource.ts";
import { parseRfc3339 } from "../domain/rfc3339.ts";
import { hexOfBase64 } from "./base64.ts";
import {
  ADVANCE_SEQUENCE,
  type AnomalyRow,
  type CauseRow,
  type IncidentCondition,
  type IncidentRow,
  type MetricsRow,
  type NarrativeRow,
  parseAnomalyRow,
  parseCauseRow,
  parseIncidentRow,
  parseMetricsRow,
  parseNarrativeRow,
  parseDeliveryRow,
  SELECT_ANOMALIES,
  SELECT_DELIVERIES,
  SELECT_CAUSES,
  SELECT_INCIDENT,
  SELECT_NARRATIVE,
  selectIncidents,
  selectWindows,
  storedTime,
  UPSERTS,
} from "./history-sql.ts";

/** D1 takes at most 2,000,000 bytes a parameter; half of it leaves room and keeps one statement short. */
const PARAMETER_BYTES_MAX = 1_000_000;

/**
 * Writes rows as one transaction a call: all of them, or none and the promise rejects. A row that is not newer than the
 * stored one changes nothing; every row that does gets a change_id above all that were given out before. Rows of one table
 * are applied in the order given. Times may have any form of RFC 3339.
 *
 * Cost: one row written an applied row and one a call; one more for the index by change_id that windows, anomalies and incidents
 * have, and one and two more for the other indexes of a new anomaly and a new incident, as for that of a new delivery. A narrative has no index.
 */
export function d1History(db: D1Database): History {
  return {
    async write(rows) {
      if (rows.length === 0) return;
      const statements: D1PreparedStatement[] = [];
      let rows_before = 0;
      for (const [table, group] of Map.groupBy(rows, (row) => row.table)) {
        for (const { json, count } of jsonArrays(group.map(storedJson))) {
          statements.push(db.prepare(UPSERTS[table]).bind(json, rows_before));
          rows_before += count;
        }
      }
      statements.push(db.prepare(ADVANCE_SEQUENCE).bind(rows_before));
      await db.batch(statements);
    },
  };
}

/** Packs JSON values, in order, into arrays of at most `PARAMETER_BYTES_MAX` bytes; a larger value goes alone. */
export function jsonArrays(values: readonly string[]): { readonly json: string; readonly count: number }[] {
  const encoder = new TextEncoder();
  const arrays: string[][] = [];
  let bytes = Infinity;
  for (const value of values) {
    const value_bytes = encoder.encode(value).length + 1;
    if (bytes + value_bytes > PARAMETER_BYTES_MAX) {
      arrays.push([]);
      bytes = 1;
    }
    arrays.at(-1)!.push(value);
    bytes += value_bytes;
  }
  return arrays.map((array) => ({ json: `[${array.join(",")}]`, count: array.length }));
}

/** A row as its upsert reads it. */
function storedJson(entry: HistoryRow): string {
  switch (entry.table) {
    case "services":
      return JSON.stringify(storedService(entry.row));
    case "service_metrics":
    case "service_metrics_hourly":
      return JSON.stringify(storedWindow(entry.row));
    case "anomalies":
      return JSON.stringify(storedAnomaly(entry.row));
    case "incidents":
      return JSON.stringify(storedIncident(entry.row));
    case "audit_log":
    case "feedback":
      return JSON.stringify({ ...entry.row, at: stored(entry.row.at) });
    case "incident_summaries":
      return JSON.stringify(storedNarrative(entry.row));
    case "deliveries":
      return JSON.stringify(storedDelivery(entry.row));
    case "subscription_health":
      return JSON.stringify(entry.row);
  }
}

function storedService(row: ServiceRecord): ServiceRecord {
  return {
    ...row,
    first_event_at: stored(row.first_event_at),
    last_event_at: stored(row.last_event_at),
    deleted_at: storedOrNull(row.deleted_at),
  };
}

function storedWindow(row: MetricsWindow): MetricsWindow {
  return {
    ...row,
    window_start: stored(row.window_start),
    window_end: stored(row.window_end),
    latency_sketch: hexOfBase64(row.latency_sketch),
  };
}

function storedAnomaly<A extends Anomaly>(row: A): A {
  return {
    ...row,
    detected_at: stored(row.detected_at),
    window_start: stored(row.window_start),
    window_end: stored(row.window_end),
    resolved_at: storedOrNull(row.resolved_at),
  };
}

/** Its anomalies are rows of their own. */
function storedIncident(row: Incident): Incident {
  return {
    ...row,
    anomalies: [],
    onset_at: stored(row.onset_at),
    opened_at: stored(row.opened_at),
    updated_at: stored(row.updated_at),
    resolved_at: storedOrNull(row.resolved_at),
    acknowledged_at: storedOrNull(row.acknowledged_at),
  };
}

/** As the columns are called. */
function storedNarrative({
  reason,
  ...row
}: Narrative): Omit<Narrative, "reason"> & { readonly source_reason: string | null } {
  return {
    ...row,
    source_reason: reason,
    window_start: stored(row.window_start),
    window_end: stored(row.window_end),
    written_at: stored(row.written_at),
  };
}

function storedDelivery(row: Delivery): Delivery {
  return {
    ...row,
    event_at: stored(row.event_at),
    heard_at: stored(row.heard_at),
    delivered_at: storedOrNull(row.delivered_at),
  };
}

/** Throws RangeError where a row's time is no time: that is a bug of the writer. */
function stored(time: string): string {
  const time_ms = parseRfc3339(time);
  if (Number.isNaN(time_ms)) throw new RangeError(`not an RFC 3339 time: ${JSON.stringify(time)}`);
  return storedTime(time_ms);
}

function storedOrNull(time: string | null): string | null {
  return time === null ? null : stored(time);
}

export interface WindowsRequest {
  readonly service: string;
  /** Seconds: windows of a minute or of an hour. */
  readonly step: 60 | 3600;
  /** Windows that start in [from, to); ±Infinity for no bound. */
  readonly from_ms: number;
  readonly to_ms: number;
  /** Items a page, 1 or more. */
  readonly limit: number;
  /** `next` of the page before: epoch seconds from which on windows are still to be read. */
  readonly cursor: string | null;
  /** The service's watermark: windows that end after it are provisional. None are where it is left out. */
  readonly complete_until_ms?: number;
}

/** D1 did not answer a read. The objects go on without it; `cause` has D1's error. */
export class HistoryUnavailable extends Error {
  override readonly name = "HistoryUnavailable";
}

/** What D1 answers. @throws HistoryUnavailable */
export async function asked<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw new HistoryUnavailable("the history database does not answer", { cause: error });
  }
}

/** A page of a service's windows, oldest first. Pages stay complete while windows are written: they are cut by time. */
export async function readWindows(db: D1Database, request: WindowsRequest): Promise<Page<WindowItem>> {
  const { service, step, from_ms, to_ms, limit, cursor, complete_until_ms = Infinity } = request;
  const start_ms = cursor === null ? from_ms : Math.max(from_ms, Number(cursor) * 1000);
  const table = step === 60 ? "service_metrics" : "service_metrics_hourly";
  const statement = db.prepare(selectWindows(table)).bind(service, storedTime(start_ms), storedTime(to_ms), limit + 1);
  const { results } = await asked(statement.all<MetricsRow>());
  const items = results.slice(0, limit).map((row) => {
    const window = parseMetricsRow(row);
    return { ...window, provisional: Date.parse(window.window_end) > complete_until_ms };
  });
  const following = results[limit];
  return { items, next: following === undefined ? null : String(Date.parse(following.window_start) / 1000) };
}

/** Where a list of incidents goes on: after this one. */
export interface IncidentPlace {
  readonly opened_at: string;
  readonly id: string;
}

export interface IncidentsRequest {
  readonly service: string | null;
  readonly status: Incident["status"] | null;
  readonly severity: Severity | null;
  /** Incidents that were going on at some time in [from, to); ±Infinity for no bound. */
  readonly from_ms: number;
  readonly to_ms: number;
  readonly limit: number;
  readonly after: IncidentPlace | null;
}

/**
 * A page of incidents with their anomalies and their likeliest cause, newest first. Incidents that open meanwhile come before the
 * first page.
 */
export async function readIncidents(
  db: D1Database,
  request: IncidentsRequest,
): Promise<{ readonly items: readonly IncidentItem[]; readonly next: IncidentPlace | null }> {
  const conditions = incidentConditions(request);
  const query = selectIncidents(conditions.map(([name]) => name));
  const values = conditions.flatMap(([, parameters]) => parameters);
  const statement = db.prepare(query).bind(...values, request.limit + 1);
  const { results } = await asked(statement.all<IncidentRow>());
  const rows = results.slice(0, request.limit);
  const [incidents, causes] = await Promise.all([withAnomalies(db, rows), causesOf(db, rows)]);
  const items = incidents.map((incident) => ({ ...incident, cause: causes.get(incident.id) ?? null }));
  const last = items.at(-1);
  return {
    items,
    next: results.length > request.limit && last !== undefined ? { opened_at: last.opened_at, id: last.id } : null,
  };
}

export async function readIncident(db: D1Database, id: string): Promise<Incident | null> {
  const row = await asked(db.prepare(SELECT_INCIDENT).bind(id).first<IncidentRow>());
  if (row === null) return null;
  const [incident] = await withAnomalies(db, [row]);
  return incident ?? null;
}

/** The words of an incident: of this version, or of the newest that history has; null where it has none. */
export async function readNarrative(
  db: D1Database,
  incident_id: string,
  version: number | null,
): Promise<Narrative | null> {
  const row = await asked(db.prepare(SELECT_NARRATIVE).bind(incident_id, version).first<NarrativeRow>());
  return row === null ? null : parseNarrativeRow(row);
}

/** What became of an incident's changes, in the order in which they were heard, after a time and an id; all of them after ["", ""]. */
export async function readDeliveries(
  db: D1Database,
  incident_id: string,
  [heard_at, id]: readonly [heard_at: string, id: string],
  limit: number,
): Promise<Delivery[]> {
  const after = heard_at === "" ? "" : stored(heard_at);
  const { results } = await asked(db.prepare(SELECT_DELIVERIES).bind(incident_id, after, id, limit).all<Delivery>());
  return results.map(parseDeliveryRow);
}

function incidentConditions(request: IncidentsRequest): [IncidentCondition, string[]][] {
  const { service, status, severity, from_ms, to_ms, after } = request;
  const conditions: [IncidentCondition, string[]][] = [];
  if (service !== null) conditions.push(["service", [service]]);
  if (status !== null) conditions.push(["status", [status]]);
  if (severity !== null) conditions.push(["severity", [severity]]);
  if (from_ms !== -Infinity) conditions.push(["from", [storedTime(from_ms)]]);
  if (to_ms !== Infinity) conditions.push(["to", [storedTime(to_ms)]]);
  if (after !== null) conditions.push(["after", [stored(after.opened_at), after.id]]);
  return conditions;
}

async function withAnomalies(db: D1Database, rows: readonly IncidentRow[]): Promise<Incident[]> {
  if (rows.length === 0) return [];
  const ids = JSON.stringify(rows.map((row) => row.id));
  const { results } = await asked(db.prepare(SELECT_ANOMALIES).bind(ids).all<AnomalyRow>());
  const byIncident = Map.groupBy(results, (row) => row.incident_id);
  return rows.map((row) => parseIncidentRow(row, (byIncident.get(row.id) ?? []).map(parseAnomalyRow)));
}

/** By incident id; those that history has no words of are left out. */
async function causesOf(
  db: D1Database,
  rows: readonly Pick<IncidentRow, "id">[],
): Promise<ReadonlyMap<string, IncidentCause | null>> {
  if (rows.length === 0) return new Map();
  const ids = JSON.stringify(rows.map((row) => row.id));
  const { results } = await asked(db.prepare(SELECT_CAUSES).bind(ids).all<CauseRow>());
  return new Map(results.map((row) => [row.incident_id, parseCauseRow(row)]));
}
