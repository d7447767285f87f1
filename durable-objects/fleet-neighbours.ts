/** Other services' incidents that began about when one did: it may have come from one of them. */
import type { NeighbourIncident } from "../domain/evidence.ts";
import type { Incident } from "../domain/incident.ts";
import type { SurroundingsQuestion } from "../domain/narrator.ts";

const NEAR_MS = 15 * 60_000;
const NEIGHBOURS_MAX = 8;
/** Onsets are told by the clocks of those who send events, which may be ahead of the Fleet's. */
const CLOCKS_MS = 60_000;

/** Whatever began near the onset was told after this (receiving clock, ms). */
export function askedFrom({ onset_at }: SurroundingsQuestion): number {
  return Date.parse(onset_at) - NEAR_MS - CLOCKS_MS;
}

/** Nearest onset first, and by id where two are as near. `open` and `told` may have the same incident: the newer one counts. */
export function neighboursOf(
  question: SurroundingsQuestion,
  open: readonly Incident[],
  told: readonly Incident[],
): NeighbourIncident[] {
  const onset_ms = Date.parse(question.onset_at);
  const distance = ({ onset_at }: Incident): number => Math.abs(Date.parse(onset_at) - onset_ms);
  const newest = new Map<string, Incident>();
  for (const incident of [...told, ...open])
    if (incident.revision >= (newest.get(incident.id)?.revision ?? 0)) newest.set(incident.id, incident);
  const near = [...newest.values()].filter(
    (incident) => incident.service !== question.service && distance(incident) <= NEAR_MS,
  );
  return near
    .sort((a, b) => distance(a) - distance(b) || (a.id < b.id ? -1 : 1))
    .slice(0, NEIGHBOURS_MAX)
    .map(({ id, service, anomaly_type, severity, endpoint, status, onset_at }) => {
      return { service, incident_id: id, anomaly_type, severity, endpoint, status, onset_at };
    });
}
