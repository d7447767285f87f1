/** What the rules of delivery keep for a subscription, what they are asked, and what they answer. All of it is plain JSON. */
import type { DeliveredChange, WithheldReason } from "./delivery.ts";
import type { ServiceEvent } from "./fleet.ts";
import type { Severity } from "./incident.ts";
import type { Silence } from "./silencing.ts";
import type { SubscriptionWish } from "./subscription.ts";
import type { MessageKind } from "./target.ts";

/** A change that a line of the ledger is about. */
export interface ChangeRef {
  readonly seq: number;
  readonly change: DeliveredChange;
  /** Event time, RFC 3339. */
  readonly event_at: string;
}

/** Why something is withheld: in a word and in words, and which silence holds where that is why. */
export interface Why {
  readonly reason: WithheldReason;
  readonly detail: string | null;
  readonly silence_id?: string;
}

/**
 * Where an incident stands with the subscription.
 * - `waiting`: it opened and is in a message that its group has yet to send
 * - `told`: a message says that it is open
 * - `over`: a message says that it is resolved
 * - `withheld`: nobody was told, for this reason
 */
export type Stand =
  | { readonly kind: "waiting"; readonly message_id: string; readonly changes: readonly ChangeRef[] }
  | { readonly kind: "told" }
  | { readonly kind: "over" }
  | ({ readonly kind: "withheld" } & Why);

/** One row an incident. Epoch ms by the clock, if nothing else is said. */
export interface IncidentState {
  readonly incident_id: string;
  readonly service: string;
  /** Newest event of the service's that was judged: an older one changes nothing. */
  readonly seq: number;
  readonly status: "open" | "resolved";
  readonly severity: Severity;
  readonly endpoint: string | null;
  /** Event time, RFC 3339. */
  readonly event_at: string;
  readonly historical: boolean;
  readonly reopened_count: number;
  readonly flapping: boolean;
  /** The flapping message was made. */
  readonly flapping_told: boolean;
  readonly acknowledged_at: string | null;
  /** Somebody has it in hand: since `acknowledged_at`, until it is resolved. */
  readonly acknowledged: boolean;
  readonly stand: Stand;
  /** The newest message about it, and the newest event that it tells; null before the first. */
  readonly told_by: { readonly message_id: string; readonly seq: number } | null;
  /** Of the group that it waits or was told in; null until then. */
  readonly group_key: string | null;
  /**
   * What is to be told when a silence ends, if the incident is open then, or when the subscription is switched on again (`due_ms` is
   * null until then), if the incident is open or was told to be; null where nothing is.
   */
  readonly kept_back: ChangeRef | null;
  /** Messages about it that were made and then not sent: what is made of the same change again has another id. */
  readonly unsent: number;
  /** Repetitions so far; and why the newest due one was withheld, null where it was made. */
  readonly repeats: number;
  readonly repeat_withheld: WithheldReason | null;
  /** The digest, and the caught-up message, that it is counted in. */
  readonly digest_id: string | null;
  readonly caught_up_id: string | null;
  /** When it was heard that it is resolved; null while it is open. Kept 7 days from then. */
  readonly resolved_ms: number | null;
  /** When to be asked with `{ kind: "incident_due" }`; null: not at all. */
  readonly due_ms: number | null;
}

/** One row a group of incidents that are told of in one thread. */
export interface GroupState {
  /** Id of its first incident. */
  readonly key: string;
  /** The message that gathers incidents, and when it is sent; null where none waits. */
  readonly message_id: string | null;
  readonly flush_ms: number | null;
  readonly first_told_ms: number | null;
  /** When it was last said that incidents are open: repetitions count from there. */
  readonly told_ms: number | null;
  /** Incidents that were told or wait, and are open. */
  readonly open: number;
  /** When the last of them was resolved; null while one is open. */
  readonly over_ms: number | null;
  /** When to be asked with `{ kind: "group_due" }`; null: not at all. */
  readonly due_ms: number | null;
}

/** Incidents that one message will tell of. */
export interface Gathering {
  readonly message_id: string;
  /** The worst first, at most 20. */
  readonly items: readonly {
    readonly incident_id: string;
    readonly change: DeliveredChange;
    readonly severity: Severity;
  }[];
  readonly more: number;
  readonly due_ms: number;
}

