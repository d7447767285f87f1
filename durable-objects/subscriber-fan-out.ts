/**
 * From a service's outbox to every subscription that it belongs to. All are told at once, each with a bound on its time, and none waits
 * for another; where one did not take what it was told, all are told again, and who has it knows that.
 */
import type { AudiencePort, SubscribersPort, SubscriptionPort } from "../domain/subscriber.ts";
import { inTime, type Later, tellServices } from "./tell-services.ts";

export interface FanOutPorts {
  readonly later: Later;
  readonly fleet: Pick<AudiencePort, "audience">;
  readonly subscription: (id: string) => Pick<SubscriptionPort, "take">;
}

export function subscriberFanOut({ later, fleet, subscription }: FanOutPorts): SubscribersPort {
  return {
    async notify(service, notices) {
      const { subscription_ids, silences } = await inTime(later, fleet.audience(service), "the Fleet");
      const tell = (id: string): Promise<void> => subscription(id).take(service, notices, silences);
      const failed = await tellServices(subscription_ids, later, tell, "subscriptions");
      if (failed.size > 0) throw new Error(`${[...failed].join(", ")} did not take what ${service} told`);
    },
  };
}
