/** A subscription to everything: it keeps what it is told, and what it knows already it passes over. */
import type { Notice, SubscribersPort } from "../domain/subscriber.ts";
import type { Surroundings } from "./surroundings.ts";

export class SubscribersPart {
  readonly #surroundings: Surroundings;
  /** Of each service the number of its newest event that was taken. */
  readonly #heard = new Map<string, number>();

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
  }

  /** As one service's object reaches it. */
  port(): SubscribersPort {
    const { network } = this.#surroundings;
    return {
      notify: (service, notices) =>
        network.call({ part: "subscribers", late: true }, async () => this.#take(service, notices)),
    };
  }

  heard(service: string): number {
    return this.#heard.get(service) ?? 0;
  }

  #take(service: string, notices: readonly Notice[]): void {
    const { invariants } = this.#surroundings;
    for (const { event } of notices) {
      const newest = this.heard(service);
      const where = `subscribers, ${service}`;
      invariants.equal("outbox_drains_in_order", where, service, event.service);
      invariants.holds("outbox_drains_in_order", where, event.seq <= newest + 1, newest + 1, event.seq);
      this.#heard.set(service, Math.max(newest, event.seq));
    }
  }
}
