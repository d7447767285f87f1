/** One service: what it does now, its windows and its live socket. */
import { type Context, Hono } from "hono";
import { SERVICE_NAME } from "../domain/event.ts";
import type { Page, WindowItem } from "../domain/resource.ts";
import { requireRole } from "./access.ts";
import type { AppContext } from "./context.ts";
import { readWindows } from "./history.ts";
import { forwardLive, liveQuery } from "./live.ts";
import { fleetOf, monitorOf } from "./neighbours.ts";
import { problem } from "./problem.ts";
import { parseQuery, windowsQuery } from "./query-params.ts";

/** Whether the service exists; asked of its object where the Fleet does not answer. */
async function isKnown(context: Context<AppContext>, service: string): Promise<boolean> {
  if (!SERVICE_NAME.test(service)) return false;
  try {
    return await fleetOf(context.env).isRegistered(service);
  } catch (error) {
    console.warn("the fleet could not be asked for a service", error);
    return monitorOf(context.env, service).exists();
  }
}

function unknownService(service: string): Response {
  return problem(404, "unknown_service", `No service ${JSON.stringify(service.slice(0, 63))} has sent an event; GET /v1/services lists those that have.`);
}

export const serviceRoutes = new Hono<AppContext>()
  .get("/services/:service", requireRole("viewer", "admin"), async (context) => {
    const service = context.req.param("service");
    if (!(await isKnown(context, service))) return unknownService(service);
    const detail = await monitorOf(context.env, service).describe();
    return detail === null ? unknownService(service) : context.json(detail);
  })
  .get("/services/:service/windows", requireRole("viewer", "admin"), async (context) => {
    const service = context.req.param("service");
    const query = parseQuery(windowsQuery, context);
    if (query instanceof Response) return query;
    if (!(await isKnown(context, service))) return unknownService(service);
    if (query.step !== 1) return context.json(await readWindows(context.env.DB, { service, ...query, step: query.step }));
    const { from_ms, to_ms, limit, cursor } = query;
    const from_s = Math.max(Math.ceil(from_ms / 1000), cursor === null ? -Infinity : Number(cursor));
    const { items, next_s } = await monitorOf(context.env, service).windows(from_s, Math.ceil(to_ms / 1000), limit);
    return context.json({ items, next: next_s === null ? null : String(next_s) } satisfies Page<WindowItem>);
  })
  .get("/services/:service/live", requireRole("viewer", "admin"), async (context) => {
    const service = context.req.param("service");
    const query = liveQuery(context);
    if (query instanceof Response) return query;
    if (!(await isKnown(context, service))) return unknownService(service);
    return forwardLive(context, query, (request) => monitorOf(context.env, service).fetch(request));
  });
