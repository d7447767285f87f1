/** Subscriptions: who hears of incidents, and where. Secrets go in here and never come out again. */
import { type Context, Hono } from "hono";
import { subscriptionChangeSchema, subscriptionSchema, wholeWish } from "../domain/subscription-schema.ts";
import type { SubscriptionList } from "../domain/subscription-list.ts";
import type { StoredSubscription } from "../domain/subscription.ts";
import { requireRole } from "./access.ts";
import { actorOf } from "./actor.ts";
import { adminChange } from "./admin-write.ts";
import { type AudienceState, type Planned, readAudience } from "./audience-store.ts";
import { readBySchema } from "./checked-body.ts";
import type { AppContext } from "./context.ts";
import { missingKey, subscriptionKey } from "./derived-key.ts";
import { idempotencyKey } from "./idempotency-key.ts";
import { problem } from "./problem.ts";
import {
  deletion,
  planAgain,
  planChange,
  type PlanContext,
  planCreation,
  refused,
  wholeOf,
} from "./subscription-plan.ts";
import { checkedTarget, openedTarget, patchedTarget } from "./subscription-target.ts";
import { askedItem, listedItems } from "./subscription-health.ts";

const requireReader = requireRole("viewer", "admin");
const requireAdmin = requireRole("admin");
const WORD = "wrong_subscription";

export const subscriptionRoutes = new Hono<AppContext>()
  .get("/subscriptions", requireReader, async (context) => {
    const { subscriptions } = await readAudience(context.env.DB, Date.now());
    const items = await listedItems(context.env, subscriptions);
    return context.json({ items, next: null, no_key: missingKey(context.env) } satisfies SubscriptionList);
  })
  .post("/subscriptions", requireAdmin, async (context) => {
    const key = subscriptionKey(context.env);
    if (key instanceof Response) return key;
    const sent_under = idempotencyKey(context, "subscription");
    if (sent_under instanceof Response) return sent_under;
    const body = await readBySchema(subscriptionSchema, context, WORD);
    if (body instanceof Response) return body;
    const target = checkedTarget(body.document.target, context.env, WORD);
    if (target instanceof Response) return target;
    const whole = wholeOf(body.document, target);
    const plan = (state: AudienceState): Promise<Planned<string | Response>> => {
      const own = planContext(context, key);
      return state.keyed === null ? planCreation(state, whole, own) : planAgain(state, state.keyed, whole, own);
    };
    const id = await adminChange<string>(context, { key: sent_under, plan });
    if (id instanceof Response) return id;
    context.header("Location", `/v1/subscriptions/${id}`);
    return answer(context, id, 201);
  })
  .get("/subscriptions/:id", requireReader, (context) => answer(context, context.req.param("id"), 200))
  .put("/subscriptions/:id", requireAdmin, async (context) => {
    const key = subscriptionKey(context.env);
    if (key instanceof Response) return key;
    const expected = expectedRevision(context);
    if (expected instanceof Response) return expected;
    const body = await readBySchema(subscriptionChangeSchema, context, WORD);
    if (body instanceof Response) return body;
    const { target: patch, names = {}, ...given } = body.document;
    const id = context.req.param("id");
    const plan = async (state: AudienceState): Promise<Planned<string | Response>> => {
      const stored = state.subscriptions.find((one) => one.id === id);
      if (stored === undefined) return refused(unknownSubscription(id));
      const opened = await openedTarget(stored, key);
      const target = patchedTarget({ patch, opened, stored, env: context.env }, WORD);
      if (target instanceof Response) return refused(target);
      const wish = wholeWish({ ...given, name: given.name ?? stored.wish.name }, stored.wish);
      const planned = await planChange(state, stored, opened, { wish, target, names }, planContext(context, key));
      // Whoever sends the same again is not too late: nothing would change.
      const isLate = planned.write !== null && expected !== null && expected !== stored.revision;
      return isLate ? refused(outdated(stored, "subscription_changed")) : planned;
    };
    const done = await adminChange<string>(context, { open: [id], plan });
    return done instanceof Response ? done : answer(context, id, 200);
  })
  .delete("/subscriptions/:id", requireAdmin, async (context) => {
    const id = context.req.param("id");
    const plan = (state: AudienceState): Planned<true | Response> => {
      const stored = state.subscriptions.find((one) => one.id === id);
      if (stored !== undefined) return { write: { deleted: [id], acts: [deletion(stored)] }, result: true };
      // Sent again because the Fleet did not answer.
      return state.deleted.has(id) ? { write: null, result: true } : refused(unknownSubscription(id));
    };
    const done = await adminChange<true>(context, { plan });
    return done instanceof Response ? done : context.body(null, 204);
  });

/** One as it is stored, with the target sealed; or the 404. */
export async function storedSubscription(
  context: Context<AppContext>,
  id: string,
): Promise<StoredSubscription | Response> {
  const { subscriptions } = await readAudience(context.env.DB, Date.now(), [id]);
  return subscriptions.find((one) => one.id === id) ?? unknownSubscription(id);
}

async function answer(context: Context<AppContext>, id: string, status: 200 | 201): Promise<Response> {
  const stored = await storedSubscription(context, id);
  if (stored instanceof Response) return stored;
  const item = await askedItem(context.env, stored);
  context.header("ETag", `"${stored.revision}"`);
  return context.json(item, status);
}

export function planContext(context: Context<AppContext>, key: string): PlanContext {
  return { key, now_ms: Date.now(), actor: actorOf(context), newId: () => newId("sub") };
}

/** 16 hex digits: of a thousand no two are ever alike. */
export function newId(kind: "sub" | "sil"): string {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  return `${kind}_${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

/** The revision that a change was made from; null where none is said. */
export function expectedRevision(context: Context<AppContext>): number | null | Response {
  const if_match = context.req.header("If-Match")?.trim();
  if (if_match === undefined || if_match === "*") return null;
  const revision = /^"(\d{1,15})"$/.exec(if_match)?.[1];
  if (revision !== undefined) return Number(revision);
  return problem(400, "bad_header", 'If-Match: must be the ETag that GET gave, the revision in quotes, as in "7".');
}

export function outdated(
  { id, revision }: Pick<StoredSubscription, "id" | "revision">,
  word: "subscription_changed" | "silence_changed",
): Response {
  const detail = `If-Match: ${id} has changed since, to revision ${revision}; read it, bring your change into it, and send that.`;
  return problem(412, word, detail, { revision });
}

function unknownSubscription(id: string): Response {
  const shown = JSON.stringify(id.slice(0, 63));
  return problem(404, "unknown_subscription", `There is no subscription ${shown}; GET /v1/subscriptions lists them.`);
}
