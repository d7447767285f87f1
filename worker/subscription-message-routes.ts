/** What a subscription sends: a sample to try it with, its log, a message once more, and how a message would look. */
import { type Context, Hono } from "hono";
import * as v from "valibot";
import type { MessageLogItem } from "../domain/delivery.ts";
import type { TargetRequest } from "../domain/notification.ts";
import type { Page } from "../domain/resource.ts";
import { sampleMessage } from "../domain/sample-message.ts";
import { members } from "../domain/settings-fields.ts";
import type { SendOutcome } from "../domain/subscriber.ts";
import { parseBySchema, SUBSCRIPTION_FIELDS, wholeWish } from "../domain/subscription-schema.ts";
import { TEMPLATE_KINDS } from "../domain/subscription-target-schema.ts";
import type { SubscriptionWish } from "../domain/subscription.ts";
import { maskedRequest } from "../domain/target-preview.ts";
import type { MessageKind, Target } from "../domain/target.ts";
import { requestOf } from "../domain/targets.ts";
import { requireRole } from "./access.ts";
import { actorOf } from "./actor.ts";
import { tooManyWrites } from "./admin-write.ts";
import { writeAudit } from "./audit.ts";
import { readJson, wrongBody } from "./checked-body.ts";
import type { AppContext } from "./context.ts";
import { subscriptionKey } from "./derived-key.ts";
import { subscriptionOf } from "./neighbours.ts";
import { problem } from "./problem.ts";
import { limitParam, parseQuery } from "./query-params.ts";
import { storedSubscription } from "./subscription-routes.ts";
import { checkedTarget, openedTarget, patchedTarget } from "./subscription-target.ts";

const WORD = "wrong_subscription";
const LOG_LIMIT_DEFAULT = 50;
const LOG_LIMIT_MAX = 200;

const CURSOR_RIGHT = "cursor: must be the next of the page before.";
/** The cursor is the last message of the page before. */
const logQuery = v.object({
  limit: limitParam(LOG_LIMIT_DEFAULT, LOG_LIMIT_MAX),
  cursor: v.optional(v.nullable(v.pipe(v.string(), v.regex(/^msg_[\w-]{1,100}$/, CURSOR_RIGHT))), null),
});

const KIND_RIGHT = `must be one of ${TEMPLATE_KINDS.filter((kind) => kind !== "default").join(", ")}`;
const kind = v.exactOptional(
  v.pipe(
    v.picklist(TEMPLATE_KINDS, KIND_RIGHT),
    v.check((one) => one !== "default", KIND_RIGHT),
  ),
);
const newPreview = members({ ...SUBSCRIPTION_FIELDS, kind });
const storedPreview = members({
  id: v.pipe(v.string("must be the id of a subscription"), v.maxLength(63, "must be the id of a subscription")),
  target: v.exactOptional(v.unknown()),
  kind,
});

/** What a sample message would become: null where the target has no word for its kind. */
export interface PreviewAnswer {
  readonly kind: MessageKind;
  readonly request: TargetRequest | null;
}

export const subscriptionMessageRoutes = new Hono<AppContext>()
  .post("/subscriptions/preview", requireRole("admin"), async (context) => {
    const body = await readJson(context);
    if (body instanceof Response) return body;
    const { content } = body;
    const isStored = typeof content === "object" && content !== null && "id" in content;
    const subject = isStored ? await storedSubject(context, content) : newSubject(context, content);
    if (subject instanceof Response) return subject;
    const now_ms = Date.now();
    const message = sampleMessage(subject, now_ms, context.env.PUBLIC_URL ?? null, subject.kind);
    const request = requestOf(message, subject.target, null, now_ms);
    const masked = request === null ? null : maskedRequest(request, subject.target);
    return context.json({ kind: subject.kind, request: masked } satisfies PreviewAnswer);
  })
  .post("/subscriptions/:id/test", requireRole("admin"), async (context) => {
    return sent(context, "tested", (object) => object.sendTest());
  })
  .get("/subscriptions/:id/deliveries", requireRole("viewer", "admin"), async (context) => {
    const query = parseQuery(logQuery, context);
    if (query instanceof Response) return query;
    const stored = await storedSubscription(context, context.req.param("id"));
    if (stored instanceof Response) return stored;
    const log = await asked(() => subscriptionOf(context.env, stored.id).log(query.cursor, query.limit + 1));
    if (log instanceof Response) return log;
    const items = log.slice(0, query.limit);
    const next = log.length > query.limit ? (items.at(-1)?.message_id ?? null) : null;
    return context.json({ items, next } satisfies Page<MessageLogItem>);
  })
  .post("/subscriptions/:id/deliveries/:message_id/redeliver", requireRole("admin"), async (context) => {
    const message_id = context.req.param("message_id");
    return sent(context, "redelivered", (object) => object.redeliver(message_id), message_id);
  });

