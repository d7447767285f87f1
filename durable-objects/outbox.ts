/**
 * The way of a service's rows to the history database, to the Fleet, to the Narrator and to those who are to be told: written in the
 * transaction that made them, taken away when the target has them. A target that is down holds up only itself; rows of one key collapse to the newest revision.
 */
import type { FleetPort, ServiceEvent } from "../domain/fleet.ts";
import { fnv1a } from "../domain/fnv.ts";
import type { History, HistoryRow } from "../domain/history.ts";
import type { NarrationRequest, NarratorPort } from "../domain/narrator.ts";
import type { Notice, SubscribersPort } from "../domain/subscriber.ts";
import { backoffMs } from "./backoff.ts";
import type { Told } from "./number-rows.ts";
import { type MonitorStore, type OutboxPayload, type OutboxRow, type Target, TARGETS } from "./service-monitor-sql.ts";

/** Flushes of windows are spread over this long by a hash of the service, so that the services do not all write at once. */
const SPREAD_MS = 20_000;
/** Rows handed on in one call, and bytes of them: a call between objects carries 32 MiB, and an incident with 50 anomalies 60 kB. */
const ROWS_MAX = 500;
const BYTES_MAX = 4 * 1024 * 1024;
const BACKOFF_MIN_MS = 1_000;
/** A subscription that cannot take what it is told must not make the others wait for long: all of them hear each attempt. */
const BACKOFF_MAX_MS: Readonly<Record<Target, number>> = {
  d1: 60_000,
  fleet: 60_000,
  narrator: 60_000,
  subscribers: 5_000,
};
const FLIGHT_MS = 60_000;

export interface Targets {
  readonly d1: History;
  readonly fleet: Pick<FleetPort, "incidents">;
  readonly narrator: NarratorPort;
  readonly subscribers: SubscribersPort;
}

export class Outbox {
  readonly #store: MonitorStore;
  readonly #now: () => number;
  readonly #targets: Targets;
  /** When the first row of each target is due; null if none waits. */
  readonly #due: Record<Target, number | null> = { d1: null, fleet: null, narrator: null, subscribers: null };
  readonly #failures: Record<Target, number> = { d1: 0, fleet: 0, narrator: 0, subscribers: 0 };
  /** No attempt before, after a failure. */
  readonly #blocked_until: Record<Target, number> = { d1: 0, fleet: 0, narrator: 0, subscribers: 0 };
  /** When the flight to a target started. One that takes longer than FLIGHT_MS is taken for lost. */
  readonly #running = new Map<Target, number>();

  constructor(store: MonitorStore, now: () => number, targets: Targets) {
    this.#store = store;
    this.#now = now;
    this.#targets = targets;
  }

  /** Reads from storage when rows are due. Where that fails they count as due, so that they are looked at again. */
  load(): void {
    for (const target of TARGETS) this.#due[target] = this.#now();
    for (const target of TARGETS) this.#due[target] = this.#store.outboxDue(target);
  }

  /**
   * Adds what goes out inside the caller's transaction, numbered after `position`; call `load` after it. Returns the position of the
   * last one.
   */
  putAll(service: string, position: number, { rows, events, requests, notices }: Told): number {
    let last = position;
    for (const row of rows) this.put("d1", (last += 1), row, service);
    for (const { type: _, ...event } of events) this.put("fleet", (last += 1), { service, ...event }, service);
    for (const request of requests) this.put("narrator", (last += 1), request, service);
    for (const notice of notices) this.put("subscribers", (last += 1), notice, service);
    return last;
  }

  put(target: Target, position: number, payload: OutboxPayload, service: string): void {
    const now_ms = this.#now();
    const due_ms = "table" in payload ? dueMs(payload, service, now_ms) : now_ms;
    this.#store.put(target, keyOf(payload), position, due_ms, payload);
  }

