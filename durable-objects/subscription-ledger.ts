/** The rules of delivery over what is stored: each event and each due time is decided and kept as one change. */
import { decide } from "../domain/delivery-rules.ts";
import { tracksHands } from "../domain/target-view.ts";
import type { RulesContext, RulesInput } from "../domain/delivery-rules-state.ts";
import type { Silence } from "../domain/silencing.ts";
import type { Notice } from "../domain/subscriber.ts";
import type { SubscriptionMessages } from "./subscription-messages.ts";
import type { IncidentNews, Standing, SubscriptionStore } from "./subscription-sql.ts";
import type { Storage } from "./storage.ts";

/** A row whose decisions make it due again at once so often is a mistake of the rules: it waits. */
const ROUNDS_MAX = 10;

/** Why nothing is delivered now; null where it is. `at_ms`: since when, null where that is not known. */
export function disabledBy({
  subscription,
  gone,
}: Standing): { readonly at_ms: number | null; readonly reason: string } | null {
  if (!subscription.wish.enabled) return { at_ms: null, reason: "the subscription is switched off" };
  return gone;
}

export class SubscriptionLedger {
  readonly #storage: Storage;
  readonly #now: () => number;
  readonly #store: SubscriptionStore;
  readonly #messages: SubscriptionMessages;

  constructor(storage: Storage, now: () => number, store: SubscriptionStore, messages: SubscriptionMessages) {
    this.#storage = storage;
    this.#now = now;
    this.#store = store;
    this.#messages = messages;
  }

  /** Takes what is newer than all that was heard of the service, in order, as one transaction. */
  take(service: string, notices: readonly Notice[], silences: readonly Silence[], standing: Standing): void {
    const now_ms = this.#now();
    const heard = this.#store.heard(service);
    const fresh = notices.filter(({ event }) => event.seq > heard).toSorted((a, b) => a.event.seq - b.event.seq);
    const newest = fresh.at(-1);
    if (newest === undefined) return;
    this.#storage.transaction(() => {
      for (const notice of fresh) {
        const input: RulesInput = { kind: "event", event: notice.event };
        this.#decide(input, this.#newsOf(notice), silences, standing, now_ms);
      }
      this.#store.saveHeard(service, newest.event.seq, now_ms);
    });
  }

  /** Makes due what silences keep back no longer. */
  look(silences: readonly Silence[], standing: Standing): void {
    const now_ms = this.#now();
    if (!this.#store.isSilenced(now_ms)) return;
    this.#storage.transaction(() => this.#decide({ kind: "silences" }, null, silences, standing, now_ms));
  }

  /** Decides what is due, each row as a transaction of its own: one that cannot be decided holds up no other. True where none is left. */
  decideDue(silences: readonly Silence[], standing: Standing): boolean {
    const now_ms = this.#now();
    let isWhole = true;
    for (let round = 0; round < ROUNDS_MAX && isWhole; round += 1) {
      const due = this.#store.due(now_ms);
      if (due.length === 0) return true;
      for (const input of due) {
        try {
          this.#storage.transaction(() => this.#decide(input, null, silences, standing, now_ms));
        } catch (error) {
          isWhole = false;
          console.error(`${JSON.stringify(input)} could not be decided and will be again`, error);
        }
      }
    }
    return false;
  }

  /** Inside the caller's transaction: nothing hinders delivery (any more). */
  enabled(standing: Standing): void {
    this.#decide({ kind: "enabled" }, null, [], standing, this.#now());
  }

  /** Inside the caller's transaction: messages of the queue, in its order, were withheld since nothing can be delivered. */
  unsent(message_ids: readonly string[], standing: Standing): void {
    const messages = message_ids.map((message_id) => ({ message_id, changes: this.#messages.changesOf(message_id) }));
    this.#decide({ kind: "unsent", messages }, null, [], standing, this.#now());
  }

  /** Likewise: one of them was taken, though it had been withheld. */
  sent(message_id: string, standing: Standing): void {
    const changes = this.#messages.changesOf(message_id);
    this.#decide({ kind: "sent", changes }, null, [], standing, this.#now());
  }

  #decide(
    input: RulesInput,
    news: IncidentNews | null,
    silences: readonly Silence[],
    { subscription, gone }: Standing,
    now_ms: number,
  ): void {
    const { id, wish, target } = subscription;
    const context: RulesContext = {
      subscription_id: id,
      wish,
      disabled: disabledBy({ subscription, gone })?.reason ?? null,
      tells_acknowledged: tracksHands(target),
      silences,
      now_ms,
    };
    const decision = decide(this.#store, input, context);
    this.#store.saveDecision(decision, news, now_ms);
    const by = { subscription_id: id, subscription_name: wish.name };
    for (const line of decision.lines) this.#messages.saveDraft(line, by, now_ms);
    for (const message of decision.messages) {
      this.#messages.add(message, (incident_id) => this.#store.content(incident_id), now_ms);
    }
  }

  /** Null for words of an incident that nothing is known of. */
  #newsOf({ event, owner, links, spark }: Notice): IncidentNews | null {
    const incident_id = "incident" in event ? event.incident.id : event.narrative.incident_id;
    const known = this.#store.content(incident_id);
    if ("incident" in event) {
      const { incident } = event;
      return { incident_id, content: { incident, narrative: known?.narrative ?? null, owner, links, spark } };
    }
    if (known === null) return null;
    const besides = spark === null ? {} : { owner, links, spark };
    return { incident_id, content: { ...known, ...besides, narrative: event.narrative } };
  }
}
