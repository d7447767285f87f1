/** What the Fleet tells of the pipeline, and since when a service's rows wait. */
import { describe, expect, test, vi } from "vitest";
import { BRIDGES_TOLD_MAX, PIPELINE_ASKED_MAX } from "../domain/pipeline.ts";
import { BEAT_PARTITIONS_MAX } from "../domain/resource.ts";
import { FleetWorld, reportOf } from "../tests/fleet-harness.ts";
import { MonitorHarness, type TestEvent } from "../tests/monitor-harness.ts";

const MINUTE_MS = 60_000;

async function reporting(world: FleetWorld, rates: Readonly<Record<string, number>>): Promise<void> {
  await world.actor.admit({ services: Object.keys(rates), position: null });
  const reports = Object.entries(rates).map(([service, request_rate]) => reportOf(service, { request_rate }));
  await world.actor.report(reports);
}

describe("of the services", () => {
  test("the busiest are named, and their requests added up", async () => {
    const world = new FleetWorld();
    await reporting(world, { slow: 1, checkout: 300, search: 40 });
    expect(await world.actor.pipeline()).toMatchObject({
      services: 3,
      request_rate: 341,
      busiest: ["checkout", "search", "slow"],
    });
  });

  test("no more are named than may be asked", async () => {
    const world = new FleetWorld();
    await reporting(world, Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`service-${i}`, i])));
    const { busiest, services } = await world.actor.pipeline();
    expect([services, busiest.length, busiest[0], busiest.at(-1)]).toEqual([
      50,
      PIPELINE_ASKED_MAX,
      "service-49",
      "service-30",
    ]);
  });

  test("one that reported nothing for two minutes counts as none of now", async () => {
    const world = new FleetWorld();
    await reporting(world, { checkout: 300 });
    world.now_ms += 2 * MINUTE_MS + 1;
    await reporting(world, { search: 40 });
    expect(await world.actor.pipeline()).toMatchObject({ services: 2, request_rate: 40, busiest: ["search"] });
  });

  test("those in quarantine are told with since when, the longest first", async () => {
    const world = new FleetWorld();
    await reporting(world, { checkout: 300, search: 40, slow: 1 });
    await world.actor.quarantine("search", true);
    world.now_ms += MINUTE_MS;
    await world.actor.quarantine("checkout", true);
    expect((await world.actor.pipeline()).quarantined).toEqual([
      { service: "search", since: "2026-11-24T10:00:00.000Z" },
      { service: "checkout", since: "2026-11-24T10:01:00.000Z" },
    ]);
  });
});

test("a source whose bridges are silent is told from one that flows", async () => {
  const world = new FleetWorld();
  await world.actor.heartbeat({ source: "old", instance: "bridge-0", lag: 3 });
  world.now_ms += MINUTE_MS;
  await world.actor.heartbeat({ source: "default", instance: "bridge-1", lag: 0 });
  await world.actor.heartbeat({ source: "default", instance: "bridge-2", lag: 0 });
  const { sources, bridges } = await world.actor.pipeline();
  expect(sources).toEqual([
    { source: "default", standing: "flowing" },
    { source: "old", standing: "stalled" },
  ]);
  expect(bridges.map(({ instance, lag }) => [instance, lag])).toEqual([
    ["bridge-2", 0],
    ["bridge-1", 0],
    ["bridge-0", 3],
  ]);
});

test("of many bridges those heard last are told, with their sources alone", async () => {
  const world = new FleetWorld();
  await world.actor.heartbeat({ source: "gone", instance: "bridge", lag: 0 });
  for (let at = 0; at < BRIDGES_TOLD_MAX; at += 1) {
    await world.actor.heartbeat({ source: "default", instance: `bridge-${at}`, lag: 0 });
  }
  const { sources, bridges } = await world.actor.pipeline();
  expect([bridges.length, bridges[0]!.instance]).toEqual([BRIDGES_TOLD_MAX, `bridge-${BRIDGES_TOLD_MAX - 1}`]);
  expect(sources.map(({ source }) => source)).toEqual(["default"]);
});

