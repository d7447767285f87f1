/** A seeded shop for pictures: two hours of past with three faults that are over, traffic that goes on, and two faults on request. */
import { setTimeout as delay } from "node:timers/promises";
import type { Incident } from "../../domain/incident.ts";
import type { Page } from "../../domain/resource.ts";
import { type Fault, scheduleOf } from "../../generator/fault.ts";
import { servicesOf } from "../../generator/services.ts";
import { eventsBetween } from "../../generator/stream.ts";
import { type FaultlineServer, TOKENS } from "../e2e/faultline-server.ts";
import { ingest } from "../e2e/ingest.ts";
import { until } from "../e2e/process-group.ts";

const SEED = 14;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const PAST_MS = 120 * MINUTE_MS;
const RATE_PER_SERVICE = 10;
const SEND_EVERY_MS = 250;
const HEARTBEAT_EVERY_MS = 5000;
/** What waits in each partition, as the bridge tells it. */
const PARTITION_LAGS = [18, 22, 14, 19, 17, 25, 12, 16, 21, 15, 20, 13];
const NAMES = "checkout payments search orders accounts catalog shipping emails prices stock invoices reviews".split(
  " ",
);

/** What the copies of the generator's three services are called here. */
const SERVICES = servicesOf(NAMES.length).map((profile, index) => ({ ...profile, service: NAMES[index]! }));

export class Scenario {
  readonly #server: FaultlineServer;
  readonly #origin_ms = Math.floor(Date.now() / 1000) * 1000 - PAST_MS;
  #faults: readonly Fault[] = pastFaults(this.#origin_ms);
  #sent_ms = this.#origin_ms;
  #running: Promise<void> = Promise.resolve();
  readonly #ended = new AbortController();

  constructor(server: FaultlineServer) {
    this.#server = server;
  }

  /** Sends the past, then goes on with the present until `end`; resolves once nothing is wrong any more. */
  async begin(): Promise<void> {
    await this.#send();
    this.#running = this.#run();
    await until("the incidents of the past to be over", 60_000, async () => {
      const [past, open] = await Promise.all([this.#incidents("resolved"), this.#incidents("open")]);
      return past.length >= pastFaults(0).length && open.length === 0 ? true : undefined;
    });
  }

  /** Lets checkout fail and payments be slow from now on; gives checkout's incident once both are told and a minute is to be seen. */
  async break(): Promise<Incident> {
    const from_ms = Date.now();
    const now = { from_ms, to_ms: Number.POSITIVE_INFINITY };
    this.#faults = [
      ...this.#faults,
      { kind: "errors", service: "checkout", endpoint: "/cart/pay", share: 0.6, ...now },
      { kind: "latency", service: "payments", endpoint: "/payments/authorize", factor: 3, ...now },
    ];
    const incident = await until("both incidents", 60_000, async () => {
      const open = await this.#incidents("open");
      const of = (service: string) => open.find((found) => found.service === service);
      return of("payments") === undefined ? undefined : of("checkout");
    });
    await delay(from_ms + 1.5 * MINUTE_MS - Date.now(), undefined, { signal: this.#ended.signal });
    return incident;
  }

  /** Makes a silence that holds, one to come and one of each week. */
  async silence(): Promise<void> {
    const at = (after_h: number): string => new Date(Date.now() + after_h * HOUR_MS).toISOString();
    const weekly = { days: [6, 7], from: "02:00", until: "04:00", zone: "Europe/Berlin" };
    for (const silence of [
      { services: ["checkout"], endpoint: "/cart/pay", ends_at: at(4), comment: "moving the orders database" },
      { services: ["*"], severities: ["medium"], starts_at: at(20), ends_at: at(22), comment: "load test" },
      { services: ["invoices", "stock"], weekly, ends_at: at(24 * 180), comment: "import of the week" },
    ]) {
      const headers = { Authorization: `Bearer ${TOKENS.ADMIN_TOKEN}` };
      const answer = await fetch(`${this.#server.url}/v1/silences`, {
        method: "POST",
        headers,
        body: JSON.stringify(silence),
      });
      if (!answer.ok) throw new Error(`no silence: ${answer.status} ${await answer.text()}`);
    }
  }

  async end(): Promise<void> {
    this.#ended.abort();
    await this.#running;
  }

  async #incidents(status: Incident["status"]): Promise<readonly Incident[]> {
    return (await this.#server.get<Page<Incident>>(`/v1/incidents?status=${status}`)).items;
  }

  async #run(): Promise<void> {
    let beaten_ms = 0;
    while (!this.#ended.signal.aborted) {
      if (Date.now() - beaten_ms >= HEARTBEAT_EVERY_MS) {
        beaten_ms = Date.now();
        await this.#heartbeat();
      }
      await this.#send();
      await delay(SEND_EVERY_MS);
    }
  }

  async #send(): Promise<void> {
    const to_ms = Date.now();
    const rate = RATE_PER_SERVICE * SERVICES.length;
    const stream = { seed: SEED, services: SERVICES, rate, origin_ms: this.#origin_ms };
    const events = [...eventsBetween({ ...stream, faults: scheduleOf(this.#faults) }, this.#sent_ms, to_ms)];
    this.#sent_ms = to_ms;
    await ingest(this.#server, events);
  }

  /** As the bridge sends it: without one the pipeline's page says that there is no bridge. */
  async #heartbeat(): Promise<void> {
    const headers = { Authorization: `Bearer ${TOKENS.INGEST_TOKEN}`, "Content-Type": "application/json" };
    const partitions = PARTITION_LAGS.map((lag, partition) => ({ topic: "raw_events", partition, lag }));
    const lag = PARTITION_LAGS.reduce((sum, each) => sum + each, 0);
    const body = JSON.stringify({ source: "default", instance: "bridge-1", lag, partitions });
    const answer = await fetch(`${this.#server.url}/v1/bridge/heartbeat`, { method: "POST", headers, body });
    if (!answer.ok) throw new Error(`the heartbeat was answered ${answer.status}: ${await answer.text()}`);
  }
}

/** Of three kinds and severities, the last over for half an hour. */
function pastFaults(origin_ms: number): readonly Fault[] {
  const lasting = (from_min: number, minutes: number) => ({
    from_ms: origin_ms + from_min * MINUTE_MS,
    to_ms: origin_ms + (from_min + minutes) * MINUTE_MS,
  });
  return [
    { kind: "latency", service: "search", endpoint: null, factor: 6, ...lasting(40, 4) },
    { kind: "errors", service: "orders", endpoint: null, share: 0.25, ...lasting(62, 3) },
    { kind: "traffic", service: "shipping", endpoint: null, factor: 0, ...lasting(85, 3) },
  ];
}
