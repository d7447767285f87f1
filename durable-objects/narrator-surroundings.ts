/** What the Fleet and history know about the surroundings of an incident, as far as they say it in time. */
import type { Evidence, Surroundings } from "../domain/evidence.ts";
import type { NeighboursPort, PastPort, SurroundingsQuestion } from "../domain/narrator.ts";
import { type Later, within } from "./tell-services.ts";

/** What they add is worth less than words that come soon. */
const ASK_MS_MAX = 2_000;

export interface SurroundingsPorts {
  readonly fleet: NeighboursPort;
  readonly past: PastPort;
  readonly later: Later;
}

/** Never rejects: who cannot be asked is null, and less is told. */
export async function askSurroundings(ports: SurroundingsPorts, evidence: Evidence): Promise<Surroundings> {
  const { service, incident_id, subject } = evidence;
  const { anomaly_type, metric_name, endpoint, onset_at } = subject;
  const question: SurroundingsQuestion = { service, incident_id, anomaly_type, metric_name, endpoint, onset_at };
  const [neighbours, alike] = await Promise.all([
    asked(ports.later, "the Fleet", () => ports.fleet.neighbours(question)),
    asked(ports.later, "history", () => ports.past.alike(question)),
  ]);
  return { neighbours, alike };
}

async function asked<T>(later: Later, who: string, ask: () => Promise<T>): Promise<T | null> {
  try {
    return await within(later, ASK_MS_MAX, ask(), who);
  } catch (error) {
    console.warn(`${who} could not be asked about the surroundings of an incident`, error);
    return null;
  }
}
