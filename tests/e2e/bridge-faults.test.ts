/** The bridge between a real Kafka and a receiver that does every wrong thing: nothing lost, nothing doubled, every letter written. */
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { Admin, Consumer, type Message, Producer, stringDeserializers, stringSerializers } from "@platformatic/kafka";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { NO_FAULTS } from "../../generator/fault.ts";
import { servicesOf } from "../../generator/services.ts";
import { eventsBetween } from "../../generator/stream.ts";
import { runBridge } from "./bridge.ts";
import { type FaultyReceiver, startFaultyReceiver } from "./faulty-receiver.ts";
import { freePort, type ProcessGroup } from "./process-group.ts";
import { required } from "./real-parts.ts";

const folder = mkdtempSync(join(tmpdir(), "faultline-bridge-"));
const PARTITIONS = 4;
const brokers = () => required("KAFKA_BROKERS").split(",");
const SOURCE = "e2e";
const TOKEN = "e2e-token";

type Text = Message<string, string, string, string>;
interface Produced {
  readonly topic: string;
  readonly partition: number;
  readonly key?: string;
  readonly value?: string;
  readonly headers?: Record<string, string>;
}

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the bridge from a real Kafka", { timeout: 120_000 }, () => {
  it("delivers each event once in effect and writes each rejected one to the dead letters, under every fault and SIGKILL", async () => {
    // Given a topic of ordinary events with odd ones among them, and a receiver that misbehaves,
    const topics = await createTopics();
    const messages = messagesFor(topics.events);
    await produce(messages);
    const receiver = await startFaultyReceiver(topics.events, SOURCE, TOKEN);
    closers.push(() => receiver.close());

    // when the bridge runs, is killed in the middle and started again,
    const kafka = await readAll(topics.events, messages.length);
    const expected = expectations(kafka);
    const bridge = await startBridge(topics, receiver.url);
    await until(() => countOf(receiver) > expected.accepted.length / 3);
    await bridge.end("SIGKILL");
    await startBridge(topics, receiver.url);
    await until(() => countOf(receiver) >= expected.accepted.length);

    // then the receiver applied exactly the acceptable events, each partition in its order,
    const applied = [...receiver.applied].flatMap(([partition, lines]) =>
      lines.map((line) => `${partition} ${line.offset} ${line.timestamp} ${line.event}`),
    );
    expect(receiver.breaches).toEqual([]);
    expect(applied.toSorted()).toEqual(expected.accepted.toSorted());
    expect([...receiver.faults.keys()].length).toBe(13);

    // and the dead-letter topic holds exactly the others, with their bytes and where they came from.
    const letters = await readLetters(topics.letters, expected.letters.length);
    expect(letters.toSorted()).toEqual(expected.letters.toSorted());
    await until(() =>
      receiver.heartbeats.some((beat) => isDeepStrictEqual(beat, { source: SOURCE, instance: "e2e-1", lag: 0 })),
    );
  });
});

async function createTopics() {
  const run = randomUUID().slice(0, 8);
  const topics = { events: `bridge-e2e-${run}`, letters: `bridge-e2e-${run}-dlq`, run };
  const admin = new Admin({ clientId: `e2e-admin-${run}`, bootstrapBrokers: brokers() });
  closers.push(async () => {
    await admin.deleteTopics({ topics: [topics.events, topics.letters] });
    await admin.close();
  });
  await admin.createTopics({ topics: [topics.events], partitions: PARTITIONS, replicas: 1 });
  await admin.createTopics({ topics: [topics.letters], partitions: 1, replicas: 1 });
  return topics;
}

/** 6,000 ordinary events, and among them one odd message of each kind in every partition. */
function messagesFor(topic: string): Produced[] {
  const stream = { seed: 7, services: servicesOf(PARTITIONS), rate: 600, faults: NO_FAULTS };
  const messages: Produced[] = [...eventsBetween(stream, 0, 10_000)].map((event, at) => ({
    topic,
    partition: at % PARTITIONS,
    key: event.service,
    value: JSON.stringify(event),
  }));
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const odd: Omit<Produced, "topic" | "partition">[] = [
      { value: "not json" },
      { value: '{"a":1},"offset":7,"event":{}' },
      { value: '1,"accepted":1,"rejected":[]' },
      { value: "" },
      {},
      { value: '{"pretty":\n true}\n' },
      { value: "{}", headers: { kafka_offset: "3" } },
      { value: "{}", headers: { kafka_partition: "0", kafka_timestamp_ms: "5" } },
      { value: "{}", headers: { lines: "0", rest: "x", letters: "x", http_status_code: "200", partition: "9" } },
      { value: `{"large":"${"é".repeat(220_000)}"}` },
    ];
    odd.forEach((message, at) => messages.splice(100 + partition * 700 + at * 37, 0, { topic, partition, ...message }));
  }
  return messages;
}

