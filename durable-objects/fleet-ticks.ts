/** What changed in the fleet, gathered so that the sockets get at most one message a second for all services. */
import type { FleetTick, MinutePoint } from "../domain/message.ts";
import type { FleetEntry } from "./fleet-sql.ts";
import type { Later } from "./tell-services.ts";
import type { LiveSockets } from "./live-sockets.ts";

const TICK_EVERY_MS = 1_000;

interface TickPorts {
  readonly now: () => number;
  readonly sockets: LiveSockets;
  readonly later: Later;
  readonly entry: (service: string) => FleetEntry | undefined;
}

export class FleetTicks {
  readonly #ports: TickPorts;
  /** Changed services with the minutes that they closed since. */
  readonly #changed = new Map<string, MinutePoint[]>();
  #sent_ms = -Infinity;
  #planned = false;

  constructor(ports: TickPorts) {
    this.#ports = ports;
  }

  /** Takes note of changes, if anybody listens, and sends them now or when a second has passed since the last message. */
  changed(changes: readonly { readonly service: string; readonly closed_minute?: MinutePoint }[]): void {
    if (changes.length === 0 || this.#ports.sockets.count() === 0) return;
    for (const { service, closed_minute } of changes) {
      const minutes = this.#changed.get(service) ?? [];
      if (closed_minute !== undefined) minutes.push(closed_minute);
      this.#changed.set(service, minutes);
    }
    this.#plan();
  }

  #plan(): void {
    if (this.#planned) return;
    // A clock that was set back must not stop the view, so that the wait is at most one period.
    const wait_ms = Math.min(this.#sent_ms + TICK_EVERY_MS - this.#ports.now(), TICK_EVERY_MS);
    if (wait_ms <= 0) {
      this.#send();
      return;
    }
    this.#planned = true;
    this.#ports.later(wait_ms, () => {
      this.#planned = false;
      this.#send();
    });
  }

  #send(): void {
    const services = [...this.#changed].flatMap(([service, minutes]) => this.#itemsOf(service, minutes));
    this.#changed.clear();
    this.#sent_ms = this.#ports.now();
    if (services.length > 0) this.#ports.sockets.broadcast({ type: "tick", at: this.#sent_ms, services });
  }

  /** An item carries one minute: a service that closed several since (catching up) stands there as often. */
  #itemsOf(service: string, minutes: readonly MinutePoint[]): FleetTick["services"][number][] {
    const live = this.#ports.entry(service)?.live;
    if (live === undefined) return [];
    return minutes.length === 0 ? [live] : minutes.map((closed_minute) => ({ ...live, closed_minute }));
  }
}
