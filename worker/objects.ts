/** The classes of the objects, with their neighbours: the one place where the Worker's rooms and the objects meet. */
import type { FleetPort } from "../domain/fleet.ts";
import type { History } from "../domain/history.ts";
import type { FleetPipeline, PipelineItem } from "../domain/pipeline.ts";
import type { BudgetPort, NarratedPort, NarratorPort, NeighboursPort, PastPort } from "../domain/narrator.ts";
import type { AudiencePort, SubscribersPort } from "../domain/subscriber.ts";
import { FleetObject } from "../durable-objects/fleet-object.ts";
import { hasModel, NarratorObject } from "../durable-objects/narrator-object.ts";
import { ServiceMonitorObject } from "../durable-objects/service-monitor-object.ts";
import { subscriberFanOut } from "../durable-objects/subscriber-fan-out.ts";
import { SubscriptionObject } from "../durable-objects/subscription-object.ts";
import type { Env } from "./env.ts";
import { d1History } from "./history.ts";
import { fleetOf, monitorOf, narratorName, narratorOf, subscriptionOf } from "./neighbours.ts";
import { pipelineItem } from "./pipeline-item.ts";
import { d1Past } from "./past-incidents.ts";

export class Fleet extends FleetObject<Env> {
  protected override async historyAnswers(): Promise<void> {
    await this.env.DB.prepare("SELECT 1").run();
  }

  protected override readPipeline(fleet: FleetPipeline): Promise<PipelineItem> {
    return pipelineItem(this.env, { fleet, subscriptions: null });
  }
}

export class ServiceMonitor extends ServiceMonitorObject<Env> {
  protected override history(): History {
    return d1History(this.env.DB);
  }

  protected override fleet(): FleetPort {
    return fleetOf(this.env);
  }

  protected override narrator(): NarratorPort {
    return { narrate: (requests) => narratorOf(this.env, requests[0]!.service).narrate(requests) };
  }

  protected override subscribers(): SubscribersPort {
    return subscriberFanOut({
      later: (delay_ms, work) => {
        const timer = setTimeout(work, delay_ms);
        return () => clearTimeout(timer);
      },
      fleet: fleetOf(this.env),
      subscription: (id) => subscriptionOf(this.env, id),
    });
  }

  protected override hasModel(): boolean {
    return hasModel(this.env);
  }
}

export class Subscription extends SubscriptionObject<Env> {
  protected override history(): History {
    return d1History(this.env.DB);
  }

  protected override fleet(): Pick<AudiencePort, "silences"> {
    return fleetOf(this.env);
  }
}

export class Narrator extends NarratorObject<Env> {
  protected override fleet(): NeighboursPort {
    return fleetOf(this.env);
  }

  protected override past(): PastPort {
    return d1Past(this.env.DB);
  }

  protected override monitors(): NarratedPort {
    return { takeNarrative: (service, draft) => Promise.resolve(monitorOf(this.env, service).takeNarrative(draft)) };
  }

  protected override keeper(): BudgetPort | null {
    const { NARRATOR } = this.env;
    const first = NARRATOR.idFromName(narratorName(0));
    return first.equals(this.ctx.id) ? null : NARRATOR.get(first);
  }
}
