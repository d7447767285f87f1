/** How the pipeline is doing: what the busiest services' objects, the Narrator and history tell of it, each asked once. */
import type { FleetPipeline, PipelineItem, ServiceFlow } from "../domain/pipeline.ts";
import type { ServiceDetail } from "../domain/resource.ts";
import type { Env } from "./env.ts";
import { orNull } from "./in-time.ts";
import { narratorStatus } from "./narrator-status.ts";
import { monitorOf } from "./neighbours.ts";
import { historyFlow } from "./pipeline-history.ts";

/** Beside what the Fleet told, null where it does not answer, and the subscriptions' objects, null where they are not asked or not known. */
export async function pipelineItem(
  env: Env,
  told: Pick<PipelineItem, "fleet" | "subscriptions">,
): Promise<PipelineItem> {
  const busiest = told.fleet?.busiest ?? [];
  const [narrator, history, flows] = await Promise.all([
    orNull("the Narrator", () => narratorStatus(env)),
    orNull("the history database", () => historyFlow(env.DB, Date.now())),
    Promise.all(busiest.map((service) => orNull(service, () => flowOf(env, service)))),
  ]);
  return {
    at: new Date().toISOString(),
    ...told,
    asked: flows.filter((flow) => flow !== null),
    unanswered: busiest.filter((_, at) => flows[at] === null),
    narrator,
    history,
  };
}

async function flowOf(env: Env, service: string): Promise<ServiceFlow> {
  const detail: ServiceDetail | null = await monitorOf(env, service).describe();
  // The Fleet heard of it within two minutes: an object that knows nothing of it has lost what it held.
  if (detail === null) throw new Error(`the object of ${service} holds nothing`);
  const { at, request_rate, data, counters, outbox, outbox_since } = detail;
  return { service, at, request_rate, data, counters, outbox, outbox_since };
}

export async function fleetPart(env: Env): Promise<FleetPipeline> {
  return env.FLEET.getByName("fleet").pipeline();
}
