/**
 * Acting where a message lands. A link asks for one click on a small page, so that whoever only looks at it, as chats do for a preview,
 * changes nothing. The link itself is the proof: it needs no session, holds for one act on one incident, and ends after a day.
 */
import { type Context, Hono } from "hono";
import type { ActClaim } from "../domain/act-link.ts";
import type { Incident } from "../domain/incident.ts";
import type { IncidentAct } from "../domain/incident-act.ts";
import { activeUntil } from "../domain/silence-match.ts";
import type { SilenceWish } from "../domain/silence-schema.ts";
import type { Silence } from "../domain/silencing.ts";
import { ACT_WORDS, type ActPage, actPage } from "./act-link-page.ts";
import { readActToken } from "./act-token.ts";
import { changeAudience, writeWait } from "./admin-write.ts";
import type { AudienceState, Planned } from "./audience-store.ts";
import type { AppContext } from "./context.ts";
import { subscriptionKey } from "./derived-key.ts";
import type { Env } from "./env.ts";
import { HistoryUnavailable, readIncident } from "./history.ts";
import { actOnIncident } from "./incident-acts.ts";
import { monitorOf } from "./neighbours.ts";
import { changedSilence, createdSilence, planSilence, writeOf } from "./silence-plan.ts";
import { newId } from "./subscription-routes.ts";

const SNOOZE_MS = 60 * 60_000;
/** Two clicks within this are one. */
const TWICE_MS = 60_000;

export const actLinkRoutes = new Hono<AppContext>()
  .get("/:token", async (context) => {
    const claim = await claimOf(context);
    if (claim instanceof Response) return claim;
    const incident = await incidentOf(context.env, claim);
    const { title, button, why } = ACT_WORDS[claim.act];
    const isLate = incident?.status === "resolved" && claim.act !== "false_positive";
    if (isLate) return shown(context, claim, { status: 200, title: "It is over", text: [OVER], incident });
    return shown(context, claim, { status: 200, title, text: [why], incident, button });
  })
  .post("/:token", async (context) => {
    const claim = await claimOf(context);
    if (claim instanceof Response) return claim;
    const wait_s = await writeWait(context.env, claim);
    if (wait_s > 0) return tooOften(context, claim, wait_s);
    try {
      return await act(context, claim);
    } catch (error) {
      console.error(`a link could not ${claim.act} ${claim.incident_id}`, error);
      const text = [
        error instanceof HistoryUnavailable
          ? "The history database does not answer, so that nothing was done."
          : "Something failed inside. Whether it was done is not known; doing it twice does no harm.",
        "Try again in a moment.",
      ];
      return shown(context, claim, { status: 503, title: "Not now", text, button: ACT_WORDS[claim.act].button });
    }
  });

const OVER =
  "The incident is over, so that there is nothing to do. If the fault returns it opens again, and you hear of it.";

async function act(context: Context<AppContext>, claim: ActClaim): Promise<Response> {
  const actor = `link of subscription ${claim.subscription}`;
  if (claim.act === "snooze") return snooze(context, claim, actor);
  const what: IncidentAct =
    claim.act === "acknowledge" ? { kind: "acknowledge", by: actor } : { kind: "feedback", verdict: "false_positive" };
  const incident = claim.act === "acknowledge" ? await incidentOf(context.env, claim) : null;
  if (incident?.status === "resolved") return over(context, claim, incident);
  const answer = await actOnIncident(context.env, claim.incident_id, what, actor);
  if (answer.kind === "done") return done(context, claim, answer.incident);
  if (answer.kind === "already_resolved") return over(context, claim, answer.incident);
  const text = ["Neither its service nor the history knows this incident any more."];
  return shown(context, claim, { status: 409, title: "There is no such incident", text });
}

