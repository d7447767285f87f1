/** The bridge as compose.yaml starts it: its command and its environment, short of its container. */
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ServiceDetail } from "../../domain/resource.ts";
import { durationMs, readComposeFile } from "../compose-file.ts";
import { FaultlineServer, TOKENS } from "./faultline-server.ts";
import { TestKafka } from "./kafka.ts";
import { freePort, ProcessGroup, until } from "./process-group.ts";
import { required } from "./real-parts.ts";

const server = new FaultlineServer();
const kafka = new TestKafka(required("KAFKA_BROKERS"));
const service = () => {
  const names = { KAFKA_TOPIC: kafka.topic, DLQ_TOPIC: kafka.letters_topic, KAFKA_GROUP: kafka.topic };
  return readComposeFile({ ...names, KAFKA_BROKERS: kafka.brokers, FAULTLINE_URL: server.url }).services["bridge"]!;
};
/** A container has the port 4195 to itself. */
let address = "";
let bridge: ProcessGroup | undefined;

beforeAll(async () => {
  await Promise.all([server.start(), kafka.createTopics(1)]);
  address = `127.0.0.1:${await freePort()}`;
  const { command = [], environment } = service();
  const env = { ...TOKENS, ...environment, CONNECT_HTTP: address };
  bridge = new ProcessGroup([required("CONNECT_BIN"), ...command], env, join(server.folder, "bridge.log"));
});

afterAll(async () => {
  await bridge?.end();
  await server.stop();
  await kafka.close();
});

test("events arrive, and what is none becomes a letter", async () => {
  const event = { service: "composed", endpoint: "/", latency_ms: 1, status_code: 200 };
  const value = JSON.stringify({ ...event, event_time: new Date().toISOString() });
  await kafka.produce([value, "no event", value, value].map((each) => ({ key: "composed", value: each })));

  const [letter] = await kafka.letters(1, 60_000);
  expect(letter).toMatchObject({ value: "no event", headers: { source: "default", topic: kafka.topic, offset: "1" } });
  await until("three events", 60_000, async () => {
    const { counters } = await server.get<ServiceDetail>("/v1/services/composed");
    return counters.accepted === 3 ? true : undefined;
  });
});

test("its health check, asked as the container is, finds it ready", async () => {
  const url = service().healthcheck?.test.at(-1)?.replace("127.0.0.1:4195", address) ?? "";
  expect(url).toContain(address);
  expect((await fetch(url)).status).toBe(200);
});

test("asked to end, it does so in half the time that it is given", async () => {
  const began_ms = performance.now();
  await bridge?.end("SIGTERM");
  expect(performance.now() - began_ms).toBeLessThan(durationMs(service().stop_grace_period ?? "") / 2);
});