async function produce(messages: readonly Produced[]): Promise<void> {
  const producer = new Producer({
    clientId: "e2e-producer",
    bootstrapBrokers: brokers(),
    serializers: stringSerializers,
  });
  for (let at = 0; at < messages.length; at += 500)
    await producer.send({ messages: messages.slice(at, at + 500), acks: -1 });
  await producer.close();
}

/** What has to come of the messages that Kafka really holds, as comparable lines. */
function expectations(kafka: readonly Text[]) {
  const accepted: string[] = [];
  const letters: string[] = [];
  for (const message of kafka) {
    const value = (message.value ?? "").replaceAll("\n", " ");
    const forged = message.headers.has("kafka_offset") || message.headers.has("kafka_partition");
    const reason = forged
      ? "reserved_header"
      : value.length > 200_000
        ? "too_large"
        : isJsonObject(value)
          ? null
          : "invalid_json";
    if (reason === null) accepted.push(`${message.partition} ${message.offset} ${message.timestamp} ${value}`);
    // The place of a message with forged metadata is unknown to all but Kafka.
    else if (forged) letters.push(`${reason} ${message.partition} -1 0 ${value}`);
    else letters.push(`${reason} ${message.partition} ${message.offset} ${message.timestamp} ${value}`);
  }
  return { accepted, letters: distinct(letters) };
}

/** Letters come at least once, so distinct ones are compared. */
async function readLetters(topic: string, distinctCount: number): Promise<string[]> {
  const found: string[] = [];
  await read(topic, (message) => {
    const header = (name: string) => message.headers.get(name) ?? "";
    expect([header("source"), header("topic")]).toEqual([SOURCE, topic.replace(/-dlq$/, "")]);
    if (header("reason") !== "too_large") expect(header("detail")).toBe(`said of ${header("offset")}`);
    expect(message.key).toBe(`${header("topic")}/${header("partition")}/${header("offset")}`);
    found.push(
      `${header("reason")} ${header("partition")} ${header("offset")} ${header("timestamp")} ${message.value ?? ""}`,
    );
    return distinct(found).length >= distinctCount;
  });
  return distinct(found);
}

async function readAll(topic: string, count: number): Promise<Text[]> {
  const messages: Text[] = [];
  await read(topic, (message) => messages.push(message) >= count);
  return messages;
}

async function read(topic: string, isDone: (message: Text) => boolean): Promise<void> {
  const consumer = new Consumer({
    groupId: `e2e-${randomUUID()}`,
    clientId: "e2e-reader",
    bootstrapBrokers: brokers(),
    deserializers: stringDeserializers,
  });
  const stream = await consumer.consume({ topics: [topic], mode: "earliest", autocommit: false, maxWaitTime: 200 });
  for await (const message of stream) if (isDone(message)) break;
  await stream.close();
  await consumer.close(true);
}

async function startBridge(
  topics: { readonly events: string; readonly letters: string; readonly run: string },
  url: string,
): Promise<ProcessGroup> {
  const bridge = runBridge(
    {
      KAFKA_BROKERS: required("KAFKA_BROKERS"),
      KAFKA_TOPIC: topics.events,
      KAFKA_GROUP: `bridge-${topics.run}`,
      DLQ_TOPIC: topics.letters,
      SOURCE,
      INSTANCE_ID: "e2e-1",
      INGEST_TOKEN: TOKEN,
      FAULTLINE_URL: url,
      CONNECT_HTTP: `127.0.0.1:${await freePort()}`,
      BATCH_WAIT_MS: "0",
      RETRY_MAX: "100ms",
      SHUTDOWN_TIMEOUT: "2s",
    },
    join(folder, "bridge.log"),
  );
  closers.push(() => bridge.end());
  return bridge;
}

/** Waits for something that other processes bring about; the test's own time limit ends it. */
async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await sleep(20);
}

function countOf(receiver: FaultyReceiver): number {
  return [...receiver.applied.values()].reduce((sum, lines) => sum + lines.length, 0);
}

function distinct(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null;
  } catch {
    // What does not parse is what this is asked to tell.
    return false;
  }
}
