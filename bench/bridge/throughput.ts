/** How fast a full topic gets from Kafka through a real bridge into the objects of a fresh Faultline. */
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { ServiceCounters } from "../../domain/resource.ts";
import { NO_FAULTS } from "../../generator/fault.ts";
import { servicesOf } from "../../generator/services.ts";
import { eventsBetween } from "../../generator/stream.ts";
import { bridgeSettings, type BridgeSettings, runBridge } from "../../tests/e2e/bridge.ts";
import { FaultlineServer } from "../../tests/e2e/faultline-server.ts";
import { type Produced, TestKafka } from "../../tests/e2e/kafka.ts";
import { required } from "../../tests/e2e/real-parts.ts";
import { cpuOf, memoryOf } from "../support/process-memory.ts";
import { usageOf } from "../support/process-usage.ts";

/** Event time that the topic spans: minutes are closed on the way, as in a stream that is caught up with. */
const SPAN_MS = 240_000;
const CHUNK = 50_000;
/** How often the counts are looked at; it bounds the error of the time, and must not cost what it measures. */
const LOOK_MS = 25;
const LIMIT_MS = 240_000;

/**
 * Which partition a service keeps to. `even`: the services in turn, so that the load is spread. `keyed`: as the hash of the name
 * has it, as the generator writes it; a dozen names leave partitions empty and put three services into another.
 */
export const PLACEMENTS = ["even", "keyed"] as const;
export type Placement = (typeof PLACEMENTS)[number];

export interface TopicShape {
  readonly placement: Placement;
  readonly partitions: number;
  readonly services: number;
  readonly events: number;
}

export interface FilledTopic extends TopicShape {
  readonly kafka: TestKafka;
  readonly partitions_used: number;
}

export async function fillTopic(shape: TopicShape): Promise<FilledTopic> {
  const { placement, partitions, services, events } = shape;
  const kafka = new TestKafka(required("KAFKA_BROKERS"));
  await kafka.createTopics(partitions);
  const rate = (events * 1000) / SPAN_MS;
  const end_ms = Date.now() - 60_000;
  const options = { seed: 3, services: servicesOf(services), rate, faults: NO_FAULTS };
  const turns = new Map(options.services.map(({ service }, turn) => [service, turn % partitions]));
  const placeOf = (service: string): number | undefined => (placement === "even" ? turns.get(service) : undefined);
  let chunk: Produced[] = [];
  let written = 0;
  for (const event of eventsBetween(options, end_ms - 2 * SPAN_MS, end_ms)) {
    const partition = placeOf(event.service);
    const place = partition === undefined ? {} : { partition };
    chunk.push({ key: event.service, value: JSON.stringify(event), ...place });
    written += 1;
    if (chunk.length === CHUNK || written === events) {
      await kafka.produce(chunk);
      chunk = [];
    }
    if (written === events) break;
  }
  const ends = await kafka.ends();
  return { ...shape, kafka, events: written, partitions_used: ends.filter((end) => end > 0).length };
}

export interface ThroughputFigures {
  readonly events: number;
  readonly partitions_used: number;
  readonly events_per_s: number;
  readonly seconds: number;
  /** Most that Connect had resident, MB. */
  readonly connect_mb: number;
  /** CPU time of Connect an event, us. */
  readonly connect_us: number;
  /** The same of wrangler and the runtime, object, database and all. */
  readonly server_us: number;
  readonly server_mb: Readonly<Record<string, number>>;
}

/** From the first message that Connect has read to the last event that its object has made durable. */
export async function measureThroughput(topic: FilledTopic, settings: BridgeSettings): Promise<ThroughputFigures> {
  const server = new FaultlineServer();
  await server.start();
  const own: BridgeSettings = { ...(await bridgeSettings(server.url, topic.kafka)), SOURCE: randomUUID(), ...settings };
  const bridge = runBridge(own, join(server.folder, "bridge.log"));
  try {
    const received = (): Promise<number> => receivedBy(own["CONNECT_HTTP"] ?? "");
    await untilTrue("the first message", async () => bridge.isOver || (await received()) > 0);
    const began_ms = performance.now();
    const before = { bridge: usageOf(bridge.pid).cpu_s, server: cpuSecondsOf(server) };
    await untilTrue("the last message", async () => bridge.isOver || (await received()) >= topic.events);
    await untilTrue("the last event", async () => (await acceptedBy(server, topic.services)) >= topic.events);
    const seconds = (performance.now() - began_ms) / 1000;
    const accepted = await acceptedBy(server, topic.services);
    if (accepted !== topic.events) throw new Error(`${accepted} of ${topic.events} events were counted`);
    const after = usageOf(bridge.pid);
    const perEvent = (cpu_s: number): number => Math.round((cpu_s * 1e7) / topic.events) / 10;
    return {
      events: topic.events,
      partitions_used: topic.partitions_used,
      events_per_s: Math.round(topic.events / seconds),
      seconds: Math.round(seconds * 100) / 100,
      connect_mb: after.peak_mb,
      connect_us: perEvent(after.cpu_s - before.bridge),
      server_us: perEvent(cpuSecondsOf(server) - before.server),
      server_mb: memoryOf(server.pid),
    };
  } finally {
    await bridge.end("SIGKILL");
    await server.stop();
  }
}

function cpuSecondsOf(server: FaultlineServer): number {
  return Object.values(cpuOf(server.pid)).reduce((sum, cpu_s) => sum + cpu_s, 0);
}

/** Messages that Connect has read; 0 before its port answers. */
async function receivedBy(address: string): Promise<number> {
  const text = await fetch(`http://${address}/metrics`).then(
    (response) => response.text(),
    () => "",
  );
  return Number(/^input_received\{[^}]*label="raw_events"[^}]*\} (\S+)$/m.exec(text)?.[1] ?? 0);
}

async function acceptedBy(server: FaultlineServer, services: number): Promise<number> {
  const details = await Promise.all(
    servicesOf(services).map(({ service }) =>
      server.get<{ counters: ServiceCounters }>(`/v1/services/${service}`).catch(() => null),
    ),
  );
  return details.reduce((sum, detail) => sum + (detail?.counters.accepted ?? 0), 0);
}

async function untilTrue(what: string, look: () => Promise<boolean>): Promise<void> {
  for (const end_ms = performance.now() + LIMIT_MS; performance.now() < end_ms; await delay(LOOK_MS))
    if (await look()) return;
  throw new Error(`waited ${LIMIT_MS} ms for ${what}`);
}
