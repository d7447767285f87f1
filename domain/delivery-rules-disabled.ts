/** What is kept back while nothing can be delivered, and what becomes of messages that were made and then not sent. */
import type { RulesDraft } from "./delivery-rules-draft.ts";
import type { ChangeRef, IncidentState, ToldChange, Why } from "./delivery-rules-state.ts";
import { whileDisabled } from "./delivery-rules-withhold.ts";
import type { DeliveredChange } from "./delivery.ts";

/** Changes that who has not heard of them does not know that it is open. */
const OPENINGS: ReadonlySet<DeliveredChange> = new Set(["opened", "reopened"]);
/** Changes that need not be heard later: an end has nothing open to tell, and the others come with the newest state. */
const PASSING: ReadonlySet<DeliveredChange> = new Set(["resolved", "narrated", "acknowledged", "repeated"]);

/** That it opened outweighs that it grew worse; its newest state is told in any case. */
export function keptBackOf(incident: IncidentState, ref: ChangeRef): IncidentState {
  const kept = incident.kept_back;
  return {
    ...incident,
    kept_back: kept === null || kept.change === "escalated" || kept.change === "repeated" ? ref : kept,
  };
}

/** The subscription, or its target, is switched on again: each incident is looked at in its own time, by the silences of then. */
export function enabled(draft: RulesDraft): void {
  for (const incident of draft.keptBack()) draft.putIncident({ ...incident, due_ms: draft.context.now_ms });
  draft.putMemory(draft.memory);
}

/** Whoever was to be told by a message that is not sent knows as much as before it. */
export function unsent(draft: RulesDraft, message_id: string, changes: readonly ToldChange[]): void {
  const disabled = whileDisabled(draft.context);
  if (disabled === null) return;
  for (const [incident_id, refs] of Map.groupBy(changes, (ref) => ref.incident_id)) {
    const incident = draft.incident(incident_id);
    if (incident?.status !== "open") continue;
    const later = refs.filter(({ change }) => !PASSING.has(change)).map(refOf);
    const caught_up_id = incident.caught_up_id === message_id ? null : incident.caught_up_id;
    const before = later.reduce(keptBackOf, { ...unheard(incident, refs, disabled), caught_up_id });
    const due_ms = later.length === 0 ? before.due_ms : null;
    draft.putIncident({ ...before, unsent: incident.unsent + 1, due_ms });
  }
}

/** Without what these changes would have told: that it is open, that it comes and goes. */
function unheard(incident: IncidentState, refs: readonly ChangeRef[], why: Why): IncidentState {
  const isOpening = refs.some(({ change }) => OPENINGS.has(change));
  const flapping_told = incident.flapping_told && !isOpening && refs.every(({ change }) => change !== "flapping");
  const stand = isOpening && incident.stand.kind === "told" ? ({ kind: "withheld", ...why } as const) : incident.stand;
  return { ...incident, stand, flapping_told };
}

/** By hand, though nothing can be delivered: nobody waits for it any more. */
export function sent(draft: RulesDraft, changes: readonly ToldChange[]): void {
  for (const { incident_id, seq } of changes) {
    const incident = draft.incident(incident_id);
    if (incident?.status !== "open" || incident.kept_back === null || incident.kept_back.seq > seq) continue;
    draft.putIncident({ ...incident, stand: { kind: "told" }, kept_back: null, due_ms: null });
  }
}

function refOf({ seq, change, event_at }: ToldChange): ChangeRef {
  return { seq, change, event_at };
}
