/** An act on an incident, whoever asks for it: the object numbers the change; of what it holds no more, history says how it stands. */
import type { Incident } from "../domain/incident.ts";
import type { IncidentAct, IncidentAnswer } from "../domain/incident-act.ts";
import type { Env } from "./env.ts";
import { readIncident } from "./history.ts";
import { serviceOfIncident } from "./incident-id.ts";
import { monitorOf } from "./neighbours.ts";

/** `unknown`: neither its object nor history has it. @throws HistoryUnavailable */
export async function actOnIncident(
  env: Env,
  incident_id: string,
  what: IncidentAct,
  actor: string,
): Promise<IncidentAnswer> {
  const service = serviceOfIncident(incident_id);
  if (service === null) return { kind: "unknown" };
  const ask = async (known: Incident | null): Promise<IncidentAnswer> =>
    monitorOf(env, service).act({ incident_id, act: what, actor, known });
  const answer = await ask(null);
  if (answer.kind !== "unknown" && answer.kind !== "no_service") return answer;
  const known = await readIncident(env.DB, incident_id);
  if (known === null) return { kind: "unknown" };
  return answer.kind === "unknown" ? ask(known) : answer;
}
