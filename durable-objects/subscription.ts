/**
 * The actor of one subscription: hears of every change of its services' incidents, decides by the rules of delivery what becomes of
 * each (domain/delivery-rules.ts), and sends what is to be sent until it is taken. Everything is decided from storage.
 */
import type { MessageLogItem } from "../domain/delivery.ts";
import type { History } from "../domain/history.ts";
import { messageTitle } from "../domain/message-text.ts";
import { formatRfc3339 } from "../domain/rfc3339.ts";
import { sampleMessage } from "../domain/sample-message.ts";
import type { Silence } from "../domain/silencing.ts";
import type { AudiencePort, Notice, SendOutcome, SubscriptionPort } from "../domain/subscriber.ts";
import { type StoredSubscription, type SubscriptionHealth, UNTRIED_HEALTH } from "../domain/subscription.ts";
import { MonitorAlarm } from "./monitor-alarm.ts";
import { SubscriptionAttempt } from "./subscription-attempt.ts";
import { SubscriptionHealthRecord } from "./subscription-health.ts";
import { SubscriptionHistory } from "./subscription-history.ts";
import { disabledBy, SubscriptionLedger } from "./subscription-ledger.ts";
import { type QueuedMessage, SubscriptionMessages } from "./subscription-messages.ts";
import { outcomeOf, type QueuePorts, REQUESTS_MAX, SubscriptionQueue } from "./subscription-queue.ts";
import { SubscriptionStore } from "./subscription-sql.ts";
import { type Later, within } from "./tell-services.ts";

export interface SubscriptionPorts extends QueuePorts {
  readonly later: Later;
  readonly fleet: Pick<AudiencePort, "silences">;
  readonly history: History;
}

/** While requests are under way an alarm looks after them, so that neither idleness nor an eviction leaves one lying. */
const WATCH_MS = 15_000;
/** What could not be decided is not decided again at once. */
const RETRY_MS = 5_000;
/**
 * A silence that is ended by hand is noticed within so long, also where its incident gives no sign of life. Some of it by chance: an
 * incident may be kept back from a thousand subscriptions at once, and all of them ask the one Fleet.
 */
const LOOK_MS = 60_000;
const LOOK_JITTER = 0.25;
/** A Fleet that hangs must not hold up a message: silences that were heard of before hold then. */
const SILENCES_MS_MAX = 1_000;
/** What is final is kept for 7 days, 5,000 of it at most; a service that nothing was heard of, for longer than any silence of its own. */
const KEPT_MS = 7 * 86_400_000;
const KEPT_MAX = 5_000;
const SILENT_MS = 60 * 86_400_000;
const PRUNE_MS = 3_600_000;
const LOG_MAX = 500;

/** `ready`: messages whose turn it is. */
interface Due {
  readonly decides: boolean;
  readonly ready: readonly QueuedMessage[];
  readonly tells: boolean;
}

export class SubscriptionActor implements SubscriptionPort {
  readonly #ports: SubscriptionPorts;
  readonly #store: SubscriptionStore;
  readonly #messages: SubscriptionMessages;
  readonly #health: SubscriptionHealthRecord;
  readonly #ledger: SubscriptionLedger;
  readonly #attempt: SubscriptionAttempt;
  readonly #queue: SubscriptionQueue;
  readonly #history: SubscriptionHistory;
  readonly #alarm: MonitorAlarm;
  /** What is due is being decided; not before, after a failure. */
  #deciding = false;
  #decide_ms = 0;
  /** When what silences keep back is looked at next; at once where that is not known, as in a new life. */
  #look_ms = 0;
  #prune_ms = 0;

