/**
 * One stream of its own from Kafka through the bridge into a Faultline that others share: own topics, own services, own group.
 * In the end every event must have been counted exactly once, and every broken one must be a dead letter.
 */
import { createHash, randomUUID } from "node:crypto";
import { isUtf8 } from "node:buffer";
import { join } from "node:path";
import { expect, type TestContext } from "vitest";
import type { ServiceCounters } from "../../domain/resource.ts";
import { NO_FAULTS } from "../../generator/fault.ts";
import { servicesOf } from "../../generator/services.ts";
import { eventsBetween, type ServiceEventJson } from "../../generator/stream.ts";
import { bridgeSettings, type BridgeSettings, runBridge } from "./bridge.ts";
import { expectedMinutes, totalsOf } from "./expected-windows.ts";
import type { FaultlineServer } from "./faultline-server.ts";
import { FaultyProxy } from "./faulty-proxy.ts";
import { type Produced, type Stored, TestKafka } from "./kafka.ts";
import { freePort, type ProcessGroup, until } from "./process-group.ts";
import { required } from "./real-parts.ts";

const MINUTE_MS = 60_000;
const NEWLINE = 10;
const SPACE = 32;
/** Longer letters are compared by their hash. */
const SHOWN_BYTES_MAX = 200;
/** Events a second of event time: 3,000 fill a minute. */
const RATE = 50;
/** One in so many messages is no event. */
const BROKEN_EVERY = 97;

/** Quick to try again, so that a test of many faults is short. */
const QUICK = { RETRY_MAX: "200ms", POST_TIMEOUT: "10s", BATCH_WAIT_MS: "20" } as const;

interface ScenarioOptions {
  readonly partitions: number;
  /** The bridge's, beside where to read and send. */
  readonly settings?: BridgeSettings;
  readonly brokers?: string;
  /** Events a second of event time, `RATE` where left out. */
  readonly rate?: number;
}

/** A stream with a proxy before Faultline, both gone with the test. */
export async function openScenario(
  { onTestFinished }: Pick<TestContext, "onTestFinished">,
  server: FaultlineServer,
  options: ScenarioOptions,
): Promise<{ readonly stream: BridgeScenario; readonly proxy: FaultyProxy }> {
  const proxy = new FaultyProxy(server.url);
  await proxy.listen();
  const stream = new BridgeScenario(server, proxy.url, options);
  onTestFinished(async () => {
    await stream.close();
    await proxy.close();
  });
  await stream.open();
  return { stream, proxy };
}

export class BridgeScenario {
  readonly name = randomUUID().slice(0, 8);
  readonly kafka: TestKafka;
  readonly partitions: number;
  /** The acceptable events that were produced, in the order of their event time. */
  readonly events: ServiceEventJson[] = [];
  settings: BridgeSettings = {};
  readonly #server: FaultlineServer;
  readonly #url: string;
  readonly #options: ScenarioOptions;
  readonly #services;
  readonly #start_ms = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - 10 * MINUTE_MS;
  readonly #bridges: ProcessGroup[] = [];
  readonly #stream: Iterator<ServiceEventJson>;
  #produced = 0;
  #looked = 0;

