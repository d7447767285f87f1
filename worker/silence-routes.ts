/** Silences: times in which matching incidents are recorded and shown but not delivered. */
import { type Context, Hono } from "hono";
import type { Page } from "../domain/resource.ts";
import {
  type SilenceBody,
  silenceProblems,
  silenceSchema,
  type SilenceWish,
  wholeSilence,
} from "../domain/silence-schema.ts";
import { activeUntil } from "../domain/silence-match.ts";
import type { Silence } from "../domain/silencing.ts";
import { requireRole } from "./access.ts";
import { actorOf } from "./actor.ts";
import { adminChange } from "./admin-write.ts";
import { type AudienceState, type Planned, readAudience } from "./audience-store.ts";
import { readBySchema, wrongBody } from "./checked-body.ts";
import type { AppContext } from "./context.ts";
import { idempotencyKey, madeBefore } from "./idempotency-key.ts";
import { fleetOf } from "./neighbours.ts";
import { problem } from "./problem.ts";
import { changedSilence, createdSilence, endedSilence, planSilence, writeOf } from "./silence-plan.ts";
import { expectedRevision, newId, outdated } from "./subscription-routes.ts";

const requireReader = requireRole("viewer", "admin");
const requireAdmin = requireRole("admin");

/** `GET /v1/silences/active`: how many hold now, for every page to show; and how many there are that have not ended. */
export interface SilenceCount {
  readonly active: number;
  readonly waiting: number;
}

export const silenceRoutes = new Hono<AppContext>()
  .get("/silences", requireReader, async (context) => {
    const { silences } = await readAudience(context.env.DB, Date.now());
    return context.json({ items: silences, next: null } satisfies Page<Silence>);
  })
  .get("/silences/active", requireReader, async (context) => {
    // The Fleet has them at hand: a page asks again and again, and D1 is not needed for it.
    const silences = await fleetOf(context.env).silences();
    const now_ms = Date.now();
    const active = silences.filter((silence) => activeUntil(silence, now_ms) !== null).length;
    return context.json({ active, waiting: silences.length - active } satisfies SilenceCount);
  })
  .post("/silences", requireAdmin, async (context) => {
    const key = idempotencyKey(context, "silence");
    if (key instanceof Response) return key;
    const given = await readGiven(context);
    if (given instanceof Response) return given;
    const wish = wishOf(given, null);
    if (wish instanceof Response) return wish;
    const change = createdSilence(wish, newId("sil"), actorOf(context), Date.now());
    const plan = (state: AudienceState): Planned<string | Response> => {
      const { keyed } = state;
      return keyed === null ? planSilence(state, change) : planChange(state, keyed, given, () => madeBefore(keyed));
    };
    const id = await adminChange<string>(context, { key, plan });
    return id instanceof Response ? id : answer(context, id, 201);
  })
  .get("/silences/:id", requireReader, (context) => answer(context, context.req.param("id"), 200))
  .put("/silences/:id", requireAdmin, async (context) => {
    const expected = expectedRevision(context);
    if (expected instanceof Response) return expected;
    const given = await readGiven(context);
    if (given instanceof Response) return given;
    const id = context.req.param("id");
    const plan = (state: AudienceState): Planned<string | Response> =>
      planChange(state, id, given, () => unknownSilence(id), expected);
    const done = await adminChange<string>(context, { plan });
    return done instanceof Response ? done : answer(context, id, 200);
  })
  .delete("/silences/:id", requireAdmin, async (context) => {
    const id = context.req.param("id");
    const plan = (state: AudienceState): Planned<true | Response> => {
      const stored = state.silences.find((one) => one.id === id);
      if (stored !== undefined) return { write: writeOf(endedSilence(stored, Date.now())), result: true };
      return { write: null, result: state.unhanded.has(id) ? true : unknownSilence(id) };
    };
    const done = await adminChange<true>(context, { plan });
    return done instanceof Response ? done : context.body(null, 204);
  });

async function readGiven(context: Context<AppContext>): Promise<SilenceBody | Response> {
  const body = await readBySchema(silenceSchema, context, "wrong_silence");
  return body instanceof Response ? body : body.document;
}

/** `missing`: what is answered where it is not there (any more); `expected`: the revision that the change was made from. */
function planChange(
  state: AudienceState,
  id: string,
  given: SilenceBody,
  missing: () => Response,
  expected: number | null = null,
): Planned<string | Response> {
  const stored = state.silences.find((one) => one.id === id);
  if (stored === undefined) return { write: null, result: missing() };
  const wish = wishOf(given, stored);
  if (wish instanceof Response) return { write: null, result: wish };
  const change = changedSilence(stored, wish);
  // Whoever sends the same again is not too late: nothing would change.
  if (change !== null && expected !== null && expected !== stored.revision) {
    return { write: null, result: outdated(stored, "silence_changed") };
  }
  return { write: change === null ? null : writeOf(change), result: id };
}

/** Where no beginning is said it is now, or the one that it has. */
function wishOf(given: SilenceBody, stored: Silence | null): SilenceWish | Response {
  const now_ms = Date.now();
  const begun = stored === null ? {} : { starts_at: stored.starts_at };
  const wish = wholeSilence({ ...begun, ...given }, now_ms);
  const problems = silenceProblems(wish, now_ms);
  return problems.length === 0 ? wish : wrongBody("wrong_silence", problems);
}

async function answer(context: Context<AppContext>, id: string, status: 200 | 201): Promise<Response> {
  const { silences } = await readAudience(context.env.DB, Date.now());
  const silence = silences.find((one) => one.id === id);
  if (silence === undefined) return unknownSilence(id);
  if (status === 201) context.header("Location", `/v1/silences/${id}`);
  context.header("ETag", `"${silence.revision}"`);
  return context.json(silence satisfies Silence, status);
}

function unknownSilence(id: string): Response {
  const shown = JSON.stringify(id.slice(0, 63));
  return problem(
    404,
    "unknown_silence",
    `There is no silence ${shown} that has not ended; GET /v1/silences lists them.`,
  );
}
