/** The list in groups: what is open, what began today, then day by day. */
import { wallTime } from "../format/zone.ts";
import { openIncidents } from "../severity.ts";
import type { Incident } from "../../../../domain/incident.ts";

export interface IncidentGroup {
  readonly title: string;
  readonly incidents: readonly Incident[];
}

/** Open ones worst first, the others newest first. Days are those of the shown zone. */
export function incidentGroups(incidents: readonly Incident[], now_ms: number): IncidentGroup[] {
  const over = incidents
    .filter(({ status }) => status === "resolved")
    .toSorted((a, b) => b.onset_at.localeCompare(a.onset_at));
  const days = Map.groupBy(over, ({ onset_at }) => dayTitle(Date.parse(onset_at), now_ms));
  const open = openIncidents(incidents);
  const groups = [...days].map(([title, own]) => ({ title, incidents: own }));
  return open.length === 0 ? groups : [{ title: "Open", incidents: open }, ...groups];
}

function dayTitle(at_ms: number, now_ms: number): string {
  const day = wallTime(at_ms).slice(0, 10);
  if (day === wallTime(now_ms).slice(0, 10)) return "Today";
  if (day === wallTime(now_ms - 86_400_000).slice(0, 10)) return "Yesterday";
  const words = { weekday: "long", day: "numeric", month: "long", timeZone: "UTC" } as const;
  return new Date(`${day}T00:00:00Z`).toLocaleString("en-GB", words);
}
