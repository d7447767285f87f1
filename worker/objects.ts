/** The classes of the objects, with their neighbours: the one place where the Worker's rooms and the objects meet. */
import type { FleetPort } from "../domain/fleet.ts";
import type { History } from "../domain/history.ts";
import { ServiceMonitorObject } from "../durable-objects/service-monitor-object.ts";
import type { Env } from "./env.ts";
import { d1History } from "./history.ts";
import { fleetOf } from "./neighbours.ts";

export { Fleet } from "../durable-objects/fleet-object.ts";

export class ServiceMonitor extends ServiceMonitorObject<Env> {
  protected override history(): History {
    return d1History(this.env.DB);
  }

  protected override fleet(): FleetPort {
    return fleetOf(this.env);
  }
}
