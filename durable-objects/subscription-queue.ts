/**
 * The queue of a subscription: messages of a group go one after the other, groups beside each other, and what its target did not take
 * comes again. All of it follows from storage, so that an eviction at any point costs a repetition under the same id at most.
 */
import type { SendOutcome } from "../domain/subscriber.ts";
import type { StoredSubscription } from "../domain/subscription.ts";
import type { Attempted, AttemptPorts, SubscriptionAttempt } from "./subscription-attempt.ts";
import type { SubscriptionHealthRecord } from "./subscription-health.ts";
import type { SubscriptionLedger } from "./subscription-ledger.ts";
import type { MessageOutcome, QueuedMessage, SubscriptionMessages } from "./subscription-messages.ts";
import { pauseMs, retryDelayMs, TRIED_MS_MAX } from "./subscription-retries.ts";
import type { Standing, SubscriptionStore } from "./subscription-sql.ts";
import type { Storage } from "./storage.ts";

export interface QueuePorts extends AttemptPorts {
  readonly storage: Storage;
  /** From 0 to before 1. */
  readonly random: () => number;
  /** Keeps the object awake until slow work, which never rejects, is done. */
  readonly background: (work: Promise<void>) => void;
}

export interface QueueParts {
  readonly store: SubscriptionStore;
  readonly messages: SubscriptionMessages;
  readonly health: SubscriptionHealthRecord;
  readonly attempt: SubscriptionAttempt;
  readonly ledger: SubscriptionLedger;
  /** What was sent may let others go. */
  readonly landed: () => void;
}

/** Requests at once. */
export const REQUESTS_MAX = 4;
const TOO_MANY = 429;
const NO_PAUSE = { until_ms: 0, times: 0 };
const GONE = "the target answered 410: nobody wants this any more";

export class SubscriptionQueue {
  readonly #ports: QueuePorts;
  readonly #parts: QueueParts;
  /** Groups with a request under way. */
  readonly #flights = new Set<string>();
  /** The target takes no more before then (ms), as so many answers in a row said. Who forgets it asks too early, and hears it again. */
  #pause = NO_PAUSE;

  constructor(ports: QueuePorts, parts: QueueParts) {
    this.#ports = ports;
    this.#parts = parts;
  }

  /** Requests are under way. */
  get isBusy(): boolean {
    return this.#flights.size > 0;
  }

  /** Until when (ms) nothing is started; null: it may be. */
  pausedUntil(now_ms: number): number | null {
    return this.#pause.until_ms > now_ms ? this.#pause.until_ms : null;
  }

  /** Inside the caller's transaction: what a target did not take, or asked for, says nothing of the one in its place. */
  beginAnew(): void {
    this.#pause = NO_PAUSE;
    this.#parts.messages.hasten(this.#ports.now());
  }

  /** Sends what is due, as much of it as may be under way at once. `ready`: at least the first REQUESTS_MAX of those whose turn it is. */
  start(ready: readonly QueuedMessage[], subscription: StoredSubscription): void {
    if (this.pausedUntil(this.#ports.now()) !== null) return;
    const free = Math.max(0, REQUESTS_MAX - this.#flights.size);
    for (const message of ready.filter(({ group_key }) => !this.#flights.has(group_key)).slice(0, free)) {
      this.#flights.add(message.group_key);
      this.#ports.background(this.#fly(message, subscription));
    }
  }

  async #fly(message: QueuedMessage, subscription: StoredSubscription): Promise<void> {
    let isWhole = false;
    try {
      const attempted = await this.#parts.attempt.stored(message, subscription);
      this.#record(message.id, subscription, attempted, true);
      isWhole = true;
    } catch (error) {
      // Without a further attempt at once: what fails by itself would do so in a circle.
      console.error(`${message.id} could not be sent, or that it was not be kept, and goes again`, error);
    }
    this.#flights.delete(message.group_key);
    if (isWhole) this.#parts.landed();
  }

  /** Sends a message again under its id, whatever became of it; null where there is none (any more). */
  async resend(id: string, subscription: StoredSubscription): Promise<SendOutcome | null> {
    const message = this.#parts.messages.get(id);
    if (message === null) return null;
    const attempted = await this.#parts.attempt.stored(message, subscription);
    this.#record(id, subscription, attempted, false);
    this.#parts.landed();
    return outcomeOf(attempted);
  }

  /** Inside the caller's transaction, once it is stored that nothing can be delivered: what waits will not be sent. */
  withholdAll(detail: string, standing: Standing): void {
    const { messages, ledger } = this.#parts;
    const now_ms = this.#ports.now();
    const waiting = messages.waitingIds();
    for (const id of waiting) {
      const message = messages.get(id)!;
      const withheld = { reason: "disabled", detail } as const;
      messages.settle(id, { ...message, status: "withheld", attempt: null, withheld }, now_ms);
    }
    if (waiting.length > 0) ledger.unsent(waiting, standing);
  }

  /** The target took something that is no message of the queue. */
  isBack(): void {
    const now_ms = this.#ports.now();
    this.#ports.storage.transaction(() => {
      this.#parts.health.succeeded(now_ms);
      this.#parts.messages.hasten(now_ms);
    });
    this.#parts.landed();
  }

  /** It says that it is there and takes no more for now: then nobody asks it, and all that it said at once is said once. */
  #heed({ attempt, verdict }: Extract<Attempted, { kind: "tried" }>): void {
    if (verdict.ok) this.#pause = { ...this.#pause, times: 0 };
    if (verdict.ok || attempt.http_status !== TOO_MANY) return;
    const { now, random } = this.#ports;
    const { until_ms, times } = this.#pause;
    const nth = until_ms > now() ? Math.max(1, times) : times + 1;
    const own_ms = now() + pauseMs(nth, verdict.retry_after_s, random());
    this.#pause = { until_ms: Math.max(until_ms, own_ms), times: nth };
  }

