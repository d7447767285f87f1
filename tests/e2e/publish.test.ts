/**
 * From history to Kafka through the real publisher: what is in the topics equals what is in D1, and whatever breaks in between
 * loses nothing, repeats only what carries the same id, and keeps the order of each service.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { scheduleOf } from "../../generator/fault.ts";
import { servicesOf } from "../../generator/services.ts";
import { eventsBetween, type ServiceEventJson } from "../../generator/stream.ts";
import { expectedMinutes, totalsOf } from "./expected-windows.ts";
import { FaultlineServer } from "./faultline-server.ts";
import { type AckFate, HeldAcks } from "./held-acks.ts";
import { historyRows, type HistoryRowValue } from "./history-database.ts";
import { ingest } from "./ingest.ts";
import { type OutMessage, OutTopics } from "./out-topics.ts";
import { type ProcessGroup, until } from "./process-group.ts";
import { startPublisher } from "./publisher.ts";
import { required } from "./real-parts.ts";

const MINUTE_MS = 60_000;
const SERVICES = servicesOf(4);
/** Ten minutes of events each; late ones of the round before come with them and raise revisions. */
const ROUNDS = 6;
const ROUND_MS = 10 * MINUTE_MS;
const FATES: readonly AckFate[] = ["hold", "pass", "lose the answer", "html", "503", "hold"];

const start_ms = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - ROUNDS * ROUND_MS - 5 * MINUTE_MS;
const faults = scheduleOf([
  { kind: "errors", share: 0.5, service: "checkout", endpoint: null, from_ms: at(1.5), to_ms: at(1.8) },
  { kind: "latency", factor: 6, service: "search", endpoint: null, from_ms: at(3.2), to_ms: at(3.5) },
]);
const stream = { seed: 5, services: SERVICES, rate: 40, faults };

function at(round: number): number {
  return start_ms + round * ROUND_MS;
}

const server = new FaultlineServer();
const acks = new HeldAcks(() => server.url);
const topics = new OutTopics(required("KAFKA_BROKERS"));
let publisher: ProcessGroup | undefined;
const sent: ServiceEventJson[] = [];

async function start(): Promise<void> {
  publisher = await startPublisher(server, acks.url, "bridge/publish.yaml", {
    KAFKA_BROKERS: required("KAFKA_BROKERS"),
    METRICS_TOPIC: topics.metrics,
    ANOMALIES_TOPIC: topics.anomalies,
  });
}

beforeAll(async () => {
  await Promise.all([server.start(), topics.create(3), acks.open()]);
  await start();
});

afterAll(async () => {
  await publisher?.end();
  acks.close();
  await server.stop();
  await topics.remove();
});

/** The first message of each id, in the order of the topic. */
function firstOfEach(messages: readonly OutMessage[]): OutMessage[] {
  const seen = new Set<string>();
  return messages.filter(({ id }) => !seen.has(id) && seen.add(id));
}

/** What has to be in the topics. */
function historyNow(): HistoryRowValue[] {
  return historyRows(server, ["aggregated_metrics", "anomalies"]);
}

function valuesById(): Map<string, unknown> {
  return new Map(topics.messages.map(({ id, value }) => [id, value]));
}

