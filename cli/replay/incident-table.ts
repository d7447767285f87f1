/** The incidents of a replay for people: a row each, in the order in which they opened. */
import type { IncidentLine, SummaryLine } from "../../domain/replay-line.ts";
import { counted, dateAndTime, number } from "../plain-text.ts";
import { tableLines } from "../text-table.ts";

interface Row {
  readonly opened: IncidentLine;
  readonly newest: IncidentLine;
  /** When the newest resolution would have been told; null while it is open. */
  readonly resolved_at: string | null;
}

const HEADERS = ["TOLD AT (UTC)", "AFTER", "SERVICE", "SEVERITY", "OVER AFTER", "ENDPOINT", "REASON"] as const;

export class IncidentTable {
  readonly #rows = new Map<string, Row>();

  add(line: IncidentLine): void {
    const opened = this.#rows.get(line.id)?.opened ?? line;
    this.#rows.set(line.id, { opened, newest: line, resolved_at: line.action === "resolved" ? line.at : null });
  }

  /** Without incidents there is no table. */
  lines(): string[] {
    if (this.#rows.size === 0) return ["No incident."];
    return tableLines(HEADERS, [...this.#rows.values()].map(cellsOf));
  }
}

function cellsOf({ opened, newest, resolved_at }: Row): readonly string[] {
  const told = dateAndTime(opened.at);
  const after = duration(Date.parse(opened.at) - Date.parse(newest.onset));
  const over = resolved_at === null ? "open" : duration(Date.parse(resolved_at) - Date.parse(opened.at));
  return [told, after, newest.service, newest.severity, over, newest.endpoint ?? "-", newest.reason];
}

/** Seconds up to two minutes, then minutes, then hours and minutes. */
export function duration(length_ms: number): string {
  const seconds = Math.round(length_ms / 1000);
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** What follows the table. */
export function summaryLines(summary: SummaryLine): string[] {
  const { events, services, event_time_s, wall_s, events_per_s, late, dropped, wrong_lines, incidents } = summary;
  const { critical, high, medium } = incidents;
  const found = `${counted(critical + high + medium, "incident")} (${critical} critical, ${high} high, ${medium} medium)`;
  const read = `${counted(events, "event")} in ${wall_s.toFixed(1)} s, ${number(events_per_s)}/s`;
  const lines = [
    `${found} of ${counted(services, "service")} in ${duration(event_time_s * 1000)} of event time`,
    `${read}; ${counted(wrong_lines, "wrong line")}`,
  ];
  if (late + dropped > 0)
    lines.push(
      `${counted(late, "late event")} corrected their window only; ${number(dropped)} came too late even for that`,
    );
  return lines;
}
