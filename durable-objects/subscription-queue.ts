/**
 * The queue of a subscription: messages of a group go one after the other, groups beside each other, and what its target did not take
 * comes again. All of it follows from storage, so that an eviction at any point costs a repetition under the same id at most.
 */
import type { SendOutcome } from "../domain/subscriber.ts";
import type { StoredSubscription } from "../domain/subscription.ts";
import type { Attempted, AttemptPorts, SubscriptionAttempt } from "./subscription-attempt.ts";
import type { SubscriptionHealthRecord } from "./subscription-health.ts";
import type { MessageOutcome, QueuedMessage, SubscriptionMessages } from "./subscription-messages.ts";
import { retryDelayMs } from "./subscription-retries.ts";
import type { SubscriptionStore } from "./subscription-sql.ts";
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
  /** What was sent may let others go. */
  readonly landed: () => void;
}

/** Requests at once. */
export const REQUESTS_MAX = 4;
const GONE = "the target answered 410: nobody wants this any more";

export class SubscriptionQueue {
  readonly #ports: QueuePorts;
  readonly #parts: QueueParts;
  /** Groups with a request under way. */
  readonly #flights = new Set<string>();

  constructor(ports: QueuePorts, parts: QueueParts) {
    this.#ports = ports;
    this.#parts = parts;
  }

  /** Requests are under way. */
  get isBusy(): boolean {
    return this.#flights.size > 0;
  }

  /** Sends what is due, as much of it as may be under way at once. `ready`: at least the first REQUESTS_MAX of those whose turn it is. */
  start(ready: readonly QueuedMessage[], subscription: StoredSubscription): void {
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

  /** Inside the caller's transaction: what waits will not be sent. */
  withholdAll(detail: string): void {
    const { messages } = this.#parts;
    const now_ms = this.#ports.now();
    for (const id of messages.waitingIds()) {
      const message = messages.get(id)!;
      const withheld = { reason: "disabled", detail } as const;
      messages.settle(id, { ...message, status: "withheld", attempt: null, withheld }, now_ms);
    }
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

  /** `is_turn`: it was sent because it was its turn. */
  #record(id: string, sent: StoredSubscription, attempted: Attempted, is_turn: boolean): void {
    const { store, messages, health } = this.#parts;
    const now_ms = this.#ports.now();
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
        return messages.hasten(now_ms);
      }
      health.failed(now_ms, verdict.error, outcome.status === "failed");
      const config = store.config();
      // A target that was changed meanwhile has not answered yet.
      if (!isGone || config?.revision !== sent.revision) return;
      store.saveConfig({ ...config, gone: { at_ms: now_ms, reason: GONE } });
      this.withholdAll(GONE);
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
    const delay_ms = retryDelayMs(failures + 1, verdict.retry_after_s, this.#ports.random());
    if (delay_ms === null) return { ...kept, status: "failed", failures: failures + 1, attempt };
    return { ...kept, next_ms: this.#ports.now() + delay_ms, failures: failures + 1, attempt };
  }
}

export function outcomeOf(attempted: Attempted): SendOutcome {
  if (attempted.kind === "wordless") {
    return { delivered: false, http_status: null, latency_ms: 0, error: "the target has no word of its own for it" };
  }
  const { http_status, latency_ms, error } = attempted.attempt;
  return { delivered: attempted.verdict.ok, http_status, latency_ms, error };
}
