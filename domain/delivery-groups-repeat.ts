/** What is due of a group with time: the message that gathers who opens, and the reminder of what is open still. */
import { byWeight, type Item, named } from "./delivery-groups.ts";
import { flush, tellNow, withholdByRate } from "./delivery-groups-messages.ts";
import { repeatDue, type RulesDraft, type Withholding } from "./delivery-rules-draft.ts";
import { countLive, isAllowed } from "./delivery-rules-gather.ts";
import { messageId } from "./delivery-rules-id.ts";
import type { ChangeRef, GroupState, IncidentState } from "./delivery-rules-state.ts";
import { IN_HAND, silencedBy, whileDisabled } from "./delivery-rules-withhold.ts";
import { silenceOf } from "./silence-match.ts";

export function groupDue(draft: RulesDraft, key: string): void {
  const { now_ms } = draft.context;
  const waiting = draft.group(key);
  if (waiting === null) return;
  if (waiting.flush_ms !== null && waiting.flush_ms <= now_ms) flush(draft, waiting);
  const group = draft.group(key)!;
  const repeat_ms = repeatDue(group, draft.context);
  if (repeat_ms !== null && repeat_ms <= now_ms) repeat(draft, group);
  // Nothing is due any more where the wish changed since the row was written.
  else if (group.due_ms !== null && group.due_ms <= now_ms) draft.putGroup(group);
}

/** Says again what is open; of who is not to be reminded it is noted once why. */
function repeat(draft: RulesDraft, group: GroupState): void {
  draft.putGroup({ ...group, told_ms: draft.context.now_ms });
  const items: Item[] = [];
  for (const incident of draft.members(group.key)) {
    if (incident.stand.kind !== "told" || incident.status !== "open") continue;
    const why = notReminded(draft, incident);
    if (why === null) items.push({ incident, change: "repeated" });
    else if (incident.repeat_withheld !== why.reason) withholdReminder(draft, incident, why);
  }
  if (items.length === 0) return;
  items.sort(byWeight);
  if (isAllowed(draft)) return sendReminder(draft, group, items);
  for (const { incident } of items) {
    if (incident.repeat_withheld !== "rate") remindByDigest(draft, incident);
  }
}

function sendReminder(draft: RulesDraft, group: GroupState, items: readonly Item[]): void {
  const first = items[0]!.incident;
  const id = messageId(draft.context.subscription_id, `repeated:${first.repeats + 1}`, first, first.seq);
  for (const { incident } of items) {
    const next = nextRepeat(incident, null);
    draft.putIncident(next);
    draft.await(next, repetition(next), id, next.repeats);
  }
  countLive(draft);
  draft.send({ id, kind: "repeated", group_key: group.key, ...named(items), group_open: group.open });
}

/** Of one incident, as after it was snoozed. */
export function remind(draft: RulesDraft, incident: IncidentState): void {
  const why = notReminded(draft, incident);
  if (why !== null) return withholdReminder(draft, incident, why);
  const next = nextRepeat(incident, null);
  tellNow(draft, next, repetition(next), next.repeats);
}

function notReminded({ context }: RulesDraft, incident: IncidentState): Withholding | null {
  const disabled = whileDisabled(context);
  if (disabled !== null) return disabled;
  const silenced = silenceOf(incident, context.silences, context.now_ms);
  if (silenced !== null) return silencedBy(silenced);
  return incident.acknowledged ? IN_HAND : null;
}

function withholdReminder(draft: RulesDraft, incident: IncidentState, why: Withholding): void {
  const next = nextRepeat(incident, why.reason);
  draft.putIncident(next);
  draft.withhold(next, repetition(next), why, next.repeats);
}

function remindByDigest(draft: RulesDraft, incident: IncidentState): void {
  const next = nextRepeat(incident, "rate");
  withholdByRate(draft, next, [repetition(next)], next.repeats);
}

function nextRepeat(incident: IncidentState, repeat_withheld: IncidentState["repeat_withheld"]): IncidentState {
  return { ...incident, repeats: incident.repeats + 1, repeat_withheld };
}

function repetition({ seq, event_at }: IncidentState): ChangeRef {
  return { seq, change: "repeated", event_at };
}
