/** The settings document: stored as a version, handed to the Fleet, which brings it to the services. */
import { type Context, Hono } from "hono";
import * as v from "valibot";
import type { Page, SettingsVersion } from "../domain/resource.ts";
import { parseSettings } from "../domain/settings-file.ts";
import { requireRole } from "./access.ts";
import type { AppContext } from "./context.ts";
import { fleetOf } from "./neighbours.ts";
import { problem } from "./problem.ts";
import { limitParam, parseQuery } from "./query-params.ts";
import { readSettingsBody } from "./settings-body.ts";
import { newestSettings, settingsBefore, storeSettings } from "./settings-store.ts";

const HISTORY_LIMIT_DEFAULT = 20;
const HISTORY_LIMIT_MAX = 100;

/** The cursor is the last version of the page before. */
const historyQuery = v.object({
  limit: limitParam(HISTORY_LIMIT_DEFAULT, HISTORY_LIMIT_MAX),
  cursor: v.optional(v.pipe(v.string(), v.regex(/^\d{1,15}$/, "cursor: must be the next of the page before."))),
});

export const settingsRoutes = new Hono<AppContext>()
  .get("/settings", requireRole("viewer", "admin"), async (context) => {
    return answer(context, await newestSettings(context.env.DB));
  })
  .put("/settings", requireRole("admin"), async (context) => {
    const expected = expectedVersion(context.req.header("If-Match"));
    if (expected instanceof Response) return expected;
    const body = await readSettingsBody(context, parseSettings);
    if (body instanceof Response) return body;
    const { document } = body;
    const changed_by = `admin by ${context.get("access").by}`;
    const wish = { document, now_ms: Date.now(), changed_by, expected };
    const { kind, newest } = await storeSettings(context.env.DB, wish);
    if (kind === "outdated") {
      const detail = `If-Match: the newest version is ${newest.version}; read it, bring your change into it, and send that.`;
      return problem(412, "settings_changed", detail, { version: newest.version });
    }
    return (await handOn(context, newest)) ?? answer(context, newest);
  })
  .get("/settings/history", requireRole("viewer", "admin"), async (context) => {
    const query = parseQuery(historyQuery, context);
    if (query instanceof Response) return query;
    const before = Number(query.cursor ?? Number.MAX_SAFE_INTEGER);
    const versions = await settingsBefore(context.env.DB, before, query.limit + 1);
    const items = versions.slice(0, query.limit);
    const next = versions.length > query.limit ? String(items.at(-1)?.version) : null;
    return context.json({ items, next } satisfies Page<SettingsVersion>);
  });

function answer(context: Context<AppContext>, settings: SettingsVersion): Response {
  context.header("ETag", `"${settings.version}"`);
  return context.json(settings);
}

/** The version that a change was made from; null where none is said. */
function expectedVersion(if_match: string | undefined): number | null | Response {
  if (if_match === undefined || if_match.trim() === "*") return null;
  const version = /^"(\d{1,15})"$/.exec(if_match.trim())?.[1];
  if (version !== undefined) return Number(version);
  return problem(400, "bad_header", 'If-Match: must be the ETag that GET /v1/settings gave, as in "7".');
}

/** Null once the Fleet has the version; what is stored already stays, and the same request again hands it on. */
async function handOn(context: Context<AppContext>, { version, document }: SettingsVersion): Promise<Response | null> {
  try {
    await fleetOf(context.env).putSettings(version, document);
    return null;
  } catch (error) {
    console.warn("the fleet took no settings", error);
    const detail = `Stored as version ${version}, but the Fleet does not answer, so that no service has it yet: send the same again.`;
    return problem(503, "fleet_unavailable", detail, { version });
  }
}
