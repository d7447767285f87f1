/** Messages of a group: what gathers in them while they wait, what is told at once, and what becomes of it when it may not be. */
import { byWeight, named, openingGroup, ownGroup } from "./delivery-groups.ts";
import type { RulesDraft, Withholding } from "./delivery-rules-draft.ts";
import { countLive, gatherDigest, isAllowed } from "./delivery-rules-gather.ts";
import { messageId } from "./delivery-rules-id.ts";
import type { ChangeRef, GroupState, IncidentState } from "./delivery-rules-state.ts";
import { silencedBy, whileDisabled, whyOf } from "./delivery-rules-withhold.ts";
import type { DeliveredChange } from "./delivery.ts";
import { silenceOf } from "./silence-match.ts";

/** The incident opened, or came back: it waits for the next message of its group, which is sent at once where there is no wait. */
export function join(draft: RulesDraft, incident: IncidentState, ref: ChangeRef): void {
  const { now_ms, subscription_id, wish } = draft.context;
  const group = openingGroup(draft, incident);
  const message_id = group.message_id ?? messageId(subscription_id, "message", incident, ref.seq);
  const flush_ms = group.flush_ms ?? now_ms + wish.group_wait_s * 1000;
  draft.putGroup({ ...group, message_id, flush_ms });
  if (group.first_told_ms === null) draft.putMemory({ ...draft.memory, group_key: group.key });
  const stand = { kind: "waiting", message_id, changes: [ref] } as const;
  const waiting = { ...incident, stand, group_key: group.key, kept_back: null, due_ms: null };
  draft.putIncident(waiting);
  draft.await(waiting, ref, message_id);
  if (flush_ms <= now_ms) flush(draft, draft.group(group.key)!);
}

/** Sends the message that waits, unless it may not be sent: then each of its incidents goes without. */
export function flush(draft: RulesDraft, group: GroupState): void {
  const { context } = draft;
  const { message_id, key } = group;
  const waiting = draft.members(key).filter(({ stand }) => stand.kind === "waiting" && stand.message_id === message_id);
  draft.putGroup({ ...group, message_id: null, flush_ms: null });
  if (message_id === null || waiting.length === 0) return;
  const disabled = whileDisabled(context);
  if (disabled !== null) return waiting.forEach((incident) => giveUp(draft, incident, disabled));
  const free = waiting.filter((incident) => !isSilenced(draft, incident));
  if (free.length === 0) return;
  if (isAllowed(draft)) sendWaiting(draft, key, message_id, free);
  else for (const incident of free) withholdByRate(draft, incident, changesOf(incident));
}

/** Gives up who was silenced while it waited: that is told once the silence is over, if it is open then. */
function isSilenced(draft: RulesDraft, incident: IncidentState): boolean {
  const { silences, now_ms } = draft.context;
  const silenced = silenceOf(incident, silences, now_ms);
  if (silenced === null) return false;
  // Others may be told by the message that it waits for, so that its own will need another id.
  giveUp(draft, { ...incident, unsent: incident.unsent + 1 }, silencedBy(silenced), silenced.until_ms);
  return true;
}

function sendWaiting(draft: RulesDraft, key: string, id: string, waiting: readonly IncidentState[]): void {
  const { now_ms } = draft.context;
  const items = waiting.map((incident) => ({ incident, change: newestChange(incident) })).sort(byWeight);
  for (const { incident } of items) {
    const is_open = incident.status === "open";
    const flapping_told = incident.flapping_told || (is_open && incident.flapping);
    const told_by = { message_id: id, seq: incident.seq };
    draft.putIncident({ ...incident, stand: { kind: is_open ? "told" : "over" }, flapping_told, told_by });
  }
  const group = draft.group(key)!;
  const first_told_ms = group.first_told_ms ?? now_ms;
  draft.putGroup({ ...group, first_told_ms, told_ms: now_ms });
  countLive(draft);
  draft.send({ id, kind: items[0]!.change, group_key: key, ...named(items), group_open: group.open });
}

function changesOf({ stand }: IncidentState): readonly ChangeRef[] {
  return stand.kind === "waiting" ? stand.changes : [];
}

/** As a message tells it: that it is over by now, where that is wished to be heard; else how it began. */
function newestChange(incident: IncidentState): DeliveredChange {
  const changes = changesOf(incident);
  const is_over = incident.status === "resolved" && changes.some(({ change }) => change === "resolved");
  return is_over ? "resolved" : changes[0]!.change;
}

/** `until_ms`: when it is looked at again; null: only when something happens. */
function giveUp(draft: RulesDraft, incident: IncidentState, why: Withholding, until_ms: number | null = null): void {
  const [opening, ...rest] = changesOf(incident);
  const stand = { kind: "withheld", ...whyOf(why) } as const;
  const kept_back = incident.status === "open" ? opening! : null;
  for (const ref of [opening!, ...rest]) draft.withhold(incident, ref, why);
  draft.putIncident({ ...incident, stand, kept_back, due_ms: kept_back === null ? null : until_ms });
}

/**
 * Tells a change in a message of its own, at once, if it may; else the next digest does. What is over may always be told.
 * `nth`: of a repetition.
 */
export function tellNow(draft: RulesDraft, incident: IncidentState, ref: ChangeRef, nth: number | null = null): void {
  const { now_ms, subscription_id } = draft.context;
  const { change, seq } = ref;
  const is_end = change === "resolved";
  if (!is_end && !isAllowed(draft)) return withholdByRate(draft, incident, [ref], nth);
  const { key } = ownGroup(draft, incident);
  const is_open = incident.status === "open";
  const flapping_told = incident.flapping_told || (is_open && incident.flapping);
  const stand = { kind: is_open ? "told" : "over" } as const;
  const id = messageId(subscription_id, nth === null ? "message" : `repeated:${nth}`, incident, seq);
  const told_by = { message_id: id, seq: incident.seq };
  const heard = { ...incident, stand, flapping_told, told_by, group_key: key, kept_back: null, due_ms: null };
  draft.putIncident(heard);
  draft.await(heard, ref, id, nth);
  const group = draft.group(key)!;
  const first_told_ms = group.first_told_ms ?? now_ms;
  draft.putGroup({ ...group, first_told_ms, told_ms: is_open ? now_ms : group.told_ms });
  if (!is_end) countLive(draft);
  const items = [{ incident_id: incident.incident_id, change }];
  draft.send({ id, kind: change, group_key: key, items, more: 0, group_open: group.open });
}

/** Changes of one incident, the oldest first: the next digest tells of it instead. */
export function withholdByRate(
  draft: RulesDraft,
  incident: IncidentState,
  refs: readonly ChangeRef[],
  nth: number | null = null,
): void {
  const reason = "rate" as const;
  const detail = `More than ${draft.context.wish.max_per_hour} messages within an hour: a digest tells it.`;
  const change = incident.stand.kind === "waiting" ? newestChange(incident) : refs[0]!.change;
  const counted = gatherDigest(draft, incident, { ...refs[0]!, change }, nth);
  for (const ref of refs) draft.withhold(counted, ref, { reason, detail, message_id: counted.digest_id }, nth);
  const { kind } = counted.stand;
  const is_known = kind === "told" || (kind === "over" && counted.status === "resolved");
  const stand = is_known ? counted.stand : ({ kind: "withheld", reason, detail } as const);
  draft.putIncident({ ...counted, stand, kept_back: null, due_ms: null });
}
