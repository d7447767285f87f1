/** Kafka stopped and killed under a running bridge that comes in by TLS and SASL, before a real Faultline: it goes on by itself and each event counts once. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { openScenario } from "./bridge-scenario.ts";
import { FaultlineServer } from "./faultline-server.ts";
import { pass, slow } from "./faulty-proxy.ts";
import { kafkaLibs, OwnKafka } from "./own-kafka.ts";
import { until } from "./process-group.ts";

const libs = kafkaLibs();
if (libs === null) console.warn("skipped: no jars of Kafka; KAFKA_LIBS names the folder libs/ of an Apache Kafka 4");

const server = new FaultlineServer();
const broker = new OwnKafka(libs ?? "");
beforeAll(async () => {
  if (libs !== null) await Promise.all([server.start(), broker.start()]);
});
afterAll(async () => {
  await server.stop();
  await broker.close();
});

test.skipIf(libs === null)("Kafka stopped and killed in one stream", async (context) => {
  const { stream, proxy } = await openScenario(context, server, {
    partitions: 4,
    brokers: broker.brokers,
    settings: { ...broker.secure, BATCH_BYTES: "4KiB", BUFFER_BYTES: "16KiB" },
  });
  const bridge = stream.startBridge();
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    // Slow enough that most of it is still to be read, and batches and their letters are under way.
    proxy.treatment = slow(300);
    const before = proxy.seen.length;
    await stream.produce(800);
    await until("batches under way", 60_000, () => (proxy.seen.length >= before + 6 ? true : undefined));
    await broker.stop(signal);
    proxy.treatment = pass;
    await broker.start();
  }
  await stream.produce(400);
  await stream.expectExact();
  expect(bridge.isOver).toBe(false);
  expect(proxy.breaches).toEqual([]);
});
