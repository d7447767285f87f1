/** The address at which a silence is made or changed; a new one is filled in with what it was begun from. */
import type { Incident } from "../../../../domain/incident.ts";

export interface SilencePrefill {
  readonly services: string;
  readonly endpoint: string;
  readonly incident_id: string | null;
}

/** What the address wants to be filled in. */
export type SilenceWanted =
  | { readonly kind: "new"; readonly prefill: SilencePrefill }
  | { readonly kind: "change"; readonly id: string };

const NAMES = ["new", "edit", "services", "endpoint", "incident", "silence"] as const;

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
export function readWanted(query: Pick<URLSearchParams, "get" | "has">): SilenceWanted | null {
  const id = query.get("edit");
  if (id !== null) return { kind: "change", id };
  if (!query.has("new")) return null;
  const prefill = {
    services: query.get("services") ?? "",
    endpoint: query.get("endpoint") ?? "",
    incident_id: query.get("incident"),
  };
  return { kind: "new", prefill };
}

/**
 * The list's address; what else stands in it, as the zone, stays.
 * @param open `new`, or the id of the one that is changed; null: no form
 */
export function listAddress(query: Pick<URLSearchParams, "toString">, open: string | null): string {
  const kept = new URLSearchParams(query.toString());
  for (const name of NAMES) kept.delete(name);
  if (open === "new") kept.set("new", "1");
  else if (open !== null) kept.set("edit", open);
  return kept.size === 0 ? "/silences" : `/silences?${kept.toString()}`;
}
