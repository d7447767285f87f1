/** The list of incidents as a file: CSV for a spreadsheet, JSON for a program. */
import type { Incident } from "../../../../domain/incident.ts";
import type { IncidentItem } from "../../../../domain/resource.ts";

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

/** After them, what may have brought it: how sure that is, and in words. */
const CAUSE_COLUMNS = ["cause_certainty", "cause_text"] as const;

/** RFC 4180, lines end in CRLF. Names in it come from events: none may begin a formula in a spreadsheet. */
export function incidentsCsv(incidents: readonly IncidentItem[]): string {
  const lines = incidents.map((incident) => {
    const { cause } = incident;
    const told = [cause?.certainty ?? null, cause?.text ?? null];
    return [...COLUMNS.map((column) => incident[column]), ...told].map(csvCell).join(",");
  });
  return [[...COLUMNS, ...CAUSE_COLUMNS].join(","), ...lines, ""].join("\r\n");
}

export function csvCell(value: string | number | boolean | null): string {
  if (value === null) return "";
  if (typeof value !== "string") return String(value);
  // A spreadsheet takes these for the beginning of a formula, also within quotes; an apostrophe makes it text.
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** As the HTTP reads give them, with their anomalies and causes. */
export function incidentsJson(incidents: readonly IncidentItem[]): string {
  return `${JSON.stringify({ items: incidents }, null, 2)}\n`;
}