  nextDue(): number | null {
    const dues = TARGETS.filter((target) => this.#due[target] !== null).map((target) => this.#dueAt(target));
    return dues.length === 0 ? null : Math.min(...dues);
  }

  /** Never before a flight under way is over: but an eviction may end it unseen, so that the alarm must stay set. */
  #dueAt(target: Target): number {
    const started_ms = this.#running.get(target);
    const landed_ms = started_ms === undefined ? 0 : started_ms + FLIGHT_MS;
    return Math.max(this.#due[target]!, this.#blocked_until[target], landed_ms);
  }

  isDue(): boolean {
    const due = this.nextDue();
    return due !== null && due <= this.#now();
  }

  /**
   * Drains every target that is due, each on its own; never rejects. `landed`: one of them is done, or is to be tried again, while others
   * may be under way for long.
   */
  async drain(landed: () => void): Promise<void> {
    const now_ms = this.#now();
    const due = TARGETS.filter((target) => this.#due[target] !== null && this.#dueAt(target) <= now_ms);
    await Promise.all(due.map((target) => this.#drainTarget(target).then(landed)));
  }

  async #drainTarget(target: Target): Promise<void> {
    const started_ms = this.#now();
    this.#running.set(target, started_ms);
    try {
      const next = (): readonly OutboxRow[] => this.#store.outbox(target, ROWS_MAX, BYTES_MAX);
      for (let rows = next(); rows.length > 0; rows = next()) {
        const payloads = rows.map((row): unknown => JSON.parse(row.payload));
        await this.#hand(target, payloads);
        this.#store.taken(target, rows);
      }
      this.#failures[target] = 0;
    } catch (error) {
      this.#failures[target] += 1;
      const backoff_ms = backoffMs(this.#failures[target], BACKOFF_MIN_MS, BACKOFF_MAX_MS[target]);
      this.#blocked_until[target] = this.#now() + backoff_ms;
      console.warn(`${target} took no rows, next attempt in ${backoff_ms} ms`, error);
    } finally {
      if (this.#running.get(target) === started_ms) this.#running.delete(target);
      this.#reload(target);
    }
  }

  #hand(target: Target, payloads: readonly unknown[]): Promise<void> {
    switch (target) {
      case "d1":
        return this.#targets.d1.write(payloads as HistoryRow[]);
      case "fleet":
        return this.#targets.fleet.incidents(payloads as ServiceEvent[]);
      case "narrator":
        return this.#targets.narrator.narrate(payloads as NarrationRequest[]);
      case "subscribers": {
        const notices = payloads as Notice[];
        return this.#targets.subscribers.notify(notices[0]!.event.service, notices);
      }
    }
  }

  /** What cannot be read now is read when it is looked at again. */
  #reload(target: Target): void {
    try {
      this.load();
    } catch (error) {
      console.error(`what waits for ${target} cannot be read and will be again`, error);
    }
  }
}

/** Events go out one by one, in order; of an incident that is to be put into words only the newest state. */
function keyOf(payload: OutboxPayload): string {
  if ("table" in payload) return historyKey(payload);
  if ("evidence" in payload) return payload.evidence.incident_id;
  return String("event" in payload ? payload.event.seq : payload.seq).padStart(16, "0");
}

/** The natural key of a history row, so that a newer revision replaces an older one that still waits. */
function historyKey({ table, row }: HistoryRow): string {
  switch (table) {
    case "services":
      return table;
    case "service_metrics":
    case "service_metrics_hourly":
      return `${table} ${row.window_start}`;
    case "anomalies":
      return `${table} ${row.detected_at} ${row.metric_name}`;
    case "incidents":
    case "audit_log":
    case "deliveries":
    case "subscription_health":
      return `${table} ${row.id}`;
    case "feedback":
      return `${table} ${row.incident_id}`;
    case "incident_summaries":
      return `${table} ${row.incident_id} ${row.version}`;
  }
}

/** Windows wait for the service's place in the spread; what people wait for goes at once. */
function dueMs(payload: HistoryRow, service: string, now_ms: number): number {
  if (payload.table !== "service_metrics" && payload.table !== "service_metrics_hourly") return now_ms;
  const place_ms = fnv1a(service) % SPREAD_MS;
  return now_ms + ((((place_ms - now_ms) % SPREAD_MS) + SPREAD_MS) % SPREAD_MS);
}
