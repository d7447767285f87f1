/** How the pipeline is doing: what the Fleet, the busiest services' objects and the Narrator tell of it, each asked once. */
import { Hono } from "hono";
import type { FleetPipeline, PipelineItem, ServiceFlow } from "../domain/pipeline.ts";
import type { ServiceDetail } from "../domain/resource.ts";
import { requireRole } from "./access.ts";
import type { AppContext } from "./context.ts";
import type { Env } from "./env.ts";
import { narratorStatus } from "./narrator-status.ts";
import { monitorOf } from "./neighbours.ts";

/** The page looks again every few seconds: what hangs for longer is told as hanging. */
const ANSWER_MS_MAX = 3_000;

export const pipelineRoutes = new Hono<AppContext>().get(
  "/pipeline",
  requireRole("viewer", "admin"),
  async (context) => {
    const { env } = context;
    const [fleet, narrator] = await Promise.all([
      orNull("the Fleet", () => fleetPart(env)),
      orNull("the Narrator", () => narratorStatus(env)),
    ]);
    const busiest = fleet?.busiest ?? [];
    const flows = await Promise.all(busiest.map((service) => orNull(service, () => flowOf(env, service))));
    const answer: PipelineItem = {
      at: new Date().toISOString(),
      fleet,
      asked: flows.filter((flow) => flow !== null),
      unanswered: busiest.filter((_, at) => flows[at] === null),
      narrator,
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

/** What somebody answers in time; null, with a word in the log, where they do not: the others' answers count all the same. */
async function orNull<T>(who: string, ask: () => Promise<T>): Promise<T | null> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer within ${ANSWER_MS_MAX} ms`)), ANSWER_MS_MAX);
    });
    return await Promise.race([ask(), late]);
  } catch (error) {
    console.warn(`the pipeline is told without ${who}`, error);
    return null;
  } finally {
    clearTimeout(timer);
  }
}
