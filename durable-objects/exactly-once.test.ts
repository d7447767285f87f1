/** DESIGN.md section 5, points 1, 2 and 7, for a service's actor over real SQL. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Delivery, windowsOf } from "../tests/delivery.ts";
import { MonitorHarness, type TestEvent } from "../tests/monitor-harness.ts";
import { anyLogs, orderlyLogs, type PartitionLogs, recompute, steps, STREAM_START_MS } from "../tests/stream-model.ts";

describe("exactly once in effect", () => {
  test("windows equal a plain recomputation whatever the boundaries, duplicates, owners, evictions, faults and order", async () => {
    await fc.assert(
      fc.asyncProperty(anyLogs, steps, async (logs, delivery) => {
        const harness = new MonitorHarness("checkout", STREAM_START_MS);
        await new Delivery(harness, logs).run(delivery);
        expect(windowsOf(harness)).toEqual(recompute(logs));
        const { accepted, dropped } = harness.actor.describe()!.counters;
        expect([accepted, dropped]).toEqual([logs.flat().length, 0]);
      }),
      { numRuns: 300 },
    );
  });

  test("hours equal the sum of their minutes", async () => {
    await fc.assert(
      fc.asyncProperty(anyLogs, steps, async (logs, delivery) => {
        const harness = new MonitorHarness("checkout", STREAM_START_MS);
        await new Delivery(harness, logs).run(delivery);
        const last_ms = Math.max(...logs.flat().map((event) => event.event_time_ms));
        const next: TestEvent = {
          ...logs[0]!.at(-1)!,
          offset: 1_000_000,
          event_time_ms: last_ms + 3_600_000,
          timestamp_ms: last_ms + 3_600_000,
        };
        harness.now_ms = Math.max(harness.now_ms, next.timestamp_ms);
        harness.deliver([next], {
          source: "default",
          topic: "raw_events",
          partition: 0,
          first_offset: 1_000_000,
          last_offset: 1_000_000,
        });
        await harness.advance(60_000);
        const hour = harness.history.of("service_metrics_hourly")[0]!;
        expect(hour.request_count).toBe(
          logs.flat().filter((event) => event.event_time_ms < Date.parse(hour.window_end)).length,
        );
      }),
      { numRuns: 50 },
    );
  });
});

/** Delivers each partition's log in pieces of `size`, partitions in turn; the clock follows the newest message. */
async function deliverInPieces(logs: PartitionLogs, size: number, evictEach: number): Promise<MonitorHarness> {
  const harness = new MonitorHarness("checkout", STREAM_START_MS);
  // One message of each partition, then the warm-up passes, so that no partition joins later.
  const sent = logs.map(() => 0);
  const send = (partition: number, to: number): void => {
    const messages = logs[partition]!.slice(sent[partition], to);
    if (messages.length === 0) return;
    sent[partition] = to;
    const position = {
      source: "default",
      topic: "t",
      partition,
      first_offset: messages[0]!.offset,
      last_offset: messages.at(-1)!.offset,
    };
    harness.deliver(messages, position);
  };
  const end_ms = Math.max(...logs.flat().map((event) => event.timestamp_ms));
  harness.now_ms = end_ms;
  for (const partition of logs.keys()) send(partition, 1);
  for (let round = 1; sent.some((count, partition) => count < logs[partition]!.length); round += 1) {
    for (const partition of logs.keys()) send(partition, sent[partition]! + size);
    if (evictEach > 0 && round % evictEach === 0) harness.evict();
  }
  await harness.advance(60_000);
  return harness;
}

describe("order", () => {
  test("within the disorder bound incidents are the same however the events are batched and interrupted", async () => {
    await fc.assert(
      fc.asyncProperty(
        orderlyLogs,
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 0, max: 4 }),
        async (logs, size, evictEach) => {
          const [one, other] = [await deliverInPieces(logs, 1, 0), await deliverInPieces(logs, size, evictEach)];
          const changes = (harness: MonitorHarness): unknown[] => [...harness.fleet.events.values()];
          expect(changes(other)).toEqual(changes(one));
          expect(other.actor.describe()!.counters.late).toBe(0);
        },
      ),
      { numRuns: 150 },
    );
  });
});

describe("memory equals storage", () => {
  test("a throw after any statement leaves both as they were, and the same call then succeeds", () => {
    fc.assert(
      fc.property(anyLogs, (logs) => {
        const log = logs[0]!;
        const half = Math.ceil(log.length / 2);
        for (let statement = 0; ; statement += 1) {
          const harness = new MonitorHarness("checkout", log.at(-1)!.timestamp_ms);
          const position = (events: readonly TestEvent[]) => ({
            source: "default",
            topic: "t",
            partition: 0,
            first_offset: events[0]!.offset,
            last_offset: events.at(-1)!.offset,
          });
          const [first, second] = [log.slice(0, half), log.slice(half)];
          harness.deliver(first, position(first));
          if (second.length === 0) return;
          const before = harness.actor.describe();
          harness.storage.failAfter(statement);
          let failed = false;
          try {
            harness.deliver(second, position(second));
          } catch {
            failed = true;
          }
          harness.storage.failAfter(null);
          const remembered = harness.actor.describe();
          harness.evict();
          expect(harness.actor.describe()).toEqual(remembered);
          if (!failed) return;
          // Only the alarm is set after the commit: then the batch is applied, and its redelivery is all duplicates.
          const wasApplied = remembered!.counters.accepted > before!.counters.accepted;
          if (!wasApplied) expect(remembered).toEqual(before);
          expect(harness.deliver(second, position(second))).toMatchObject({
            accepted: wasApplied ? 0 : second.length,
            duplicates: wasApplied ? second.length : 0,
          });
        }
      }),
      { numRuns: 30 },
    );
  });
});
