/** The address at which a new silence stands, already filled in with what it was begun from. */
import type { Incident } from "../../../../domain/incident.ts";

export interface SilencePrefill {
  readonly services: string;
  readonly endpoint: string;
  readonly incident_id: string | null;
}

const NAMES = ["new", "services", "endpoint", "incident", "silence"] as const;

/** Of a new silence for whatever else an incident's service and endpoint do wrong. */
export function silenceAddress({ id, service, endpoint }: Pick<Incident, "id" | "service" | "endpoint">): string {
  const about = { new: "1", services: service, ...(endpoint === null ? {} : { endpoint }), incident: id };
  return `/silences?${new URLSearchParams(about).toString()}`;
}

/** Of the list with one of them pointed out: `readPointedOut` gives it again. */
export function pointedOutAddress(silence_id: string): string {
  return `/silences?${new URLSearchParams({ silence: silence_id }).toString()}`;
}

/** The id of the silence that somebody came for; null: none. */
export function readPointedOut(query: Pick<URLSearchParams, "get">): string | null {
  return query.get("silence");
}

/** Null: the address is of the list alone. */
export function readPrefill(query: Pick<URLSearchParams, "get" | "has">): SilencePrefill | null {
  if (!query.has("new")) return null;
  return {
    services: query.get("services") ?? "",
    endpoint: query.get("endpoint") ?? "",
    incident_id: query.get("incident"),
  };
}

/** The list's address, with a new silence open or not; what else stands in it, as the zone, stays. */
export function listAddress(query: Pick<URLSearchParams, "toString">, isNew: boolean): string {
  const kept = new URLSearchParams(query.toString());
  for (const name of NAMES) kept.delete(name);
  if (isNew) kept.set("new", "1");
  return kept.size === 0 ? "/silences" : `/silences?${kept.toString()}`;
}