  constructor(ports: SubscriptionPorts) {
    const { storage, now } = ports;
    this.#ports = ports;
    this.#store = new SubscriptionStore(storage);
    this.#messages = new SubscriptionMessages(storage);
    this.#health = new SubscriptionHealthRecord(storage);
    this.#ledger = new SubscriptionLedger(storage, now, this.#store, this.#messages);
    this.#attempt = new SubscriptionAttempt(ports, this.#store, this.#messages);
    const stored = { store: this.#store, messages: this.#messages, health: this.#health };
    const parts = { ...stored, attempt: this.#attempt, ledger: this.#ledger };
    this.#queue = new SubscriptionQueue(ports, { ...parts, landed: () => this.#proceedLater() });
    const { history } = ports;
    const health = () => this.#healthNow();
    this.#history = new SubscriptionHistory({ storage, now, history, messages: this.#messages, health });
    this.#alarm = new MonitorAlarm(storage, now);
  }

  async configure(subscription: StoredSubscription): Promise<void> {
    const known = this.#store.config();
    const { revision, wish, sealed_target } = subscription;
    if (known !== null && (known.subscription === null || known.revision >= revision)) return;
    this.#ports.storage.transaction(() => {
      this.#store.saveConfig({ revision, subscription, gone: null });
      const standing = { subscription, gone: null };
      if (wish.enabled) this.#ledger.enabled(standing);
      else this.#queue.withholdAll("the subscription is switched off", standing);
      if (known?.subscription?.sealed_target !== sealed_target) this.#queue.beginAnew();
    });
    this.#proceed();
  }