type SubscriptionStub = ReturnType<typeof subscriptionOf>;

/**
 * Sends something now and answers with what came of it. It stands in the audit log first: what is sent cannot be taken back. `message_id`:
 * of a message that is sent once more, if there is one.
 */
async function sent(
  context: Context<AppContext>,
  what: "tested" | "redelivered",
  send: (object: SubscriptionStub) => Promise<SendOutcome | null>,
  message_id: string | null = null,
): Promise<Response> {
  const key = subscriptionKey(context.env);
  if (key instanceof Response) return key;
  const stored = await storedSubscription(context, context.req.param("id") ?? "");
  if (stored instanceof Response) return stored;
  const refusal = await tooManyWrites(context.env);
  if (refusal !== null) return refusal;
  if (message_id !== null) {
    const known = await asked(async () => ({ is: await subscriptionOf(context.env, stored.id).knows(message_id) }));
    if (known instanceof Response) return known;
    if (!known.is) return unknownMessage();
  }
  const at = new Date().toISOString();
  const detail = message_id === null ? {} : { message_id };
  const act = { actor: actorOf(context), action: `subscription.${what}`, subject: stored.wish.name };
  await writeAudit(context.env.DB, act, `${stored.id} ${at}`, { id: stored.id, ...detail }, at);
  const outcome = await asked(async () => {
    const object = subscriptionOf(context.env, stored.id);
    // The Fleet tells it too, a moment later: whoever has just stored it need not wait for that.
    await object.configure(stored);
    return { outcome: await send(object) };
  });
  if (outcome instanceof Response) return outcome;
  return outcome.outcome === null ? unknownMessage() : context.json(outcome.outcome satisfies SendOutcome);
}

function unknownMessage(): Response {
  const detail = "There is no such message (any more): messages are kept for 7 days, GET …/deliveries lists them.";
  return problem(404, "unknown_message", detail);
}

/** What the object answers, or the 503. */
async function asked<T>(ask: () => Promise<T>): Promise<T | Response> {
  try {
    return await ask();
  } catch (error) {
    console.warn("the object of a subscription does not answer", error);
    return problem(503, "subscription_unavailable", "The object of the subscription does not answer; ask again.");
  }
}

interface Subject {
  readonly id: string;
  readonly wish: Pick<SubscriptionWish, "name">;
  readonly target: Target;
  readonly kind: MessageKind;
}

function newSubject(context: Context<AppContext>, content: unknown): Subject | Response {
  const parsed = parseBySchema(newPreview, content);
  if (!parsed.ok) return wrongBody(WORD, parsed.problems);
  const { target: given, names: _names, kind: wanted = "test", ...wish } = parsed.document;
  const target = checkedTarget(given, context.env, WORD);
  if (target instanceof Response) return target;
  return { id: "sub_0000000000000000", wish: wholeWish(wish), target, kind: wanted as MessageKind };
}

async function storedSubject(context: Context<AppContext>, content: unknown): Promise<Subject | Response> {
  const key = subscriptionKey(context.env);
  if (key instanceof Response) return key;
  const parsed = parseBySchema(storedPreview, content);
  if (!parsed.ok) return wrongBody(WORD, parsed.problems);
  const { id, target: patch, kind: wanted = "test" } = parsed.document;
  const stored = await storedSubscription(context, id);
  if (stored instanceof Response) return stored;
  const opened = await openedTarget(stored, key);
  const target = patchedTarget({ patch, opened, stored, env: context.env }, WORD);
  if (target instanceof Response) return target;
  return { id, wish: stored.wish, target, kind: wanted as MessageKind };
}
