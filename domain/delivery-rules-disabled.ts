/** What is kept back while nothing can be delivered, and what becomes of messages that were made and then not sent. */
import type { RulesDraft } from "./delivery-rules-draft.ts";
import type { ChangeRef, IncidentState, Stand, ToldChange, ToldMessage, Why } from "./delivery-rules-state.ts";
import { whileDisabled } from "./delivery-rules-withhold.ts";
import type { DeliveredChange } from "./delivery.ts";

/** Changes that who has not heard of them does not know that it is open. */
const OPENINGS: ReadonlySet<DeliveredChange> = new Set(["opened", "reopened"]);
/** Changes that need not be heard later: the others come with the newest state. */
const PASSING: ReadonlySet<DeliveredChange> = new Set(["narrated", "acknowledged", "repeated"]);
/** What a later change takes the place of: that it opened outweighs that it grew worse, and its newest state is told in any case. */
const OUTWEIGHED: ReadonlySet<DeliveredChange> = new Set(["escalated", "repeated", "resolved"]);

/**
 * With what is to be told of it later. Who knows that it is open hears that it is over, and else nobody does; where it came back
 * before they heard so, they are reminded: to them it was open all the time.
 */
export function keptBackOf(incident: IncidentState, ref: ChangeRef): IncidentState {
  const { stand, kept_back } = incident;
  const isKnown = stand.kind === "told";
  if (ref.change === "resolved") return { ...incident, kept_back: isKnown ? ref : null };
  const later: ChangeRef = isKnown && ref.change === "reopened" ? { ...ref, change: "repeated" } : ref;
  return { ...incident, kept_back: kept_back === null || OUTWEIGHED.has(kept_back.change) ? later : kept_back };
}

/** The subscription, or its target, is switched on again: each incident is looked at in its own time, by the silences of then. */
export function enabled(draft: RulesDraft): void {
  for (const incident of draft.keptBack()) draft.putIncident({ ...incident, due_ms: draft.context.now_ms });
  draft.putMemory(draft.memory);
}

/** Whoever was to be told by messages that are not sent knows as much as before them. `messages`: in the order of the queue. */
export function unsent(draft: RulesDraft, messages: readonly ToldMessage[]): void {
  const disabled = whileDisabled(draft.context);
  if (disabled === null) return;
  const ids = new Set(messages.map(({ message_id }) => message_id));
  const all = messages.flatMap(({ changes }) => changes);
  for (const [incident_id, changes] of Map.groupBy(all, (change) => change.incident_id)) {
    const incident = draft.incident(incident_id);
    if (incident === null) continue;
    const caught_up_id = ids.has(incident.caught_up_id ?? "") ? null : incident.caught_up_id;
    const waiting = withholdWaiting(draft, incident, disabled);
    const refs = [...changes.map(refOf).sort((a, b) => a.seq - b.seq), ...waiting];
    const unheard = unheardOf(incident, refs, disabled);
    draft.putIncident({ ...unheard, caught_up_id, unsent: incident.unsent + 1 });
  }
}

/** What waits for its group goes with what came before it. */
function withholdWaiting(draft: RulesDraft, incident: IncidentState, why: Why): readonly ChangeRef[] {
  if (incident.stand.kind !== "waiting") return [];
  for (const ref of incident.stand.changes) draft.withhold(incident, ref, why);
  return incident.stand.changes;
}

/** As before these changes, the oldest first, were told: that it is open (again), that it is over, that it comes and goes. */
function unheardOf(incident: IncidentState, refs: readonly ChangeRef[], why: Why): IncidentState {
  const first = refs.find(({ change }) => OPENINGS.has(change) || change === "resolved");
  const isOpening = first !== undefined && first.change !== "resolved";
  const flapping_told = incident.flapping_told && !isOpening && refs.every(({ change }) => change !== "flapping");
  const stand = standBefore(incident, first, why);
  const later = refs.filter(({ change }) => !PASSING.has(change));
  // What is kept back already came after them.
  const newest = incident.kept_back === null ? [] : [incident.kept_back];
  const { kept_back } = [...later, ...newest].reduce(keptBackOf, { ...incident, stand, kept_back: null });
  const due_ms = later.length === 0 ? incident.due_ms : null;
  if (incident.status === "open") return { ...incident, stand, flapping_told, kept_back, due_ms };
  const isLater = kept_back?.change === "resolved";
  const after: Stand = stand.kind === "told" && !isLater ? { kind: "over" } : stand;
  return { ...incident, stand: after, flapping_told, kept_back: isLater ? kept_back : null, due_ms: null };
}

/** `first`: the first change that would have told whether it is open; undefined: none. */
function standBefore({ stand }: IncidentState, first: ChangeRef | undefined, why: Why): Stand {
  if (first === undefined || stand.kind === "withheld") return stand;
  return first.change === "resolved" ? { kind: "told" } : { kind: "withheld", ...why };
}

/** By hand, though nothing can be delivered: nobody waits for it any more. */
export function sent(draft: RulesDraft, changes: readonly ToldChange[]): void {
  for (const { incident_id, seq } of changes) {
    const incident = draft.incident(incident_id);
    if (incident === null || incident.kept_back === null || incident.kept_back.seq > seq) continue;
    const stand: Stand = { kind: incident.status === "open" ? "told" : "over" };
    draft.putIncident({ ...incident, stand, kept_back: null, due_ms: null });
  }
}

function refOf({ seq, change, event_at }: ToldChange): ChangeRef {
  return { seq, change, event_at };
}
