/** The Fleet's actor over `node:sqlite`, with a clock and timers that the test moves, and neighbours that keep what they hear. */
import { incidentRow } from "./history-rows.ts";
import type { FleetReport, MonitorPort } from "../domain/fleet.ts";
import type { Incident } from "../domain/incident.ts";
import type { FleetMessage, ServiceMessage } from "../domain/message.ts";
import type { SubscriptionPort } from "../domain/subscriber.ts";
import type { VersionedSettings } from "../domain/settings.ts";
import { FleetActor } from "../durable-objects/fleet.ts";
import type { HeartbeatPorts } from "../durable-objects/fleet-heartbeat.ts";
import { type LiveListener, type LiveRequest, type LiveSockets, wants } from "../durable-objects/live-sockets.ts";
import { ActorWorld } from "./actor-world.ts";

export const START_MS = Date.parse("2026-11-24T10:00:00Z");

/** Sockets that keep what they were sent. Like the real ones they outlive the object's memory. */
class KeptSockets implements LiveSockets {
  readonly open = new Map<string, { listener: LiveListener; received: (FleetMessage | ServiceMessage)[] }>();
  readonly ended: string[] = [];

  count(): number {
    return this.open.size;
  }

  broadcast(message: FleetMessage | ServiceMessage): void {
    for (const { listener, received } of this.open.values()) if (wants(listener, message)) received.push(message);
  }

  closeEnded(now_ms: number): void {
    for (const [name, { listener }] of this.open) {
      if (listener.expires_at === null || listener.expires_at > now_ms) continue;
      this.open.delete(name);
      this.ended.push(name);
    }
  }

  closeAll(): void {
    this.open.clear();
  }

  earliestExpiry(): number | null {
    const expiries = [...this.open.values()].flatMap(({ listener }) => listener.expires_at ?? []);
    return expiries.length === 0 ? null : Math.min(...expiries);
  }
}

/** Services that note what they were told; those in `hanging` never answer, those in `broken` refuse. */
class WatchLog implements MonitorPort {
  /** In quarantine, as the services themselves know. */
  readonly quarantined = new Set<string>();
  /** What each was given last, and every offer in its order. */
  readonly settings = new Map<string, VersionedSettings>();
  readonly offers: { readonly service: string; readonly version: number }[] = [];
  readonly calls: { readonly service: string; readonly until_ms: number }[] = [];
  readonly hanging = new Set<string>();
  readonly broken = new Set<string>();
  in_flight = 0;
  in_flight_max = 0;

  async watch(service: string, until_ms: number): Promise<void> {
    this.calls.push({ service, until_ms });
    this.in_flight += 1;
    this.in_flight_max = Math.max(this.in_flight_max, this.in_flight);
    if (this.hanging.has(service)) await new Promise(() => undefined);
    await Promise.resolve();
    this.in_flight -= 1;
    if (this.broken.has(service)) throw new Error(`${service} is broken`);
  }

  async quarantine(service: string, quarantined: boolean): Promise<void> {
    if (this.hanging.has(service)) await new Promise(() => undefined);
    if (this.broken.has(service)) throw new Error(`${service} is broken`);
    if (quarantined) this.quarantined.add(service);
    else this.quarantined.delete(service);
  }

  /** By service: when it had its newest event. */
  readonly received = new Map<string, number>();
  readonly forgotten: string[] = [];

  async lastReceived(service: string): Promise<number | null> {
    if (this.hanging.has(service)) await new Promise(() => undefined);
    if (this.broken.has(service)) throw new Error(`${service} is broken`);
    return this.received.get(service) ?? null;
  }

  async forget(service: string): Promise<boolean> {
    if (this.hanging.has(service)) await new Promise(() => undefined);
    if (this.broken.has(service)) throw new Error(`${service} is broken`);
    this.forgotten.push(service);
    return true;
  }

  async takeSettings(service: string, offer: VersionedSettings): Promise<void> {
    this.offers.push({ service, version: offer.version });
    if (this.hanging.has(service)) await new Promise(() => undefined);
    if (this.broken.has(service)) throw new Error(`${service} is broken`);
    this.settings.set(service, offer);
  }
}

