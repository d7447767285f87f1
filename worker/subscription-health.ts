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
import { unopened, withUnopened } from "./sealed-health.ts";

interface FlowRow {
  readonly id: string;
  readonly revision: number;
  readonly name: string;
  readonly enabled: 0 | 1;
  readonly health: string | null;
}

/** Of those that are switched on. No object is woken: the page asks every few seconds. @throws HistoryUnavailable */
export async function subscriptionsFlow(env: Env): Promise<SubscriptionsFlow> {
  const { results } = await asked(env.DB.prepare(SELECT_SUBSCRIPTIONS_DOING).all<FlowRow>());
  const wanted = results.filter(({ enabled }) => enabled === 1);
  const reasons = await unopened(env, wanted);
  const doing = wanted.map(({ id, name, health }) => {
    const { state, since, reason, waiting } = withUnopened(healthOf(health), reasons.get(id));
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
export async function listedItems(env: Env, stored: readonly StoredSubscription[]): Promise<SubscriptionItem[]> {
  const { results } = await asked(env.DB.prepare(SELECT_HEALTHS).all<{ id: string; health: string }>());
  const told = new Map(results.map(({ id, health }) => [id, health]));
  const reasons = await unopened(env, stored);
  return stored.map((one) => {
    const health = healthOf(told.get(one.id) ?? null);
    // Its object hears of it a moment later.
    const own = one.wish.enabled ? health : { ...health, state: "disabled" as const };
    return itemOf(one, withUnopened(own, reasons.get(one.id)));
  });
}

/** One, of whose health its object is asked. @throws HistoryUnavailable */
export async function askedItem(env: Env, stored: StoredSubscription): Promise<SubscriptionItem> {
  const name = `the subscription ${stored.id}`;
  const health = await orNull(name, () => Promise.resolve(subscriptionOf(env, stored.id).health()));
  const reasons = await unopened(env, [stored]);
  return itemOf(stored, health === null ? null : withUnopened(health, reasons.get(stored.id)));
}

/** As it is shown: never with what is sealed. */
function itemOf(
  { wish, sealed_target: _sealed, ...rest }: StoredSubscription,
  health: SubscriptionHealth | null,
): SubscriptionItem {
  return { ...wish, ...rest, health };
}
