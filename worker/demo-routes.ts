/** Faults on purpose, in demo mode alone: what is wished for, what is on, and its end. */
import { type Context, Hono } from "hono";
import { type DemoState, demoWishSchema, type DemoWish } from "../domain/demo.ts";
import { requireRole } from "./access.ts";
import type { AppContext } from "./context.ts";
import { isDemo } from "./demo-mode.ts";
import { parseBody } from "./json-body.ts";
import { fleetOf, monitorOf } from "./neighbours.ts";
import { problem } from "./problem.ts";
import { isKnown, unknownService } from "./service-routes.ts";

const NOTHING: DemoState = { on: false, faults: [], asked_at: null };
/** Endpoints that a refusal names. */
const NAMED_MAX = 10;

function refusal(): Response {
  const detail =
    "Demo mode is off here: `npm start` turns it on for one's own machine (DEMO=1 in .dev.vars, asked by a loopback address); a deployed Faultline has none.";
  return problem(403, "demo_off", detail);
}

/** Null where the service has sent a request to the endpoint lately: a fault elsewhere would show nothing. */
async function unknownTarget(context: Context<AppContext>, { service, endpoint }: DemoWish): Promise<Response | null> {
  if (!(await isKnown(context, service))) return unknownService(service);
  if (endpoint === null) return null;
  const detail = await monitorOf(context.env, service).describe();
  const known = detail?.endpoints.map((item) => item.endpoint) ?? [];
  if (known.includes(endpoint)) return null;
  const named = known.slice(0, NAMED_MAX).join(", ");
  const has = named === "" ? "it has had no request in the last minute" : `it has ${named}`;
  return problem(404, "unknown_endpoint", `endpoint: ${service} has no ${JSON.stringify(endpoint)}; ${has}.`);
}

export const demoRoutes = new Hono<AppContext>()
  // The generator asks with the ingest token that it has anyway: whoever may send any event may as well know which are to fail.
  .get("/demo/faults", requireRole("ingest", "viewer", "admin"), async (context) => {
    if (!isDemo(context.env, context.req.url)) return context.json(NOTHING);
    const by_player = context.get("access").role === "ingest";
    const state = await fleetOf(context.env).demoFaults(by_player);
    return context.json({ on: true, ...state } satisfies DemoState);
  })
  .post("/demo/faults", requireRole("admin"), async (context) => {
    if (!isDemo(context.env, context.req.url)) return refusal();
    const wish = await parseBody(demoWishSchema, context);
    if (wish instanceof Response) return wish;
    const unknown = await unknownTarget(context, wish);
    if (unknown !== null) return unknown;
    const fault = await fleetOf(context.env).breakService(wish);
    if (fault !== null) return context.json(fault, 201);
    return problem(409, "too_many_faults", "As many faults are on as may be; end some first: DELETE /v1/demo/faults.");
  })
  .delete("/demo/faults", requireRole("admin"), async (context) => {
    if (!isDemo(context.env, context.req.url)) return refusal();
    return context.json({ ended: await fleetOf(context.env).mendFaults(null) });
  })
  .delete("/demo/faults/:id{\\d{1,15}}", requireRole("admin"), async (context) => {
    if (!isDemo(context.env, context.req.url)) return refusal();
    return context.json({ ended: await fleetOf(context.env).mendFaults(context.req.param("id")) });
  });
