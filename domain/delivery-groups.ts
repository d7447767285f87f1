/** Incidents that open together are a group: who belongs to it, and what of it they name. */
import { rank } from "./delivery-rules-change.ts";
import type { RulesDraft } from "./delivery-rules-draft.ts";
import { ITEMS_MAX } from "./delivery-rules-gather.ts";
import type { GroupState, IncidentState, MessageDraft } from "./delivery-rules-state.ts";
import type { DeliveredChange } from "./delivery.ts";

/** Who opens so long after a group's first message still belongs to it. */
const JOIN_MS = 300_000;

/** An incident, and what a message says of it. */
export interface Item {
  readonly incident: IncidentState;
  readonly change: DeliveredChange;
}

/** The group that an incident opens in, or comes back to: its own, else one that takes it, else a new one. */
export function openingGroup(draft: RulesDraft, incident: IncidentState): GroupState {
  return knownGroup(draft, incident) ?? takingGroup(draft) ?? newGroup(draft, incident.incident_id);
}

/** The group of an incident, be it forgotten since: a target knows it by its key. Its own alone where it has none. */
export function ownGroup(draft: RulesDraft, incident: IncidentState): GroupState {
  return knownGroup(draft, incident) ?? newGroup(draft, incident.group_key ?? incident.incident_id);
}

function knownGroup(draft: RulesDraft, { group_key }: IncidentState): GroupState | null {
  return group_key === null ? null : draft.group(group_key);
}

/** The newest group, while its first message waits, and for a while afterwards if it is about something still. */
function takingGroup(draft: RulesDraft): GroupState | null {
  const { memory, context } = draft;
  const group = memory.group_key === null ? null : draft.group(memory.group_key);
  if (group === null) return null;
  if (group.first_told_ms === null) return group.message_id === null ? null : group;
  return group.open > 0 && context.now_ms - group.first_told_ms <= JOIN_MS ? group : null;
}

function newGroup(draft: RulesDraft, key: string): GroupState {
  const none = { message_id: null, flush_ms: null, first_told_ms: null, told_ms: null, over_ms: null, due_ms: null };
  const group = { key, open: 0, ...none };
  draft.putGroup(group);
  return group;
}

/** The worst first, and what is over last. */
export function byWeight({ incident: a }: Item, { incident: b }: Item): number {
  if (a.status !== b.status) return a.status === "open" ? -1 : 1;
  const by_severity = rank(b.severity) - rank(a.severity);
  if (by_severity !== 0) return by_severity;
  return a.incident_id < b.incident_id ? -1 : 1;
}

/** What a message names of them, and how many more there are. */
export function named(items: readonly Item[]): Pick<MessageDraft, "items" | "more"> {
  const first = items.slice(0, ITEMS_MAX);
  return {
    items: first.map(({ incident, change }) => ({ incident_id: incident.incident_id, change })),
    more: items.length - first.length,
  };
}
