/** Which services there are, which of them may write, and which offsets were refused (DESIGN.md section 4). */
import type { Admission, AdmissionRequest } from "../domain/fleet.ts";
import type { BatchPosition } from "../domain/positions.ts";
import { ANY_SERVICE, type FleetEntry, type FleetStore, MARKS_MAX } from "./fleet-sql.ts";
import type { Storage } from "./storage.ts";

/** How many marks are forgotten at once when there are too many: making room for each mark alone would count all rows. */
const MARKS_FREED = 1_000;

export class FleetRegistry {
  readonly #storage: Storage;
  readonly #store: FleetStore;
  /** How many services there may be; settings may change it at any time. */
  readonly #services_max: () => number;
  readonly #entries: Map<string, FleetEntry>;
  #last_number: number;

  constructor(storage: Storage, store: FleetStore, services_max: () => number) {
    this.#storage = storage;
    this.#store = store;
    this.#services_max = services_max;
    this.#entries = new Map(store.entries().map((entry) => [entry.service, entry]));
    this.#last_number = this.all().reduce((highest, entry) => Math.max(highest, entry.number), 0);
  }

  get(service: string): FleetEntry | undefined {
    return this.#entries.get(service);
  }

  /** All services in the order of admission. */
  all(): FleetEntry[] {
    return [...this.#entries.values()];
  }

  /** Replaces what is known of services that are registered; storage has it already. */
  assign(entries: Iterable<FleetEntry>): void {
    for (const entry of entries) this.#entries.set(entry.service, entry);
  }

  /** Admits what fits, in the order given, and marks what did not fit; all of it is stored when this returns. */
  admit(request: AdmissionRequest, now_ms: number): readonly Admission[] {
    const names = [...new Set(request.services)];
    const room = Math.max(0, this.#services_max() - this.#entries.size);
    const unknown = names.filter((service) => !this.#entries.has(service));
    const fresh = unknown.slice(0, room).map((service, at) => newEntry(service, this.#last_number + 1 + at, now_ms));
    const admissions = this.#storage.transaction(() => {
      // The first admission after refusals ends their marks: they bind this name and those after it, and widen no more.
      if (fresh[0] !== undefined) this.#store.endMarks(ANY_SERVICE, now_ms, fresh[0].number);
      for (const entry of fresh) this.#store.saveEntry(entry);
      const { position } = request;
      if (position !== null && unknown.length > room) this.#mark(ANY_SERVICE, position);
      const admitted = new Map(fresh.map((entry) => [entry.service, entry]));
      return names.map((service) => this.#admission(service, admitted.get(service) ?? this.#entries.get(service)));
    });
    this.assign(fresh);
    this.#last_number += fresh.length;
    return admissions;
  }

  /** Starts or lifts a quarantine. Null for an unknown service. What it refused stays refused when it is lifted. */
  quarantine(service: string, quarantined: boolean, now_ms: number): FleetEntry | null {
    const before = this.#entries.get(service);
    if (before === undefined) return null;
    if ((before.quarantined_ms !== null) === quarantined) return before;
    const entry = { ...before, quarantined_ms: quarantined ? now_ms : null };
    this.#storage.transaction(() => {
      this.#store.saveEntry(entry);
      if (!quarantined) this.#store.endMarks(service, now_ms, null);
    });
    this.assign([entry]);
    return entry;
  }

  /** Takes a service out; stored when this returns. What was refused of it stays refused. False for an unknown one. */
  remove(service: string, now_ms: number): boolean {
    if (!this.#entries.has(service)) return false;
    this.#storage.transaction(() => {
      this.#store.deleteEntry(service);
      this.#store.endMarks(service, now_ms, null);
    });
    return this.#entries.delete(service);
  }

  /** A whole batch of a service in quarantine is refused; stored when this returns. False when it is not in quarantine. */
  refuse(service: string, position: BatchPosition): boolean {
    if ((this.#entries.get(service)?.quarantined_ms ?? null) === null) return false;
    this.#storage.transaction(() => this.#mark(service, position));
    return true;
  }

  #mark(service: string, position: BatchPosition): void {
    const over = this.#store.countMarks() + 1 - MARKS_MAX;
    if (over > 0) this.#store.deleteOldestMarks(Math.max(over, MARKS_FREED));
    this.#store.mark(service, position);
  }

  #admission(service: string, entry: FleetEntry | undefined): Admission {
    if (entry === undefined) return { service, status: "too_many_services", refusals: [] };
    const status = entry.quarantined_ms === null ? "admitted" : "quarantined";
    return { service, status, refusals: this.#store.marksOf(service, entry.number) };
  }
}

function newEntry(service: string, number: number, now_ms: number): FleetEntry {
  return {
    service,
    number,
    first_seen_ms: now_ms,
    quarantined_ms: null,
    heard_ms: null,
    live: {
      service,
      status: "healthy",
      incident_id: null,
      at: now_ms,
      request_rate: 0,
      error_rate: 0,
      p95_latency_ms: null,
      baseline: { request_rate: null, error_rate: null, p95_latency_ms: null },
    },
    minutes: [],
    incident: null,
  };
}