  constructor(server: FaultlineServer, url: string, options: ScenarioOptions) {
    this.#server = server;
    this.#url = url;
    this.#options = options;
    this.partitions = options.partitions;
    this.kafka = new TestKafka(options.brokers ?? required("KAFKA_BROKERS"));
    this.#services = servicesOf(3).map((profile) => ({
      ...profile,
      service: `${profile.service}-${this.name}`,
    }));
    const stream = {
      seed: 5,
      services: this.#services,
      rate: options.rate ?? RATE,
      faults: NO_FAULTS,
      origin_ms: this.#start_ms,
    };
    this.#stream = eventsBetween(stream, this.#start_ms, Number.MAX_SAFE_INTEGER);
  }

  async open(): Promise<void> {
    await this.kafka.createTopics(this.partitions);
    const settings = await bridgeSettings(this.#url, this.kafka);
    this.settings = { ...settings, SOURCE: this.name, ...QUICK, ...this.#options.settings };
  }

  startBridge(settings: BridgeSettings = this.settings): ProcessGroup {
    const bridge = runBridge(settings, this.log);
    this.#bridges.push(bridge);
    return bridge;
  }

  /** Settings of a further replica, which sends through a proxy of its own. */
  async replica(url: string): Promise<BridgeSettings> {
    return {
      ...this.settings,
      INSTANCE_ID: randomUUID(),
      CONNECT_HTTP: `127.0.0.1:${await freePort()}`,
      FAULTLINE_URL: url,
    };
  }

  get group(): string {
    return this.settings["KAFKA_GROUP"] ?? "";
  }

  get log(): string {
    return join(this.#server.folder, `bridge-${this.name}.log`);
  }

  /** The next events of the stream, which are not sent yet. */
  next(count: number): ServiceEventJson[] {
    return Array.from({ length: count }, () => {
      const { value, done } = this.#stream.next();
      if (done === true) throw new Error("the stream is over");
      return value;
    });
  }

  /** Messages of events that are to be counted, over all partitions in turn or in one. */
  messagesOf(events: readonly ServiceEventJson[], partition?: number): Produced[] {
    for (const event of events) this.events.push(event);
    return events.map((event) => ({
      key: event.service,
      value: JSON.stringify(event),
      partition: partition ?? this.#produced++ % this.partitions,
    }));
  }

  /** The next events as messages. */
  plainMessages(count: number): Produced[] {
    return this.messagesOf(this.next(count));
  }

  /** The same with some among them that are no events. */
  messages(count: number): Produced[] {
    return this.plainMessages(count).flatMap((message) => {
      if (++this.#looked % BROKEN_EVERY !== 0) return [message];
      return [message, { ...message, value: `{"broken":${this.#looked}` }];
    });
  }

  async produce(count: number): Promise<void> {
    await this.kafka.produce(this.messages(count));
  }

  get services(): readonly string[] {
    return this.#services.map(({ service }) => service);
  }

  /** What happened to the stream's events, over all its services. */
  async counters(): Promise<ServiceCounters> {
    const details = await Promise.all(
      this.#services.map(({ service }) =>
        this.#server.get<{ counters: ServiceCounters }>(`/v1/services/${service}`).catch(() => null),
      ),
    );
    const sum = (name: keyof ServiceCounters): number =>
      details.reduce((total, detail) => total + (detail?.counters[name] ?? 0), 0);
    return {
      accepted: sum("accepted"),
      duplicates: sum("duplicates"),
      duplicates_suspect: sum("duplicates_suspect"),
      before_start: sum("before_start"),
      late: sum("late"),
      dropped: sum("dropped"),
    };
  }

  /** Waits until the objects have applied at least so many events. */
  async untilAccepted(count: number, limit_ms = 60_000): Promise<void> {
    await until(`${count} events`, limit_ms, async () => {
      const { accepted } = await this.counters();
      if (accepted < count) throw new Error(`there are ${accepted}`);
      return true;
    });
  }

  /** Waits until the group has acknowledged all that the topic holds. */
  async untilAcknowledged(limit_ms = 60_000): Promise<void> {
    const ends = await this.kafka.ends();
    await until("the acknowledgement of everything", limit_ms, async () => {
      expect(await this.kafka.committed(this.group)).toEqual(ends);
      return true;
    });
  }

  /** Every event was counted once, in the object and in history: counts, errors and latency sums of each minute. */
  async expectExactHistory(limit_ms = 60_000): Promise<void> {
    await this.untilAccepted(this.events.length, limit_ms);
    expect(await this.counters()).toMatchObject({ accepted: this.events.length, dropped: 0, before_start: 0 });
    for (const { service } of this.#services) {
      const expected = expectedMinutes(this.events, service);
      await until(`the windows of ${service}`, limit_ms, async () => {
        const windows = await this.#server.minutes(service, this.#start_ms - 10 * MINUTE_MS, Date.now() + MINUTE_MS);
        expect(totalsOf(windows)).toEqual(expected);
        return true;
      });
    }
  }

  /** The letters are exactly the messages that are no events: as (source, topic, partition, offset), reason and bytes. */
  async expectExactLetters(reasonOf: (message: Stored) => string | null = brokenReason): Promise<void> {
    const expected = (await this.kafka.events()).flatMap((message) => {
      const reason = reasonOf(message);
      if (reason === null) return [];
      const offset = reason === "reserved_header" ? -1 : message.offset;
      // One message is one line, so its newlines arrive as spaces.
      const bytes = message.value?.map((byte) => (byte === NEWLINE ? SPACE : byte)) ?? Buffer.alloc(0);
      return [letterLine(this.name, this.kafka.topic, message.partition, offset, reason, Buffer.from(bytes))];
    });
    const letters = (await this.kafka.lettersNow()).map(({ headers, value }) =>
      letterLine(
        headers["source"],
        headers["topic"],
        headers["partition"],
        headers["offset"],
        headers["reason"],
        value,
      ),
    );
    expect([...new Set(letters)].toSorted()).toEqual(expected.toSorted());
  }

  /** Everything at once, when nothing more is to come. */
  async expectExact(): Promise<void> {
    await this.untilAcknowledged();
    await this.expectExactLetters();
    await this.expectExactHistory();
  }

  async close(): Promise<void> {
    await Promise.all(this.#bridges.map((bridge) => bridge.end("SIGKILL")));
    await this.kafka.close();
  }
}

function letterLine(...[source, topic, partition, offset, reason, value]: readonly unknown[]): string {
  const bytes = Buffer.isBuffer(value) ? value : Buffer.alloc(0);
  const content =
    bytes.length > SHOWN_BYTES_MAX || !isUtf8(bytes) ? createHash("sha256").update(bytes).digest("hex") : String(bytes);
  // What forges Kafka's metadata has lost its place: alone in a batch, its partition too.
  const place = Number(offset) === -1 ? null : [Number(partition), Number(offset)];
  return JSON.stringify([source, topic, place, reason, bytes.length, content]);
}

/** The reason for the broken ones of `messages`. */
function brokenReason({ value }: Stored): string | null {
  return value?.toString().startsWith('{"broken"') === true ? "invalid_json" : null;
}
