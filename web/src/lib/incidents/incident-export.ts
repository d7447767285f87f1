/** The list of incidents as a file: CSV for a spreadsheet, JSON for a program. */
import type { Incident } from "../../../../domain/incident.ts";

/** The columns of the D1 table `incidents` that a person asks for, in the order of a reader. */
const COLUMNS = [
  "id",
  "service",
  "status",
  "severity",
  "metric_name",
  "anomaly_type",
  "endpoint",
  "endpoint_share",
  "onset_at",
  "opened_at",
  "resolved_at",
  "resolution",
  "metric_value",
  "baseline_value",
  "threshold_value",
  "request_count",
  "failed_count",
  "slow_count",
  "excess_count",
  "excess_low",
  "excess_high",
  "flapping",
  "reopened_count",
  "deployed_version",
  "historical",
  "acknowledged_at",
  "acknowledged_by",
  "feedback",
] as const satisfies readonly (keyof Incident)[];

/** RFC 4180, lines end in CRLF. Names in it come from events: none may begin a formula in a spreadsheet. */
export function incidentsCsv(incidents: readonly Incident[]): string {
  const lines = incidents.map((incident) => COLUMNS.map((column) => csvCell(incident[column])).join(","));
  return [COLUMNS.join(","), ...lines, ""].join("\r\n");
}

export function csvCell(value: string | number | boolean | null): string {
  if (value === null) return "";
  if (typeof value !== "string") return String(value);
  // A spreadsheet takes these for the beginning of a formula, also within quotes; an apostrophe makes it text.
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** As the HTTP reads give them, with their anomalies. */
export function incidentsJson(incidents: readonly Incident[]): string {
  return `${JSON.stringify({ items: incidents }, null, 2)}\n`;
}
