/** While somebody looks at the fleet, its active services hold a lease under which they report once a second. */
import type { MonitorPort } from "../domain/fleet.ts";

/** How long a lease lasts, and how often it is renewed: a renewal that fails once leaves no gap in the view. */
const LEASE_MS = 30_000;
export const RENEW_MS = 20_000;
/** Calls in flight at once: 2,000 services are told in a fraction of a second without 2,000 open calls. */
const CONCURRENCY = 50;
/** A service that hangs must not keep the others from their renewal. */
const CALL_MS_MAX = 5_000;

/** Runs work once after a delay (seconds at most) unless it is cancelled by what this returns; it is lost with the memory. */
export type Later = (delay_ms: number, work: () => void) => () => void;

export class FleetWatch {
  readonly #monitors: MonitorPort;
  readonly #later: Later;
  /** Start of the newest lease; not stored, so that an object which wakes with open sockets renews at once. */
  #leased_ms: number | null = null;
  #in_flight = false;

  constructor(monitors: MonitorPort, later: Later) {
    this.#monitors = monitors;
    this.#later = later;
  }

  /** When the lease is to be renewed; now where none was given. */
  due(now_ms: number): number {
    return this.#leased_ms === null ? now_ms : this.#leased_ms + RENEW_MS;
  }

  /** Gives a new lease to these services; resolves when all were told. Never rejects. Single flight. */
  async renew(services: readonly string[], now_ms: number): Promise<void> {
    this.#leased_ms = now_ms;
    if (this.#in_flight) return;
    this.#in_flight = true;
    try {
      await this.#tell(services, now_ms + LEASE_MS);
    } finally {
      this.#in_flight = false;
    }
  }

  /** A service that came while a lease runs joins it. Never rejects. */
  async join(services: readonly string[], now_ms: number): Promise<void> {
    if (this.#leased_ms !== null && now_ms < this.#leased_ms + LEASE_MS) {
      await this.#tell(services, this.#leased_ms + LEASE_MS);
    }
  }

  async #tell(services: readonly string[], until_ms: number): Promise<void> {
    const queue = services.values();
    let failed = 0;
    let reason: unknown;
    const worker = async (): Promise<void> => {
      for (const service of queue) {
        try {
          await inTime(this.#later, this.#monitors.watch(service, until_ms), service);
        } catch (error) {
          failed += 1;
          reason = error;
        }
      }
    };
    await Promise.all(Array.from({ length: Math.min(CONCURRENCY, services.length) }, worker));
    if (failed > 0)
      console.warn(`${failed} of ${services.length} services could not be watched; the newest reason:`, reason);
  }
}

/** What a service answers, or its failure to answer in time. */
export async function inTime(later: Later, call: Promise<void>, service: string): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  const cancel = later(CALL_MS_MAX, () => reject(new Error(`${service} did not answer within ${CALL_MS_MAX} ms`)));
  try {
    await Promise.race([call, promise]);
  } finally {
    // A timer that is left running keeps the object from hibernating.
    cancel();
  }
}
