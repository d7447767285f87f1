/** The objects as the Worker calls them. */
import type { DemoPort } from "../domain/demo.ts";
import type { FleetPort } from "../domain/fleet.ts";
import { fnv1a } from "../domain/fnv.ts";
import { parseNarratorSettings } from "../domain/narrator-settings.ts";
import type { ReadingsPort } from "../domain/pipeline-reading.ts";
import type { RejectionPort } from "../domain/rejection.ts";
import type { AudiencePort } from "../domain/subscriber.ts";
import type { Env } from "./env.ts";

/** There is one Fleet. */
export function fleetOf(
  env: Env,
): FleetPort & DemoPort & RejectionPort & AudiencePort & ReadingsPort & { fetch(request: Request): Promise<Response> } {
  return env.FLEET.getByName("fleet");
}

export function monitorOf(env: Env, service: string): ReturnType<Env["SERVICE_MONITOR"]["getByName"]> {
  return env.SERVICE_MONITOR.getByName(service);
}

/** The object of the subscription with this id. */
export function subscriptionOf(env: Env, id: string): ReturnType<Env["SUBSCRIPTION"]["getByName"]> {
  return env.SUBSCRIPTION.getByName(id);
}

type NarratorStub = ReturnType<Env["NARRATOR"]["getByName"]>;

/**
 * The instance that puts the service's incidents into words. Where their number has changed, what the former one still has to do
 * is done by it.
 */
export function narratorOf(env: Env, service: string): NarratorStub {
  return env.NARRATOR.getByName(narratorName(fnv1a(service) % parseNarratorSettings(env).instances));
}

/** All instances. The first one keeps the tokens of the day for all. */
export function narratorsOf(env: Env): readonly NarratorStub[] {
  const { instances } = parseNarratorSettings(env);
  return Array.from({ length: instances }, (_, index) => env.NARRATOR.getByName(narratorName(index)));
}

export function narratorName(index: number): string {
  return `narrator-${index}`;
}
