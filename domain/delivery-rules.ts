/**
 * What becomes of each change of an incident for one subscription: a message, now or with others, or a reason why there is none.
 * Everything is decided from the rows of the incident, its group and the memory, and from the time that is given.
 */
import { join, tellNow } from "./delivery-groups-messages.ts";
import { groupDue, remind } from "./delivery-groups-repeat.ts";
import { changeOf, narratedOf, stateAfter } from "./delivery-rules-change.ts";
import { enabled, keptBackOf, sent, unsent } from "./delivery-rules-disabled.ts";
import { RulesDraft, type Withholding } from "./delivery-rules-draft.ts";
import { gatherCaughtUp, gatherDigest, sendGathered } from "./delivery-rules-gather.ts";
import type {
  ChangeRef,
  IncidentState,
  RulesContext,
  RulesDecision,
  RulesInput,
  RulesStore,
  Stand,
} from "./delivery-rules-state.ts";
import { notWished, whileDisabled, whyOf, withholding } from "./delivery-rules-withhold.ts";
import type { ServiceIncidentEvent, ServiceNarrativeEvent } from "./fleet.ts";
import { type Silenced, silenceOf } from "./silence-match.ts";

/** Deterministic. An event that was judged before, or of words of an incident that nobody heard of, changes nothing. */
export function decide(store: RulesStore, input: RulesInput, context: RulesContext): RulesDecision {
  const draft = new RulesDraft(store, context);
  switch (input.kind) {
    case "event":
      if ("incident" in input.event) takeIncident(draft, input.event);
      else takeNarrative(draft, input.event);
      break;
    case "incident_due":
      incidentDue(draft, input.incident_id);
      break;
    case "group_due":
      groupDue(draft, input.key);
      break;
    case "memory_due":
      sendGathered(draft);
      break;
    case "enabled":
      enabled(draft);
      break;
    case "silences":
      lookAtSilences(draft);
      break;
    case "unsent":
      unsent(draft, input.messages);
      break;
    case "sent":
      sent(draft, input.changes);
      break;
  }
  return draft.decision();
}

function takeIncident(draft: RulesDraft, event: ServiceIncidentEvent): void {
  const before = draft.incident(event.incident.id);
  if (before !== null && event.seq <= before.seq) return;
  const ref = changeOf(before, event);
  const incident = stateAfter(before, event, draft.context.now_ms);
  draft.putIncident(incident);
  draft.refreshGroup(incident.group_key);
  if (ref === null) lookAgain(draft, incident);
  else if (ref.change === "acknowledged") follow(draft, incident, ref);
  else if (before === null && ref.change === "resolved") withholdByStand(draft, incident, ref);
  else judge(draft, incident, ref);
}

function takeNarrative(draft: RulesDraft, event: ServiceNarrativeEvent): void {
  const before = draft.incident(event.narrative.incident_id);
  if (before === null || event.seq <= before.seq) return;
  const ref = narratedOf(event);
  const incident = { ...before, seq: event.seq };
  draft.putIncident(incident);
  if (ref === null) return;
  const told_with = wordsOfChange(event, before);
  if (told_with === null) return follow(draft, incident, ref);
  const told = {
    reason: "grouped",
    detail: "Told with the change that they came with.",
    message_id: told_with,
  } as const;
  draft.withhold(incident, ref, notWished(draft.context, ref.change) ?? told);
}

/**
 * The message that has a change, where these are the words that the template has for it: they come with it, so that its message
 * has them already. Null for words that are news.
 */
function wordsOfChange({ seq, narrative }: ServiceNarrativeEvent, { told_by }: IncidentState): string | null {
  return narrative.source === "template" && told_by?.seq === seq - 1 ? told_by.message_id : null;
}

/** A change that follows what came before: that is told first, where a silence that withheld it is over. */
function follow(draft: RulesDraft, incident: IncidentState, ref: ChangeRef): void {
  lookAgain(draft, incident);
  judge(draft, draft.incident(incident.incident_id)!, ref);
}

function judge(draft: RulesDraft, incident: IncidentState, ref: ChangeRef): void {
  const { context } = draft;
  if (ref.change === "acknowledged" && !context.tells_acknowledged) return;
  if (incident.stand.kind === "waiting") return fold(draft, incident, incident.stand, ref);
  if (ref.change === "resolved") return end(draft, incident, ref);
  const as = toldAs(incident, ref, context);
  const why = withholding(context, incident, as);
  if (why !== null) return keepBack(draft, incident, ref, why);
  if (as.change === "opened" || as.change === "reopened") join(draft, incident, as);
  else tellNow(draft, incident, as);
}

/** To who does not know of it an incident that grew worse opens. */
function toldAs({ stand }: IncidentState, ref: ChangeRef, { wish }: RulesContext): ChangeRef {
  const is_news = stand.kind !== "told" && ref.change === "escalated" && wish.changes.includes("opened");
  return is_news ? { ...ref, change: "opened" } : ref;
}

/** What happens while the opening waits is told with it. */
function fold(
  draft: RulesDraft,
  incident: IncidentState,
  stand: Extract<Stand, { readonly kind: "waiting" }>,
  ref: ChangeRef,
): void {
  const why = notWished(draft.context, ref.change);
  if (why !== null) return draft.withhold(incident, ref, why);
  const { message_id } = stand;
  draft.putIncident({ ...incident, stand: { ...stand, changes: [...stand.changes, ref] } });
  if (ref.change === "resolved") draft.await(incident, ref, message_id);
  else
    draft.withhold(incident, ref, {
      reason: "grouped",
      detail: "Told with the opening, which waits for others.",
      message_id,
    });
}

