/** How the pipeline is doing: what the Fleet, the busiest services' objects and the Narrator tell of it, each asked once. */
import { Hono } from "hono";
import type { FleetPipeline, PipelineItem, ServiceFlow } from "../domain/pipeline.ts";
import type { ServiceDetail } from "../domain/resource.ts";
import { requireRole } from "./access.ts";
import type { AppContext } from "./context.ts";
import type { Env } from "./env.ts";
import { orNull } from "./in-time.ts";
import { narratorStatus } from "./narrator-status.ts";
import { monitorOf } from "./neighbours.ts";
import { subscriptionsFlow } from "./subscription-health.ts";

export const pipelineRoutes = new Hono<AppContext>().get(
  "/pipeline",
  requireRole("viewer", "admin"),
  async (context) => {
    const { env } = context;
    const [fleet, narrator, subscriptions] = await Promise.all([
      orNull("the Fleet", () => fleetPart(env)),
      orNull("the Narrator", () => narratorStatus(env)),
      orNull("the list of subscriptions", () => subscriptionsFlow(env)),
    ]);
    const busiest = fleet?.busiest ?? [];
    const flows = await Promise.all(busiest.map((service) => orNull(service, () => flowOf(env, service))));
    const answer: PipelineItem = {
      at: new Date().toISOString(),
      fleet,
      asked: flows.filter((flow) => flow !== null),
      unanswered: busiest.filter((_, at) => flows[at] === null),
      narrator,
      subscriptions,
    };
    return context.json(answer);
  },
);

async function fleetPart(env: Env): Promise<FleetPipeline> {
  return env.FLEET.getByName("fleet").pipeline();
}

async function flowOf(env: Env, service: string): Promise<ServiceFlow> {
  const detail: ServiceDetail | null = await monitorOf(env, service).describe();
  // The Fleet heard of it within two minutes: an object that knows nothing of it has lost what it held.
  if (detail === null) throw new Error(`the object of ${service} holds nothing`);
  const { at, request_rate, data, counters, outbox, outbox_since } = detail;
  return { service, at, request_rate, data, counters, outbox, outbox_since };
}
