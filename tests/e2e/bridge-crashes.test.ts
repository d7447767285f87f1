/** The bridge killed, doubled, moved and set back, before a real Faultline: each event counts once. */
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { randomFor } from "../../generator/random.ts";
import { openScenario } from "./bridge-scenario.ts";
import { FaultlineServer } from "./faultline-server.ts";
import { type Exchange, FaultyProxy, pass, slow } from "./faulty-proxy.ts";
import { until } from "./process-group.ts";

vi.setConfig({ testTimeout: 150_000 });

/** Batches of about 25 events, so that a short stream has many. */
const SMALL_BATCHES = { BATCH_BYTES: "4KiB", BUFFER_BYTES: "16KiB" } as const;
const KILLS = 10;
const SEED = Number(process.env["SEED"] ?? 12);

const server = new FaultlineServer();
beforeAll(() => server.start());
afterAll(() => server.stop());

/** Where in the life of a batch the bridge dies; each says whether the batch was settled. */
const MOMENTS: readonly ((exchange: Exchange, kill: () => Promise<void>) => Promise<boolean>)[] = [
  // Before it was applied,
  async (_exchange, kill) => {
    await kill();
    return false;
  },
  // after it was applied, before the answer,
  async ({ forward }, kill) => {
    await forward();
    await kill();
    return false;
  },
  // and with the answer, while letters are written or the acknowledgement is under way.
  async (exchange, kill) => {
    const isSettled = await pass(exchange);
    await kill();
    return isSettled;
  },
];

describe.concurrent("the bridge", () => {
  test(`killed at ${KILLS} moments of one stream (SEED=${SEED}) delivers each event once in effect`, async (context) => {
    const { stream, proxy } = await openScenario(context, server, { partitions: 4, settings: SMALL_BATCHES });
    const random = randomFor(SEED);
    for (let killed = 0; killed < KILLS; killed += 1) {
      await stream.produce(200);
      const bridge = stream.startBridge();
      const dead = Promise.withResolvers<void>();
      let left = 1 + random.index(6);
      const moment = MOMENTS[random.index(MOMENTS.length)]!;
      proxy.treatment = async (exchange) => {
        left -= 1;
        if (left !== 0) return await pass(exchange);
        return await moment(exchange, async () => {
          await bridge.end("SIGKILL");
          dead.resolve();
        });
      };
      await dead.promise;
    }
    proxy.treatment = pass;
    stream.startBridge();
    await stream.expectExact();
    expect(proxy.breaches).toEqual([]);
  });

  test("whose group is set back to the earliest offset counts nothing twice", async (context) => {
    const { stream } = await openScenario(context, server, { partitions: 3 });
    await stream.produce(900);
    const bridge = stream.startBridge();
    await stream.untilAcknowledged();
    await bridge.end();
    await stream.kafka.resetGroup(stream.group);
    expect(await stream.kafka.committed(stream.group)).toEqual([0, 0, 0]);
    await stream.produce(300);
    stream.startBridge();
    await stream.expectExact();
    expect((await stream.counters()).duplicates).toBe(900);
  });

  test("whose topic was deleted and made anew as ops/bridge.md says counts all that is new", async (context) => {
    const { stream } = await openScenario(context, server, { partitions: 3 });
    await stream.kafka.produce(stream.plainMessages(900));
    const bridge = stream.startBridge();
    await stream.untilAcknowledged();
    await stream.expectExactHistory();

    await bridge.end();
    await stream.kafka.deleteGroup(stream.group);
    await stream.kafka.deleteEventsTopic();
    await stream.kafka.createEventsTopic(3);
    // Fewer than before, so that every offset of theirs was applied once already, and then more.
    await stream.produce(600);
    stream.startBridge();
    await stream.untilAcknowledged();
    await stream.produce(900);
    await stream.expectExact();
    expect((await stream.counters()).accepted).toBe(2400);
  });

  test("in two replicas that join and leave in mid-stream, before a slow Faultline, delivers each event once", async (context) => {
    const { stream, proxy } = await openScenario(context, server, { partitions: 6, settings: SMALL_BATCHES });
    const second = new FaultyProxy(server.url);
    await second.listen();
    context.onTestFinished(() => second.close());
    proxy.treatment = slow(300);
    second.treatment = slow(300);
    await stream.produce(1200);
    const first = stream.startBridge();
    await until("batches of the first replica", 30_000, () => (proxy.seen.length >= 6 ? true : undefined));
    stream.startBridge(await stream.replica(second.url));
    await until("partitions of the second replica", 60_000, async () => {
      await stream.produce(60);
      return partitionsOf(second) >= 3 ? true : undefined;
    });
    await first.end();
    await until("all partitions at the second replica", 60_000, async () => {
      await stream.produce(60);
      return partitionsOf(second) === 6 ? true : undefined;
    });
    second.treatment = pass;
    await stream.expectExact();
    expect(proxy.seen.length).toBeGreaterThan(0);
  });

  test("started twice under one INSTANCE_ID delivers each event once", async (context) => {
    const { stream, proxy } = await openScenario(context, server, { partitions: 4, settings: SMALL_BATCHES });
    const second = new FaultyProxy(server.url);
    await second.listen();
    context.onTestFinished(() => second.close());
    const { INSTANCE_ID = "" } = stream.settings;
    await stream.produce(400);
    const first = stream.startBridge();
    await until("batches of the one", 30_000, () => (proxy.seen.length >= 4 ? true : undefined));
    stream.startBridge({ ...(await stream.replica(second.url)), INSTANCE_ID });
    await until("batches of the other", 60_000, async () => {
      await stream.produce(40);
      return second.seen.length >= 4 ? true : undefined;
    });
    await stream.produce(200);
    await first.end();
    await stream.expectExact();
    expect(second.seen.length).toBeGreaterThan(4);
  });
});

function partitionsOf(proxy: FaultyProxy): number {
  return new Set(proxy.seen.map(({ partition }) => partition)).size;
}
