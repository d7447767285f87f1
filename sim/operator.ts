/** People and programs beside the bridge: quarantines, settings, acts on incidents, deletions, and a client over plain HTTP. */
import type { IncidentAct } from "../domain/incident-act.ts";
import type { SettingsDocument } from "../domain/settings-document.ts";
import type { FleetActor } from "../durable-objects/fleet.ts";
import type { TestEvent } from "../tests/monitor-harness.ts";
import type { FleetHost } from "./fleet-host.ts";
import type { Ledger } from "./ledger.ts";
import type { MonitorHost } from "./monitor-host.ts";
import { CallFailed } from "./network.ts";
import { valueOf } from "./stream.ts";
import type { Surroundings } from "./surroundings.ts";
import type { WorkerFront } from "./worker-front.ts";

/** Whom they reach. */
interface Reach extends Surroundings {
  readonly ledger: Ledger;
  readonly fleet: FleetHost;
  readonly front: WorkerFront;
  monitor(service: string): MonitorHost;
}

const RETRY_MS = 1_500;
const ACTS: readonly IncidentAct[] = [
  { kind: "acknowledge", by: "ada" },
  { kind: "resolve" },
  { kind: "feedback", verdict: "false_positive" },
  { kind: "feedback", verdict: null },
];

export class Operator {
  readonly #world: Reach;
  /** Acts that are not over yet. */
  #open = 0;
  #version = 0;
  #keys = 0;
  /** The newest settings that were put. */
  document: SettingsDocument = {};

  constructor(world: Reach) {
    this.#world = world;
  }

  get isDone(): boolean {
    return this.#open === 0;
  }

  /** Something random, to its end. */
  act(): void {
    const { dice, plan } = this.#world;
    const service = dice.pick(plan.services);
    const kind = dice.pick(["quarantine", "settings", "settings", "incident", "incident", "delete"] as const);
    this.#world.trace(`operator: ${kind} ${service}`);
    switch (kind) {
      case "quarantine":
        return this.#begin(this.#quarantine(service));
      case "settings":
        return this.#begin(this.#settings());
      case "incident":
        return this.#begin(this.#incident(service));
      case "delete":
        // A deleted service tells less of what is counted, so that it is rare.
        return dice.chance(0.3) ? this.#begin(this.#delete(service)) : undefined;
    }
  }

  /** An event with an idempotency key, sent until it is answered; sometimes once more. */
  plain(service: string): void {
    this.#begin(this.#plain(service));
  }

  #begin(work: Promise<void>): void {
    this.#open += 1;
    void work.then(() => (this.#open -= 1));
  }

  async #quarantine(service: string): Promise<void> {
    const { dice, scheduler } = this.#world;
    const known = await this.#insist((fleet) => fleet.quarantine(service, true));
    if (known === null) return;
    await scheduler.sleep(dice.whole(500, 15_000));
    for (;;) {
      const left = await this.#insist((fleet) => fleet.quarantine(service, false));
      // Deleted meanwhile, or lifted: it is not where its object did not hear of it.
      if (left === null || !left.quarantined) return;
      await scheduler.sleep(RETRY_MS);
    }
  }

  async #settings(): Promise<void> {
    const { dice, plan } = this.#world;
    this.#version += 1;
    const defaults = { sensitivity: dice.pick([0.001, 0.01, 1]), disorder_s: dice.whole(0, 5) };
    const services = [{ match: dice.pick(plan.services), sla_ms: dice.whole(100, 500) }];
    const document = { services_max: plan.services_max, defaults, services };
    this.document = document;
    const version = this.#version;
    await this.#insist((fleet) => fleet.putSettings(version, document));
  }

  async #incident(service: string): Promise<void> {
    const { dice, network } = this.#world;
    const host = this.#world.monitor(service);
    const incident = host.describe()?.incident;
    if (incident == null) return;
    const act = dice.pick(ACTS);
    await this.#until(() => {
      return network.call({}, () => host.act({ incident_id: incident.id, act, actor: "ada", known: null }));
    });
  }

  async #delete(service: string): Promise<void> {
    this.#world.ledger.deleted(service);
    await this.#insist(async (fleet) => {
      const answer = await fleet.remove(service, "ada");
      if (answer === "object_unavailable") throw new CallFailed(answer);
    });
  }

  async #plain(service: string): Promise<void> {
    const { dice, scheduler, network, ledger } = this.#world;
    this.#keys += 1;
    const event: TestEvent = {
      offset: -1,
      timestamp_ms: scheduler.now_ms,
      event_time_ms: scheduler.now_ms - dice.whole(0, 3_000),
      endpoint: "/plain",
      latency_us: dice.whole(1_000, 100_000),
      status_code: dice.pick([200, 200, 500]),
    };
    const idempotency = { key: `key ${this.#keys}`, body: `body ${this.#keys}` };
    const post = { lines: [valueOf(service, event)], position: null, idempotency };
    const attempt = async (): Promise<boolean> => {
      const { outcome } = await network.call({ late: true }, () => this.#world.front.post(post));
      if (outcome.kind !== "done") throw new Error(outcome.kind);
      return outcome.answer.rejected.length === 0;
    };
    const isTaken = await this.#until(attempt);
    ledger.answeredPlain(service, event, isTaken);
    if (isTaken && dice.chance(0.5)) await attempt().catch(() => false);
  }

  #insist<T>(work: (fleet: FleetActor) => Promise<T>): Promise<T> {
    const { network, fleet } = this.#world;
    return this.#until(() => network.call({ part: "fleet" }, () => fleet.call(work)));
  }

  /** Until it succeeds. */
  async #until<T>(work: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await work();
      } catch {
        await this.#world.scheduler.sleep(RETRY_MS);
      }
    }
  }
}
