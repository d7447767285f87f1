/** A subscription: a standing wish to hear of a service's incidents. */
import type { Change } from "./delivery.ts";
import type { Severity } from "./incident.ts";
import type { TargetView } from "./target.ts";

/** What an administrator chooses, besides the target. */
export interface SubscriptionWish {
  /** 1 to 100 characters; no two subscriptions have the same: `faultline apply` knows them by it. */
  readonly name: string;
  /** Names and patterns (`checkout-*`), at least one. */
  readonly services: readonly string[];
  readonly min_severity: Severity;
  readonly changes: readonly Change[];
  /** How long (s, 0 to 300) the first incident of a group waits for others that open with it. */
  readonly group_wait_s: number;
  /** A message again each so many minutes (5 to 10,080) while an incident is open and not acknowledged; null: never. */
  readonly repeat_min: number | null;
  /** Messages an hour at most (1 to 1,000); what is more is told by one digest. */
  readonly max_per_hour: number;
  readonly enabled: boolean;
}

export const WISH_DEFAULTS: Omit<SubscriptionWish, "name"> = {
  services: ["*"],
  min_severity: "medium",
  changes: ["opened", "escalated", "resolved"],
  group_wait_s: 5,
  repeat_min: null,
  max_per_hour: 60,
  enabled: true,
};

export const SUBSCRIPTIONS_MAX = 1_000;

/** As it is stored and handed to the objects: D1 has the truth, the Fleet and the Subscription's object copies. */
export interface StoredSubscription {
  /** `sub_` and 16 hex digits. */
  readonly id: string;
  /** Grows with each change of any subscription or silence; whoever has a newer one ignores it. */
  readonly revision: number;
  readonly wish: SubscriptionWish;
  /** JSON of Target under AES-256-GCM: base64 of 12 bytes of nonce and the ciphertext (worker/ and the object know the key). */
  readonly sealed_target: string;
  readonly target: TargetView;
  readonly created_at: string;
  readonly changed_at: string;
  readonly changed_by: string;
}

/** How a target has been doing. */
export interface SubscriptionHealth {
  /**
   * `healthy`; `failing`: the newest attempt failed; `unhealthy`: a message was given up, or five attempts failed in a row;
   * `disabled`: its target answered 410, or it is switched off.
   */
  readonly state: "healthy" | "failing" | "unhealthy" | "disabled";
  readonly since: string | null;
  /** What the newest attempt met; null where it went well. */
  readonly reason: string | null;
  readonly delivered_at: string | null;
  /** Messages that have yet to be taken by the target. */
  readonly waiting: number;
  readonly failures: number;
}

/** Of one that was never tried. */
export const UNTRIED_HEALTH: SubscriptionHealth = {
  state: "healthy",
  since: null,
  reason: null,
  delivered_at: null,
  waiting: 0,
  failures: 0,
};

/** One of `GET /v1/subscriptions`. */
export type SubscriptionItem = SubscriptionWish &
  Pick<StoredSubscription, "id" | "revision" | "target" | "created_at" | "changed_at" | "changed_by"> & {
    /** In a list as its object told history last; of one alone as the object tells it, null where it does not answer. */
    readonly health: SubscriptionHealth | null;
  };
