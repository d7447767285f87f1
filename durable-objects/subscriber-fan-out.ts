/**
 * From a service's outbox to every subscription that it belongs to. Fifty are told at a time, each with a bound on its time, and none waits
 * for another; where one did not take what it was told, the outbox tells again, and this time those alone that have yet to take it.
 */
import type { Audience, AudiencePort, Notice, SubscribersPort, SubscriptionPort } from "../domain/subscriber.ts";
import { inTime, type Later, tellServices } from "./tell-services.ts";

export interface FanOutPorts {
  readonly later: Later;
  readonly fleet: Pick<AudiencePort, "audience">;
  readonly subscription: (id: string) => Pick<SubscriptionPort, "take">;
}

/**
 * No call is begun later: a pass is over before the outbox takes it for lost (60 s). A thousand that hang, 5 s each and fifty at a time,
 * would take 100 s; whoever was not called comes first in the next pass.
 */
const PASS_MS_MAX = 50_000;

/**
 * An invocation may make 10,000 calls, 50 on the free plan, and what is beyond fails: so nobody is called again for what it has taken, and
 * each pass gets further than the one before. It is memory alone: who is told again for its loss knows what it has.
 */
export function subscriberFanOut({ later, fleet, subscription }: FanOutPorts): SubscribersPort {
  /** Of those that took it while others have not: the newest event. */
  const taken = new Map<string, number>();
  /** Those that failed, so that the others come before them. */
  let last: ReadonlySet<string> = new Set();

  async function pass(ids: readonly string[], silences: Audience["silences"], notices: readonly Notice[]) {
    let isOver = false;
    const tried = new Set<string>();
    const cancel = later(PASS_MS_MAX, () => (isOver = true));
    const tell = async (id: string, service: string): Promise<void> => {
      if (isOver) throw new Error("the time of this pass is over; it is told in the next one");
      tried.add(id);
      const fresh = notices.filter(({ event }) => event.seq > (taken.get(id) ?? -1));
      await subscription(id).take(service, fresh, silences);
      taken.set(id, Math.max(taken.get(id) ?? -1, newestOf(notices)));
    };
    const service = notices[0]!.event.service;
    try {
      const failed = await tellServices(ids, later, (id) => tell(id, service), "subscriptions");
      return { failed, tried };
    } finally {
      cancel();
    }
  }

  return {
    async notify(service, notices) {
      const { subscription_ids, silences } = await inTime(later, fleet.audience(service), "the Fleet");
      const newest = newestOf(notices);
      const left = subscription_ids.filter((id) => (taken.get(id) ?? -1) < newest);
      const ids = [...left.filter((id) => !last.has(id)), ...left.filter((id) => last.has(id))];
      const { failed, tried } = await pass(ids, silences, notices);
      last = new Set([...failed].filter((id) => tried.has(id)));
      if (failed.size > 0) throw new Error(`${shown(failed)} did not take what ${service} told`);
      // Events that come are newer, but for a service that was deleted and begins anew.
      taken.clear();
    },
  };
}

function newestOf(notices: readonly Notice[]): number {
  return Math.max(...notices.map(({ event }) => event.seq));
}

const SHOWN_MAX = 5;

function shown(ids: ReadonlySet<string>): string {
  const first = [...ids].slice(0, SHOWN_MAX).join(", ");
  return ids.size <= SHOWN_MAX ? first : `${first} and ${ids.size - SHOWN_MAX} more`;
}
