/**
 * The actor of the whole fleet: registry and admission, the overview socket, heartbeats, session codes and idempotency keys.
 * There is one. What it decides is stored before it is answered; rates of each second live in memory alone.
 */
import type {
  Admission,
  AdmissionRequest,
  FleetPort,
  FleetReport,
  MonitorPort,
  ServiceEvent,
  SilenceQuestion,
} from "../domain/fleet.ts";
import type { NeighbourIncident } from "../domain/evidence.ts";
import type { DurableEvent, FleetSnapshot } from "../domain/message.ts";
import { LIVE_VERSION } from "../domain/message.ts";
import type { SurroundingsQuestion } from "../domain/narrator.ts";
import type { FleetPipeline } from "../domain/pipeline.ts";
import type { BatchPosition } from "../domain/positions.ts";
import type { BridgeBeat, BridgeSeen, Page, Role, ServiceItem } from "../domain/resource.ts";
import { SERVICES_MAX_DEFAULT, type SettingsDocument } from "../domain/settings-document.ts";
import type { VersionedSettings } from "../domain/settings.ts";
import type { Silence } from "../domain/silencing.ts";
import type { Audience, AudienceChange, AudiencePort, ClickedLink, SubscriptionPort } from "../domain/subscriber.ts";
import type { PipelineVerdict } from "../domain/silence.ts";
import { formatRfc3339 } from "../domain/rfc3339.ts";
import { FleetAlarm } from "./fleet-alarm.ts";
import { FleetAudience } from "./fleet-audience.ts";
import { FleetBridges } from "./fleet-bridges.ts";
import { FleetHearing } from "./fleet-hearing.ts";
import { FleetHeartbeat, type HeartbeatPorts } from "./fleet-heartbeat.ts";
import { FleetNeighbours, TOLD_MAX } from "./fleet-neighbours.ts";
import { afterIncident, afterReport } from "./fleet-entry.ts";
import { fleetPipeline } from "./fleet-pipeline.ts";
import { FleetRegistry } from "./fleet-registry.ts";
import { FleetSecrets } from "./fleet-secrets.ts";
import { FleetSettings } from "./fleet-settings.ts";
import { type FleetEntry, FleetStore } from "./fleet-sql.ts";
import { FleetTicks } from "./fleet-ticks.ts";
import { FleetWatch } from "./fleet-watch.ts";
import { WriteRates } from "./fleet-write-rate.ts";
import { type LiveRequest, type LiveSockets, passes } from "./live-sockets.ts";
import type { Storage } from "./storage.ts";
import { inTime, type Later } from "./tell-services.ts";

export interface FleetPorts {
  readonly storage: Storage;
  /** The receiving clock, ms. */
  readonly now: () => number;
  /** Bytes that nobody can guess. */
  readonly random: (length: number) => Uint8Array;
  readonly monitors: MonitorPort;
  readonly subscription: (id: string) => Pick<SubscriptionPort, "configure" | "remove">;
  readonly sockets: LiveSockets;
  readonly later: Later;
  /** Keeps the object awake until slow work, which never rejects, is done. */
  readonly background: (work: Promise<void>) => void;
  /** How many services there may be where the settings do not say; SERVICES_MAX_DEFAULT if left out. */
  readonly services_max?: number;
  /** Left out: no heartbeat. */
  readonly heartbeat?: HeartbeatPorts;
  /** What the object does beside, on the same alarm. */
  readonly tasks?: Readonly<Record<string, { due(): number | null; push(): Promise<void> }>>;
}

/** A service that was silent for longer is not asked to report each second. */
const ACTIVE_MS = 10 * 60_000;
/** Missed events sent on connect; a client that missed more is told so by `reset`. */
const REPLAY_MAX = 1_000;

export class FleetActor implements FleetPort, AudiencePort {
  readonly #ports: FleetPorts;
  readonly #store: FleetStore;
  readonly #registry: FleetRegistry;
  readonly #secrets: FleetSecrets;
  readonly #bridges: FleetBridges;
  readonly #settings: FleetSettings;
  readonly #audience: FleetAudience;
  readonly #writes = new WriteRates();
  readonly #hearing: FleetHearing;
  readonly #heartbeat: FleetHeartbeat | null;
  readonly #watch: FleetWatch;
  readonly #ticks: FleetTicks;
  readonly #alarm: FleetAlarm;
  readonly #neighbours: FleetNeighbours;
  #seq: number;

