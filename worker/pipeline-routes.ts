/** How the pipeline is doing, now and in each minute of the last 24 h. */
import { Hono } from "hono";
import { MINUTE_MS, type PipelineReading } from "../domain/pipeline-reading.ts";
import type { Page } from "../domain/resource.ts";
import { requireRole } from "./access.ts";
import type { AppContext } from "./context.ts";
import { orNull } from "./in-time.ts";
import { fleetOf } from "./neighbours.ts";
import { fleetPart, pipelineItem } from "./pipeline-item.ts";
import { parseQuery, readingsQuery } from "./query-params.ts";
import { subscriptionsFlow } from "./subscription-health.ts";

const HOUR_MS = 60 * MINUTE_MS;

export const pipelineRoutes = new Hono<AppContext>()
  .get("/pipeline", requireRole("viewer", "admin"), async (context) => {
    const { env } = context;
    const [fleet, subscriptions] = await Promise.all([
      orNull("the Fleet", () => fleetPart(env)),
      orNull("the list of subscriptions", () => subscriptionsFlow(env)),
    ]);
    return context.json(await pipelineItem(env, { fleet, subscriptions }));
  })
  // What was read once a minute, the last hour where no `from` says otherwise; minutes in which nobody sent are missing.
  .get("/pipeline/readings", requireRole("viewer", "admin"), async (context) => {
    const query = parseQuery(readingsQuery, context);
    if (query instanceof Response) return query;
    const items = await fleetOf(context.env).readings(query.from ?? Date.now() - HOUR_MS);
    return context.json({ items, next: null } satisfies Page<PipelineReading>);
  });
