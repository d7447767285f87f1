/** `faultline dlq` on a real Kafka: what it lists, what it sends back, and that it sends each letter back once. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Producer } from "@platformatic/kafka";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseKafkaOptions } from "../../cli/dlq/kafka-options.ts";
import { withKafka } from "../../cli/dlq/kafka-client.ts";
import { planAsIs } from "../../cli/dlq/replay-run.ts";
import { ReplaySender } from "../../cli/dlq/replay-sender.ts";
import { readTopic, topicExtent, type TopicRecord } from "../../cli/dlq/topic-reader.ts";
import { ROOT } from "../../cli/paths.ts";
import { startBridge } from "./bridge.ts";
import { expectedMinutes, totalsOf } from "./expected-windows.ts";
import { FaultlineServer, TOKENS } from "./faultline-server.ts";
import { TestKafka } from "./kafka.ts";
import { until } from "./process-group.ts";
import { required } from "./real-parts.ts";

const BROKERS = required("KAFKA_BROKERS");
const PARTITIONS = 3;
const folder = mkdtempSync(join(tmpdir(), "faultline-dlq-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function start(kafka: TestKafka, args: readonly string[]): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(process.execPath, ["cli/faultline.mjs", "dlq", ...args], {
    cwd: ROOT,
    env: { ...process.env, KAFKA_BROKERS: BROKERS, DLQ_TOPIC: kafka.letters_topic },
    detached: true,
  });
  let [out, err] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, out, err }));
  });
  return { child, ended };
}

/** The object that `dlq ... --json` prints. */
async function dlq(kafka: TestKafka, ...args: readonly string[]): Promise<Record<string, unknown>> {
  const { code, out, err } = await start(kafka, [...args, "--json"]).ended;
  expect({ code, err }).toEqual({ code: 0, err: "" });
  return JSON.parse(out) as Record<string, unknown>;
}

/** What a topic holds, of transactions what was committed. */
const committed = (topic: string): Promise<TopicRecord[]> =>
  withKafka(parseKafkaOptions(BROKERS, {}), async (client) => {
    const records: TopicRecord[] = [];
    for await (const record of readTopic(client, await topicExtent(client, topic))) records.push(record);
    return records;
  });

const eventOf = (change: Readonly<Record<string, unknown>> = {}): string =>
  JSON.stringify({
    event_time: "2026-11-24T10:00:00.000Z",
    service: "checkout",
    endpoint: "/pay",
    latency_ms: 12,
    status_code: 200,
    ...change,
  });
const RECORD_MS = Date.parse("2026-11-24T10:00:01Z");

interface LetterWish {
  readonly offset: number;
  readonly reason: string;
  readonly value: string;
  readonly partition?: number;
}

/** Letters as bridge/connect.yaml writes them. */
async function writeLetters(kafka: TestKafka, wishes: readonly LetterWish[]): Promise<void> {
  const producer = new Producer({
    clientId: "letters",
    bootstrapBrokers: BROKERS.split(","),
    idempotent: true,
    compression: "snappy",
  });
  const messages = wishes.map(({ offset, reason, value, partition = 1 }) => {
    const headers = {
      reason,
      detail: "",
      source: "default",
      topic: kafka.topic,
      partition: String(partition),
      offset: String(offset),
      timestamp: String(RECORD_MS),
    };
    return {
      topic: kafka.letters_topic,
      key: Buffer.from(`${kafka.topic}/${partition}/${offset}`),
      value: Buffer.from(value),
      headers: new Map(Object.entries(headers).map(([name, text]) => [Buffer.from(name), Buffer.from(text)] as const)),
    };
  });
  for (let from = 0; from < messages.length; from += 1000)
    await producer.send({ messages: messages.slice(from, from + 1000) });
  await producer.close(true);
}

async function freshTopics(): Promise<TestKafka> {
  const kafka = new TestKafka(BROKERS);
  await kafka.createTopics(PARTITIONS);
  return kafka;
}

