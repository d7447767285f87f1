/** Targets that the Worker's key does not open: nothing can be sent to them, which nobody should learn by a missed incident. */
import type { StoredSubscription, SubscriptionHealth } from "../domain/subscription.ts";
import { SELECT_SEALED } from "./audience-sql.ts";
import { subscriptionKey } from "./derived-key.ts";
import type { Env } from "./env.ts";
import { asked } from "./history.ts";
import { SealedForGood, unsealTarget } from "./seal.ts";

const NO_KEY = "the Worker has no SUBSCRIPTION_KEY to open its target with";
const OTHER_KEY = "its target was stored with another SUBSCRIPTION_KEY: give its target again";

/** Revisions that are remembered: more than there may be subscriptions. */
const REMEMBERED_MAX = 5_000;
/** Whether the target of a subscription's revision opens with the newest key: lists are asked for every few seconds. */
let remembered: { readonly key: string; readonly opens: Map<string, boolean> } = { key: "", opens: new Map() };

type Known = Pick<StoredSubscription, "id" | "revision">;

/** By id, of those whose target cannot be opened: why, in words for a person who can put it right. @throws HistoryUnavailable */
export async function unopened(env: Env, subscriptions: readonly Known[]): Promise<ReadonlyMap<string, string>> {
  const key = subscriptionKey(env);
  if (key instanceof Response) return new Map(subscriptions.map(({ id }) => [id, NO_KEY]));
  if (remembered.key !== key || remembered.opens.size >= REMEMBERED_MAX) remembered = { key, opens: new Map() };
  const { opens } = remembered;
  const strange = subscriptions.filter((one) => !opens.has(nameOf(one)));
  if (strange.length > 0) await tryAll(env.DB, key, strange, opens);
  return new Map(subscriptions.filter((one) => opens.get(nameOf(one)) === false).map(({ id }) => [id, OTHER_KEY]));
}

/** How it is doing, where its target can be opened. Who is switched off stays so. */
export function withUnopened<H extends Pick<SubscriptionHealth, "state" | "since" | "reason">>(
  health: H,
  reason: string | undefined,
): H {
  if (reason === undefined || health.state === "disabled") return health;
  return { ...health, state: "unhealthy", since: null, reason };
}

async function tryAll(db: D1Database, key: string, them: readonly Known[], opens: Map<string, boolean>): Promise<void> {
  const statement = db.prepare(SELECT_SEALED).bind(JSON.stringify(them.map(({ id }) => id)));
  const { results } = await asked(statement.all<Known & { readonly sealed_target: string }>());
  for (const row of results) opens.set(nameOf(row), await doesOpen(row.sealed_target, key));
}

function nameOf({ id, revision }: Known): string {
  return `${id} ${revision}`;
}

async function doesOpen(sealed: string, key: string): Promise<boolean> {
  try {
    await unsealTarget(sealed, key);
    return true;
  } catch (error) {
    if (error instanceof SealedForGood) return false;
    throw error;
  }
}
