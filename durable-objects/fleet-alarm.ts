/**
 * The one alarm of the Fleet. All due times follow from storage and open sockets; with nothing to do there is no alarm. It
 * re-arms before it works, since the platform drops an alarm whose handler keeps failing (DESIGN.md section 5, point 6).
 */
import type { FleetAudience } from "./fleet-audience.ts";
import type { FleetSecrets } from "./fleet-secrets.ts";
import type { FleetStore } from "./fleet-sql.ts";
import { type FleetWatch, RENEW_MS } from "./fleet-watch.ts";
import type { LiveSockets } from "./live-sockets.ts";
import type { Storage } from "./storage.ts";

const HOUR_MS = 60 * 60_000;
const KEPT_MS = 24 * HOUR_MS;
/** Incident events kept at most: a storm of incidents must not fill the object. */
const EVENTS_MAX = 10_000;
/** Rows of each kind deleted at once, and the pause before the next such chunk: a long queue must not block admission. */
const CHUNK_ROWS = 1_000;
const CHUNK_PAUSE_MS = 1_000;

/** Work that goes on by itself once it is started. */
interface FleetTask {
  readonly name: string;
  /** When it is to be started (ms); null for never. */
  due(): number | null;
  /** Does not wait for it. */
  start(): void;
}

interface AlarmPorts {
  readonly storage: Storage;
  readonly sockets: LiveSockets;
  readonly store: FleetStore;
  readonly secrets: FleetSecrets;
  readonly watch: FleetWatch;
  readonly audience: Pick<FleetAudience, "expiry" | "prune">;
  /** Starts a renewal of the lease; does not wait for it. */
  readonly renew: (now_ms: number) => void;
  readonly tasks: readonly FleetTask[];
}

export class FleetAlarm {
  readonly #ports: AlarmPorts;
  /** What the alarm was set to since the object woke; null when that is not known or it has rung. */
  #armed_ms: number | null = null;
  /** When pruning is due, null for never; undefined when storage has to be asked. */
  #prune_ms: number | null | undefined;

  constructor(ports: AlarmPorts) {
    this.#ports = ports;
  }

  /** Something may have been stored that is pruned one day. Storage is asked only while no pruning is planned. */
  expect(now_ms: number): void {
    if (this.#prune_ms === null) this.#prune_ms = undefined;
    if (this.#armed_ms === null || this.#prune_ms === undefined) this.arm(now_ms);
  }

  /** Sets the alarm to what is due next, if that is not what it is set to. */
  arm(now_ms: number): void {
    const { sockets, watch, tasks } = this.#ports;
    const renew_ms = sockets.count() === 0 ? null : watch.due(now_ms);
    const all = [renew_ms, sockets.earliestExpiry(), this.#pruneDue(now_ms), ...tasks.map((task) => task.due())];
    const dues = all.filter((due) => due !== null);
    if (dues.length === 0) return;
    const wanted_ms = Math.min(...dues);
    // Never in the past: what could not be done is tried again, but not in a circle.
    const due_ms = Math.max(wanted_ms, now_ms + CHUNK_PAUSE_MS);
    if (due_ms === this.#armed_ms || this.#isNear(wanted_ms, due_ms, now_ms)) return;
    this.#ports.storage.setAlarm(due_ms);
    this.#armed_ms = due_ms;
  }

  /**
   * Whether what is wanted rings in a moment as it is: set anew at each call it would be put off for as long as somebody calls. One that
   * has not rung long after its time is lost.
   */
  #isNear(wanted_ms: number, due_ms: number, now_ms: number): boolean {
    const armed_ms = this.#armed_ms;
    return armed_ms !== null && armed_ms >= wanted_ms && armed_ms <= due_ms && armed_ms > now_ms - RENEW_MS;
  }

  ring(now_ms: number): void {
    const { sockets, storage, watch, tasks } = this.#ports;
    this.#armed_ms = null;
    const prune_ms = this.#pruneDue(now_ms);
    if (sockets.count() === 0 && prune_ms === null && tasks.every((task) => task.due() === null)) return;
    // Not caught: an alarm that cannot be set again is the platform's to retry.
    storage.setAlarm(now_ms + RENEW_MS);
    this.#armed_ms = now_ms + RENEW_MS;
    this.#attempt("sessions", () => sockets.closeEnded(now_ms));
    this.#attempt("watch", () => {
      if (sockets.count() > 0 && watch.due(now_ms) <= now_ms) this.#ports.renew(now_ms);
    });
    for (const task of tasks) {
      this.#attempt(task.name, () => {
        if ((task.due() ?? Infinity) <= now_ms) task.start();
      });
    }
    this.#attempt("prune", () => {
      if (prune_ms !== null && prune_ms <= now_ms) this.#prune(now_ms);
    });
    this.#attempt("arm", () => this.arm(now_ms));
  }

  #prune(now_ms: number): void {
    // A failure leaves this, so that the next try comes with the alarm that is set already.
    this.#prune_ms = now_ms + RENEW_MS;
    const { storage, store, secrets, audience } = this.#ports;
    storage.transaction(() => {
      store.deleteMarks(now_ms - KEPT_MS, CHUNK_ROWS);
      store.deleteEvents(now_ms - KEPT_MS, EVENTS_MAX, CHUNK_ROWS);
      secrets.prune(now_ms, CHUNK_ROWS);
      audience.prune(now_ms);
    });
    this.#prune_ms = undefined;
  }

  /** Rounded up to the hour: what expires in it goes at once, for one alarm. */
  #pruneDue(now_ms: number): number | null {
    if (this.#prune_ms === undefined) {
      const expiry_ms = this.#expiry(now_ms);
      this.#prune_ms = expiry_ms === null ? null : Math.ceil(expiry_ms / HOUR_MS) * HOUR_MS;
    }
    return this.#prune_ms;
  }

  /** When the first row has outlived its use. */
  #expiry(now_ms: number): number | null {
    const { store, secrets, audience } = this.#ports;
    const events = store.eventRange();
    const mark_ms = store.oldestEndedMark();
    const expiries = [secrets.expiry(), audience.expiry(), mark_ms === null ? null : mark_ms + KEPT_MS];
    // The newest event stays for ever and is waited for by nobody.
    if (events !== null && events.newest > events.oldest) expiries.push(events.oldest_ms + KEPT_MS);
    if (events !== null && events.newest - events.oldest >= EVENTS_MAX) expiries.push(now_ms);
    const known = expiries.filter((at) => at !== null);
    return known.length === 0 ? null : Math.min(...known);
  }

  #attempt(what: string, work: () => void): void {
    try {
      work();
    } catch (error) {
      console.error(`the fleet's alarm failed at ${what}`, error);
    }
  }
}