describe("letters of several reasons, one of them written twice", () => {
  let kafka: TestKafka;
  beforeAll(async () => {
    kafka = await freshTopics();
    await writeLetters(kafka, [
      { offset: 1, reason: "quarantined", value: eventOf() },
      { offset: 1, reason: "quarantined", value: eventOf() },
      { offset: 2, reason: "quarantined", value: eventOf({ service: "search" }) },
      { offset: 3, reason: "invalid_latency_ms", value: eventOf({ latency_ms: "12" }) },
      { offset: 4, reason: "invalid_json", value: "no JSON" },
      { offset: -1, reason: "reserved_header", value: eventOf() },
    ]);
  });
  afterAll(() => kafka.close());

  test("are listed by reason, each letter once, with samples", async () => {
    const found = await dlq(kafka);
    expect(found).toMatchObject({ topic: kafka.letters_topic, letters: 5, records: 6, repeats: 1, replayed: 0 });
    expect(found["reasons"]).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          reason: "quarantined",
          letters: 2,
          first: "2026-11-24T10:00:01Z",
          samples: [
            expect.objectContaining({ letter: `default/${kafka.topic}/1/1/${RECORD_MS}` }),
            expect.objectContaining({ event: expect.objectContaining({ service: "search" }) }),
          ],
        }),
      ]),
    );
    expect(await dlq(kafka, "--reason", "invalid_json")).toMatchObject({ letters: 1 });
    expect(await dlq(kafka, "--service", "search")).toMatchObject({ letters: 1 });
    expect(await dlq(kafka, "--until", "2026-11-24T10:00:01Z")).toMatchObject({ letters: 0 });
    const { code, out } = await start(kafka, []).ended;
    expect(code).toBe(0);
    expect(out).toMatch(/5 letters of 4 reasons \(0 sent back, 1 repeated\)/);
  });

  test("are not sent by a dry run, which says what would be", async () => {
    expect(await dlq(kafka, "replay")).toEqual({
      topic: kafka.letters_topic,
      would_send: 2,
      replayed_before: 0,
      left: { invalid_latency_ms: 1, invalid_json: 1, unplaced: 1 },
      wrong: [],
      more: false,
    });
    expect(await committed(kafka.topic)).toEqual([]);
  });

  test("are sent once, as they were, to their partition with their time; a second replay sends none", async () => {
    expect(await dlq(kafka, "replay", "--service", "checkout", "--yes")).toMatchObject({ sent: 1 });
    expect(await dlq(kafka, "replay", "--yes")).toMatchObject({ sent: 1, replayed_before: 1 });
    expect(await dlq(kafka, "replay", "--yes")).toMatchObject({ sent: 0, replayed_before: 2 });
    expect(await dlq(kafka)).toMatchObject({ letters: 5, replayed: 2 });
    const [first, second, ...more] = await committed(kafka.topic);
    expect(more).toEqual([]);
    expect(first).toMatchObject({ partition: 1, timestamp_ms: RECORD_MS });
    expect([first, second].map((record) => String(record!.value))).toEqual([eventOf(), eventOf({ service: "search" })]);
    expect([first, second].map((record) => String(record!.key))).toEqual(["checkout", "search"]);
    expect(Object.fromEntries(first!.headers)).toEqual({
      faultline_letter: `default/${kafka.topic}/1/1/${RECORD_MS}`,
      faultline_event: "1",
    });
  });

  test("are exported, repaired and imported, once too; an unrepaired line is named and nothing is sent", async () => {
    const [exported, repaired] = [join(folder, "letters.ndjson"), join(folder, "repaired.ndjson")];
    expect(await dlq(kafka, "replay", "--reason", "invalid_latency_ms", "--export", exported)).toMatchObject({
      exported: 1,
    });
    const unrepaired = await start(kafka, ["replay", "--import", exported, "--yes"]).ended;
    expect(unrepaired).toMatchObject({ code: 1, out: expect.stringMatching(/^line 1: invalid_latency_ms: /) });
    writeFileSync(repaired, readFileSync(exported, "utf8").replace('"latency_ms":"12"', '"latency_ms":12'));
    expect(await dlq(kafka, "replay", "--import", repaired, "--yes")).toMatchObject({ sent: 1 });
    expect(await dlq(kafka, "replay", "--import", repaired, "--yes")).toMatchObject({ sent: 0, replayed_before: 1 });
    const records = await committed(kafka.topic);
    expect(records.map((record) => String(record.value))).toEqual([
      eventOf(),
      eventOf({ service: "search" }),
      eventOf(),
    ]);
    const again = await start(kafka, ["replay", "--export", exported]).ended;
    expect(again).toMatchObject({ code: 1, err: expect.stringContaining("cannot be written") });
  });
});

describe("10,000 letters", () => {
  const COUNT = 10_000;

  /** Every letter's record is in the topic once. */
  async function expectOnce(kafka: TestKafka): Promise<void> {
    const ids = (await committed(kafka.topic)).map((record) => record.headers.get("faultline_letter"));
    expect(ids).toHaveLength(COUNT);
    expect(new Set(ids).size).toBe(COUNT);
  }

  async function filled(): Promise<TestKafka> {
    const kafka = await freshTopics();
    await writeLetters(
      kafka,
      Array.from({ length: COUNT }, (_, offset) => ({
        offset,
        reason: "quarantined",
        value: eventOf({ endpoint: `/${offset}` }),
        partition: offset % PARTITIONS,
      })),
    );
    return kafka;
  }

  test("are each sent once, however often the sending is killed", async () => {
    const kafka = await filled();
    let kills = 0;
    for (let tries = 0; tries < 30 && kills < 4; tries += 1) {
      const before = await kafka.ends();
      const { child, ended } = start(kafka, ["replay", "--yes"]);
      // Killed at different moments after it began to send, the first of them in the middle of a transaction.
      await until("sending", 60_000, async () => (String(await kafka.ends()) === String(before) ? undefined : true));
      await delay(tries * 7);
      if (child.exitCode === null) process.kill(-child.pid!, "SIGKILL");
      kills += (await ended).code === null ? 1 : 0;
    }
    expect(kills).toBe(4);
    await dlq(kafka, "replay", "--yes");
    await expectOnce(kafka);
    expect(await dlq(kafka)).toMatchObject({ letters: COUNT, replayed: COUNT });
    await kafka.close();
  });
});

