/** How the targets of subscriptions are doing: by their objects, each asked with a bound on its time, or as those told history last. */
import type { SubscriptionsFlow } from "../domain/pipeline.ts";
import {
  type StoredSubscription,
  type SubscriptionHealth,
  type SubscriptionItem,
  UNTRIED_HEALTH,
} from "../domain/subscription.ts";
import { SELECT_HEALTHS, SELECT_SUBSCRIPTION_NAMES } from "./audience-sql.ts";
import type { Env } from "./env.ts";
import { asked } from "./history.ts";
import { eachOrNull } from "./in-time.ts";
import { subscriptionOf } from "./neighbours.ts";

/** By id; null where an object does not answer. */
type Healths = ReadonlyMap<string, SubscriptionHealth | null>;

function healthsOf(env: Env, ids: readonly string[]): Promise<Healths> {
  return eachOrNull(ids, (id) => Promise.resolve(subscriptionOf(env, id).health()));
}

/** Whoever watches asks again every few seconds, and each object that is asked is woken. */
const REMEMBERED_MS = 30_000;
let remembered: { readonly ids: string; readonly at_ms: number; readonly healths: Healths } | null = null;

/** Of those that are switched on; as of half a minute ago at most. @throws HistoryUnavailable */
export async function subscriptionsFlow(env: Env): Promise<SubscriptionsFlow> {
  const statement = env.DB.prepare(SELECT_SUBSCRIPTION_NAMES);
  const { results } = await asked(statement.all<{ id: string; name: string; enabled: 0 | 1 }>());
  const wanted = results.filter(({ enabled }) => enabled === 1);
  const ids = wanted.map(({ id }) => id);
  const key = ids.join(" ");
  const isFresh = remembered?.ids === key && Date.now() - remembered.at_ms < REMEMBERED_MS;
  const healths = isFresh && remembered !== null ? remembered.healths : await healthsOf(env, ids);
  if (!isFresh) remembered = { ids: key, at_ms: Date.now(), healths };
  return {
    total: results.length,
    waiting: wanted.reduce((sum, { id }) => sum + (healths.get(id)?.waiting ?? 0), 0),
    unhealthy: wanted.flatMap(({ id, name }) => {
      const health = healths.get(id) ?? null;
      if (health === null || health.state === "healthy") return [];
      const { state, since, reason, waiting } = health;
      return [{ id, name, state, since, reason, waiting }];
    }),
    unanswered: wanted.filter(({ id }) => (healths.get(id) ?? null) === null).map(({ name }) => name),
  };
}

/** Many, of whose health history tells: a page asks again every few seconds, and no object is woken for it. @throws HistoryUnavailable */
export async function listedItems(db: D1Database, stored: readonly StoredSubscription[]): Promise<SubscriptionItem[]> {
  const { results } = await asked(db.prepare(SELECT_HEALTHS).all<{ id: string; health: string }>());
  const told = new Map(results.map(({ id, health }) => [id, JSON.parse(health) as SubscriptionHealth]));
  return stored.map((one) => {
    const health = told.get(one.id) ?? UNTRIED_HEALTH;
    // Its object hears of it a moment later.
    return itemOf(one, one.wish.enabled ? health : { ...health, state: "disabled" });
  });
}

/** One, of whose health its object is asked. */
export async function askedItem(env: Env, stored: StoredSubscription): Promise<SubscriptionItem> {
  const healths = await healthsOf(env, [stored.id]);
  return itemOf(stored, healths.get(stored.id) ?? null);
}

/** As it is shown: never with what is sealed. */
function itemOf(
  { wish, sealed_target: _sealed, ...rest }: StoredSubscription,
  health: SubscriptionHealth | null,
): SubscriptionItem {
  return { ...wish, ...rest, health };
}
