/** While somebody looks at the fleet, its active services hold a lease under which they report once a second. */
import type { MonitorPort } from "../domain/fleet.ts";
import { type Later, tellServices } from "./tell-services.ts";

/** How long a lease lasts, and how often it is renewed: a renewal that fails once leaves no gap in the view. */
const LEASE_MS = 30_000;
export const RENEW_MS = 20_000;
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
    await tellServices(services, this.#later, (service) => this.#monitors.watch(service, until_ms));
  }
}
