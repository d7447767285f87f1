/** What is told later in one message: the digest of what was too much for an hour, and what was caught up on. */
import { rank } from "./delivery-rules-change.ts";
import type { RulesDraft } from "./delivery-rules-draft.ts";
import { type MessagePurpose, messageId } from "./delivery-rules-id.ts";
import type { ChangeRef, Gathering, IncidentState } from "./delivery-rules-state.ts";
import { silenceOf } from "./silence-match.ts";

const HOUR_MS = 3_600_000;
/** So long after the last historical incident the catching up is taken to be over. */
const CAUGHT_UP_MS = 60_000;
/** Incidents that a message names; it counts the rest. */
export const ITEMS_MAX = 20;

/** When another message may be made: at most `max_per_hour` in any trailing hour. Not after now: at once. */
function allowedAt({ memory, context }: RulesDraft): number {
  const last_ms = memory.sent_ms.at(-context.wish.max_per_hour);
  return last_ms === undefined ? context.now_ms : Math.max(context.now_ms, last_ms + HOUR_MS);
}

export function isAllowed(draft: RulesDraft): boolean {
  return allowedAt(draft) <= draft.context.now_ms;
}

/** A message of live incidents that counts. It ends the catching up. */
export function countLive(draft: RulesDraft): void {
  count(draft);
  const { caught_up } = draft.memory;
  if (caught_up === null) return;
  const due_ms = Math.min(caught_up.due_ms, draft.context.now_ms);
  draft.putMemory({ ...draft.memory, caught_up: { ...caught_up, due_ms } });
}

function count(draft: RulesDraft): void {
  const { now_ms, wish } = draft.context;
  // In order of time, though the clock may have gone back; older ones limit nothing.
  const sent_ms = [...draft.memory.sent_ms, now_ms].sort((a, b) => a - b).slice(-wish.max_per_hour);
  draft.putMemory({ ...draft.memory, sent_ms });
}

/** Adds an incident to the next digest, as its newest change (the `nth` repetition) has it; gives it with the digest's id. */
export function gatherDigest(
  draft: RulesDraft,
  incident: IncidentState,
  ref: ChangeRef,
  nth: number | null = null,
): IncidentState {
  const purpose = nth === null ? "digest" : (`digest:${nth}` as const);
  const digest = draft.memory.digest ?? begun(draft, purpose, incident, ref, allowedAt(draft));
  const next = gathered(digest, incident, ref, incident.digest_id === digest.message_id);
  draft.putMemory({ ...draft.memory, digest: next });
  return { ...incident, digest_id: digest.message_id };
}

/** Likewise to what is caught up on, unless nobody would have been told of it, or was told already. */
export function gatherCaughtUp(draft: RulesDraft, incident: IncidentState, ref: ChangeRef): IncidentState {
  const { memory, context } = draft;
  const is_counted = incident.caught_up_id !== null;
  if (is_counted && incident.caught_up_id !== memory.caught_up?.message_id) return incident;
  const is_mild = rank(incident.severity) < rank(context.wish.min_severity);
  if (is_mild || silenceOf(incident, context.silences, context.now_ms) !== null) return incident;
  const due_ms = context.now_ms + CAUGHT_UP_MS;
  const caught_up = memory.caught_up ?? begun(draft, "caught_up", incident, ref, due_ms);
  draft.putMemory({ ...memory, caught_up: { ...gathered(caught_up, incident, ref, is_counted), due_ms } });
  return { ...incident, caught_up_id: caught_up.message_id };
}

function begun(
  { context }: RulesDraft,
  purpose: MessagePurpose,
  incident: IncidentState,
  { seq }: ChangeRef,
  due_ms: number,
): Gathering {
  const message_id = messageId(context.subscription_id, purpose, incident, seq);
  return { message_id, items: [], more: 0, due_ms };
}

/** With the incident in its place by severity; the mildest that there is no room for are only counted. */
function gathered(
  { items, more, ...rest }: Gathering,
  { incident_id, severity }: IncidentState,
  { change }: ChangeRef,
  is_counted: boolean,
): Gathering {
  const others = items.filter((item) => item.incident_id !== incident_id);
  const total = items.length + more + (is_counted ? 0 : 1);
  const place = others.findLastIndex((item) => rank(item.severity) >= rank(severity)) + 1;
  const kept = others.toSpliced(place, 0, { incident_id, change, severity }).slice(0, ITEMS_MAX);
  return { ...rest, items: kept, more: total - kept.length };
}

/** Sends what is due and allowed. While nothing can be delivered it waits. */
export function sendGathered(draft: RulesDraft): void {
  const { now_ms, disabled } = draft.context;
  if (disabled !== null) return draft.putMemory(draft.memory);
  const { digest } = draft.memory;
  if (digest !== null && digest.due_ms <= now_ms) {
    if (isAllowed(draft)) sendDigest(draft, digest);
    else draft.putMemory({ ...draft.memory, digest: { ...digest, due_ms: allowedAt(draft) } });
  }
  const { caught_up } = draft.memory;
  if (caught_up === null || caught_up.due_ms > now_ms) return;
  if (isAllowed(draft)) sendCaughtUp(draft, caught_up);
  else draft.putMemory({ ...draft.memory, caught_up: { ...caught_up, due_ms: allowedAt(draft) } });
}

/** Who is open and was told of nowhere else is told of by it: what comes later follows in its thread. */
function sendDigest(draft: RulesDraft, { message_id, items, more }: Gathering): void {
  const key = `digest:${message_id}`;
  for (const { incident_id } of items) tellByDigest(draft, incident_id, key);
  count(draft);
  draft.putMemory({ ...draft.memory, digest: null });
  const told = items.map(({ incident_id, change }) => ({ incident_id, change }));
  const group_open = draft.group(key)?.open ?? 0;
  draft.send({ id: message_id, kind: "digest", group_key: key, items: told, more, group_open });
}

function tellByDigest(draft: RulesDraft, incident_id: string, key: string): void {
  const incident = draft.incident(incident_id);
  if (incident?.status !== "open" || incident.stand.kind !== "withheld") return;
  const own = incident.group_key === null ? null : draft.group(incident.group_key);
  const has_thread = own !== null && own.first_told_ms !== null;
  const { now_ms } = draft.context;
  if (!has_thread && draft.group(key) === null) {
    const none = { message_id: null, flush_ms: null, open: 0, over_ms: null, due_ms: null };
    draft.putGroup({ key, first_told_ms: now_ms, told_ms: now_ms, ...none });
  }
  const group_key = has_thread ? own.key : key;
  const told = { stand: { kind: "told" }, flapping_told: incident.flapping, group_key } as const;
  draft.putIncident({ ...incident, ...told, kept_back: null, due_ms: null });
}

function sendCaughtUp(draft: RulesDraft, { message_id, items, more }: Gathering): void {
  count(draft);
  draft.putMemory({ ...draft.memory, caught_up: null });
  const told = items.map(({ incident_id, change }) => ({ incident_id, change }));
  const group_key = `caught_up:${message_id}`;
  draft.send({ id: message_id, kind: "caught_up", group_key, items: told, more, group_open: 0 });
}
