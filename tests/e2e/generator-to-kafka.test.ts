/** The generator into a real Kafka: the topic is made, each event is there once, a service keeps to one partition. */
import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { promisify } from "node:util";
import { Admin, Consumer, type Message, stringDeserializers } from "@platformatic/kafka";
import { afterAll, expect, it } from "vitest";
import { required } from "./real-parts.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const topic = `generator-${randomUUID()}`;
const connection = { clientId: "generator-e2e", bootstrapBrokers: required("KAFKA_BROKERS").split(",") };

afterAll(async () => {
  const admin = new Admin(connection);
  await admin.deleteTopics({ topics: [topic] });
  await admin.close();
});

it("writes each event once, keyed by its service", { timeout: 60_000 }, async () => {
  // Given a topic that is not there, when the generator runs for two seconds,
  const target = [
    "--sink",
    "kafka",
    "--brokers",
    required("KAFKA_BROKERS"),
    "--topic",
    topic,
    "--create-topic",
    "--partitions",
    "5",
  ];
  const load = [
    "--rate",
    "2000",
    "--services",
    "9",
    "--duration",
    "2s",
    "--disorder-ms",
    "0",
    "--anomalies",
    "none",
    "--json",
  ];
  const command = [join(ROOT, "generator", "main.ts"), ...target, ...load];
  const { stdout } = await promisify(execFile)(process.execPath, command, { cwd: ROOT });
  const summary: { readonly kind: string; readonly sent: number } = JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
  expect(summary.kind).toBe("summary");
  expect(summary.sent).toBeGreaterThan(3500);

  // then the topic holds that many events, each once, in order within a service, and a service in one partition.
  const partitions = new Map<string, Set<number>>();
  const events: { readonly service: string; readonly event_time: string }[] = [];
  for await (const { key, value, partition } of messagesOf(summary.sent)) {
    const event: (typeof events)[number] = JSON.parse(value);
    expect(key).toBe(event.service);
    partitions.set(key, (partitions.get(key) ?? new Set()).add(partition));
    events.push(event);
  }
  expect(new Set(events.map((event) => JSON.stringify(event))).size).toBe(summary.sent);
  expect(partitions.size).toBe(9);
  for (const [service, its] of partitions) {
    const times = events.filter((event) => event.service === service).map((event) => event.event_time);
    expect(its.size).toBe(1);
    expect(times).toEqual(times.toSorted());
  }
});

async function* messagesOf(count: number): AsyncGenerator<Message<string, string, string, string>> {
  const consumer = new Consumer({ ...connection, groupId: randomUUID(), deserializers: stringDeserializers });
  const stream = await consumer.consume({ topics: [topic], mode: "earliest", autocommit: false, maxWaitTime: 200 });
  let left = count;
  for await (const message of stream) {
    yield message;
    left -= 1;
    if (left === 0) break;
  }
  await stream.close();
  await consumer.close(true);
}