test("of two replays that know the same letters the one that began earlier sends nothing any more", async () => {
  const kafka = await freshTopics();
  const letters = [1, 2, 3].map((offset) => ({ offset, reason: "quarantined", value: eventOf() }));
  await writeLetters(kafka, letters);
  const everything = { reason: null, service: null, since_ms: -Infinity, until_ms: Infinity };
  const wish = { isNow: false, isForced: false, now_ms: Date.now() };
  const refused = withKafka(parseKafkaOptions(BROKERS, {}), async (client) => {
    const earlier = await ReplaySender.open(client, kafka.letters_topic);
    const { records } = await planAsIs(client, kafka.letters_topic, everything, 10, wish);
    expect(records).toHaveLength(3);
    expect(await dlq(kafka, "replay", "--yes")).toMatchObject({ sent: 3 });
    await earlier.send(
      records,
      () => new Date(),
      () => undefined,
    );
  });
  await expect(refused).rejects.toThrow(/^another replay of .* has begun since/);
  expect(await committed(kafka.topic)).toHaveLength(3);
  await kafka.close();
});

test("of transactions only what was committed is read, of several aborted ones too", async () => {
  const kafka = await freshTopics();
  const of = (value: string) => [{ key: "k", value, partition: 0 }];
  await kafka.produce(of("plain"));
  for (const value of ["aborted 1", "aborted 2"]) await (await kafka.openTransaction(of(value))).abort();
  await (await kafka.openTransaction(of("committed"))).commit();
  const open = await kafka.openTransaction(of("open"));
  const read = async () => (await committed(kafka.topic)).map(({ value }) => String(value));
  expect(await read()).toEqual(["plain", "committed"]);
  await open.commit();
  await until("the marker", 10_000, async () => ((await read()).includes("open") ? true : undefined));
  await kafka.close();
});

test("events of a quarantined service count once after the quarantine was lifted and the letters sent back", async () => {
  const [server, kafka] = [new FaultlineServer(), new TestKafka(BROKERS)];
  await Promise.all([server.start(), kafka.createTopics(PARTITIONS)]);
  const bridge = await startBridge(server, kafka);
  const now_ms = Date.now();
  const events = (from: number, count: number) =>
    Array.from({ length: count }, (_, i) => ({
      event_time: new Date(now_ms - 60_000 + (from + i) * 10).toISOString(),
      service: "checkout",
      endpoint: "/pay",
      latency_ms: from + i,
      status_code: 200,
      version: "1.0.0",
    }));
  const send = (list: ReturnType<typeof events>) =>
    kafka.produce(
      list.map((event, i) => ({ key: event.service, value: JSON.stringify(event), partition: i % PARTITIONS })),
    );
  const quarantine = async (quarantined: boolean) => {
    const response = await fetch(`${server.url}/v1/services/checkout/quarantine`, {
      method: "POST",
      headers: { Authorization: `Bearer ${TOKENS.ADMIN_TOKEN}`, "Content-Type": "application/json" },
      body: JSON.stringify({ quarantined }),
    });
    expect(response.status).toBe(200);
  };
  const all = [...events(0, 300), ...events(300, 300), ...events(600, 100)];
  const arrived = (expected: typeof all) =>
    until("the windows", 90_000, async () => {
      const minutes = totalsOf(await server.minutes("checkout", now_ms - 3_600_000, now_ms + 3_600_000));
      expect(minutes).toEqual(expectedMinutes(expected, "checkout"));
      return true;
    });
  try {
    await send(all.slice(0, 300));
    await arrived(all.slice(0, 300));
    await quarantine(true);
    await send(all.slice(300, 600));
    await kafka.letters(300, 60_000);
    await quarantine(false);
    await send(all.slice(600));
    expect(await dlq(kafka, "replay", "--reason", "quarantined", "--yes")).toMatchObject({ sent: 300 });
    expect(await dlq(kafka, "replay", "--reason", "quarantined", "--yes")).toMatchObject({ sent: 0 });
    await arrived(all);
  } finally {
    await bridge.end();
    await server.stop();
    await kafka.close();
  }
});
