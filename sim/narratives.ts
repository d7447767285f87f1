/** What must be so of the words of each incident in the end. */
import type { Incident } from "../domain/incident.ts";
import type { DurableEvent } from "../domain/message.ts";
import type { Narrative } from "../domain/narrative.ts";
import { isNarrationDue } from "../domain/narration-due.ts";
import type { MonitorHost } from "./monitor-host.ts";
import type { World } from "./world.ts";

export function checkNarratives(world: World, monitor: MonitorHost): void {
  const { service } = monitor;
  const { invariants, history } = world;
  // Of a service that was deleted nothing is kept that could be compared.
  if (world.ledger.isDeleted(service)) return;
  const versions = checkEvents(world, monitor.events());
  const rows = history.table.of("incident_summaries").filter((row) => row.service === service);
  const stored = new Map(rows.map((row) => [keyOf(row), row]));
  invariants.equal("narratives_agree", `history, ${service}`, [...versions.keys()].sort(), [...stored.keys()].sort());
  for (const [key, told] of versions) invariants.equal("narratives_agree", key, told, stored.get(key));
  const newest = new Map([...versions.values()].map((told) => [told.incident_id, told]));
  for (const [incident_id, told] of newest) {
    const held = monitor.look((actor) => actor.narrative(incident_id));
    invariants.equal("narratives_agree", `object, ${incident_id}`, told, held);
    const isFinal = told.reason !== "waiting" && told.reason !== "writing";
    invariants.holds("words_come", incident_id, isFinal, "the last words", told.reason);
  }
}

/** By incident and version the words that were told last; in the order of the versions. */
function checkEvents({ invariants }: World, events: readonly DurableEvent[]): ReadonlyMap<string, Narrative> {
  const told = new Map<string, Narrative>();
  const incidents = new Map<string, Incident>();
  const versions = new Map<string, number>();
  for (const [at, event] of events.entries()) {
    if (event.type === "incident") {
      const { incident } = event;
      const isDue = isNarrationDue(incidents.get(incident.id) ?? null, incident);
      const where = `${incident.id} revision ${incident.revision}`;
      invariants.equal("narrative_follows", where, isDue, isFirstWords(events, at + 1));
      if (isDue) versions.set(incident.id, incident.revision);
      incidents.set(incident.id, incident);
      continue;
    }
    const { narrative } = event;
    const version = versions.get(narrative.incident_id);
    invariants.equal("narrative_follows", `words ${event.seq}`, version, narrative.version);
    invariants.equal("narrative_follows", `revision of words ${event.seq}`, event.seq, narrative.revision);
    told.set(keyOf(narrative), narrative);
  }
  return told;
}

/** Whether an event has the words that its object gave the change before it. */
export function isFirstWords(events: readonly DurableEvent[], at: number): boolean {
  const [before, event] = [events[at - 1], events[at]];
  if (before?.type !== "incident" || event?.type !== "narrative") return false;
  return keyOf(event.narrative) === `${before.incident.id} ${before.incident.revision}`;
}

function keyOf({ incident_id, version }: Pick<Narrative, "incident_id" | "version">): string {
  return `${incident_id} ${version}`;
}
