/** Deliveries: what became of each change of an incident for each subscription that its service belongs to. */

/** What of an incident can be heard of. An acknowledgement or flapping is told with whatever is subscribed. */
export const CHANGES = ["opened", "escalated", "narrated", "resolved"] as const;
export type Change = (typeof CHANGES)[number];

/** A change as a message tells it: what can be subscribed to, and what comes with it. */
export type DeliveredChange = Change | "reopened" | "acknowledged" | "flapping" | "repeated";

/**
 * Why a change was not delivered:
 * - `severity`: below `min_severity`; `change`: not subscribed to
 * - `silence`: a silence matched; `acknowledged`: somebody has it in hand
 * - `grouped`: told within another message, or the target has no other word for it
 * - `flapping`: it was said that the incident comes and goes; `historical`: caught up, told in one message
 * - `rate`: more than `max_per_hour`, told by a digest; `disabled`: the subscription or its target is switched off
 */
export const WITHHELD_REASONS = [
  "severity",
  "change",
  "silence",
  "acknowledged",
  "grouped",
  "flapping",
  "historical",
  "rate",
  "disabled",
] as const;
export type WithheldReason = (typeof WITHHELD_REASONS)[number];

/**
 * A line of an incident's ledger, and the row of D1's `deliveries`; natural key (id). Times are RFC 3339 by the clock, if nothing else is said.
 * `waiting`: will be sent, or tried again; `failed`: given up after ten attempts.
 */
export interface Delivery {
  /** `SUBSCRIPTION:INCIDENT:SEQ`, and `:repeated:N` for a repetition: the same change never has two. */
  readonly id: string;
  readonly subscription_id: string;
  readonly subscription_name: string;
  readonly incident_id: string;
  readonly service: string;
  readonly change: DeliveredChange;
  readonly status: "withheld" | "waiting" | "delivered" | "failed";
  /** Null unless it is withheld. */
  readonly reason: WithheldReason | null;
  /** In words: which silence, which message it is grouped into, what the last attempt met; null where there is nothing to say. */
  readonly detail: string | null;
  /** Of the silence that held; null where it is withheld for another reason, or not at all. */
  readonly silence_id: string | null;
  /** `webhook-id` of the message that tells it; null where it is withheld for good. */
  readonly message_id: string | null;
  /** When the incident changed: event time. */
  readonly event_at: string;
  /** When the subscription heard of it, and when the target had it. */
  readonly heard_at: string;
  readonly delivered_at: string | null;
  readonly attempts: number;
  /** Of the newest attempt: HTTP status (null: no answer), and how long it took. */
  readonly http_status: number | null;
  readonly latency_ms: number | null;
  /** Grows with each change of this line. */
  readonly revision: number;
}

/** One try to hand a message to its target. */
export interface DeliveryAttempt {
  readonly at: string;
  readonly http_status: number | null;
  readonly latency_ms: number;
  /** What was wrong, in words; null where it was taken. */
  readonly error: string | null;
}

/** A message in a subscription's log, newest first in `GET /v1/subscriptions/:id/deliveries`. */
export interface MessageLogItem {
  /** `webhook-id`: the same in every attempt and redelivery. */
  readonly message_id: string;
  readonly kind: string;
  readonly title: string;
  readonly incident_ids: readonly string[];
  readonly status: "waiting" | "delivered" | "failed" | "withheld";
  readonly created_at: string;
  readonly next_attempt_at: string | null;
  readonly attempts: readonly DeliveryAttempt[];
}
