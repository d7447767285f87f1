/** The object of one service: its actor, with what `service-monitor-object.ts` does around it. */
import type { IncidentAnswer, IncidentCall } from "../domain/incident-act.ts";
import type { History } from "../domain/history.ts";
import type { DurableEvent } from "../domain/message.ts";
import type { NarrativeDraft, NarrativeVerdict } from "../domain/narrator.ts";
import type { ServiceDetail } from "../domain/resource.ts";
import type { VersionedSettings } from "../domain/settings.ts";
import type { ApplyAnswer, ApplyCall } from "../durable-objects/apply-call.ts";
import { MonitorStore, TARGETS } from "../durable-objects/service-monitor-sql.ts";
import type { MonitorNeighbours } from "../durable-objects/monitor-neighbours.ts";
import { ServiceMonitorActor } from "../durable-objects/service-monitor.ts";
import type { Storage } from "../durable-objects/storage.ts";
import { Arrivals } from "./arrivals.ts";
import { LiveClient } from "./live-client.ts";
import { ObjectHost } from "./object-host.ts";
import type { Surroundings } from "./surroundings.ts";

/** How long the first batch waits for the Fleet's word on settings. */
const ASK_MS_MAX = 3_000;

interface MonitorParts {
  readonly history: History;
  readonly fleet: MonitorNeighbours["fleet"];
  readonly narrator: MonitorNeighbours["narrator"];
  readonly subscribers: MonitorNeighbours["subscribers"];
  /** Whether batches of it were acknowledged that its object may not have, or have forgotten. */
  readonly hasGaps: () => boolean;
}

export class MonitorHost extends ObjectHost<ServiceMonitorActor> {
  readonly service: string;
  readonly client: LiveClient;
  readonly arrivals = new Arrivals();
  readonly #neighbours: MonitorNeighbours;
  /** The life that a tick is planned for. */
  #ticking: ServiceMonitorActor | null = null;
  /** By partition the newest `high` that was seen, and the watermark. */
  readonly #highs = new Map<string, number>();
  #watermark = -Infinity;
  readonly #hasGaps: () => boolean;

  constructor(service: string, surroundings: Surroundings, { hasGaps, ...parts }: MonitorParts) {
    super(service, surroundings);
    this.service = service;
    this.#hasGaps = hasGaps;
    this.client = new LiveClient(`socket of ${service}`, surroundings);
    this.#neighbours = { ...parts, has_model: true, sockets: this.client };
  }

  apply(call: ApplyCall): Promise<ApplyAnswer> {
    const { plant, scheduler } = this.surroundings;
    const altered = plant.altersCall(call);
    return this.call(async (actor) => {
      if (!actor.exists() && actor.askDue) await Promise.race([actor.ask(call.service), scheduler.sleep(ASK_MS_MAX)]);
      return actor.apply(altered);
    }).then((answer) => {
      if (call.position !== null) this.#observe();
      if (call.position !== null && answer.kind === "applied")
        this.arrivals.add(call.position.partition, scheduler.now_ms, call.position.last_offset);
      if (plant.rewrites(call, this.storage)) this.loseMemory();
      this.surroundings.trace(`${this.service} ${JSON.stringify({ ...answer, reports: [] })}`);
      return answer;
    });
  }

  takeSettings(offer: VersionedSettings): Promise<void> {
    return this.call((actor) => actor.takeSettings(offer));
  }

  quarantine(quarantined: boolean): Promise<void> {
    return this.call((actor) => actor.quarantine(quarantined));
  }

  act(call: IncidentCall): Promise<IncidentAnswer> {
    return this.call((actor) => actor.act(call));
  }

  takeNarrative(draft: NarrativeDraft): Promise<NarrativeVerdict> {
    return this.call((actor) => actor.takeNarrative(draft));
  }

  forget(actor_name: string): Promise<boolean> {
    return this.call((actor) => {
      try {
        return actor.forget(this.service, actor_name);
      } finally {
        // What comes after begins anew, also where it fails once the deletion is durable.
        const isForgotten = this.storage.unharmed(() => !new MonitorStore(this.storage).exists());
        if (isForgotten) this.#watermark = -Infinity;
      }
    });
  }

  lastReceived(): Promise<number | null> {
    return this.call((actor) => actor.lastReceived());
  }

  watch(until_ms: number): Promise<void> {
    return this.call((actor) => actor.watch(until_ms));
  }

  connect(): Promise<void> {
    return this.call((actor) => {
      if (!actor.exists()) return;
      this.client.connect(
        (request) => actor.greet(request),
        () => actor.onSocketsChanged(),
      );
    });
  }

  describe(): ServiceDetail | null {
    return this.look((actor) => actor.describe());
  }

  /** The durable events that it has told. */
  events(): readonly DurableEvent[] {
    const store = new MonitorStore(this.storage);
    return this.look(() => (store.exists() ? store.eventsAfter(0) : []));
  }

  /** Rows that wait for the targets. */
  waiting(): number {
    const store = new MonitorStore(this.storage);
    return this.storage.unharmed(() =>
      store.hasOutbox() ? TARGETS.reduce((sum, target) => sum + store.outboxCount(target), 0) : 0,
    );
  }

  protected make(storage: Storage): ServiceMonitorActor {
    return new ServiceMonitorActor(storage, () => this.surroundings.scheduler.now_ms, this.#neighbours);
  }

  protected ring(actor: ServiceMonitorActor): void {
    actor.onAlarm();
  }

  protected afterwards(actor: ServiceMonitorActor): void {
    if (actor.drainDue) this.background(actor.drain());
    this.#planTick(actor);
  }

  protected view(actor: ServiceMonitorActor): unknown {
    return [actor.describe(), actor.greet({ after: 0, expires_at: null, min_severity: null })];
  }

  protected hasWork(): boolean {
    return this.waiting() > 0;
  }

  #observe(): void {
    const { invariants } = this.surroundings;
    const [detail, watermark] = this.look((actor) => [actor.describe(), actor.watermark() ?? -Infinity]);
    invariants.holds("high_never_moves_back", this.service, watermark >= this.#watermark, this.#watermark, watermark);
    this.#watermark = watermark;
    // What was acknowledged without the object raised no timestamp there: when it comes late it may look like a new topic.
    if (this.#hasGaps()) return;
    for (const { topic, partition, high } of detail?.partitions ?? []) {
      const place = `${this.service} ${topic} ${partition}`;
      const before = this.#highs.get(place) ?? -Infinity;
      invariants.holds("high_never_moves_back", place, high >= before, `${before} or more`, high);
      this.#highs.set(place, high);
    }
  }

  #planTick(actor: ServiceMonitorActor): void {
    const delay_ms = actor.tickDelayMs;
    if (delay_ms === null || this.#ticking === actor) return;
    this.#ticking = actor;
    this.later(delay_ms, () => {
      this.#ticking = null;
      actor.tick();
      this.#planTick(actor);
    });
  }
}