describe("what waits in each partition", () => {
  const beatOf = (instance: string, lags: Readonly<Record<number, number>>, source = "default") => ({
    source,
    instance,
    lag: 0,
    partitions: Object.entries(lags).map(([partition, lag]) => ({ topic: "t", partition: Number(partition), lag })),
  });
  const waitingIn = async (world: FleetWorld) =>
    (await world.actor.pipeline()).waiting.map(({ source, topic, partitions }) => [
      `${source} ${topic}`,
      Object.fromEntries(partitions.map(({ partition, lag }) => [partition, lag])),
    ]);

  test("is what the newest beats tell, after a rebalance too, and of no bridge that does not tell it", async () => {
    const world = new FleetWorld();
    await world.actor.heartbeat(beatOf("bridge-1", { 0: 5, 1: 6 }));
    await world.actor.heartbeat(beatOf("bridge-2", { 2: 7 }));
    await world.actor.heartbeat({ source: "old", instance: "bridge-0", lag: 12 });
    expect(await waitingIn(world)).toEqual([["default t", { 0: 5, 1: 6, 2: 7 }]]);
    await world.pass(5_000);
    // Partition 1 moves to bridge-2, which tells it before the old owner's next beat does not.
    await world.actor.heartbeat(beatOf("bridge-2", { 1: 3, 2: 1 }));
    expect(await waitingIn(world)).toEqual([["default t", { 0: 5, 1: 3, 2: 1 }]]);
    await world.actor.heartbeat(beatOf("bridge-1", { 0: 4 }));
    expect(await waitingIn(world)).toEqual([["default t", { 0: 4, 1: 3, 2: 1 }]]);
    // What a bridge does not know any more is not told as if it did.
    await world.actor.heartbeat({ source: "default", instance: "bridge-1", lag: null });
    expect(await waitingIn(world)).toEqual([["default t", { 1: 3, 2: 1 }]]);
  });

  test("costs no row beyond the heartbeat's own, and after an eviction the next beat brings it", async () => {
    const world = new FleetWorld();
    const { rows_written } = world.storage;
    for (let beat = 0; beat < 12; beat += 1) {
      await world.actor.heartbeat(beatOf("bridge-1", { 0: beat, 1: 1 }));
      await world.pass(5_000);
    }
    expect(world.storage.rows_written - rows_written).toBe(1);
    world.evict();
    expect(await waitingIn(world)).toEqual([]);
    await world.actor.heartbeat(beatOf("bridge-1", { 0: 2, 1: 1 }));
    expect(await waitingIn(world)).toEqual([["default t", { 0: 2, 1: 1 }]]);
  });

  test("is held of so many bridges as memory allows, those heard last", async () => {
    const world = new FleetWorld();
    const whole = Object.fromEntries(Array.from({ length: BEAT_PARTITIONS_MAX }, (_, partition) => [partition, 1]));
    await world.actor.heartbeat(beatOf("first", { 0: 9 }, "first"));
    for (let at = 0; at < 63; at += 1) await world.actor.heartbeat(beatOf(`bridge-${at}`, whole));
    expect(await waitingIn(world)).toContainEqual(["first t", { 0: 9 }]);
    await world.actor.heartbeat(beatOf("bridge-63", whole));
    expect((await waitingIn(world)).map(([place]) => place)).toEqual(["default t"]);
    // It is forgotten of no bridge that it was heard.
    expect((await world.actor.bridges()).map(({ instance }) => instance)).toContain("first");
    await world.actor.heartbeat(beatOf("first", { 0: 8 }, "first"));
    expect(await waitingIn(world)).toContainEqual(["first t", { 0: 8 }]);
  });
});

describe("rows that wait for history", () => {
  const START_MS = Date.parse("2026-11-24T10:00:00Z");
  const eventAt = (second: number): TestEvent => ({
    offset: second,
    timestamp_ms: START_MS + second * 1000,
    event_time_ms: START_MS + second * 1000,
    endpoint: "/pay",
    latency_us: 90_000,
    status_code: 200,
  });

  test("are overdue since they could have gone, until they have", async () => {
    const warned = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const harness = new MonitorHarness("checkout", START_MS);
    for (let second = 0; second < 70; second += 1) {
      harness.now_ms = START_MS + second * 1000;
      const place = { source: "s", topic: "t", partition: 0, first_offset: second, last_offset: second };
      harness.deliver([eventAt(second)], place);
    }
    harness.history.isDown = true;
    await harness.advance(2 * MINUTE_MS);
    const { outbox, outbox_since } = harness.actor.describe()!;
    expect(outbox["d1"]).toBeGreaterThan(0);
    // The service's own row is due with its first event.
    expect(outbox_since).toEqual({ d1: "2026-11-24T10:00:00Z", fleet: null, narrator: null, subscribers: null });

    harness.history.isDown = false;
    await harness.advance(2 * MINUTE_MS);
    expect(harness.actor.describe()).toMatchObject({ outbox: { d1: 0 }, outbox_since: { d1: null } });
    warned.mockRestore();
  });

  test("are not overdue before their place in the spread has come", async () => {
    const harness = new MonitorHarness("checkout", START_MS);
    const waiting: (string | null | undefined)[] = [];
    for (let second = 0; second < 90; second += 1) {
      harness.now_ms = START_MS + second * 1000;
      const place = { source: "s", topic: "t", partition: 0, first_offset: second, last_offset: second };
      harness.deliver([eventAt(second)], place);
      await harness.actor.drain();
      const { outbox, outbox_since } = harness.actor.describe()!;
      if (outbox["d1"]! > 0) waiting.push(outbox_since["d1"]);
    }
    expect(waiting.length).toBeGreaterThan(0);
    expect(new Set(waiting)).toEqual(new Set([null]));
  });
});
