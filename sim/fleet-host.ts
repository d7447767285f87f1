/** The object of the whole fleet: its actor, with what `fleet-object.ts` does around it. */
import type { FleetPort, MonitorPort, ServiceEvent } from "../domain/fleet.ts";
import { FleetActor } from "../durable-objects/fleet.ts";
import type { Storage } from "../durable-objects/storage.ts";
import { LiveClient } from "./live-client.ts";
import { ObjectHost } from "./object-host.ts";
import type { Surroundings } from "./surroundings.ts";

export class FleetHost extends ObjectHost<FleetActor> {
  readonly client: LiveClient;
  readonly #monitors: MonitorPort;
  /** Of each service the newest durable event that came. */
  readonly #heard = new Map<string, number>();

  constructor(surroundings: Surroundings, monitors: MonitorPort) {
    super("fleet", surroundings);
    this.#monitors = monitors;
    this.client = new LiveClient("socket of the fleet", surroundings);
  }

  connect(): Promise<void> {
    return this.call((actor) => {
      this.client.connect(
        (request) => actor.greet(request),
        () => actor.onConnected(),
      );
    });
  }

  /** The Fleet as its neighbours reach it. */
  port(): Pick<
    FleetPort,
    "admit" | "refuse" | "report" | "incidents" | "settingsOf" | "hears" | "claimKey" | "neighbours"
  > {
    const reach = <T>(work: (actor: FleetActor) => Promise<T>, late = false): Promise<T> =>
      this.surroundings.network.call({ part: "fleet", late }, () => this.call(work));
    return {
      admit: (request) =>
        reach(async (actor) => {
          const admissions = await actor.admit(request);
          await this.#checkBound(actor);
          return admissions;
        }),
      refuse: (service, position) => reach((actor) => actor.refuse(service, position)),
      report: (reports) => reach((actor) => actor.report(reports), true),
      settingsOf: (service) => reach((actor) => actor.settingsOf(service)),
      neighbours: (question) => reach((actor) => actor.neighbours(question)),
      hears: (question) => reach((actor) => actor.hears(question)),
      claimKey: (key, body) => reach((actor) => actor.claimKey(key, body)),
      incidents: (events) =>
        reach(async (actor) => {
          await actor.incidents(events);
          this.#hear(events);
        }, true),
    };
  }

  protected make(storage: Storage): FleetActor {
    const { scheduler, plan } = this.surroundings;
    let random = 0;
    return new FleetActor({
      storage,
      now: () => scheduler.now_ms,
      random: (length) => new Uint8Array(length).fill((random += 1)),
      monitors: this.#monitors,
      subscription: (id) => {
        throw new Error(`nobody subscribed here, and yet ${id} is asked`);
      },
      sockets: this.client,
      later: (delay_ms, work) => this.later(delay_ms, work),
      background: (work) => this.background(work),
      services_max: plan.services_max,
    });
  }

  protected ring(actor: FleetActor): void {
    actor.onAlarm();
  }

  protected afterwards(): void {
    // The actor starts its slow work itself.
  }

  /** Rates of each second, and when a bridge was heard, live in memory alone. */
  protected view(actor: FleetActor): unknown {
    const [snapshot, ...events] = actor.greet({ after: 0, expires_at: null, min_severity: null });
    if (snapshot?.type !== "snapshot" || !("services" in snapshot)) return snapshot;
    const services = snapshot.services.map(({ service, minutes }) => ({ service, minutes }));
    return [snapshot.seq, services, snapshot.incidents, events];
  }

  protected hasWork(): boolean {
    return this.storage.exec("SELECT 1 AS found FROM settings_outbox LIMIT 1").length > 0;
  }

  async #checkBound(actor: FleetActor): Promise<void> {
    const { invariants, plan } = this.surroundings;
    const { items } = await actor.services(null, plan.services_max + 1);
    const isBounded = items.length <= plan.services_max;
    invariants.holds("registry_bounded", "fleet", isBounded, `${plan.services_max} or fewer`, items.length);
  }

  #hear(events: readonly ServiceEvent[]): void {
    for (const { service, seq } of events) {
      const newest = this.#heard.get(service) ?? 0;
      const { invariants } = this.surroundings;
      invariants.holds("outbox_drains_in_order", `fleet, ${service}`, seq <= newest + 1, newest + 1, seq);
      this.#heard.set(service, Math.max(newest, seq));
    }
  }
}
