/** One service: what it does now, its windows and its live socket. */
import { type Context, Hono } from "hono";
import type * as v from "valibot";
import { SERVICE_NAME } from "../domain/event.ts";
import type { Page, ServiceSettingsItem, WindowItem } from "../domain/resource.ts";
import { requireRole } from "./access.ts";
import type { AppContext } from "./context.ts";
import { readWindows } from "./history.ts";
import { forwardLive, liveQuery } from "./live.ts";
import { fleetOf, monitorOf } from "./neighbours.ts";
import { problem } from "./problem.ts";
import { parseQuery, windowsQuery } from "./query-params.ts";

/** The last second that RFC 3339 can write. */
const SECOND_MAX = 253_402_300_799;

/** Whether the service exists; asked of its object where the Fleet does not answer. */
export async function isKnown(context: Context<AppContext>, service: string): Promise<boolean> {
  if (!SERVICE_NAME.test(service)) return false;
  try {
    return await fleetOf(context.env).isRegistered(service);
  } catch (error) {
    console.warn("the fleet could not be asked for a service", error);
    return monitorOf(context.env, service).exists();
  }
}

export function unknownService(service: string): Response {
  return problem(
    404,
    "unknown_service",
    `No service ${JSON.stringify(service.slice(0, 63))} has sent an event; GET /v1/services lists those that have.`,
  );
}

/** The watermark tells which windows are provisional; history is readable without it too. */
async function completeUntil(context: Context<AppContext>, service: string): Promise<number> {
  try {
    return (await monitorOf(context.env, service).watermark()) ?? -Infinity;
  } catch (error) {
    console.warn("the object could not be asked for its watermark", error);
    return Infinity;
  }
}

/** Windows of a second come from the object's last 24 h, those of a minute or an hour from history. */
async function readSpan(
  context: Context<AppContext>,
  service: string,
  query: v.InferOutput<typeof windowsQuery>,
): Promise<Page<WindowItem>> {
  const { step, from_ms, to_ms, limit, cursor } = query;
  if (step !== 1) {
    const complete_until_ms = await completeUntil(context, service);
    return readWindows(context.env.DB, { service, step, from_ms, to_ms, limit, cursor, complete_until_ms });
  }
  const from_s = Math.max(0, Math.ceil(from_ms / 1000), Number(cursor ?? 0));
  const to_s = Math.min(SECOND_MAX, Math.ceil(to_ms / 1000));
  const { items, next_s } = await monitorOf(context.env, service).windows(from_s, to_s, limit);
  return { items, next: next_s === null ? null : String(next_s) };
}

export const serviceRoutes = new Hono<AppContext>()
  .get("/services/:service", requireRole("viewer", "admin"), async (context) => {
    const service = context.req.param("service");
    if (!(await isKnown(context, service))) return unknownService(service);
    const detail = await monitorOf(context.env, service).describe();
    return detail === null ? unknownService(service) : context.json(detail);
  })
  .get("/services/:service/settings", requireRole("viewer", "admin"), async (context) => {
    const service = context.req.param("service");
    if (!(await isKnown(context, service))) return unknownService(service);
    const settings = await monitorOf(context.env, service).settings();
    return settings === null
      ? unknownService(service)
      : context.json({ service, ...settings } satisfies ServiceSettingsItem);
  })
  .get("/services/:service/windows", requireRole("viewer", "admin"), async (context) => {
    const service = context.req.param("service");
    const query = parseQuery(windowsQuery, context);
    if (query instanceof Response) return query;
    if (!(await isKnown(context, service))) return unknownService(service);
    return context.json(await readSpan(context, service, query));
  })
  .get("/services/:service/live", requireRole("viewer", "admin"), async (context) => {
    const service = context.req.param("service");
    const query = liveQuery(context);
    if (query instanceof Response) return query;
    if (!(await isKnown(context, service))) return unknownService(service);
    const response = await forwardLive(context, query, (request) => monitorOf(context.env, service).fetch(request));
    return response.status === 404 ? unknownService(service) : response;
  });