/** A silence of this incident alone; where one holds already, that one holds for an hour from now, if it would end before. */
async function snooze(context: Context<AppContext>, claim: ActClaim, actor: string): Promise<Response> {
  const { env } = context;
  const incident = await incidentOf(env, claim);
  if (incident?.status === "resolved") return over(context, claim, incident);
  const now_ms = Date.now();
  const wish = {
    services: [claim.service],
    endpoint: null,
    severities: null,
    incident_id: claim.incident_id,
    starts_at: new Date(now_ms).toISOString(),
    ends_at: new Date(now_ms + SNOOZE_MS).toISOString(),
    weekly: null,
    comment: `Snoozed by the ${actor}`.slice(0, 500),
  };
  const change = createdSilence(wish, newId("sil"), actor, now_ms);
  const plan = (state: AudienceState): Planned<string | Response> => {
    const known = state.silences.find((one) => one.incident_id === claim.incident_id && one.weekly === null);
    const until_ms = known === undefined ? null : activeUntil(known, now_ms);
    if (known === undefined || until_ms === null) return planSilence(state, change);
    const longer =
      until_ms + TWICE_MS < now_ms + SNOOZE_MS ? changedSilence(known, endingAt(known, wish.ends_at)) : null;
    return { write: longer === null ? null : writeOf(longer), result: known.id };
  };
  const result = await changeAudience<string>(env, { actor, plan });
  if (!(result instanceof Response)) return done(context, claim, incident);
  const { detail } = await result.json<{ readonly detail: string }>();
  return shown(context, claim, { status: 503, title: "Not now", text: [detail], button: ACT_WORDS.snooze.button });
}

function endingAt(silence: Silence, ends_at: string): SilenceWish {
  const { id: _id, revision: _revision, created_at: _at, created_by: _by, ...wish } = silence;
  return { ...wish, ends_at };
}

function done(context: Context<AppContext>, claim: ActClaim, incident: Incident | null): Promise<Response> {
  return shown(context, claim, { status: 200, title: "Done", text: [ACT_WORDS[claim.act].done], incident });
}

function over(context: Context<AppContext>, claim: ActClaim, incident: Incident): Promise<Response> {
  return shown(context, claim, { status: 409, title: "It is over", text: [OVER], incident });
}

async function tooOften(context: Context<AppContext>, claim: ActClaim, wait_s: number): Promise<Response> {
  const text = [
    `Links of ${claim.subscription} were clicked too often in the last minute, so that nothing was done.`,
    `Try again in ${wait_s} s.`,
  ];
  const { button } = ACT_WORDS[claim.act];
  const answer = await shown(context, claim, { status: 429, title: "Not so often", text, button });
  answer.headers.set("Retry-After", String(wait_s));
  return answer;
}

/** What the link is for; or the page that says why it is for nothing. */
async function claimOf(context: Context<AppContext>): Promise<ActClaim | Response> {
  const nothing = { incident: null, button: null, dashboard: null };
  const key = subscriptionKey(context.env);
  if (key instanceof Response) {
    const text = ["The server has no SUBSCRIPTION_KEY any more to tell its own links by."];
    return actPage({ ...nothing, status: 503, title: "This link cannot be read", text });
  }
  const verdict = await readActToken(context.req.param("token") ?? "", key, Date.now());
  if (verdict.ok) return verdict.claim;
  if (verdict.reason === "expired") {
    const text = ["Links of messages hold for 24 hours. Open the incident in Faultline instead."];
    return shown(context, verdict.claim, { status: 410, title: "This link has expired", text });
  }
  const text = ["It is not whole, was altered, or was made before the server's key was changed. Nothing was done."];
  return actPage({ ...nothing, status: 403, title: "This link is not valid", text });
}

/** As history has it, or its service's object; null where neither can say: a page needs it only to show. */
async function incidentOf(env: Env, { incident_id, service }: ActClaim): Promise<Incident | null> {
  try {
    // The object is ahead of history, and it alone has a change of this very moment.
    const open = (await monitorOf(env, service).describe())?.incident ?? null;
    if (open?.id === incident_id) return open;
  } catch (error) {
    console.warn(`the object of ${service} does not tell of its incident`, error);
  }
  try {
    return await readIncident(env.DB, incident_id);
  } catch (error) {
    console.warn("history does not tell of an incident", error);
    return null;
  }
}

function shown(
  { env }: Context<AppContext>,
  { incident_id }: ActClaim,
  page: Omit<ActPage, "incident" | "button" | "dashboard"> & Partial<ActPage>,
): Promise<Response> {
  // Where nobody said where the dashboard is, it is where this page is: a path leads there, whatever host somebody asked for.
  const base = (env.PUBLIC_URL ?? "").replace(/\/+$/, "");
  const dashboard = `${base}/incidents/${encodeURIComponent(incident_id)}`;
  return actPage({ incident: null, button: null, dashboard, ...page });
}
