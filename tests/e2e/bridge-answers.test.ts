/** Every wrong answer for a while, before a real Faultline: retried until it is right, acknowledged never, nothing doubled. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type BridgeScenario, openScenario } from "./bridge-scenario.ts";
import { FaultlineServer, TOKENS } from "./faultline-server.ts";
import { atMost, type FaultyProxy, pass, slow, WRONG_ANSWERS } from "./faulty-proxy.ts";
import { until } from "./process-group.ts";

vi.setConfig({ testTimeout: 150_000 });

const PARTITIONS = 3;
const server = new FaultlineServer();
beforeAll(() => server.start());
afterAll(() => server.stop());

/** Waits until the bridge was told of all that the topic holds that it is settled. */
async function untilSettled(stream: BridgeScenario, proxy: FaultyProxy): Promise<void> {
  const ends = await stream.kafka.ends();
  await until("a right answer to everything", 60_000, () => {
    expect(ends.map((_, partition) => proxy.settled.get(partition))).toEqual(ends.map((end) => end - 1));
    return true;
  });
}

describe.concurrent("the bridge before a Faultline that does not answer as it should", () => {
  test("tries again through every wrong answer, and in the end each event counts once", async (context) => {
    const { proxy, stream } = await openScenario(context, server, {
      partitions: PARTITIONS,
      settings: { POST_TIMEOUT: "700ms" },
    });
    stream.startBridge();
    await stream.produce(60);
    await untilSettled(stream, proxy);
    for (const [name, treatment] of Object.entries(WRONG_ANSWERS)) {
      proxy.treatment = treatment;
      const before = proxy.seen.length;
      await stream.produce(60);
      await until(`tries against ${name}`, 30_000, () => {
        const tried = proxy.seen.slice(before).map(({ partition }) => partition);
        const isTriedAgain = [0, 1, 2].every((own) => tried.filter((partition) => partition === own).length >= 2);
        return isTriedAgain ? true : undefined;
      });
      proxy.treatment = pass;
      await untilSettled(stream, proxy);
    }
    await proxy.refuse();
    await stream.produce(60);
    await until("tries against a closed port", 30_000, () => {
      const refusals = readFileSync(stream.log, "utf8").split("connection refused").length - 1;
      return refusals >= 2 * PARTITIONS ? true : undefined;
    });
    await proxy.listen();
    await untilSettled(stream, proxy);

    expect(proxy.breaches).toEqual([]);
    await stream.expectExact();
  });

  test("with a wrong token and another role's, sends on with the right one, and no event became a dead letter", async (context) => {
    const { proxy, stream } = await openScenario(context, server, { partitions: PARTITIONS });
    await stream.kafka.produce(stream.plainMessages(600));
    for (const INGEST_TOKEN of ["wrong", TOKENS.VIEWER_TOKEN]) {
      const before = proxy.seen.length;
      const bridge = stream.startBridge({ ...stream.settings, INGEST_TOKEN });
      await until("several tries", 30_000, () => (proxy.seen.length >= before + 3 * PARTITIONS ? true : undefined));
      await bridge.end();
    }
    expect((await stream.counters()).accepted).toBe(0);
    stream.startBridge();
    await stream.expectExact();
    expect(await stream.kafka.lettersNow()).toEqual([]);
  });

  test("that takes 7 lines and 2,000 bytes at once, sends them in parts, and what is too large alone is a letter", async (context) => {
    const { proxy, stream } = await openScenario(context, server, { partitions: PARTITIONS });
    proxy.treatment = atMost(7, 2000);
    const messages = stream.messages(300);
    // In the middle of a batch, at its beginning and twice in a row.
    for (const [at, partition] of [
      [150, 0],
      [3, 1],
      [160, 2],
      [161, 2],
    ] as const)
      messages.splice(at, 0, { key: "large", partition, value: `{"large":"${"é".repeat(1000)}"}` });
    await stream.kafka.produce(messages);
    stream.startBridge();
    await stream.untilAcknowledged();
    expect(proxy.breaches).toEqual([]);
    await stream.expectExactLetters(({ value }) => {
      if (value?.toString().startsWith('{"broken"') === true) return "invalid_json";
      return value?.toString().startsWith('{"large"') === true ? "too_large" : null;
    });
    await stream.expectExactHistory();
  });

  test("while the dead-letter topic is missing, holds the batch, and writes each letter once it is there", async (context) => {
    const { stream } = await openScenario(context, server, { partitions: PARTITIONS });
    await stream.kafka.deleteLettersTopic();
    await stream.produce(600);
    stream.startBridge();
    await stream.untilAccepted(600);
    // A first batch of each partition was applied, but its letters have no place: nothing of it is acknowledged.
    await until("complaints about the topic", 30_000, () =>
      readFileSync(stream.log, "utf8").includes("UNKNOWN_TOPIC_OR_PARTITION") ? true : undefined,
    );
    expect(await stream.kafka.committed(stream.group)).toEqual([0, 0, 0]);
    await stream.kafka.createLettersTopic();
    await stream.produce(300);
    await stream.expectExact();
  });

  test("that is slow, ends within 10 s of SIGTERM, and nothing is sent twice", async (context) => {
    const { proxy, stream } = await openScenario(context, server, {
      partitions: PARTITIONS,
      settings: { BATCH_BYTES: "4KiB", BUFFER_BYTES: "16KiB" },
    });
    proxy.treatment = slow(700);
    await stream.produce(1500);
    const bridge = stream.startBridge();
    await until("batches under way", 30_000, () => (proxy.seen.length >= 5 ? true : undefined));
    const began_ms = performance.now();
    await bridge.end();
    expect(performance.now() - began_ms).toBeLessThan(10_000);
    const before = proxy.seen.length;
    expect(before).toBeLessThan(20);
    proxy.treatment = pass;
    stream.startBridge();
    await stream.expectExact();
    expect((await stream.counters()).duplicates).toBe(0);
  });
});