/** Objects of subscriptions that note what they were told: a revision and the name, or null for a removal. */
class SubscriptionLog {
  readonly told = new Map<string, { readonly revision: number; readonly name: string | null }[]>();
  readonly hanging = new Set<string>();
  readonly broken = new Set<string>();

  readonly of = (id: string): Pick<SubscriptionPort, "configure" | "remove"> => ({
    configure: ({ revision, wish }) => this.#hear(id, revision, wish.name),
    remove: (revision) => this.#hear(id, revision, null),
  });

  async #hear(id: string, revision: number, name: string | null): Promise<void> {
    if (this.hanging.has(id)) await new Promise(() => undefined);
    if (this.broken.has(id)) throw new Error(`${id} is broken`);
    this.told.set(id, [...(this.told.get(id) ?? []), { revision, name }]);
  }
}

export class FleetWorld extends ActorWorld {
  readonly sockets = new KeptSockets();
  readonly monitors = new WatchLog();
  readonly subscriptions = new SubscriptionLog();
  services_max = 2_000;
  /** Undefined: no heartbeat is set up. Whoever sets it lets the object wake anew. */
  heartbeat: HeartbeatPorts | undefined;
  actor: FleetActor;
  #background: Promise<void>[] = [];
  #random = 0;

  constructor() {
    super(START_MS);
    this.actor = this.#make();
  }

  /** The object loses its memory: timers and calls in flight with it. Storage, alarm and sockets stay. */
  evict(): void {
    this.loseTimers();
    this.actor = this.#make();
  }

  /** The alarm rings now. */
  override ring(): void {
    this.storage.alarm_ms = null;
    this.actor.onAlarm();
  }

  /** Slow work that can end without time passing has ended. */
  override async settle(): Promise<void> {
    const waiting = this.#background;
    const turns = async (): Promise<void> => {
      // Calls of the neighbours resolve within microtasks; one macrotask is after all of them.
      await new Promise((resolve) => setImmediate(resolve));
    };
    await Promise.race([Promise.all(waiting), turns()]);
  }

  connect(name: string, request: Partial<LiveRequest> = {}): (FleetMessage | ServiceMessage)[] {
    const whole: LiveRequest = { after: null, expires_at: null, min_severity: null, ...request };
    const received: (FleetMessage | ServiceMessage)[] = this.actor.greet(whole).filter((told) => wants(whole, told));
    this.sockets.open.set(name, { listener: whole, received });
    this.actor.onConnected();
    return received;
  }

  async admit(...services: string[]): Promise<void> {
    await this.actor.admit({ services, position: null });
  }

  #make(): FleetActor {
    return new FleetActor({
      storage: this.storage,
      now: () => this.now_ms,
      random: (length) => new Uint8Array(length).fill((this.#random += 1)),
      monitors: this.monitors,
      subscription: this.subscriptions.of,
      sockets: this.sockets,
      later: this.later,
      background: (work) => void this.#background.push(work),
      services_max: this.services_max,
      ...(this.heartbeat === undefined ? {} : { heartbeat: this.heartbeat }),
    });
  }
}

export function reportOf(service: string, changes: Partial<FleetReport> = {}): FleetReport {
  return {
    service,
    status: "healthy",
    incident_id: null,
    at: START_MS,
    request_rate: 10,
    error_rate: 0,
    p95_latency_ms: 80,
    baseline: { request_rate: 10, error_rate: 0.01, p95_latency_ms: 80 },
    ...changes,
  };
}

export function incidentOf(service: string, changes: Partial<Incident> = {}): Incident {
  const at = new Date(START_MS).toISOString();
  return incidentRow({
    id: `${service}-1-error_rate`,
    service,
    endpoint: null,
    endpoint_share: null,
    onset_at: at,
    opened_at: at,
    updated_at: at,
    metric_value: 0.3,
    score: 90,
    description: "3 of 10 requests failed.",
    request_count: 10,
    failed_count: 3,
    excess_count: 3,
    excess_low: 3,
    excess_high: 3,
    ...changes,
  });
}
