/** How the targets of subscriptions are doing: each object is asked, with a bound on its time. */
import type { SubscriptionsFlow } from "../domain/pipeline.ts";
import type { StoredSubscription, SubscriptionHealth, SubscriptionItem } from "../domain/subscription.ts";
import { SELECT_SUBSCRIPTION_NAMES } from "./audience-sql.ts";
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

/** As they are shown: never with what is sealed. */
export async function itemsOf(env: Env, stored: readonly StoredSubscription[]): Promise<SubscriptionItem[]> {
  const healths = await healthsOf(
    env,
    stored.map(({ id }) => id),
  );
  return stored.map(({ wish, sealed_target: _sealed, ...rest }) => ({
    ...wish,
    ...rest,
    health: healths.get(rest.id) ?? null,
  }));
}
