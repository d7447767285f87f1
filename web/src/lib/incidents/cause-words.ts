/** What may have brought an incident, in the few words that a list has room for. */
import { SERVICE_NAME } from "../../../../domain/event.ts";
import { shortName } from "../incident-facts.ts";
import type { Incident } from "../../../../domain/incident.ts";
import type { CauseId, Narrative } from "../../../../domain/narrative.ts";
import type { IncidentCause } from "../../../../domain/resource.ts";

/** The likeliest of a narrative's causes, as a list of incidents has it; null where it tells none. */
export function causeOf({ possible_causes, evidence }: Narrative): IncidentCause | null {
  const [first] = possible_causes;
  if (first === undefined) return null;
  const { cause, certainty, text, facts } = first;
  const names = facts.flatMap((id) => evidence.find((fact) => fact.id === id)?.names ?? []);
  return { cause, certainty, text, names };
}

/** Names in it come from events: render it as text. */
export function causeWords(cause: IncidentCause, incident: Incident): string {
  return WORDS[cause.cause](incident, cause);
}

type Words = (incident: Incident, cause: IncidentCause) => string;

const WORDS: Readonly<Record<CauseId, Words>> = {
  endpoint_dependency: ({ endpoint }) =>
    endpoint === null ? "what one endpoint depends on" : `what ${endpoint} depends on`,
  release: ({ deployed_version }, { names: [version = deployed_version] }) =>
    version === null ? "a release" : `release ${shortName(version)}`,
  saturation: () => "more load than usual",
  process_or_routing: () => "its process, or the way to it",
  shared_dependency: ({ service }, { names }) => {
    // Its facts may name endpoints too; those of most services begin otherwise than a service's name does.
    const other = names.find((name) => name !== service && SERVICE_NAME.test(name));
    return other === undefined ? "something all endpoints share" : `something shared with ${other}`;
  },
  other_service: (_incident, { names: [other] }) =>
    other === undefined ? "another service began first" : `${other} began first`,
  callers: () => "fewer requests are sent",
  client_requests: () => "what clients send",
  scheduled_work: ({ usual_at }) => (usual_at === null ? "scheduled work" : `scheduled work, ${usual_at} UTC`),
  unknown: ({ status }) => (status === "open" ? "no cause found yet" : "no cause found"),
};
