/** What is said between a service's object, the Fleet, the subscriptions and the Worker. */
import type { ActClaim } from "./act-link.ts";
import type { MessageLogItem } from "./delivery.ts";
import type { ServiceEvent } from "./fleet.ts";
import type { MetricName } from "./incident.ts";
import type { ServiceSettings } from "./settings.ts";
import type { Silence } from "./silencing.ts";
import type { StoredSubscription, SubscriptionHealth } from "./subscription.ts";

/** The newest values of an incident's metric, oldest first, each over `step_s` seconds; null: no request. */
export interface Spark {
  readonly metric_name: MetricName;
  readonly step_s: number;
  readonly values: readonly (number | null)[];
}

/** A durable event of a service with what people want to know beside it. (service, event.seq) is its identity. */
export interface Notice {
  readonly event: ServiceEvent;
  readonly owner: ServiceSettings["owner"];
  /** With the incident filled in (incident-links.ts). */
  readonly links: ServiceSettings["links"];
  readonly spark: Spark | null;
}

/** Where a service's outbox hands what may be delivered. Durable once it resolves, with every subscription that the service belongs to. */
export interface SubscribersPort {
  notify(service: string, notices: readonly Notice[]): Promise<void>;
}

/** Who hears of a service now, and which silences may matter: those that match its name and have not ended. */
export interface Audience {
  readonly subscription_ids: readonly string[];
  readonly silences: readonly Silence[];
}

/** What the Worker stored. `revision` is of the whole: what is not newer than what is known of the same id changes nothing. */
export type AudienceChange =
  | { readonly kind: "subscription"; readonly subscription: StoredSubscription }
  | { readonly kind: "silence"; readonly silence: Silence }
  | { readonly kind: "no_subscription" | "no_silence"; readonly id: string; readonly revision: number };

/** The Fleet as the registry of subscriptions and silences. */
export interface AudiencePort {
  audience(service: string): Promise<Audience>;
  /** Durable once it resolves, all of it or nothing; the subscriptions' objects hear of it by the Fleet's own outbox. */
  changeAudience(changes: readonly AudienceChange[]): Promise<void>;
  /** Those that have not ended. */
  silences(): Promise<readonly Silence[]>;
  /**
   * Counts a change that an administrator asks for, or the click on a message's link: 0 where it may be made, else the seconds (1 to 60) to
   * wait.
   */
  admitWrite(link?: ClickedLink): Promise<number>;
}

/** Which link of which subscription's messages somebody acts by: those of a message that came again are the same. */
export type ClickedLink = Pick<ActClaim, "subscription" | "incident_id" | "act">;

/** What came of a message that was sent while somebody waited. */
export interface SendOutcome {
  readonly delivered: boolean;
  readonly http_status: number | null;
  readonly latency_ms: number;
  readonly error: string | null;
}

/** The object of one subscription. */
export interface SubscriptionPort {
  /**
   * From when this resolves on it delivers so; what is not newer changes nothing. What cannot be opened with its key is taken all the
   * same: each attempt fails then, and health says so.
   */
  configure(subscription: StoredSubscription): Promise<void>;
  /** Forgets all but what history has yet to hear; what comes afterwards is ignored. */
  remove(revision: number): Promise<void>;
  /** Durable once it resolves. Rejects while it was never configured: its configuration is on its way. */
  take(service: string, notices: readonly Notice[], silences: readonly Silence[]): Promise<void>;
  health(): Promise<SubscriptionHealth>;
  /** Sends a sample at once, past all rules and not tried again. (`test` is a name that the runtime keeps for itself.) */
  sendTest(): Promise<SendOutcome>;
  /** Newest first; `before` is a message's id. */
  log(before: string | null, limit: number): Promise<readonly MessageLogItem[]>;
  /** Whether there is such a message (still). */
  knows(message_id: string): Promise<boolean>;
  /** Sends a message again, under its id; null where there is none (any more). */
  redeliver(message_id: string): Promise<SendOutcome | null>;
}
