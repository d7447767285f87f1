/** Trying settings before they are saved: what would they have told? */
import { type Context, Hono } from "hono";
import * as v from "valibot";
import type { MetricsWindow } from "../domain/history.ts";
import { judgeMinutes } from "../domain/minute-rules.ts";
import { compareIncidents, countChanges } from "../domain/replay-compare.ts";
import { formatRfc3339 } from "../domain/rfc3339.ts";
import type { ServiceSettings } from "../domain/settings.ts";
import { patchSettings } from "../domain/settings-document.ts";
import { parseSettingsPatch } from "../domain/settings-file.ts";
import { type ComparedSpan, previewNotes, type SettingsPreview } from "../domain/settings-preview.ts";
import { requireRole } from "./access.ts";
import type { AppContext } from "./context.ts";
import { readWindows } from "./history.ts";
import { monitorOf } from "./neighbours.ts";
import { parseQuery } from "./query-params.ts";
import { isKnown, unknownService } from "./service-routes.ts";
import { readSettingsBody } from "./settings-body.ts";

const DAY_MS = 86_400_000;
const DAYS_MAX = 30;
const PAGE = 5_000;
const MINUTES_NOTE =
  "minutes: further back than a day only windows of a minute are kept, which the plain rules alone can judge; sequential detection is not asked there.";

const previewQuery = v.object({
  days: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^(?:[1-9]|[12]\d|30)$/, `days: must be a whole number from 1 to ${DAYS_MAX}.`),
      v.transform(Number),
    ),
    "1",
  ),
});

export const previewRoutes = new Hono<AppContext>().post(
  "/services/:service/settings/preview",
  requireRole("admin"),
  async (context) => {
    const service = context.req.param("service");
    const query = parseQuery(previewQuery, context);
    if (query instanceof Response) return query;
    if (!(await isKnown(context, service))) return unknownService(service);
    const inForce = await monitorOf(context.env, service).settings();
    if (inForce === null) return unknownService(service);
    const body = await readSettingsBody(context, parseSettingsPatch);
    if (body instanceof Response) return body;
    const after = patchSettings(inForce.settings, body.document);
    const seconds = await monitorOf(context.env, service).preview(after);
    const minutes = query.days > 1 ? await previewMinutes(context, service, query.days, inForce.settings, after) : null;
    const notes = [...previewNotes(inForce.settings, after), ...(minutes === null ? [] : [MINUTES_NOTE])];
    return context.json({ service, seconds, minutes, notes } satisfies SettingsPreview);
  },
);

async function previewMinutes(
  context: Context<AppContext>,
  service: string,
  days: number,
  before: ServiceSettings,
  after: ServiceSettings,
): Promise<ComparedSpan> {
  const to_ms = Date.now() - DAY_MS;
  const from_ms = to_ms - (days - 1) * DAY_MS;
  const windows: MetricsWindow[] = [];
  for (let cursor: string | null = null, isFirst = true; isFirst || cursor !== null; isFirst = false) {
    const page = await readWindows(context.env.DB, { service, step: 60, from_ms, to_ms, limit: PAGE, cursor });
    for (const { provisional: _, ...window } of page.items) windows.push(window);
    cursor = page.next;
  }
  const compared = compareIncidents(judgeMinutes(windows, before), judgeMinutes(windows, after));
  const span = { from: formatRfc3339(from_ms), to: formatRfc3339(to_ms) };
  return { ...span, counts: countChanges(compared), compared };
}
