/** Which incidents are wanted: the address holds all of it, so that a list can be linked, reloaded and gone back to. */
import { SEVERITIES, type Incident, type Severity } from "../../../../domain/incident.ts";
import type { Span } from "../span.ts";

/** Beside the time, which every page has (time-range.ts). */
export interface IncidentFilter {
  /** A part of a service's or an endpoint's name, as typed. */
  readonly search: string;
  readonly status: Incident["status"] | null;
  readonly severity: Severity | null;
}

/** What an address asks for; what is none of ours is as if it were not there. */
export function readFilter(query: Pick<URLSearchParams, "get">): IncidentFilter {
  const status = query.get("status");
  return {
    search: query.get("q") ?? "",
    status: status === "open" || status === "resolved" ? status : null,
    severity: SEVERITIES.find((severity) => severity === query.get("severity")) ?? null,
  };
}

/** The address with this filter in it, from `?` on, and all else as it was. */
export function filterAddress(query: Pick<URLSearchParams, "toString">, filter: IncidentFilter): string {
  const written = new URLSearchParams(query.toString());
  const { search, status, severity } = filter;
  for (const [name, value] of Object.entries({ q: search, status: status ?? "", severity: severity ?? "" })) {
    if (value === "") written.delete(name);
    else written.set(name, value);
  }
  return `?${written.toString()}`;
}

/** What the server is asked: status, severity and time (epoch seconds); the search is within what it answers. */
export function incidentsQuery(
  { status, severity }: Omit<IncidentFilter, "search">,
  { from, until }: Span,
  limit: number,
): URLSearchParams {
  const iso = (second: number) => new Date(Math.floor(second) * 1000).toISOString();
  const query = new URLSearchParams({ from: iso(from), to: iso(until), limit: String(limit) });
  if (status !== null) query.set("status", status);
  if (severity !== null) query.set("severity", severity);
  return query;
}

/** Whether an incident is one of those that are wanted: it went on at some time of the span (epoch seconds). */
export function isWanted(incident: Incident, { search, status, severity }: IncidentFilter, span: Span): boolean {
  const end_ms = incident.resolved_at === null ? Infinity : Date.parse(incident.resolved_at);
  if (end_ms < span.from * 1000 || Date.parse(incident.onset_at) >= span.until * 1000) return false;
  if (status !== null && incident.status !== status) return false;
  if (severity !== null && incident.severity !== severity) return false;
  const part = search.trim().toLowerCase();
  return incident.service.includes(part) || (incident.endpoint ?? "").toLowerCase().includes(part);
}
