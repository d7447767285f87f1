/** How the targets of subscriptions are doing: by their objects, each asked with a bound on its time, or as those told history last. */
import type { SubscriptionsFlow } from "../domain/pipeline.ts";
import {
  type StoredSubscription,
  type SubscriptionHealth,
  type SubscriptionItem,
  UNTRIED_HEALTH,
} from "../domain/subscription.ts";
import { SELECT_HEALTHS, SELECT_SUBSCRIPTIONS_DOING } from "./audience-sql.ts";
import type { Env } from "./env.ts";
import { asked } from "./history.ts";
import { orNull } from "./in-time.ts";
import { subscriptionOf } from "./neighbours.ts";

interface FlowRow {
  readonly id: string;
  readonly name: string;
  readonly enabled: 0 | 1;
  readonly health: string | null;
}

/** Of those that are switched on. No object is woken: the page asks every few seconds. @throws HistoryUnavailable */
export async function subscriptionsFlow(db: D1Database): Promise<SubscriptionsFlow> {
  const { results } = await asked(db.prepare(SELECT_SUBSCRIPTIONS_DOING).all<FlowRow>());
  const doing = results
    .filter(({ enabled }) => enabled === 1)
    .map(({ id, name, health }) => {
      const { state, since, reason, waiting } = healthOf(health);
      return { id, name, state, since, reason, waiting };
    });
  return {
    total: results.length,
    waiting: doing.reduce((sum, { waiting }) => sum + waiting, 0),
    unhealthy: doing.filter(({ state }) => state !== "healthy"),
  };
}

/** As its object told it. */
function healthOf(told: string | null): SubscriptionHealth {
  return told === null ? UNTRIED_HEALTH : (JSON.parse(told) as SubscriptionHealth);
}

/** Many, of whose health history tells: a page asks again every few seconds, and no object is woken for it. @throws HistoryUnavailable */
export async function listedItems(db: D1Database, stored: readonly StoredSubscription[]): Promise<SubscriptionItem[]> {
  const { results } = await asked(db.prepare(SELECT_HEALTHS).all<{ id: string; health: string }>());
  const told = new Map(results.map(({ id, health }) => [id, health]));
  return stored.map((one) => {
    const health = healthOf(told.get(one.id) ?? null);
    // Its object hears of it a moment later.
    return itemOf(one, one.wish.enabled ? health : { ...health, state: "disabled" });
  });
}

/** One, of whose health its object is asked. */
export async function askedItem(env: Env, stored: StoredSubscription): Promise<SubscriptionItem> {
  const name = `the subscription ${stored.id}`;
  return itemOf(stored, await orNull(name, () => Promise.resolve(subscriptionOf(env, stored.id).health())));
}

/** As it is shown: never with what is sealed. */
function itemOf(
  { wish, sealed_target: _sealed, ...rest }: StoredSubscription,
  health: SubscriptionHealth | null,
): SubscriptionItem {
  return { ...wish, ...rest, health };
}