/** Who heard that it is open hears that it is over, whatever began to hold meanwhile. */
function end(draft: RulesDraft, incident: IncidentState, ref: ChangeRef): void {
  const { context } = draft;
  const { stand } = incident;
  const heard = { ...incident, kept_back: null, due_ms: null };
  if (stand.kind === "withheld" && stand.reason !== "change") return withholdByStand(draft, heard, ref);
  const why =
    stand.kind === "told"
      ? (whileDisabled(context) ?? notWished(context, ref.change))
      : withholding(context, incident, ref);
  if (why === null) return tellNow(draft, heard, ref);
  draft.withhold(heard, ref, why);
  // It stays told until it can be said that it is over.
  const isLater = why.reason === "disabled" && stand.kind === "told";
  draft.putIncident(isLater ? keptBackOf(heard, ref) : { ...heard, stand: { kind: "over" } });
}

/** What nobody was told of ends for the reason that it began with, also in the message that is yet to tell of it. */
function withholdByStand(draft: RulesDraft, incident: IncidentState, ref: ChangeRef): void {
  const { stand } = incident;
  if (stand.kind !== "withheld") throw new Error(`${incident.incident_id} is ${stand.kind}, not withheld`);
  const { reason } = stand;
  const { memory } = draft;
  let heard = incident;
  let message_id: string | null = null;
  if (reason === "rate" && memory.digest?.message_id === incident.digest_id) {
    heard = gatherDigest(draft, incident, ref);
    message_id = heard.digest_id;
  }
  if (reason === "historical") {
    heard = gatherCaughtUp(draft, incident, ref);
    message_id = caughtUpBy(draft, heard);
  }
  draft.putIncident(heard);
  draft.withhold(heard, ref, { ...whyOf(stand), message_id });
}

/** The message that is yet to tell what was caught up on, if the incident is in it. */
function caughtUpBy({ memory }: RulesDraft, { caught_up_id }: IncidentState): string | null {
  return memory.caught_up?.message_id === caught_up_id ? caught_up_id : null;
}

/** Notes why a change is not told, and what of it may be told later. */
function keepBack(draft: RulesDraft, incident: IncidentState, ref: ChangeRef, why: Withholding): void {
  const { reason } = why;
  let next = incident;
  let message_id: string | null = null;
  if (ref.change !== "narrated" && ref.change !== "acknowledged") {
    if (incident.stand.kind !== "told") next = { ...next, stand: { kind: "withheld", ...whyOf(why) } };
    if (reason === "silence") next = untilSilenceEnds(draft, next, ref);
    if (reason === "disabled") next = { ...keptBackOf(next, ref), due_ms: null };
    if (reason === "historical") next = gatherCaughtUp(draft, next, ref);
    message_id = reason === "historical" ? caughtUpBy(draft, next) : null;
  }
  draft.putIncident(next);
  draft.withhold(next, ref, { ...whyOf(why), message_id });
}

function untilSilenceEnds({ context }: RulesDraft, incident: IncidentState, ref: ChangeRef): IncidentState {
  const { until_ms } = silenceOf(incident, context.silences, context.now_ms)!;
  return { ...keptBackOf(incident, ref), due_ms: until_ms };
}

/** A silence that is longer than it was is looked at when it was to end: until then it holds in any case. */
function lookAtSilences(draft: RulesDraft): void {
  const { silences, now_ms } = draft.context;
  for (const incident of draft.silenced()) {
    const until_ms = silenceOf(incident, silences, now_ms)?.until_ms ?? now_ms;
    if (until_ms < incident.due_ms!) draft.putIncident({ ...incident, due_ms: until_ms });
  }
}

function incidentDue(draft: RulesDraft, incident_id: string): void {
  const incident = draft.incident(incident_id);
  if (incident !== null && isDue(incident, draft.context.now_ms)) lookAgain(draft, incident);
}

function isDue({ due_ms }: IncidentState, now_ms: number): boolean {
  return due_ms !== null && due_ms <= now_ms;
}

/** Whether a silence holds still: it may have ended before its time, or be longer by now. */
function lookAgain(draft: RulesDraft, incident: IncidentState): void {
  const { silences, now_ms } = draft.context;
  const ref = incident.kept_back;
  // Until the subscription is switched on again there is nothing to look for.
  if (ref !== null && incident.due_ms === null && draft.context.disabled !== null) return;
  const silenced = silenceOf(incident, silences, now_ms);
  if (silenced === null) {
    if (ref === null) return;
    const free = { ...incident, kept_back: null, due_ms: null };
    draft.putIncident(free);
    if (ref.change === "repeated") remind(draft, free);
    else judge(draft, free, ref);
  } else if (ref !== null && ref.change !== "repeated" && isDue(incident, now_ms)) {
    // What withholds it now is another silence than before, or is one by now: its line says so.
    judge(draft, { ...incident, kept_back: null, due_ms: null }, ref);
  } else if (ref !== null) draft.putIncident({ ...incident, due_ms: silenced.until_ms });
  else if (isSnoozed(incident, silenced)) {
    const { seq, event_at } = incident;
    const reminder = { seq, change: "repeated", event_at } as const;
    draft.putIncident({ ...incident, kept_back: reminder, due_ms: silenced.until_ms });
  }
}

/** Who snoozes an incident wants to hear of it afterwards, if it is open then. */
function isSnoozed({ status, stand, acknowledged }: IncidentState, { silence }: Silenced): boolean {
  return silence.incident_id !== null && status === "open" && stand.kind === "told" && !acknowledged;
}
