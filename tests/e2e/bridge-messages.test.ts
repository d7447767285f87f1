/** What a topic may hold, through the bridge into a real Faultline: odd values, forged places, transactions, gaps and bursts. */
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { ServiceDetail } from "../../domain/resource.ts";
import { openScenario } from "./bridge-scenario.ts";
import { FaultlineServer } from "./faultline-server.ts";
import type { Produced, Stored } from "./kafka.ts";
import { until } from "./process-group.ts";

vi.setConfig({ testTimeout: 150_000 });

const LARGE_BYTES = 900_000;
const LAG_MS = 180_000;
const BURST = 200_000;

const server = new FaultlineServer();
beforeAll(() => server.start());
afterAll(() => server.stop());

/** Values that are no events, with the reason that each letter must bear. */
const NO_EVENTS: readonly (readonly [value: string | Buffer | undefined, reason: string])[] = [
  [undefined, "invalid_json"],
  ["", "invalid_json"],
  ["not json", "invalid_json"],
  ["[]", "not_an_object"],
  [Buffer.from([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xff, 0xfe, 0x22, 0x7d]), "invalid_utf8"],
  [Buffer.from([0xc3, 0x28, 0x0a, 0x00, 0xf0]), "invalid_utf8"],
  // Crafted to claim another offset, to close the line early, to pass for a line of its own or for an answer.
  ['{},"offset":7,"event":{}', "invalid_json"],
  ['{}}\n{"offset":0,"timestamp":1,"event":{}', "invalid_json"],
  ['{"a":1}\n{"offset":99999,"timestamp":1,"event":{"a":1}}', "invalid_json"],
  ['1,"accepted":1,"rejected":[]', "invalid_json"],
  ["\r\n\u2028\n", "invalid_json"],
  [`{"large":"${"\u00e9".repeat(LARGE_BYTES / 2 - 20)}"`, "invalid_json"],
];

/** Headers that Kafka's own metadata has names for: Connect believes them, the bridge must not. */
const FORGED: readonly Readonly<Record<string, string>>[] = [
  { kafka_offset: "3" },
  { kafka_partition: "0", kafka_timestamp_ms: "5" },
  { kafka_timestamp_ms: "1764020000123" },
  { kafka_offset: "9007199254740993", kafka_partition: "2", kafka_timestamp_ms: "1" },
];

/** Headers that the bridge uses names of by itself; the message is as good as any. */
const HARMLESS = {
  lines: "0",
  first: "0",
  last: "99",
  partition: "9",
  body: "x",
  rest: "x",
  letters: "x",
  full: "true",
  http_status_code: "200",
  reason: "mine",
  offset: "1",
} as const;

describe.concurrent("the bridge", () => {
  test("brings odd values and forged headers to the dead letters with their reason, and events among them to history", async (context) => {
    const { stream, proxy } = await openScenario(context, server, { partitions: 4 });
    const reasons = new Map(NO_EVENTS.map(([value, reason]) => [Buffer.from(value ?? "").toString("base64"), reason]));
    const odd: Produced[] = NO_EVENTS.flatMap(([value]) =>
      [0, 1].map((partition) => ({ partition, ...(value === undefined ? {} : { value }) })),
    );
    // Forgers among others, and a partition that holds nothing else: its batches have no range.
    for (const headers of FORGED)
      for (const partition of [0, 3]) odd.push({ partition, headers, value: JSON.stringify(stream.next(1)[0]) });
    const events = stream
      .plainMessages(300)
      .map((message, at) => ({ ...message, partition: at % 3, headers: at % 10 === 0 ? HARMLESS : {} }));
    const [pretty, large] = stream.next(2);
    stream.messagesOf([pretty!, large!]);
    odd.push(
      { partition: 1, value: JSON.stringify(pretty, null, 2) },
      { partition: 1, value: JSON.stringify({ ...large, padding: "x".repeat(LARGE_BYTES) }) },
    );

    stream.startBridge();
    for (const [at, message] of odd.entries()) {
      // One by one: two large values in one request are more than a broker takes.
      await stream.kafka.produce([message]);
      await stream.kafka.produce(events.slice(at * 5, at * 5 + 5));
    }
    await stream.kafka.produce(events.slice(odd.length * 5));
    await stream.untilAcknowledged();
    await stream.expectExactLetters(({ headers, value: bytes }: Stored) => {
      if (Object.keys(headers).some((name) => name.startsWith("kafka_"))) return "reserved_header";
      return reasons.get(bytes?.toString("base64") ?? "") ?? null;
    });
    await stream.expectExactHistory();
    expect(proxy.breaches).toEqual([]);
  });

  test("counts what was committed and nothing that was aborted, however the two are mixed", async (context) => {
    const { stream } = await openScenario(context, server, { partitions: 2 });
    const aborted = (): Produced[] =>
      stream.next(150).map((event, at) => ({ key: event.service, value: JSON.stringify(event), partition: at % 2 }));
    stream.startBridge();
    await stream.kafka.produce(stream.plainMessages(150));
    await (await stream.kafka.openTransaction(aborted())).abort();
    await (await stream.kafka.openTransaction(stream.plainMessages(150))).commit();
    await stream.untilAccepted(300);
    // What stands behind an open transaction cannot be read before it ends.
    const open = await stream.kafka.openTransaction(aborted());
    await stream.kafka.produce(stream.plainMessages(150));
    const other = await stream.kafka.openTransaction(stream.plainMessages(150));
    await other.commit();
    expect((await stream.counters()).accepted).toBe(300);
    await open.abort();
    await stream.kafka.produce(stream.plainMessages(150));
    await stream.expectExactHistory();
    expect((await stream.counters()).duplicates).toBe(0);
  });

  test("counts all partitions alike: one that goes idle, one that starts late, one that lags three minutes", async (context) => {
    // Nothing holds a watermark back for more than 30 s by the clock; until then a laggard is not late. At this rate the time of
    // the events does not outrun the clock: it did on a fast machine, and the laggard had caught up within those 30 s.
    const { stream } = await openScenario(context, server, { partitions: 4, rate: 300 });
    const [steady, idle, late, lagging] = [0, 1, 2, 3] as const;
    const send = async (partition: number, count: number, behind_ms = 0): Promise<void> => {
      const events = stream.next(count).map((event) => {
        const event_time = new Date(Date.parse(event.event_time) - behind_ms).toISOString();
        return { ...event, event_time };
      });
      await stream.kafka.produce(stream.messagesOf(events, partition));
    };
    stream.startBridge();
    await send(idle, 100);
    await until("an idle partition and late events of the laggard", 90_000, async () => {
      await send(steady, 20);
      await send(lagging, 20, LAG_MS);
      const found = await server.get<ServiceDetail>(`/v1/services/${stream.services[0]}`);
      const isIdle = new Map(found.partitions.map(({ partition, idle: is }) => [partition, is]));
      return isIdle.get(idle) === true && isIdle.get(steady) === false && found.counters.late > 0 ? true : undefined;
    });
    await send(late, 300);
    await send(steady, 300);
    await send(idle, 100);
    await send(lagging, 300, LAG_MS);
    await stream.untilAcknowledged();
    await stream.expectExactHistory();
    expect((await stream.counters()).duplicates).toBe(0);
  });

  test(`counts a burst of ${BURST} events exactly`, async (context) => {
    const { stream, proxy } = await openScenario(context, server, { partitions: 6, rate: 2000 });
    await stream.produce(BURST);
    stream.startBridge();
    await stream.untilAcknowledged(100_000);
    await stream.expectExactLetters();
    await stream.expectExactHistory();
    expect(proxy.breaches).toEqual([]);
  });
});
