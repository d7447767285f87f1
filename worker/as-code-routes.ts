/** Subscriptions and silences as code: the whole set at once, from and to a file (`faultline plan`, `apply`). */
import { type Context, Hono } from "hono";
import type { SettingsProblem } from "../domain/settings-file.ts";
import { type AsCode, type AsCodeAnswer, type AsCodeBody, asCodeSchema } from "../domain/subscriptions-as-code.ts";
import { wholeTarget } from "../domain/subscription-target-schema.ts";
import { requireRole } from "./access.ts";
import { adminChange } from "./admin-write.ts";
import { subscriptionsCode, silencesCode } from "./as-code-export.ts";
import type { OpenedSubscription } from "./as-code-names.ts";
import {
  type AsCodePlan,
  hasRoom,
  planSilences,
  planSubscriptions,
  repeated,
  silencesProblems,
} from "./as-code-plan.ts";
import { type AudienceState, type Planned, readAudience } from "./audience-store.ts";
import { readBySchema, wrongBody } from "./checked-body.ts";
import type { AppContext } from "./context.ts";
import { subscriptionKey } from "./derived-key.ts";
import { problem } from "./problem.ts";
import { newId, planContext } from "./subscription-routes.ts";
import { type PlanContext, refused, type WholeSubscription, wholeOf } from "./subscription-plan.ts";
import { openedTarget, problemsOf, sealedForGood } from "./subscription-target.ts";

const WORD = "wrong_subscriptions";
/** A thousand subscriptions of ordinary size; sealed they are one parameter of a statement, at most 2 MB. */
export const AS_CODE_BYTES_MAX = 524_288;

export const asCodeRoutes = new Hono<AppContext>()
  .get("/subscriptions-as-code", requireRole("admin"), async (context) => {
    const key = subscriptionKey(context.env);
    if (key instanceof Response) return key;
    const { subscriptions, silences } = await readAudience(context.env.DB, Date.now(), "all");
    const opened: OpenedSubscription[] = [];
    for (const stored of subscriptions) {
      const target = await openedTarget(stored, key);
      if (target === null) return sealedForGood(stored);
      opened.push({ stored, target });
    }
    const code = { subscriptions: subscriptionsCode(opened), silences: silencesCode(silences) };
    return context.json(code satisfies AsCode);
  })
  .put("/subscriptions-as-code", requireRole("admin"), async (context) => {
    const key = subscriptionKey(context.env);
    if (key instanceof Response) return key;
    const body = await readBySchema(asCodeSchema, context, WORD, AS_CODE_BYTES_MAX);
    if (body instanceof Response) return body;
    const checked = checkedBody(context, body.document);
    if (checked instanceof Response) return checked;
    const { dry_run = false } = body.document;
    const own = planContext(context, key);
    const plan = async (state: AudienceState): Promise<Planned<AsCodeAnswer | Response>> => {
      const plans = await plansOf(state, checked, own);
      if (!plans.every((one) => hasRoom(state, one))) return refused(noRoom());
      const changes = plans.flatMap((one) => one.changes);
      // Whatever is sent for good is handed on before it is answered.
      const is_pending = dry_run && state.unhanded.size + state.deleted.size > 0;
      return { write: dry_run ? null : together(plans), result: { changes, dry_run, is_pending } };
    };
    if (dry_run) {
      const state = await readAudience(context.env.DB, own.now_ms, "all");
      const { result } = await plan(state);
      return result instanceof Response ? result : context.json(result);
    }
    const result = await adminChange<AsCodeAnswer>(context, { open: "all", plan });
    return result instanceof Response ? result : context.json(result);
  });

/** What is to be; undefined: not touched. */
interface Checked {
  readonly subscriptions: readonly WholeSubscription[] | undefined;
  readonly silences: AsCodeBody["silences"];
}

function checkedBody(context: Context<AppContext>, body: AsCodeBody): Checked | Response {
  const now_ms = Date.now();
  const { subscriptions, silences } = body;
  const problems: SettingsProblem[] = [
    ...repeated("subscriptions", "name", subscriptions?.map(({ name }) => name) ?? []),
    ...repeated("silences", "comment", silences?.map(({ comment }) => comment) ?? []),
    ...silencesProblems(silences ?? [], now_ms),
  ];
  const whole = subscriptions?.map((given, at) => {
    const target = wholeTarget(given.target);
    for (const { path, message } of problemsOf(target, context.env))
      problems.push({ path: `subscriptions[${at}].${path}`, message });
    return wholeOf(given, target);
  });
  return problems.length > 0 ? wrongBody(WORD, problems) : { subscriptions: whole, silences };
}

async function plansOf(state: AudienceState, { subscriptions, silences }: Checked, context: PlanContext) {
  const plans: AsCodePlan[] = [];
  if (subscriptions !== undefined) plans.push(await planSubscriptions(state, subscriptions, context));
  if (silences !== undefined) plans.push(planSilences(state, silences, { ...context, newId: () => newId("sil") }));
  return plans;
}

/** Null where nothing changes. */
function together(plans: readonly AsCodePlan[]) {
  const acts = plans.flatMap(({ write }) => write.acts);
  if (acts.length === 0) return null;
  return {
    subscriptions: plans.flatMap(({ write }) => write.subscriptions),
    deleted: plans.flatMap(({ write }) => write.deleted),
    silences: plans.flatMap(({ write }) => write.silences),
    acts,
  };
}

function noRoom(): Response {
  const detail =
    "There may be 1,000 subscriptions, and 1,000 silences that have not ended: with these there would be more.";
  return problem(409, "too_many_subscriptions", detail);
}
