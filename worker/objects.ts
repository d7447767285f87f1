/** The classes of the objects, with their neighbours: the one place where the Worker's rooms and the objects meet. */
import type { FleetPort } from "../domain/fleet.ts";
import type { History } from "../domain/history.ts";
import type { NarratorPort } from "../domain/narrator.ts";
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

  /** None is bound: what waits for it waits on. */
  protected override narrator(): NarratorPort {
    return { narrate: () => Promise.reject(new Error("no Narrator is bound")) };
  }

  protected override hasModel(): boolean {
    return false;
  }
}
