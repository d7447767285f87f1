/** Services whose event time a test moves: minutes of their lives in the time of one request, with faults that it begins and ends. */
import { type Fault, scheduleOf } from "../../generator/fault.ts";
import { type ServiceProfile, servicesOf } from "../../generator/services.ts";
import { eventsBetween } from "../../generator/stream.ts";
import type { FaultlineServer } from "./faultline-server.ts";
import { ingest } from "./ingest.ts";

/** So much of its requests fails beyond what always does (0 to 1), or its latencies are so many times as large. */
type Ill = { readonly kind: "errors"; readonly share: number } | { readonly kind: "latency"; readonly factor: number };

export class ServiceLives {
  readonly #server: FaultlineServer;
  readonly #profiles: readonly ServiceProfile[];
  readonly #rate: number;
  readonly #origin_ms: number;
  readonly #faults = new Map<string, Ill>();
  #at_ms: number;

  /**
   * @param rate requests a second of each
   * @param origin_ms where their event time begins, epoch ms
   */
  constructor(server: FaultlineServer, names: readonly string[], rate: number, origin_ms: number) {
    const [like] = servicesOf(1);
    this.#server = server;
    this.#profiles = names.map((service) => ({ ...like!, service }));
    this.#rate = rate;
    this.#origin_ms = origin_ms;
    this.#at_ms = origin_ms;
  }

  /** From now on so much of its requests fails, 0 to 1. */
  fail(service: string, share: number): void {
    this.#faults.set(service, { kind: "errors", share });
  }

  /** From now on its latencies are so many times as large. */
  slow(service: string, factor: number): void {
    this.#faults.set(service, { kind: "latency", factor });
  }

  heal(...services: readonly string[]): void {
    for (const service of services) this.#faults.delete(service);
  }

  /** Lets them live on, and tells Faultline of it. */
  async live(duration_s: number): Promise<void> {
    const [from_ms, to_ms] = [this.#at_ms, this.#at_ms + duration_s * 1_000];
    const faults = [...this.#faults].map(([service, ill]): Fault => {
      return { ...ill, service, endpoint: null, from_ms, to_ms };
    });
    const services = this.#profiles;
    const stream = { seed: 1, services, rate: this.#rate * services.length, origin_ms: this.#origin_ms };
    this.#at_ms = to_ms;
    await ingest(this.#server, [...eventsBetween({ ...stream, faults: scheduleOf(faults) }, from_ms, to_ms)]);
  }
}
