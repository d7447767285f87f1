/** Earlier incidents like one: of the same service, told under the same metric. */
import type { Incident } from "../../../domain/incident.ts";

const SHOWN_MAX = 5;

/** Those that began before it, newest first; of more than five the newest. */
export function incidentsAlike(incident: Incident, known: Iterable<Incident>): Incident[] {
  return [...known]
    .filter(({ id, metric_name, onset_at }) => {
      return id !== incident.id && metric_name === incident.metric_name && onset_at < incident.onset_at;
    })
    .toSorted((a, b) => b.onset_at.localeCompare(a.onset_at))
    .slice(0, SHOWN_MAX);
}