  /** `is_turn`: it was sent because it was its turn. */
  #record(id: string, sent: StoredSubscription, attempted: Attempted, is_turn: boolean): void {
    const { store, messages, health, ledger } = this.#parts;
    const now_ms = this.#ports.now();
    if (attempted.kind === "tried") this.#heed(attempted);
    this.#ports.storage.transaction(() => {
      const message = messages.get(id);
      // It was removed meanwhile.
      if (message === null) return;
      const isGone = attempted.kind === "tried" && !attempted.verdict.ok && attempted.verdict.gone;
      const outcome = this.#outcome(message, attempted, is_turn && message.status === "waiting");
      messages.settle(id, outcome, now_ms);
      if (attempted.kind === "wordless") return;
      const { verdict } = attempted;
      if (verdict.ok) {
        if (verdict.thread !== null) messages.saveThread(message.group_key, verdict.thread, now_ms);
        health.succeeded(now_ms);
        const standing = store.standing();
        if (message.status === "withheld" && standing !== null) ledger.sent(id, standing);
        return messages.hasten(now_ms);
      }
      health.failed(now_ms, verdict.error, outcome.status === "failed");
      const config = store.config();
      // A target that was changed meanwhile has not answered yet.
      if (!isGone || config?.revision !== sent.revision) return;
      const gone = { at_ms: now_ms, reason: GONE };
      store.saveConfig({ ...config, gone });
      this.withholdAll(GONE, { subscription: sent, gone });
    });
  }

  #outcome(message: QueuedMessage, attempted: Attempted, is_turn: boolean): MessageOutcome {
    const { status, next_ms, failures } = message;
    const kept = { status, next_ms, failures, withheld: null } as const;
    if (attempted.kind === "wordless") {
      if (!is_turn) return { ...kept, attempt: null };
      const withheld = { reason: "grouped", detail: "the target has no word of its own for it" } as const;
      return { ...kept, status: "withheld", attempt: null, withheld };
    }
    const { attempt, verdict } = attempted;
    if (verdict.ok) return { ...kept, status: "delivered", attempt };
    if (!is_turn) return { ...kept, attempt };
    const now_ms = this.#ports.now();
    // Its turn is yet to come: a target that limits its rate would else use up the attempts of all that waits after an outage.
    if (attempt.http_status === TOO_MANY && now_ms - message.created_ms < TRIED_MS_MAX)
      return { ...kept, next_ms: this.#pause.until_ms, attempt };
    const delay_ms = retryDelayMs(failures + 1, verdict.retry_after_s, this.#ports.random());
    if (delay_ms === null) return { ...kept, status: "failed", failures: failures + 1, attempt };
    return { ...kept, next_ms: now_ms + delay_ms, failures: failures + 1, attempt };
  }
}

export function outcomeOf(attempted: Attempted): SendOutcome {
  if (attempted.kind === "wordless") {
    return { delivered: false, http_status: null, latency_ms: 0, error: "the target has no word of its own for it" };
  }
  const { http_status, latency_ms, error } = attempted.attempt;
  return { delivered: attempted.verdict.ok, http_status, latency_ms, error };
}
