/** From Kafka to history through the real bridge: each event once, and what cannot be an event in the dead letters. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { PipelineItem } from "../../domain/pipeline.ts";
import type { Readiness } from "../../domain/resource.ts";
import { NO_FAULTS } from "../../generator/fault.ts";
import { servicesOf } from "../../generator/services.ts";
import { eventsBetween, type ServiceEventJson } from "../../generator/stream.ts";
import { startBridge } from "./bridge.ts";
import { expectedMinutes, totalsOf } from "./expected-windows.ts";
import { FaultlineServer, TOKENS } from "./faultline-server.ts";
import { TestKafka } from "./kafka.ts";
import { type ProcessGroup, until } from "./process-group.ts";
import { required } from "./real-parts.ts";

const PARTITIONS = 6;
const EVENTS = 20_000;

const SERVICES = servicesOf(3);
const server = new FaultlineServer();
const kafka = new TestKafka(required("KAFKA_BROKERS"));
let bridge: ProcessGroup | undefined;

beforeAll(async () => {
  await Promise.all([server.start(), kafka.createTopics(PARTITIONS)]);
  bridge = await startBridge(server, kafka);
});

afterAll(async () => {
  await bridge?.end();
  await server.stop();
  await kafka.close();
});

/** Ten values that are no JSON objects, and ten that break a rule, each with its reason. */
const BROKEN: readonly (readonly [value: string, reason: string])[] = [
  ...["", "{", "null", "[1]", '"text"', "{]", '{"service":', "tru", "{}{}", '{"event_time":"2026'].map(
    (value) => [value, "any"] as const,
  ),
  ...Object.entries({
    invalid_service: { service: "Checkout!" },
    reserved_service: { service: "faultline" },
    invalid_endpoint: { endpoint: "" },
    invalid_latency_ms: { latency_ms: -1 },
    invalid_status_code: { status_code: 99 },
    invalid_event_time: { event_time: "yesterday" },
    missing_event_time: { event_time: undefined },
    future: { event_time: new Date(Date.now() + 3_600_000).toISOString() },
    past: { event_time: new Date(Date.now() - 90_000_000).toISOString() },
    invalid_version: { version: "" },
  }).map(([reason, change]) => {
    const event = {
      event_time: new Date().toISOString(),
      service: "checkout",
      endpoint: "/",
      latency_ms: 1,
      status_code: 200,
      ...change,
    };
    return [JSON.stringify(event), reason] as const;
  }),
];

describe("20,000 events over several partitions, twenty broken ones among them", () => {
  const now_ms = Date.now();
  const options = { seed: 7, services: SERVICES, rate: 60, faults: NO_FAULTS };
  const events: ServiceEventJson[] = [...eventsBetween(options, now_ms - 400_000, now_ms)].slice(-EVENTS);

  beforeAll(async () => {
    expect(events).toHaveLength(EVENTS);
    const messages = events.map((event, i) => ({
      key: event.service,
      value: JSON.stringify(event),
      partition: i % PARTITIONS,
    }));
    // The broken ones stand among the others, a thousand apart.
    for (const [i, [value]] of BROKEN.entries())
      messages.splice(i * 1000 + 500, 0, { key: "broken", value, partition: i % PARTITIONS });
    await kafka.produce(messages);
  });

  test("arrive once each: the windows of history equal those produced", async () => {
    for (const { service } of SERVICES) {
      const expected = expectedMinutes(events, service);
      await until(`the windows of ${service}`, 60_000, async () => {
        expect(totalsOf(await server.minutes(service, now_ms - 3_600_000, now_ms + 60_000))).toEqual(expected);
        return true;
      });
    }
  });

  test("and the twenty are in the dead-letter topic with reason and place", async () => {
    const letters = await kafka.letters(BROKEN.length, 30_000);
    expect(letters).toHaveLength(BROKEN.length);
    expect(letters.map((letter) => letter.value).sort()).toEqual(BROKEN.map(([value]) => value).sort());
    for (const { value, headers } of letters) {
      const [, reason] = BROKEN.find(([broken]) => broken === value)!;
      expect(headers).toMatchObject({
        topic: kafka.topic,
        partition: expect.stringMatching(/^\d$/),
        offset: expect.stringMatching(/^\d+$/),
      });
      if (reason !== "any") expect(headers["reason"]).toBe(reason);
    }
  });

  test("while the bridge's heartbeat shows in the readiness", async () => {
    const readiness = await until("a heartbeat", 20_000, async () => {
      const found = await server.get<Readiness>("/ready?verbose");
      return (found.bridges ?? []).length > 0 ? found : undefined;
    });
    expect(readiness.bridges![0]).toMatchObject({ source: "default" });
  });

  test("and tells what waits in each partition: nothing, once all has come", async () => {
    const waiting = async () => {
      const { fleet } = await server.get<PipelineItem>("/v1/pipeline");
      return fleet?.waiting.map(({ source, topic, partitions }) => ({ source, topic, partitions }));
    };
    const partitions = Array.from({ length: PARTITIONS }, (_, partition) => ({ partition, lag: 0 }));
    // The lag is read each 5 s, and told each 5 s.
    await expect.poll(waiting, { timeout: 20_000 }).toEqual([{ source: "default", topic: kafka.topic, partitions }]);
  });
});

test("a wrong token opens nothing", async () => {
  const send = (token: string): Promise<Response> =>
    fetch(`${server.url}/v1/ingest`, {
      method: "POST",
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/x-ndjson" },
      body: "",
    });
  expect((await send("wrong")).status).toBe(401);
  expect((await send(TOKENS.VIEWER_TOKEN)).status).toBe(403);
});
