/** The Durable Object of a subscription: a thin adapter that gives the actor its storage, its clock, its key and its neighbours. */
import { DurableObject } from "cloudflare:workers";
import type { MessageLogItem } from "../domain/delivery.ts";
import type { History } from "../domain/history.ts";
import type { Silence } from "../domain/silencing.ts";
import type { AudiencePort, Notice, SendOutcome, SubscriptionPort } from "../domain/subscriber.ts";
import type { StoredSubscription, SubscriptionHealth } from "../domain/subscription.ts";
import { parseAllowedTargets } from "../domain/target-url.ts";
import { actLinkMint } from "./act-links.ts";
import { openTarget } from "./open-target.ts";
import { durableStorage } from "./storage.ts";
import { SubscriptionActor } from "./subscription.ts";
import { boundedSender } from "./subscription-sender.ts";

/** What the object needs of the Worker's environment. */
export interface SubscriptionEnv {
  /** At least 32 characters; without it no target can be opened, and nothing is sent. */
  readonly SUBSCRIPTION_KEY?: string;
  /** Where people open the dashboard, as in `https://faultline.example.org`; without it messages have no links to it. */
  readonly PUBLIC_URL?: string;
  /** Hosts that messages may go to although they are reserved, also by plain http (domain/target-url.ts). */
  readonly ALLOWED_TARGETS?: string;
}

/** The Worker says who the neighbours are (worker/objects.ts). */
export abstract class SubscriptionObject<Env extends SubscriptionEnv = SubscriptionEnv>
  extends DurableObject<Env>
  implements SubscriptionPort
{
  protected abstract history(): History;
  protected abstract fleet(): Pick<AudiencePort, "silences">;

  #made: SubscriptionActor | undefined;

  configure(subscription: StoredSubscription): Promise<void> {
    return this.#actor.configure(subscription);
  }

  remove(revision: number): Promise<void> {
    return this.#actor.remove(revision);
  }

  take(service: string, notices: readonly Notice[], silences: readonly Silence[]): Promise<void> {
    return this.#actor.take(service, notices, silences);
  }

  health(): Promise<SubscriptionHealth> {
    return this.#actor.health();
  }

  sendTest(): Promise<SendOutcome> {
    return this.#actor.sendTest();
  }

  log(before: string | null, limit: number): Promise<readonly MessageLogItem[]> {
    return this.#actor.log(before, limit);
  }

  knows(message_id: string): Promise<boolean> {
    return this.#actor.knows(message_id);
  }

  redeliver(message_id: string): Promise<SendOutcome | null> {
    return this.#actor.redeliver(message_id);
  }

  override alarm(): void {
    this.#actor.onAlarm();
  }

  // Made at first use: a subclass's methods cannot be called before its own constructor has run.
  get #actor(): SubscriptionActor {
    const { PUBLIC_URL, ALLOWED_TARGETS } = this.env;
    const key = keyOf(this.env);
    this.#made ??= new SubscriptionActor({
      storage: durableStorage(this.ctx.storage),
      now: () => Date.now(),
      random: () => Math.random(),
      later: (delay_ms, work) => {
        const timer = setTimeout(work, delay_ms);
        return () => clearTimeout(timer);
      },
      background: (work) => this.ctx.waitUntil(work),
      send: boundedSender(fetch, () => parseAllowedTargets(ALLOWED_TARGETS)),
      open: (sealed) => openTarget(sealed, key),
      links: actLinkMint(PUBLIC_URL, key),
      public_url: PUBLIC_URL ? PUBLIC_URL.replace(/\/+$/, "") : null,
      fleet: this.fleet(),
      history: this.history(),
    });
    return this.#made;
  }
}

const KEY_LENGTH_MIN = 32;

/** Null where there is none that the Worker would take to seal with. */
function keyOf({ SUBSCRIPTION_KEY }: SubscriptionEnv): string | null {
  const key = (SUBSCRIPTION_KEY ?? "").trim();
  return key.length >= KEY_LENGTH_MIN ? key : null;
}
