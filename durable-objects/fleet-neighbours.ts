/**
 * Other services' incidents that began about when one did: it may have come from one of them. What was told is remembered in brief
 * and read from storage once a life: where a thousand incidents open together, each of their narratives asks.
 */
import type { NeighbourIncident } from "../domain/evidence.ts";
import type { Incident } from "../domain/incident.ts";
import type { DurableEvent } from "../domain/message.ts";
import type { SurroundingsQuestion } from "../domain/narrator.ts";

const NEAR_MS = 15 * 60_000;
const NEIGHBOURS_MAX = 8;
/** As long as their events. */
const KEPT_MS = 24 * 3_600_000;
/** Beyond so many incidents nobody could say any more which one matters to another one: those told last stay. */
export const TOLD_MAX = 2_000;

/** An incident as it was told last. `told_ms`: when (receiving clock). */
export interface ToldIncident {
  readonly told_ms: number;
  readonly incident: Incident;
}

interface Brief extends Pick<ToldIncident, "told_ms"> {
  readonly neighbour: NeighbourIncident;
  readonly revision: number;
  readonly onset_ms: number;
}

export class FleetNeighbours {
  readonly #read: () => readonly ToldIncident[];
  /** By id, those told longest ago first; null until somebody asks. */
  #told: Map<string, Brief> | null = null;

  /** @param read what is stored of the incidents that were told, in that order */
  constructor(read: () => readonly ToldIncident[]) {
    this.#read = read;
  }

  /** After they were stored. */
  tell(events: readonly DurableEvent[], told_ms: number): void {
    if (this.#told === null) return;
    for (const event of events)
      if (event.type === "incident") remember(this.#told, { told_ms, incident: event.incident });
  }

  /** Of those that are open and those that were told in the last 24 h; nearest onset first, and by id where two are as near. */
  near({ service, onset_at }: SurroundingsQuestion, open: readonly Incident[], now_ms: number): NeighbourIncident[] {
    const onset_ms = Date.parse(onset_at);
    const distance = (brief: Brief): number => Math.abs(brief.onset_ms - onset_ms);
    // What is open and what was told may have the same incident: the newer one counts.
    const newest = new Map<string, Brief>();
    for (const [id, brief] of this.#remembered()) if (brief.told_ms > now_ms - KEPT_MS) newest.set(id, brief);
    for (const incident of open)
      if (incident.revision >= (newest.get(incident.id)?.revision ?? 0))
        newest.set(incident.id, briefOf({ incident, told_ms: now_ms }));
    return [...newest.values()]
      .filter((brief) => brief.neighbour.service !== service && distance(brief) <= NEAR_MS)
      .sort((a, b) => distance(a) - distance(b) || (a.neighbour.incident_id < b.neighbour.incident_id ? -1 : 1))
      .slice(0, NEIGHBOURS_MAX)
      .map(({ neighbour }) => neighbour);
  }

  #remembered(): ReadonlyMap<string, Brief> {
    if (this.#told !== null) return this.#told;
    const told = new Map<string, Brief>();
    for (const one of this.#read()) remember(told, one);
    this.#told = told;
    return told;
  }
}

function remember(told: Map<string, Brief>, one: ToldIncident): void {
  const { id } = one.incident;
  const brief = briefOf(one);
  if ((told.get(id)?.revision ?? 0) > brief.revision) return;
  told.delete(id);
  told.set(id, brief);
  if (told.size > TOLD_MAX) told.delete(told.keys().next().value!);
}

function briefOf({ incident, told_ms }: ToldIncident): Brief {
  const { id, service, anomaly_type, severity, endpoint, status, onset_at, revision } = incident;
  const neighbour = { service, incident_id: id, anomaly_type, severity, endpoint, status, onset_at };
  return { neighbour, revision, onset_ms: Date.parse(onset_at), told_ms };
}