/** One row. */
export interface RulesMemory {
  /** The newest group. */
  readonly group_key: string | null;
  /** When the newest messages that count for `max_per_hour` were made, so many of them, ascending. */
  readonly sent_ms: readonly number[];
  readonly digest: Gathering | null;
  readonly caught_up: Gathering | null;
  /** When to be asked with `{ kind: "memory_due" }`; null: not at all. */
  readonly due_ms: number | null;
}

export const EMPTY_MEMORY: RulesMemory = {
  group_key: null,
  sent_ms: [],
  digest: null,
  caught_up: null,
  due_ms: null,
};

/** The rows, read as they are asked for. */
export interface RulesStore {
  memory(): RulesMemory;
  incident(incident_id: string): IncidentState | null;
  group(key: string): GroupState | null;
  /** All incidents with this `group_key`. */
  members(key: string): readonly IncidentState[];
  /** All incidents that something is kept back of until the subscription is switched on again. */
  keptBack(): readonly IncidentState[];
  /** Those of which something is kept back until a silence ends. */
  silenced(): readonly IncidentState[];
}

/** A change that a message tells, of which incident. */
export interface ToldChange extends ChangeRef {
  readonly incident_id: string;
}

/** A message with the changes that it was to tell. */
export interface ToldMessage {
  readonly message_id: string;
  readonly changes: readonly ToldChange[];
}

/** What is asked. A row that is not due (any more), or not there, changes nothing. */
export type RulesInput =
  | { readonly kind: "event"; readonly event: ServiceEvent }
  | { readonly kind: "incident_due"; readonly incident_id: string }
  | { readonly kind: "group_due"; readonly key: string }
  /** Nothing hinders delivery any more: what was kept back meanwhile is due. */
  | { readonly kind: "enabled" }
  /** The silences may be others by now: what none keeps back any longer is due, and what one does for less long is so earlier. */
  | { readonly kind: "silences" }
  /** Messages that were made will not be sent, since nothing can be delivered: in the order of the queue. */
  | { readonly kind: "unsent"; readonly messages: readonly ToldMessage[] }
  /** One of them was after all, by hand. */
  | { readonly kind: "sent"; readonly changes: readonly ToldChange[] }
  | { readonly kind: "memory_due" };

export interface RulesContext {
  readonly subscription_id: string;
  readonly wish: SubscriptionWish;
  /** Why nothing can be delivered (switched off, 410), in words; null where it can. */
  readonly disabled: string | null;
  /** The target has a word for an acknowledgement. */
  readonly tells_acknowledged: boolean;
  /** At least those that may match what is asked about. */
  readonly silences: readonly Silence[];
  readonly now_ms: number;
}

/**
 * A line of the ledger, to be written or, where there is one with its id, to be replaced (`heard_at` stays, `revision` grows).
 * What is `waiting` becomes `delivered` or `failed` with its message; what is `withheld` stays so, `message_id` then names the
 * message that tells it instead.
 */
export interface LineDraft {
  readonly id: string;
  readonly incident_id: string;
  readonly service: string;
  readonly change: DeliveredChange;
  readonly status: "withheld" | "waiting";
  readonly reason: WithheldReason | null;
  readonly detail: string | null;
  readonly silence_id: string | null;
  readonly message_id: string | null;
  readonly event_at: string;
}

/** A message to be queued now: of incidents as they are now, the worst first. */
export interface MessageDraft {
  readonly id: string;
  readonly kind: MessageKind;
  /** Order is kept among messages with the same. */
  readonly group_key: string;
  readonly items: readonly { readonly incident_id: string; readonly change: DeliveredChange }[];
  readonly more: number;
  readonly group_open: number;
}

/** All to be stored in one transaction. Rows replace those with their key. While the subscription is disabled no message comes. */
export interface RulesDecision {
  readonly memory: RulesMemory | null;
  readonly incidents: readonly IncidentState[];
  readonly groups: readonly GroupState[];
  readonly lines: readonly LineDraft[];
  /** In order. */
  readonly messages: readonly MessageDraft[];
}
