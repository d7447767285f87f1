/** The bridge between a real Kafka and a receiver that does every wrong thing: nothing lost, nothing doubled, every letter written. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import type { BridgeBeat } from "../../domain/resource.ts";
import { NO_FAULTS } from "../../generator/fault.ts";
import { servicesOf } from "../../generator/services.ts";
import { eventsBetween } from "../../generator/stream.ts";
import { bridgeSettings, type BridgeSettings, runBridge } from "./bridge.ts";
import { type FaultyReceiver, startFaultyReceiver } from "./faulty-receiver.ts";
import { type Produced, type Stored, TestKafka } from "./kafka.ts";
import { type ProcessGroup, until as untilFound } from "./process-group.ts";
import { required } from "./real-parts.ts";

const folder = mkdtempSync(join(tmpdir(), "faultline-bridge-"));
const PARTITIONS = 4;
const SOURCE = "e2e";
const TOKEN = "e2e-token";
/** The bridge's, beside where to read and send. */
const SETTINGS = {
  SOURCE,
  INSTANCE_ID: "e2e-1",
  INGEST_TOKEN: TOKEN,
  BATCH_WAIT_MS: "0",
  RETRY_MAX: "100ms",
  SHUTDOWN_TIMEOUT: "2s",
} as const;

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the bridge from a real Kafka", { timeout: 120_000 }, () => {
  it("delivers each event once in effect and writes each rejected one to the dead letters, under every fault and SIGKILL", async () => {
    // Given a topic of ordinary events with odd ones among them, and a receiver that misbehaves,
    const kafka = new TestKafka(required("KAFKA_BROKERS"));
    closers.push(() => kafka.close());
    await kafka.createTopics(PARTITIONS);
    await kafka.produce(messages());
    const receiver = await startFaultyReceiver(kafka.topic, SOURCE, TOKEN);
    closers.push(() => receiver.close());

    // when the bridge runs, is killed in the middle and started again,
    const expected = expectations(await kafka.events());
    const settings = { ...(await bridgeSettings(receiver.url, kafka)), ...SETTINGS };
    const bridge = startBridge(settings);
    await until(() => countOf(receiver) > expected.accepted.length / 3);
    await bridge.end("SIGKILL");
    startBridge(settings);
    await until(() => countOf(receiver) >= expected.accepted.length);

    // then the receiver applied exactly the acceptable events, each partition in its order,
    const applied = [...receiver.applied].flatMap(([partition, lines]) =>
      lines.map((line) => `${partition} ${line.offset} ${line.timestamp} ${line.event}`),
    );
    expect(receiver.breaches).toEqual([]);
    expect(applied.toSorted()).toEqual(expected.accepted.toSorted());
    expect([...receiver.faults.keys()].length).toBe(13);

    // and the dead-letter topic holds exactly the others, with their bytes and where they came from.
    const letters = await readLetters(kafka, expected.letters.length);
    expect(letters.toSorted()).toEqual(expected.letters.toSorted());
    // And a heartbeat told that nothing waits any more, in no partition.
    const lags = Array.from({ length: PARTITIONS }, (_, partition) => ({ topic: kafka.topic, partition, lag: 0 }));
    const done = { source: SOURCE, instance: "e2e-1", lag: 0, partitions: lags };
    await until(() => receiver.heartbeats.some((beat) => isDeepStrictEqual(inOrder(beat as BridgeBeat), done)));
  });
});

/** Partitions in which as much waits stand in any order. */
function inOrder(beat: BridgeBeat): unknown {
  return { ...beat, partitions: beat.partitions?.toSorted((a, b) => a.partition - b.partition) };
}

/** 6,000 ordinary events, and among them one odd message of each kind in every partition. */
function messages(): Produced[] {
  const stream = { seed: 7, services: servicesOf(PARTITIONS), rate: 600, faults: NO_FAULTS };
  const all: Produced[] = [...eventsBetween(stream, 0, 10_000)].map((event, at) => ({
    partition: at % PARTITIONS,
    key: event.service,
    value: JSON.stringify(event),
  }));
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const odd: Produced[] = [
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
    odd.forEach((message, at) => all.splice(100 + partition * 700 + at * 37, 0, { partition, ...message }));
  }
  return all;
}

/** What has to come of the messages that Kafka really holds, as comparable lines. */
function expectations(stored: readonly Stored[]) {
  const accepted: string[] = [];
  const letters: string[] = [];
  for (const message of stored) {
    const value = String(message.value ?? "").replaceAll("\n", " ");
    const forged = "kafka_offset" in message.headers || "kafka_partition" in message.headers;
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
async function readLetters(kafka: TestKafka, distinctCount: number): Promise<string[]> {
  return await untilFound("the letters", 60_000, async () => {
    const letters = (await kafka.lettersNow()).map((letter) => letterLine(kafka.topic, letter));
    return distinct(letters).length >= distinctCount ? distinct(letters) : undefined;
  });
}

function letterLine(topic: string, { key, value, headers }: Stored): string {
  const header = (name: string) => headers[name] ?? "";
  expect([header("source"), header("topic")]).toEqual([SOURCE, topic]);
  if (header("reason") !== "too_large") expect(header("detail")).toBe(`said of ${header("offset")}`);
  expect(key).toBe(`${topic}/${header("partition")}/${header("offset")}`);
  return `${header("reason")} ${header("partition")} ${header("offset")} ${header("timestamp")} ${String(value ?? "")}`;
}

function startBridge(settings: BridgeSettings): ProcessGroup {
  const bridge = runBridge(settings, join(folder, "bridge.log"));
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