  async remove(revision: number): Promise<void> {
    const known = this.#store.config();
    if (known !== null && (known.subscription === null || known.revision > revision)) return;
    this.#ports.storage.transaction(() => {
      this.#store.saveConfig({ revision, subscription: null, gone: null });
      this.#store.forget();
      this.#messages.forget(this.#ports.now());
      this.#health.forget();
      this.#history.forget();
    });
    this.#proceed();
  }

  async take(service: string, notices: readonly Notice[], silences: readonly Silence[]): Promise<void> {
    const config = this.#store.config();
    if (config === null) throw new Error("the subscription's configuration is still on its way");
    const standing = this.#store.standing();
    if (standing === null) return;
    this.#ledger.take(service, notices, silences, standing);
    this.#proceed();
  }

  async health(): Promise<SubscriptionHealth> {
    return this.#healthNow()?.health ?? UNTRIED_HEALTH;
  }

  /** Null where there is no subscription (any more). */
  #healthNow(): { readonly id: string; readonly health: SubscriptionHealth } | null {
    const standing = this.#store.standing();
    if (standing === null) return null;
    const { id } = standing.subscription;
    return { id, health: this.#health.describe(disabledBy(standing), this.#messages.waiting()) };
  }

  async sendTest(): Promise<SendOutcome> {
    const standing = this.#store.standing();
    if (standing === null) throw new Error("the subscription is not configured");
    const { subscription } = standing;
    const { now, public_url } = this.#ports;
    const attempted = await this.#attempt.send(sampleMessage(subscription, now(), public_url), subscription);
    // That the target takes something is good news also for what waits; that it takes no test is none of its health.
    if (attempted.kind === "tried" && attempted.verdict.ok) this.#queue.isBack();
    return outcomeOf(attempted);
  }

  async log(before: string | null, limit: number): Promise<readonly MessageLogItem[]> {
    const standing = this.#store.standing();
    if (standing === null) return [];
    const messages = this.#messages.newest(before, Math.min(limit, LOG_MAX));
    return messages.map((message) => this.#logItem(message, standing.subscription));
  }

  async knows(message_id: string): Promise<boolean> {
    return this.#messages.get(message_id) !== null;
  }

  async redeliver(message_id: string): Promise<SendOutcome | null> {
    const standing = this.#store.standing();
    return standing === null ? null : this.#queue.resend(message_id, standing.subscription);
  }

  onAlarm(): void {
    this.#alarm.rang();
    // Not caught: an alarm that cannot be set again is the platform's to retry.
    this.#rearm(this.#ports.now());
    this.#proceedLater();
  }

  /** Sets the alarm for all that is to be done, and gives what of it is due. */
  #rearm(now_ms: number): Due {
    const next_ms = earliest(this.#store.nextDue(), this.#lookDue(now_ms));
    const decide_ms = next_ms === null ? null : Math.max(next_ms, this.#decide_ms);
    const ready = this.#messages.due(now_ms, REQUESTS_MAX);
    const isBusy = this.#queue.isBusy || ready.length > 0;
    const history_ms = this.#history.due();
    const paused_ms = this.#queue.pausedUntil(now_ms);
    const watch_ms = isBusy ? now_ms + WATCH_MS : null;
    this.#alarm.arm([decide_ms, this.#messages.nextDue(now_ms), paused_ms, watch_ms, history_ms]);
    const isDue = (at_ms: number | null): boolean => at_ms !== null && at_ms <= now_ms;
    return { decides: isDue(decide_ms) && !this.#deciding, ready, tells: isDue(history_ms) };
  }

  /** Null while nothing is kept back by a silence, or could not be told without it. */
  #lookDue(now_ms: number): number | null {
    const standing = this.#store.standing();
    const isKept = standing !== null && disabledBy(standing) === null && this.#store.isSilenced(now_ms);
    if (!isKept) this.#look_ms = this.#nextLook(now_ms);
    return isKept ? this.#look_ms : null;
  }

  #nextLook(now_ms: number): number {
    return now_ms + LOOK_MS * (1 - LOOK_JITTER * this.#ports.random());
  }

  /** Starts what is due, after it has set the alarm for what is not. */
  #proceed(): void {
    const { now, background } = this.#ports;
    const { decides, ready, tells } = this.#rearm(now());
    if (tells) background(this.#drain());
    const standing = decides || ready.length > 0 ? this.#store.standing() : null;
    if (standing === null) return;
    if (disabledBy(standing) === null) this.#queue.start(ready, standing.subscription);
    if (!decides) return;
    this.#deciding = true;
    background(this.#decideDue());
  }

  /** The same where nobody waits for it: the alarm that is set looks again. */
  #proceedLater(): void {
    try {
      this.#proceed();
    } catch (error) {
      console.error("what a subscription has to do cannot be read and will be again", error);
    }
  }

  async #decideDue(): Promise<void> {
    let isWhole = false;
    try {
      const silences = await this.#silences();
      const standing = this.#store.standing();
      if (standing !== null) this.#ledger.look(silences, standing);
      isWhole = standing === null || this.#ledger.decideDue(silences, standing);
      this.#look_ms = this.#nextLook(this.#ports.now());
    } catch (error) {
      console.error("what is due could not be decided and will be again", error);
    }
    this.#deciding = false;
    this.#decide_ms = isWhole ? 0 : this.#ports.now() + RETRY_MS;
    this.#proceedLater();
  }

  /** As the Fleet has them now; where it does not answer, as it had them last. */
  async #silences(): Promise<readonly Silence[]> {
    const { later, fleet } = this.#ports;
    try {
      const silences = await within(later, SILENCES_MS_MAX, fleet.silences(), "the Fleet");
      this.#store.saveSilences(silences);
      return silences;
    } catch (error) {
      console.warn("the Fleet tells no silences; those that it told last hold", error);
      return this.#store.silences();
    }
  }

  async #drain(): Promise<void> {
    await this.#history.drain();
    try {
      const now_ms = this.#ports.now();
      if (now_ms >= this.#prune_ms) {
        this.#ports.storage.transaction(() => {
          this.#messages.prune(now_ms - KEPT_MS, KEPT_MAX);
          this.#store.prune(now_ms - KEPT_MS, now_ms - SILENT_MS);
        });
        this.#prune_ms = now_ms + PRUNE_MS;
      }
      this.#rearm(now_ms);
    } catch (error) {
      console.error("what is over could not be forgotten and will be again", error);
    }
  }

  #logItem(message: QueuedMessage, subscription: StoredSubscription): MessageLogItem {
    const { id, kind, status, created_ms, next_ms, attempts, content } = message;
    return {
      message_id: id,
      kind,
      title: messageTitle(this.#attempt.bare(message, subscription)),
      incident_ids: content.items.map(({ incident }) => incident.id),
      status,
      created_at: formatRfc3339(created_ms),
      next_attempt_at: status === "waiting" ? formatRfc3339(next_ms) : null,
      attempts,
    };
  }
}

function earliest(...dues: readonly (number | null)[]): number | null {
  const all = dues.filter((due) => due !== null);
  return all.length === 0 ? null : Math.min(...all);
}
