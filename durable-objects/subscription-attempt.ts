/** One attempt to hand a message to a target: put together from what is stored, sent, and judged. Nothing is stored here. */
import type { DeliveryAttempt } from "../domain/delivery.ts";
import type { Message, MessageItem, TargetRequest, Verdict } from "../domain/notification.ts";
import { formatRfc3339 } from "../domain/rfc3339.ts";
import type { StoredSubscription } from "../domain/subscription.ts";
import { maskedAnswer } from "../domain/target-mask.ts";
import type { Target } from "../domain/target.ts";
import { isSaidInBody, requestOf, verdictOf } from "../domain/targets.ts";
import type { ActLinkMint } from "./act-links.ts";
import type { QueuedMessage, SubscriptionMessages } from "./subscription-messages.ts";
import type { Sender } from "./subscription-sender.ts";
import type { SubscriptionStore } from "./subscription-sql.ts";

export interface AttemptPorts {
  /** The clock, ms. */
  readonly now: () => number;
  readonly send: Sender;
  /** Rejects in words for a person where it cannot be opened. */
  readonly open: (sealed_target: string) => Promise<Target>;
  readonly links: ActLinkMint;
  /** Where the dashboard is; null: nowhere that people could open. */
  readonly public_url: string | null;
}

/** `wordless`: the target has no word for the message, and nothing was sent. */
export type Attempted =
  | { readonly kind: "wordless" }
  | { readonly kind: "tried"; readonly attempt: DeliveryAttempt; readonly verdict: Verdict };

export class SubscriptionAttempt {
  readonly #ports: AttemptPorts;
  readonly #store: SubscriptionStore;
  readonly #messages: SubscriptionMessages;
  /** The target as it was opened last: it is opened once a life, and again when it changes. */
  #opened: { readonly sealed: string; readonly target: Target } | null = null;

  constructor(ports: AttemptPorts, store: SubscriptionStore, messages: SubscriptionMessages) {
    this.#ports = ports;
    this.#store = store;
    this.#messages = messages;
  }

  async stored(queued: QueuedMessage, subscription: StoredSubscription): Promise<Attempted> {
    const message = await this.#compose(queued, subscription);
    return this.send(message, subscription);
  }

  /** Rejects where storage does, and for nothing else. */
  async send(message: Message, { sealed_target }: StoredSubscription): Promise<Attempted> {
    const thread = this.#messages.thread(message.group_key);
    const started_ms = this.#ports.now();
    let target: Target;
    let request: TargetRequest | null;
    try {
      target = await this.#open(sealed_target);
      request = requestOf(message, target, thread, started_ms);
    } catch (error) {
      // Without its target, or with a template that does not stand, there is nothing to send: that is for a person to put right.
      return failed(started_ms, 0, null, error instanceof Error ? error.message : String(error));
    }
    if (request === null) return { kind: "wordless" };
    return this.#sent(request, target, started_ms);
  }

  /** Sends a request, and what follows it: the first that was not taken, or the last one, is what came of the attempt. */
  async #sent(request: TargetRequest, target: Target, started_ms: number): Promise<Attempted> {
    const answer = await this.#ports.send(request, isSaidInBody(target) ? "body" : "status");
    const latency_ms = this.#ports.now() - started_ms;
    if ("failure" in answer) return failed(started_ms, latency_ms, null, maskedAnswer(answer.failure, target));
    try {
      // Some servers quote what they were asked for, and the log has more readers than the target.
      const said = maskedAnswer(answer.body, target);
      const verdict = verdictOf(target, answer.status, answer.headers, said, started_ms + latency_ms);
      if (verdict.ok && request.next !== undefined) return await this.#sent(request.next, target, started_ms);
      const attempt = attemptOf(started_ms, latency_ms, answer.status, verdict.ok ? null : verdict.error);
      return { kind: "tried", attempt, verdict };
    } catch (error) {
      return failed(started_ms, latency_ms, answer.status, error instanceof Error ? error.message : String(error));
    }
  }

  /** A message as its log shows it: without links by which anybody could act. */
  bare({ id, kind, group_key, created_ms, content }: QueuedMessage, { id: own, wish }: StoredSubscription): Message {
    const { items, more, group_open } = content;
    const subscription = { id: own, name: wish.name };
    const bareItems = items.map((item): MessageItem => ({ ...item, narrative: null, url: null, acts: null }));
    return { id, kind, subscription, at: formatRfc3339(created_ms), group_key, group_open, items: bareItems, more };
  }

  async #compose(queued: QueuedMessage, subscription: StoredSubscription): Promise<Message> {
    const { links, now, public_url } = this.#ports;
    const bare = this.bare(queued, subscription);
    const items = bare.items.map(async (item): Promise<MessageItem> => {
      const { id, service } = item.incident;
      const known = this.#store.content(id);
      const isOver = (known?.incident ?? item.incident).status === "resolved";
      const acts = isOver
        ? null
        : await links({ service, incident_id: id, subscription: subscription.wish.name }, now());
      const url = public_url === null ? null : `${public_url}/incidents/${encodeURIComponent(id)}`;
      return { ...item, narrative: known?.narrative ?? null, url, acts };
    });
    return { ...bare, items: await Promise.all(items) };
  }

  async #open(sealed: string): Promise<Target> {
    if (this.#opened?.sealed === sealed) return this.#opened.target;
    const target = await this.#ports.open(sealed);
    this.#opened = { sealed, target };
    return target;
  }
}

function failed(started_ms: number, latency_ms: number, status: number | null, error: string): Attempted {
  const verdict: Verdict = { ok: false, gone: false, retry_after_s: null, error };
  return { kind: "tried", attempt: attemptOf(started_ms, latency_ms, status, error), verdict };
}

function attemptOf(
  started_ms: number,
  latency_ms: number,
  http_status: number | null,
  error: string | null,
): DeliveryAttempt {
  return { at: formatRfc3339(started_ms), http_status, latency_ms, error };
}