describe(`${ROUNDS} rounds, each with a SIGKILL of the publisher while it is at work`, () => {
  beforeAll(async () => {
    let late: readonly ServiceEventJson[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const events = [...eventsBetween(stream, at(round), at(round + 1))];
      const own = events.filter((_, i) => i % 50 !== 0);
      const before = topics.messages.length;
      acks.fate = FATES[round]!;
      acks.held = 0;
      await ingest(server, [...late, ...own]);
      sent.push(...late, ...own);
      late = events.filter((_, i) => i % 50 === 0);
      // It has written a page of this round; where acknowledgements do not pass it waits for one, or writes the same again.
      await until("the publisher to be at work", 120_000, async () =>
        topics.messages.length > before && (acks.fate === "pass" || acks.held > 0) ? true : undefined,
      );
      await publisher!.end("SIGKILL");
      acks.fate = "pass";
      await start();
    }
    await ingest(server, late);
    sent.push(...late);
    for (const { service } of SERVICES) {
      await until(`history to have all of ${service}`, 120_000, async () => {
        const minutes = await server.minutes(service, start_ms, Date.now() + MINUTE_MS);
        expect(totalsOf(minutes)).toEqual(expectedMinutes(sent, service));
        return true;
      });
    }
  }, 600_000);

  test("every row of D1 is in its topic, column by column, under its service as the key", async () => {
    await until("the topics to have all of history", 120_000, async () => {
      const published = valuesById();
      for (const { id, value } of historyNow()) {
        expect(published.get(id)).toEqual(value);
      }
      return true;
    });
    const rows = historyNow();
    expect(rows.filter(({ topic }) => topic === "aggregated_metrics").length).toBeGreaterThanOrEqual(
      SERVICES.length * ROUNDS * 10,
    );
    expect(rows.filter(({ topic }) => topic === "anomalies").length).toBeGreaterThanOrEqual(2);
    for (const { topic, key, id, value } of topics.messages) {
      expect(key).toBe(value["service"]);
      expect(topic).toBe(id.startsWith("anomalies/") ? topics.anomalies : topics.metrics);
    }
  });

  test("what comes twice has the same id and the same value, and nothing else is there", () => {
    const values = valuesById();
    for (const { id, value } of topics.messages) expect(value).toEqual(values.get(id));
    const repeated = topics.messages.length - values.size;
    // The rounds whose acknowledgements did not pass must have made some: otherwise they broke nothing.
    expect(repeated).toBeGreaterThan(0);
    const newest = new Set(historyNow().map(({ id }) => rowOf(id)));
    for (const id of values.keys()) expect(newest).toContain(rowOf(id));
  });

  test("a service's rows come in the order of history, and no older revision after a newer one", () => {
    const changes = new Map(historyNow().map((row) => [row.id, row.change_id]));
    const lanes = Map.groupBy(topics.messages, ({ topic, key }) => `${topic} ${key}`);
    expect(lanes.size).toBeGreaterThanOrEqual(SERVICES.length + 2);
    for (const messages of lanes.values()) {
      expect(new Set(messages.map(({ partition }) => partition)).size).toBe(1);
      const order = firstOfEach(messages)
        .map(({ id }) => changes.get(id))
        .filter((change) => change !== undefined);
      expect(order).toEqual(order.toSorted((a, b) => a - b));
      for (const revisions of Map.groupBy(messages, ({ id }) => rowOf(id)).values()) {
        const numbers = revisions.map(({ value }) => Number(value["revision"]));
        expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
      }
    }
    // Late events corrected windows that were out already.
    const corrected = [...Map.groupBy(firstOfEach(topics.messages), ({ id }) => rowOf(id)).values()];
    expect(corrected.filter((revisions) => revisions.length > 1).length).toBeGreaterThan(0);
  });
});

/** The id without its revision. */
function rowOf(id: string): string {
  return id.slice(0, id.lastIndexOf("/"));
}

test("an idle publisher asks and writes nothing, and ends at once on SIGTERM", async () => {
  const before = topics.messages.length;
  const began_ms = performance.now();
  await publisher!.end();
  expect(performance.now() - began_ms).toBeLessThan(8_000);
  await start();
  await ingest(server, [...eventsBetween(stream, at(ROUNDS), at(ROUNDS) + 2 * MINUTE_MS)]);
  await until("the next window", 120_000, async () => (topics.messages.length > before ? true : undefined));
  const fresh = topics.messages.slice(before);
  expect(fresh.every(({ value }) => Date.parse(String(value["window_end"])) > at(ROUNDS))).toBe(true);
});
