/** What the page knows of the fleet. It outlives the page, so that coming back shows at once what was known. */
import { untrack } from "svelte";
import { SvelteMap } from "svelte/reactivity";
import { clock } from "./clock.svelte.ts";
import { connection } from "./connection.svelte.ts";
import { causeOf } from "./incidents/cause-words.ts";
import { newerIncident, openIncidents } from "./severity.ts";
import type { Incident } from "../../../domain/incident.ts";
import type {
  FleetMessage,
  FleetService,
  FleetSnapshot,
  FleetTick,
  MinutePoint,
  ServiceStatus,
} from "../../../domain/message.ts";
import type { IncidentCause } from "../../../domain/resource.ts";

/** Minutes that a sparkline shows. */
const SPARK_MINUTES = 60;

/**
 * What the small charts end with is taken anew this often: their points are minutes, and what is of now stands beside them. Each
 * service does so in a second of its own, so that no tick draws all of them. One with an incident is watched more closely.
 */
const DRAWN_EVERY_S = 20;
const DRAWN_TROUBLED_EVERY_S = 10;

/** One service of the fleet. Its parts change on their own, so that a tick renders only what it changed. */
export class FleetRow {
  readonly service: string;
  /** That of `now`, on its own: the order of the list follows it, and must not be looked at again with every figure. */
  status: ServiceStatus = $state.raw()!;
  now: FleetService = $state.raw()!;
  minutes: readonly MinutePoint[] = $state.raw([]);
  /** What the small charts end with. */
  drawn: FleetService = $state.raw()!;
  /** What was normal for `drawn`, each number on its own: one that stayed measures no band again. */
  rate_baseline: number | null = $state.raw(null);
  error_baseline: number | null = $state.raw(null);
  p95_baseline: number | null = $state.raw(null);
  readonly #late_ms: number;
  readonly #followers = new Set<(now: FleetService) => void>();

  constructor(now: FleetService, minutes: readonly MinutePoint[]) {
    const { service } = now;
    this.service = service;
    this.#late_ms = ((service.length + service.charCodeAt(service.length - 1)) % DRAWN_EVERY_S) * 1000;
    this.now = now;
    this.draw();
    this.take(now, minutes);
  }

  take(now: FleetService, minutes: readonly MinutePoint[] = this.minutes): void {
    this.now = now;
    this.status = now.status;
    this.minutes = minutes;
    for (const tell of this.#followers) tell(now);
    if (this.#turn(now) !== this.#turn(this.drawn)) this.draw();
  }

  /** Has the small charts end with what is now. */
  draw(): void {
    const { request_rate, error_rate, p95_latency_ms } = this.now.baseline;
    this.drawn = this.now;
    this.rate_baseline = request_rate;
    this.error_baseline = error_rate;
    this.p95_baseline = p95_latency_ms;
  }

  /**
   * Tells what is now, and then each tick, until the returned function is called. What changes with each tick of each of fifty
   * lines is told without a reaction, which costs more than what it does.
   */
  follow(tell: (now: FleetService) => void): () => void {
    untrack(() => tell(this.now));
    this.#followers.add(tell);
    return () => this.#followers.delete(tell);
  }

  #turn({ at }: FleetService): number {
    const every_s = this.status === "healthy" ? DRAWN_EVERY_S : DRAWN_TROUBLED_EVERY_S;
    return Math.floor((at + this.#late_ms) / 1000 / every_s);
  }
}

class Fleet {
  readonly rows = new SvelteMap<string, FleetRow>();
  readonly incidents = new SvelteMap<string, Incident>();
  /** What may have brought an incident, by its id: what was put into words since the page was opened. */
  readonly causes = new SvelteMap<string, IncidentCause>();
  /** False until the first snapshot. */
  known = $state(false);
  /** A page follows the fleet, so that what is known of it is of now. */
  followed = $state(false);
  /** How often a socket began: what happened between two of them, history is asked for. */
  begun = $state(0);
  #seq: number | null = null;

  readonly open: readonly Incident[] = $derived(openIncidents(this.incidents.values()));

  /** Follows the fleet's socket until the returned function is called. */
  follow(): () => void {
    const close = connection.open<FleetMessage>({
      path: "/v1/live",
      after: () => this.#seq,
      onMessage: (message) => this.#take(message),
    });
    this.followed = true;
    return () => {
      this.followed = false;
      close();
    };
  }

  #take(message: FleetMessage): void {
    if (message.type === "snapshot") return this.#replace(message);
    if (message.type === "tick") return this.#tick(message);
    if (message.type === "removed") return this.#remove(message.service);
    this.#seq = message.seq;
    if (message.type === "incident") return this.#takeIncident(message.incident);
    // The words of an incident stand on its own page and on its service's: the fleet has one sentence for each, and their first cause.
    const cause = causeOf(message.narrative);
    if (cause !== null) this.causes.set(message.narrative.incident_id, cause);
  }

  #replace(snapshot: FleetSnapshot): void {
    this.#seq = snapshot.seq;
    const names = new Set(snapshot.services.map((service) => service.service));
    for (const name of this.rows.keys()) if (!names.has(name)) this.rows.delete(name);
    for (const { minutes, ...now } of snapshot.services) {
      this.#put(now, () => minutes);
      clock.reach(now.at);
    }
    this.incidents.clear();
    for (const incident of snapshot.incidents) this.incidents.set(incident.id, incident);
    this.known = true;
    this.begun += 1;
  }

  #tick(tick: FleetTick): void {
    let newest: number | null = null;
    for (const now of tick.services) {
      const closed = now.closed_minute;
      this.#put(now, (minutes) => (closed === undefined ? minutes : withMinute(minutes, closed)));
      newest = Math.max(newest ?? 0, now.at);
    }
    // A rate's time is the start of its newest second: its events reach up to a second further.
    connection.ticked(tick.at, newest === null ? null : newest + 1000);
  }

  #put(now: FleetService, minutes: (held: readonly MinutePoint[]) => readonly MinutePoint[]): void {
    const row = this.rows.get(now.service);
    if (row === undefined) {
      this.rows.set(now.service, new FleetRow(now, minutes([])));
      return;
    }
    row.take(now, minutes(row.minutes));
  }

  #remove(service: string): void {
    this.rows.delete(service);
    for (const incident of this.incidents.values()) {
      if (incident.service === service) this.incidents.delete(incident.id);
    }
  }

  #takeIncident(arrived: Incident): void {
    const incident = newerIncident(this.incidents.get(arrived.id), arrived);
    this.incidents.set(incident.id, incident);
    const row = this.rows.get(incident.service);
    if (row === undefined) return;
    // An incident's event comes at once, the next tick up to a second later: mark, sentence and chart must not disagree meanwhile.
    if (incident.status === "open") {
      row.take({ ...row.now, status: incident.severity, incident_id: incident.id });
    } else if (row.now.incident_id === incident.id) {
      row.take({ ...row.now, status: "healthy", incident_id: null });
    }
    row.draw();
  }
}

function withMinute(minutes: readonly MinutePoint[], closed: MinutePoint): readonly MinutePoint[] {
  const oldest = closed.at - SPARK_MINUTES * 60;
  const others = minutes.filter((minute) => minute.at !== closed.at && minute.at >= oldest);
  return [...others, closed].toSorted((a, b) => a.at - b.at);
}

export const fleet = new Fleet();
