/** All parts of a simulation, wired as the Worker and the platform wire the real ones. */
import { createHash, type Hash } from "node:crypto";
import type { FleetPort, MonitorPort } from "../domain/fleet.ts";
import type { NarratedPort } from "../domain/narrator.ts";
import { randomFor } from "../generator/random.ts";
import { START_MS } from "../tests/monitor-harness.ts";
import { Bridge } from "./bridge.ts";
import { type Dice, diceOf } from "./dice.ts";
import { FleetHost } from "./fleet-host.ts";
import { HistoryPart } from "./history-part.ts";
import { Invariants } from "./invariants.ts";
import { Ledger } from "./ledger.ts";
import { MonitorHost } from "./monitor-host.ts";
import { NarratorHost } from "./narrator-host.ts";
import { Network } from "./network.ts";
import { Operator } from "./operator.ts";
import type { Plan } from "./plan.ts";
import type { Plant } from "./plants.ts";
import { Scheduler } from "./scheduler.ts";
import { SubscribersPart } from "./subscribers-part.ts";
import { type Log, logsOf } from "./stream.ts";
import type { Surroundings } from "./surroundings.ts";
import { WorkerFront } from "./worker-front.ts";

/** A backlog lies this long before the clock. */
const BEHIND_MS = 5_000;

export class World implements Surroundings {
  readonly plan: Plan;
  readonly plant: Plant;
  readonly scheduler: Scheduler;
  readonly dice: Dice;
  readonly network: Network;
  readonly invariants = new Invariants();
  readonly ledger = new Ledger(this.invariants);
  readonly logs: readonly Log[];
  readonly history: HistoryPart;
  readonly narrator: NarratorHost;
  readonly subscribers: SubscribersPart;
  readonly monitors: readonly MonitorHost[];
  readonly fleet: FleetHost;
  readonly front: WorkerFront;
  readonly bridge: Bridge;
  readonly operator: Operator;
  readonly trace: (step: string) => void;
  readonly digest: Hash = createHash("sha256");
  /** Services whose incidents could be compared with those of the plain stream. */
  compared = 0;

  /** `note` hears of every step. */
  constructor(plan: Plan, plant: Plant, note: (line: string) => void) {
    this.plan = plan;
    this.plant = plant;
    this.logs = logsOf(plan);
    const start_ms = plan.kind === "wild" ? START_MS : START_MS + plan.seconds * 1000 + BEHIND_MS;
    this.scheduler = new Scheduler(start_ms);
    this.trace = (step) => {
      const line = `${((this.scheduler.now_ms - start_ms) / 1000).toFixed(3)} ${step}`;
      this.digest.update(line);
      note(line);
    };
    this.dice = diceOf(randomFor(plan.seed, 3));
    this.network = new Network(this.scheduler, this.dice, plan.chaos);
    this.history = new HistoryPart(this);
    this.subscribers = new SubscribersPart(this);
    this.fleet = new FleetHost(this, this.#monitorPort());
    const fleet = this.#fleetPort();
    const monitors: NarratedPort = { takeNarrative: (service, draft) => this.monitor(service).takeNarrative(draft) };
    this.narrator = new NarratorHost(this, { fleet, monitors });
    this.monitors = plan.services.map((service) => {
      const hasGaps = (): boolean => this.ledger.hasGaps(service);
      const narrator = this.narrator.port(service);
      const [history, subscribers] = [this.history.of(service), this.subscribers.port()];
      return new MonitorHost(service, this, { history, fleet, narrator, subscribers, hasGaps });
    });
    this.front = new WorkerFront(this, { fleet, monitor: (service) => this.monitor(service) });
    this.bridge = new Bridge(this, {
      post: (post) => this.front.post(post),
      ledger: this.ledger,
      logs: this.logs,
    });
    this.operator = new Operator(this);
  }

  monitor(service: string): MonitorHost {
    const host = this.monitors.find((monitor) => monitor.service === service);
    if (host === undefined) throw new Error(`the simulation has no service ${service}`);
    return host;
  }

  /** Those with a live socket. */
  get hosts(): readonly (MonitorHost | FleetHost)[] {
    return [...this.monitors, this.fleet];
  }

  get objects(): readonly (MonitorHost | FleetHost | NarratorHost)[] {
    return [...this.hosts, this.narrator];
  }

  /** Lets time pass up to `end_ms`, or until it is over or an invariant broke. */
  run(end_ms: number, isOver: () => boolean): Promise<void> {
    return this.scheduler.runUntil(end_ms, () => this.invariants.broken !== null || isOver());
  }

  close(): void {
    for (const { storage } of this.objects) storage.close();
  }

  #fleetPort(): ReturnType<FleetHost["port"]> {
    const port = this.fleet.port();
    const refuse: FleetPort["refuse"] = async (service, position) => {
      // Also where the answer is lost: the mark may be there.
      this.ledger.marked(service);
      return port.refuse(service, position);
    };
    return { ...port, refuse };
  }

  #monitorPort(): MonitorPort {
    const reach = <T>(service: string, work: (host: MonitorHost) => Promise<T>): Promise<T> =>
      this.network.call({}, () => work(this.monitor(service)));
    return {
      watch: (service, until_ms) => reach(service, (host) => host.watch(until_ms)),
      quarantine: (service, quarantined) => reach(service, (host) => host.quarantine(quarantined)),
      takeSettings: (service, offer) => reach(service, (host) => host.takeSettings(offer)),
      lastReceived: (service) => reach(service, (host) => host.lastReceived()),
      forget: (service, actor) => reach(service, (host) => host.forget(actor)),
    };
  }
}