  constructor(ports: FleetPorts) {
    const { storage, now, sockets, later } = ports;
    this.#ports = ports;
    this.#store = new FleetStore(storage);
    this.#settings = new FleetSettings(ports);
    this.#audience = new FleetAudience(ports);
    const max = ports.services_max ?? SERVICES_MAX_DEFAULT;
    this.#registry = new FleetRegistry(storage, this.#store, () => this.#settings.services_max ?? max);
    this.#secrets = new FleetSecrets(storage, ports.random);
    this.#bridges = new FleetBridges(storage);
    const others = (service: string): string[] => this.#others(service);
    this.#hearing = new FleetHearing({ bridges: this.#bridges, monitors: ports.monitors, later, others });
    this.#watch = new FleetWatch(ports.monitors, later);
    this.#ticks = new FleetTicks({ now, sockets, later, entry: (service) => this.#registry.get(service) });
    this.#neighbours = new FleetNeighbours(() => this.#store.toldIncidents(TOLD_MAX));
    this.#seq = this.#store.eventRange()?.newest ?? 0;
    const renew = (now_ms: number): void => this.#renew(now_ms);
    const pipeline = () => fleetPipeline(this.#registry.all(), this.#bridges, now());
    const { heartbeat } = ports;
    this.#heartbeat = heartbeat === undefined ? null : new FleetHeartbeat(heartbeat, { storage, now, later, pipeline });
    const beats = this.#heartbeat === null ? {} : { heartbeat: this.#heartbeat };
    const tasks = { settings: this.#settings, subscriptions: this.#audience, ...beats, ...ports.tasks };
    this.#alarm = new FleetAlarm({
      storage,
      sockets,
      store: this.#store,
      secrets: this.#secrets,
      watch: this.#watch,
      audience: this.#audience,
      renew,
      tasks: Object.entries(tasks).map(([name, task]) => {
        return { name, due: () => task.due(), start: () => this.#start(task) };
      }),
    });
  }

  /** Resolves once the verdicts, and the marks of what was refused, are stored. */
  async admit(request: AdmissionRequest): Promise<readonly Admission[]> {
    const now_ms = this.#ports.now();
    const fresh = request.services.filter((service) => this.#registry.get(service) === undefined);
    const admissions = this.#registry.admit(request, now_ms);
    const joined = fresh.filter((service) => this.#registry.get(service) !== undefined);
    this.#ticks.changed(joined.map((service) => ({ service })));
    if (joined.length > 0 && this.#ports.sockets.count() > 0) this.#ports.background(this.#watch.join(joined, now_ms));
    this.#alarm.expect(now_ms);
    return admissions;
  }

  /**
   * Null for an unknown service. A quarantine starts here even where its object is broken: then each batch brings it the word.
   * It is lifted only once its object has heard of it, and else stays on, as the answer says.
   */
  async quarantine(
    service: string,
    quarantined: boolean,
  ): Promise<{
    readonly service: string;
    readonly quarantined: boolean;
    readonly quarantined_at: string | null;
  } | null> {
    if (this.#registry.get(service) === undefined) return null;
    if (quarantined) this.#setQuarantine(service, true);
    const isTold = await this.#tellQuarantine(service, quarantined);
    if (!quarantined && isTold) this.#setQuarantine(service, false);
    // It may have been deleted meanwhile.
    const entry = this.#registry.get(service);
    if (entry === undefined) return null;
    const { quarantined_ms } = entry;
    const quarantined_at = quarantined_ms === null ? null : new Date(quarantined_ms).toISOString();
    return { service, quarantined: quarantined_ms !== null, quarantined_at };
  }

  #setQuarantine(service: string, quarantined: boolean): void {
    const now_ms = this.#ports.now();
    this.#registry.quarantine(service, quarantined, now_ms);
    this.#alarm.expect(now_ms);
  }

  async #tellQuarantine(service: string, quarantined: boolean): Promise<boolean> {
    const { monitors, later } = this.#ports;
    try {
      await inTime(later, monitors.quarantine(service, quarantined), service);
      return true;
    } catch (error) {
      console.warn(`${service} could not be told that quarantine: ${quarantined}`, error);
      return false;
    }
  }

  async refuse(service: string, position: BatchPosition): Promise<boolean> {
    const isRefused = this.#registry.refuse(service, position);
    this.#alarm.expect(this.#ports.now());
    return isRefused;
  }

  /** Takes over a newer document; resolves once it is stored, with what has to be told. The services hear of it at once. */
  async putSettings(version: number, document: SettingsDocument): Promise<void> {
    const services = this.#registry.all().map((entry) => entry.service);
    if (this.#settings.put(version, document, services)) this.#start(this.#settings);
  }

  async settingsOf(service: string): Promise<VersionedSettings> {
    return this.#settings.of(service);
  }

  /** Resolves once all of it is stored, with what has to be told; the objects of the subscriptions hear of it at once. */
  async changeAudience(changes: readonly AudienceChange[]): Promise<void> {
    try {
      this.#audience.take(changes);
    } finally {
      this.#start(this.#audience);
    }
    this.#alarm.expect(this.#ports.now());
  }

  async audience(service: string): Promise<Audience> {
    return this.#audience.of(service);
  }

  async silences(): Promise<readonly Silence[]> {
    return this.#audience.silences();
  }

  async admitWrite(link?: ClickedLink): Promise<number> {
    return this.#writes.admit(this.#ports.now(), link);
  }

  /** Starts telling and does not wait for it. The alarm takes over where an eviction or a failure ends it. */
  #start(teller: { push(): Promise<void> }): void {
    this.#ports.background(this.#tell(teller));
    this.#alarm.arm(this.#ports.now());
  }

  async #tell(teller: { push(): Promise<void> }): Promise<void> {
    await teller.push();
    try {
      this.#alarm.arm(this.#ports.now());
    } catch (error) {
      console.error("the next attempt to tell waits for the alarm that is set already", error);
    }
  }

  async hears(question: SilenceQuestion): Promise<PipelineVerdict> {
    return this.#hearing.hears(question, this.#ports.now());
  }

  /** Its object first: what comes between the two is applied by an object that begins anew, and its name is admitted again. */
  async remove(service: string, actor: string): Promise<"removed" | "unknown" | "object_unavailable"> {
    const { monitors, later, sockets, now } = this.#ports;
    let hadSomething: boolean;
    try {
      hadSomething = await inTime(later, monitors.forget(service, actor), service);
    } catch (error) {
      console.warn(`the object of ${service} could not be told to forget it`, error);
      return this.#registry.get(service) === undefined ? "unknown" : "object_unavailable";
    }
    const wasThere = this.#registry.remove(service, now());
    if (wasThere) sockets.broadcast({ type: "removed", service });
    this.#alarm.expect(now());
    return wasThere || hadSomething ? "removed" : "unknown";
  }

  async isRegistered(service: string): Promise<boolean> {
    return this.#registry.get(service) !== undefined;
  }

  /** Services by name after `after`, at most `limit`; `next` is the last name of a page that is not the last one. */
  async services(after: string | null, limit: number): Promise<Page<ServiceItem>> {
    const names = this.#registry.all().filter((entry) => after === null || entry.service > after);
    const sorted = names.toSorted((a, b) => (a.service < b.service ? -1 : 1));
    const items = sorted.slice(0, limit).map(({ live, first_seen_ms }) => {
      return { ...live, at: formatRfc3339(live.at), first_seen_at: new Date(first_seen_ms).toISOString() };
    });
    return { items, next: sorted.length > limit ? (items.at(-1)?.service ?? null) : null };
  }

  async report(reports: readonly FleetReport[]): Promise<void> {
    const now_ms = this.#ports.now();
    const known = reports.filter((report) => this.#registry.get(report.service) !== undefined);
    const changed = new Map<string, FleetEntry>();
    for (const report of known) {
      const before = changed.get(report.service) ?? this.#registry.get(report.service)!;
      changed.set(report.service, afterReport(before, report, now_ms));
    }
    const closed = new Set(
      known.filter((report) => report.closed_minute !== undefined).map((report) => report.service),
    );
    if (closed.size > 0) {
      this.#ports.storage.transaction(() => {
        for (const service of closed) this.#store.saveEntry(changed.get(service)!);
      });
    }
    this.#registry.assign(changed.values());
    this.#ticks.changed(known);
  }

  /** Takes each event of a service once, by its number; a repeated one changes nothing. */
  async incidents(events: readonly ServiceEvent[]): Promise<void> {
    const now_ms = this.#ports.now();
    const taken: DurableEvent[] = [];
    const changed = new Map<string, FleetEntry>();
    this.#ports.storage.transaction(() => {
      for (const event of events) {
        if (this.#store.hasEvent(event.service, event.seq)) continue;
        const told = toldEvent(event, this.#seq + 1 + taken.length);
        this.#store.saveEvent(event.service, event.seq, told, now_ms);
        taken.push(told);
        if ("narrative" in event) continue;
        const entry = changed.get(event.service) ?? this.#registry.get(event.service);
        if (entry !== undefined) changed.set(event.service, afterIncident(entry, event));
      }
      for (const entry of changed.values()) this.#store.saveEntry(entry);
    });
    this.#seq += taken.length;
    this.#registry.assign(changed.values());
    this.#neighbours.tell(taken, now_ms);
    for (const event of taken) this.#ports.sockets.broadcast(event);
    this.#ticks.changed([...changed.keys()].map((service) => ({ service })));
    this.#alarm.expect(now_ms);
  }

  async neighbours(question: SurroundingsQuestion): Promise<readonly NeighbourIncident[]> {
    const open = this.#registry.all().flatMap(({ incident }) => incident ?? []);
    return this.#neighbours.near(question, open, this.#ports.now());
  }

  async claimKey(key_hash: string, body_hash: string): Promise<"new" | "same" | "conflict"> {
    const now_ms = this.#ports.now();
    const claim = this.#secrets.claimKey(key_hash, body_hash, now_ms);
    this.#alarm.expect(now_ms);
    return claim;
  }

  async heartbeat(beat: BridgeBeat): Promise<void> {
    this.#bridges.beat(beat, this.#ports.now());
    this.#keepBeating();
  }

  async bridges(): Promise<readonly BridgeSeen[]> {
    this.#keepBeating();
    return this.#bridges.seen();
  }

  async pipeline(): Promise<Omit<FleetPipeline, "rejections" | "readings">> {
    this.#keepBeating();
    const heartbeat = this.#heartbeat?.status() ?? null;
    return { ...fleetPipeline(this.#registry.all(), this.#bridges, this.#ports.now()), heartbeat };
  }

  /** Where a heartbeat was set up and nothing else ever happens, whoever looks or beats gets it going. */
  #keepBeating(): void {
    if (this.#heartbeat !== null) this.#alarm.expect(this.#ports.now());
  }

  async mintCode(role: Role): Promise<{ readonly code: string; readonly expires_at: string }> {
    const minted = await this.#secrets.mintCode(role, this.#ports.now);
    this.#alarm.expect(this.#ports.now());
    return minted;
  }

  async redeemCode(code: string): Promise<Role | null> {
    return this.#secrets.redeemCode(code, this.#ports.now);
  }

  /** The first messages of a new socket: the snapshot, then the events it missed. */
  greet(request: LiveRequest): readonly (FleetSnapshot | DurableEvent)[] {
    const missed = request.after === null ? [] : this.#store.eventsAfter(request.after, REPLAY_MAX);
    const entries = this.#registry.all();
    const incidents = entries.flatMap(({ incident }) => incident ?? []);
    const snapshot: FleetSnapshot = {
      type: "snapshot",
      version: LIVE_VERSION,
      seq: this.#seq,
      reset: request.after !== null && (request.after > this.#seq || this.#seq - request.after > missed.length),
      services: entries.map(({ live, minutes }) => ({ ...live, minutes })),
      incidents: incidents.filter((incident) => passes(request.min_severity, incident.severity)),
    };
    return [snapshot, ...missed];
  }

  /** A socket was accepted: its services report each second from now on, and the alarm ends it in time. */
  onConnected(): void {
    const now_ms = this.#ports.now();
    if (this.#watch.due(now_ms) <= now_ms) this.#renew(now_ms);
    this.#alarm.arm(now_ms);
  }

  /** One of the tasks has something due. */
  arm(): void {
    this.#alarm.arm(this.#ports.now());
  }

  onAlarm(): void {
    this.#alarm.ring(this.#ports.now());
  }

  #others(service: string): string[] {
    const others = this.#registry.all().filter((entry) => entry.service !== service && entry.heard_ms !== null);
    return others.toSorted((a, b) => b.heard_ms! - a.heard_ms!).map((entry) => entry.service);
  }

  #renew(now_ms: number): void {
    const active = this.#registry.all().filter((entry) => now_ms - (entry.heard_ms ?? entry.first_seen_ms) < ACTIVE_MS);
    const services = active.map((entry) => entry.service);
    this.#ports.background(this.#watch.renew(services, now_ms));
  }
}

/** An event of a service as the fleet's sockets hear it. */
function toldEvent(event: ServiceEvent, seq: number): DurableEvent {
  if ("narrative" in event) return { type: "narrative", seq, severity: event.severity, narrative: event.narrative };
  return { type: "incident", seq, action: event.action, incident: event.incident };
}
