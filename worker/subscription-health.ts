/** How the targets of subscriptions are doing: each object is asked, with a bound on its time. */
import type { StoredSubscription, SubscriptionHealth, SubscriptionItem } from "../domain/subscription.ts";
import type { Env } from "./env.ts";
import { eachOrNull } from "./in-time.ts";
import { subscriptionOf } from "./neighbours.ts";

/** Null where an object does not answer. */
export function healthsOf(env: Env, ids: readonly string[]): Promise<ReadonlyMap<string, SubscriptionHealth | null>> {
  return eachOrNull(ids, (id) => Promise.resolve(subscriptionOf(env, id).health()));
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
