/** The examples of bridge/examples at work: access logs on standard input, and spans in a topic. */
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseEvent } from "../../domain/event.ts";
import { ROOT } from "../../cli/paths.ts";
import { TestKafka } from "./kafka.ts";
import { ProcessGroup, until } from "./process-group.ts";
import { required } from "./real-parts.ts";

const kafka = new TestKafka(required("KAFKA_BROKERS"));
beforeAll(() => kafka.createTopics(3));
afterAll(() => kafka.close());

const lines = Array.from({ length: 2500 }, (_, i) =>
  JSON.stringify({
    msec: `${1_795_514_400 + i / 1000}`,
    host: "shop",
    uri: `/cart/${i}`,
    status: "200",
    request_time: "0.153",
  }),
);

/** Runs an example to the end of its standard input; what it printed. */
async function runExample(file: string, env: Readonly<Record<string, string>>, input: string): Promise<string> {
  const child = spawn(required("CONNECT_BIN"), ["run", `bridge/examples/${file}`], {
    cwd: ROOT,
    env: { PATH: process.env["PATH"], ...env },
  });
  let out = "";
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  child.stdin.end(input);
  expect(await ended).toBe(0);
  return out;
}

describe("an access log on standard input", () => {
  test("goes to Faultline in batches, each under one key for all its attempts, and what is rejected comes out", async () => {
    const requests: { key: string; body: string; status: number }[] = [];
    const server = createServer((request, response) => {
      void text(request).then((body) => {
        const key = String(request.headers["idempotency-key"]);
        const status = requests.length % 2 === 0 ? 503 : 200;
        requests.push({ key, body, status });
        const rejected = [{ offset: null, reason: "invalid_json", value: Buffer.from("no JSON").toString("base64") }];
        response
          .writeHead(status)
          .end(JSON.stringify({ accepted: 1, rejected: body.includes("no JSON") ? rejected : [] }));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const env = { FAULTLINE_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, INGEST_TOKEN: "t" };
    const out = await runExample("access-log-to-faultline.yaml", env, `${[...lines, "no JSON"].join("\n")}\n`);
    server.close();
    const taken = requests.filter(({ status }) => status === 200);
    expect(taken.length).toBeGreaterThan(1);
    for (const { key, body } of taken)
      expect(requests.filter((request) => request.key === key).map((request) => request.body)).toEqual([body, body]);
    const sent = taken.flatMap(({ body }) => body.split("\n"));
    const arrival = { timestamp_ms: 0, plain: false, clock_ms: Number.NaN };
    const verdicts = sent.slice(0, -1).map((line) => parseEvent(Buffer.from(line), arrival));
    expect(verdicts.filter(({ ok }) => ok)).toHaveLength(lines.length);
    expect(sent.map((line) => /cart\/\d+/.exec(line)?.[0])).toEqual(
      [...lines.keys()].map((i) => `cart/${i}`).concat([undefined!]),
    );
    expect(
      out
        .trim()
        .split("\n")
        .filter((line) => line.startsWith('{"line"')),
    ).toEqual(['{"line":"no JSON","reason":"invalid_json"}']);
  });

  test("goes to a topic, each line once, its service as the key", async () => {
    await runExample(
      "access-log-to-kafka.yaml",
      { KAFKA_BROKERS: kafka.brokers, KAFKA_TOPIC: kafka.topic },
      `${lines.join("\n")}\n`,
    );
    const stored = await kafka.events();
    expect(new Set(stored.map(({ value }) => /cart\/\d+/.exec(String(value))![0])).size).toBe(lines.length);
    expect(stored).toHaveLength(lines.length);
    // One key, one partition, in order.
    expect(new Set(stored.map(({ partition }) => partition)).size).toBe(1);
  });
});

test("spans in a topic become events in another, and what is no OTLP a dead letter of its place", async () => {
  const events = new TestKafka(kafka.brokers);
  await events.createTopics(3);
  const span = (i: number) => ({
    kind: 2,
    startTimeUnixNano: "1795514400000000000",
    endTimeUnixNano: "1795514400153000000",
    attributes: [
      { key: "http.request.method", value: { stringValue: "GET" } },
      { key: "http.route", value: { stringValue: `/r${i}` } },
      { key: "http.response.status_code", value: { intValue: "200" } },
    ],
  });
  const resource = { attributes: [{ key: "service.name", value: { stringValue: "checkout" } }] };
  const batch = (from: number) => ({
    resourceSpans: [{ resource, scopeSpans: [{ spans: [span(from), { kind: 1 }, span(from + 1)] }] }],
  });
  const messages = [JSON.stringify(batch(0)), "no OTLP", JSON.stringify(batch(2))];
  const spans = new TestKafka(kafka.brokers);
  await spans.createTopics(1);
  await spans.produce(messages.map((value) => ({ key: "k", value })));
  const env = {
    KAFKA_BROKERS: kafka.brokers,
    OTLP_TOPIC: spans.topic,
    OTLP_GROUP: randomUUID(),
    KAFKA_TOPIC: events.topic,
    DLQ_TOPIC: events.letters_topic,
  };
  const log = join(tmpdir(), `faultline-otel-${randomUUID()}.log`);
  const example = new ProcessGroup([required("CONNECT_BIN"), "run", "bridge/examples/otel.yaml"], env, log);
  try {
    const stored = await until("the events", 30_000, async () => {
      const found = await events.events();
      return found.length >= 4 ? found : undefined;
    });
    expect(stored.map(({ value }) => /\/r\d/.exec(String(value))![0]).toSorted()).toEqual(["/r0", "/r1", "/r2", "/r3"]);
    expect(stored.map(({ headers }) => Object.keys(headers))).toEqual([[], [], [], []]);
    const letters = await events.letters(1, 30_000);
    expect(letters).toEqual([
      {
        value: "no OTLP",
        headers: expect.objectContaining({ reason: "invalid_otlp", topic: spans.topic, offset: "1" }),
      },
    ]);
  } finally {
    await example.end();
    await Promise.all([events.close(), spans.close()]);
  }
});
