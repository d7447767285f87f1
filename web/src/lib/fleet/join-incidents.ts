/** Incidents from history and from the socket as one list. */
import { newerIncident } from "../severity.ts";
import type { Incident } from "../../../../domain/incident.ts";

/** What history tells and what the socket does, the newest word of each incident: each stands there once. */
export function joinIncidents(told: Iterable<Incident>, heard: Iterable<Incident>): Incident[] {
  const joined = new Map<string, Incident>();
  for (const incident of [...told, ...heard]) joined.set(incident.id, newerIncident(joined.get(incident.id), incident));
  return [...joined.values()];
}
