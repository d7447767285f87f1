/** Changes of who hears of incidents: not too many a minute, written with the audit log, and handed to the Fleet. */
import type { Context } from "hono";
import type { ClickedLink } from "../domain/subscriber.ts";
import { actorOf } from "./actor.ts";
import { type AudienceState, changeStored, handOn, type Planned } from "./audience-store.ts";
import type { AppContext } from "./context.ts";
import type { Env } from "./env.ts";
import { HistoryUnavailable } from "./history.ts";
import { fleetOf } from "./neighbours.ts";
import { problem } from "./problem.ts";

/**
 * How many seconds to wait before a change, or before a link of a message acts, may be made; 0: none. Without the Fleet nobody counts:
 * whatever is stored then, the Fleet has yet to take.
 */
export async function writeWait(env: Env, link?: ClickedLink): Promise<number> {
  try {
    return await fleetOf(env).admitWrite(link);
  } catch (error) {
    console.warn("the fleet counts no writes", error);
    return 0;
  }
}

/** Null where it may be made, else the 429. */
export async function tooManyWrites(env: Env): Promise<Response | null> {
  const wait_s = await writeWait(env);
  if (wait_s === 0) return null;
  const detail = `At most 60 changes a minute: the next one may be made in ${wait_s} s.`;
  const answer = problem(429, "too_many_writes", detail);
  answer.headers.set("Retry-After", String(wait_s));
  return answer;
}

export interface AudienceWish<T> {
  readonly actor: string;
  /** Ids of the subscriptions whose targets the plan opens. */
  readonly open?: readonly string[] | "all";
  /** Under which key it makes something. */
  readonly key?: string | null;
  /** A refusal is planned as the Response to answer with, and nothing to write. */
  readonly plan: (state: AudienceState) => Promise<Planned<T | Response>> | Planned<T | Response>;
}

/** Plans, writes and hands on. Whoever gets the 503 may send the same again. @throws HistoryUnavailable */
export async function changeAudience<T>(env: Env, wish: AudienceWish<T>): Promise<T | Response> {
  const now_ms = Date.now();
  const { plan, ...writer } = wish;
  const result = await changeStored({ ...writer, db: env.DB, now_ms }, plan);
  if (result instanceof Response) return result;
  try {
    await handOn(env.DB, now_ms, (changes) => fleetOf(env).changeAudience(changes));
  } catch (error) {
    if (error instanceof HistoryUnavailable) throw error;
    console.warn("the fleet took no change of subscriptions or silences", error);
    const detail =
      "Stored, but the Fleet does not answer, so that it does not hold yet: send the same again, or make any other change later.";
    return problem(503, "fleet_unavailable", detail);
  }
  return result;
}

/** The same for an administrator's request. */
export async function adminChange<T>(
  context: Context<AppContext>,
  wish: Omit<AudienceWish<T>, "actor">,
): Promise<T | Response> {
  return (await tooManyWrites(context.env)) ?? changeAudience(context.env, { ...wish, actor: actorOf(context) });
}
