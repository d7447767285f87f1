/** The objects as the Worker calls them. */
import type { FleetPort } from "../domain/fleet.ts";
import type { Env } from "./env.ts";

/** There is one Fleet. */
export function fleetOf(env: Env): FleetPort & { fetch(request: Request): Promise<Response> } {
  return env.FLEET.getByName("fleet");
}

export function monitorOf(env: Env, service: string): ReturnType<Env["SERVICE_MONITOR"]["getByName"]> {
  return env.SERVICE_MONITOR.getByName(service);
}
