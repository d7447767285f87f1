/** A message before it has its target's form. */
import type { DeliveredChange } from "./delivery.ts";
import type { Incident } from "./incident.ts";
import type { Narrative } from "./narrative.ts";
import type { ServiceSettings } from "./settings.ts";
import type { Spark } from "./subscriber.ts";
import type { MessageKind, Target } from "./target.ts";

/** Links by which who reads a message acts: each opens a small page that asks for one click. */
export interface ActLinks {
  readonly acknowledge: string;
  readonly snooze: string;
  readonly false_positive: string;
}

/** One incident that a message tells of. */
export interface MessageItem {
  readonly change: DeliveredChange;
  readonly incident: Incident;
  /** Its newest words. */
  readonly narrative: Narrative | null;
  readonly owner: ServiceSettings["owner"];
  readonly links: ServiceSettings["links"];
  readonly spark: Spark | null;
  /** Opens the incident's page; null where PUBLIC_URL is not set. */
  readonly url: string | null;
  /** Null where PUBLIC_URL or SUBSCRIPTION_KEY is not set, and for what is over. */
  readonly acts: ActLinks | null;
}

export interface Message {
  /** `webhook-id`: `msg_` and what makes it unique; the same in every attempt. */
  readonly id: string;
  readonly kind: MessageKind;
  readonly subscription: { readonly id: string; readonly name: string };
  /** When it was made, RFC 3339. */
  readonly at: string;
  /** Id of the group's first incident: thread and dedup key. */
  readonly group_key: string;
  /** Incidents of the group that are still open after this message. */
  readonly group_open: number;
  /** At least one, except in a digest of incidents that nothing more is known of; the worst first. */
  readonly items: readonly MessageItem[];
  /** How many more incidents it stands for (a digest, or a group that is too large). */
  readonly more: number;
}

export interface TargetRequest {
  /** POST, if nothing is said. */
  readonly method?: "PUT";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** At most 20,000 bytes. */
  readonly body: string;
  /** What follows once this one was taken, where one request does not say all; where it was not taken both go again. */
  readonly next?: TargetRequest;
}

/** What an answer means. `gone`: 410, nobody wants this any more. `thread`: what a later message of the group is to be given. */
export type Verdict =
  | { readonly ok: true; readonly thread: string | null }
  | { readonly ok: false; readonly gone: boolean; readonly retry_after_s: number | null; readonly error: string };

/** How one type of target is spoken to (targets.ts has them by type). */
export interface TargetForm<T extends Target> {
  /**
   * The request that tells a message; null where the target has no word for it (as PagerDuty for new words): then it is withheld as
   * `grouped`. `thread`: what the group's first answer gave; `sent_ms`: the clock.
   *
   * It cuts what is least needed until the body is small enough.
   */
  request(message: Message, target: T, thread: string | null, sent_ms: number): TargetRequest | null;
  /** `body`: the answer's first 20,000 characters; `answered_ms`: when it came, by the clock. */
  verdict(status: number, headers: Headers, body: string, answered_ms: number): Verdict;
}
