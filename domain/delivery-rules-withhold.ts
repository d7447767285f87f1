/** Why a change is withheld: the first reason of a fixed order. */
import { rank } from "./delivery-rules-change.ts";
import type { Withholding } from "./delivery-rules-draft.ts";
import type { ChangeRef, IncidentState, RulesContext, Why } from "./delivery-rules-state.ts";
import type { Change, DeliveredChange } from "./delivery.ts";
import { formatRfc3339 } from "./rfc3339.ts";
import { type Silenced, silenceOf } from "./silence-match.ts";

/** What has to be subscribed to for a change to be told; null: it comes with whatever is subscribed. */
const SUBSCRIBED_AS: Readonly<Record<DeliveredChange, Change | null>> = {
  opened: "opened",
  reopened: "opened",
  escalated: "escalated",
  narrated: "narrated",
  resolved: "resolved",
  acknowledged: null,
  flapping: null,
  repeated: null,
};

/** Changes that say nothing to who does not know of the incident. */
const FOLLOWS: ReadonlySet<DeliveredChange> = new Set(["narrated", "acknowledged"]);
/** What need not be heard while somebody has it in hand, besides reminders. */
const SPARED: ReadonlySet<DeliveredChange> = new Set(["escalated", "narrated"]);

export const IN_HAND: Withholding = { reason: "acknowledged", detail: "It was acknowledged." };

/** Null: it is told. Whether it may be now, by the number of messages, is not asked here. */
export function withholding(context: RulesContext, incident: IncidentState, ref: ChangeRef): Withholding | null {
  const { stand } = incident;
  const general = beforeChange(context, incident) ?? notWished(context, ref.change);
  if (general !== null) return general;
  if (
    FOLLOWS.has(ref.change) &&
    stand.kind === "withheld" &&
    !(stand.reason === "change" && incident.status === "open")
  ) {
    return whyOf(stand);
  }
  if (incident.flapping_told && stand.kind === "told" && ref.change !== "acknowledged") {
    return { reason: "flapping", detail: "It was said that it comes and goes; its end will be told." };
  }
  return incident.acknowledged && SPARED.has(ref.change) ? IN_HAND : null;
}

function beforeChange(context: RulesContext, incident: IncidentState): Withholding | null {
  const disabled = whileDisabled(context);
  if (disabled !== null) return disabled;
  if (incident.historical) {
    return { reason: "historical", detail: "It was caught up on: its onset lay more than ten minutes back." };
  }
  const silenced = silenceOf(incident, context.silences, context.now_ms);
  if (silenced !== null) return silencedBy(silenced);
  if (rank(incident.severity) >= rank(context.wish.min_severity)) return null;
  return { reason: "severity", detail: `It is ${incident.severity}, below ${context.wish.min_severity}.` };
}

export function whileDisabled({ disabled }: RulesContext): Withholding | null {
  return disabled === null ? null : { reason: "disabled", detail: disabled };
}

export function notWished({ wish }: RulesContext, change: DeliveredChange): Withholding | null {
  const wished = SUBSCRIBED_AS[change];
  if (wished === null || wish.changes.includes(wished)) return null;
  return { reason: "change", detail: `The subscription does not want what is ${change}.` };
}

/** Without what a decision adds for one line. */
export function whyOf({ reason, detail, silence_id }: Why): Why {
  return { reason, detail, ...(silence_id === undefined ? {} : { silence_id }) };
}

export function silencedBy({ silence, until_ms }: Silenced): Withholding {
  const why = silence.comment === "" ? "" : `: ${silence.comment}`;
  const detail = `${silence.id} holds until ${formatRfc3339(until_ms)}${why}`;
  return { reason: "silence", detail, silence_id: silence.id };
}
