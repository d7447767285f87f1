/** The overview: what reports and incident events make of it, what sockets hear, and what keeps the object awake. */
import { describe, expect, test, vi } from "vitest";
import type { ServiceIncidentEvent } from "../domain/fleet.ts";
import type { FleetMessage, MinutePoint, ServiceMessage } from "../domain/message.ts";
import { FleetWorld, incidentOf, reportOf, START_MS } from "../tests/fleet-harness.ts";

const START_S = START_MS / 1000;
const HOUR_MS = 3_600_000;

function minute(number: number, request_count = 60): MinutePoint {
  return { at: START_S + number * 60, request_count, error_count: 0, p95_latency_ms: 80 };
}

function opened(
  service: string,
  seq: number,
  changes: Partial<ServiceIncidentEvent["incident"]> = {},
): ServiceIncidentEvent {
  return { service, seq, action: "opened", incident: incidentOf(service, changes) };
}

function resolved(service: string, seq: number): ServiceIncidentEvent {
  return { service, seq, action: "resolved", incident: incidentOf(service, { status: "resolved", revision: 9 }) };
}

function ofType<T extends string>(
  messages: readonly (FleetMessage | ServiceMessage)[],
  type: T,
): (FleetMessage & { type: T })[] {
  return messages.filter((message) => message.type === type) as (FleetMessage & { type: T })[];
}

function snapshotOf(world: FleetWorld): FleetMessage & { type: "snapshot" } {
  return ofType(
    world.actor.greet({ after: null, expires_at: null, min_severity: null }) as FleetMessage[],
    "snapshot",
  )[0]!;
}

describe("a report", () => {
  test("of rates alone writes nothing and is in the list at once", async () => {
    const world = new FleetWorld();
    await world.admit("checkout");
    const { rows_written } = world.storage;
    await world.actor.report([reportOf("checkout", { request_rate: 42, at: Date.parse("2026-11-24T10:00:07Z") })]);
    expect(world.storage.rows_written).toBe(rows_written);
    expect((await world.actor.services(null, 10)).items).toMatchObject([
      { service: "checkout", request_rate: 42, at: "2026-11-24T10:00:07Z", first_seen_at: "2026-11-24T10:00:00.000Z" },
    ]);
  });

  test("of a closed minute writes one row, outlives an eviction, and keeps the newest hour", async () => {
    const world = new FleetWorld();
    await world.admit("checkout");
    const { rows_written } = world.storage;
    for (const number of [0, 1, 3, 61])
      await world.actor.report([reportOf("checkout", { closed_minute: minute(number) })]);
    expect(world.storage.rows_written).toBe(rows_written + 4);
    world.evict();
    expect(snapshotOf(world).services[0]!.minutes).toEqual([minute(3), minute(61)]);
  });

  test("of a minute that came before replaces it and keeps the order", async () => {
    const world = new FleetWorld();
    await world.admit("checkout");
    for (const closed_minute of [minute(1), minute(0), minute(1, 61)]) {
      await world.actor.report([reportOf("checkout", { closed_minute })]);
    }
    expect(snapshotOf(world).services[0]!.minutes).toEqual([minute(0), minute(1, 61)]);
  });

  test("of a service that is not registered changes nothing", async () => {
    const world = new FleetWorld();
    await world.actor.report([reportOf("stranger", { closed_minute: minute(0) })]);
    expect(snapshotOf(world).services).toEqual([]);
  });
});

describe("the list of services", () => {
  test("is by name, in pages that miss and repeat nothing", async () => {
    const world = new FleetWorld();
    await world.admit("c", "a", "e", "b", "d");
    const pages: string[][] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof world.actor.services>> = await world.actor.services(cursor, 2);
      pages.push(page.items.map((item) => item.service));
      cursor = page.next;
    } while (cursor !== null);
    expect(pages).toEqual([["a", "b"], ["c", "d"], ["e"]]);
  });
});

describe("ticks", () => {
  test("come at most once a second with all that changed, each minute of it once", async () => {
    const world = new FleetWorld();
    await world.admit("a", "b", "c");
    const heard = world.connect("page");
    for (let number = 0; number < 10; number += 1) {
      await world.actor.report([
        reportOf("a", { at: number, closed_minute: minute(number) }),
        reportOf("b", { at: number }),
      ]);
      await world.pass(250);
    }
    const ticks = ofType(heard, "tick");
    expect(ticks.map(({ at }) => at - START_MS)).toEqual([0, 1_000, 2_000]);
    const items = ticks.flatMap(({ services }) => services);
    expect(items.filter(({ service }) => service === "a").map((item) => item.closed_minute?.at)).toEqual(
      Array.from({ length: 8 }, (_, number) => minute(number).at),
    );
    expect(items.filter(({ service }) => service === "b").map(({ at }) => at)).toEqual([0, 3, 7]);
    expect(items.some(({ service }) => service === "c")).toBe(false);
  });

  test("need no timer when nobody looks, and none once all is said", async () => {
    const world = new FleetWorld();
    await world.admit("a");
    await world.actor.report([reportOf("a")]);
    await world.actor.report([reportOf("a")]);
    expect(world.timers).toBe(0);
    world.connect("page");
    await world.actor.report([reportOf("a")]);
    await world.actor.report([reportOf("a")]);
    await world.pass(1_000);
    expect(world.timers).toBe(0);
  });
});

describe("an incident event", () => {
  test("is numbered, told and stored, and changes the service's standing", async () => {
    const world = new FleetWorld();
    await world.admit("checkout");
    const heard = world.connect("page");
    await world.actor.incidents([opened("checkout", 7)]);
    expect(ofType(heard, "incident")).toEqual([
      { type: "incident", seq: 1, action: "opened", incident: incidentOf("checkout") },
    ]);
    world.evict();
    expect(snapshotOf(world)).toMatchObject({
      seq: 1,
      services: [{ status: "high", incident_id: "checkout-1-error_rate" }],
      incidents: [{ id: "checkout-1-error_rate" }],
    });
  });

  test("that comes again is told once, also after an eviction", async () => {
    const world = new FleetWorld();
    await world.admit("checkout");
    const heard = world.connect("page");
    await world.actor.incidents([opened("checkout", 7), opened("checkout", 7)]);
    world.evict();
    await world.actor.incidents([opened("checkout", 7), resolved("checkout", 8)]);
    expect(ofType(heard, "incident").map(({ seq, action }) => [seq, action])).toEqual([
      [1, "opened"],
      [2, "resolved"],
    ]);
    expect(snapshotOf(world)).toMatchObject({ services: [{ status: "healthy", incident_id: null }], incidents: [] });
  });

  test("that comes after a newer one is told, and changes the standing no more", async () => {
    const world = new FleetWorld();
    await world.admit("checkout");
    await world.actor.incidents([opened("checkout", 8, { revision: 5, severity: "critical" })]);
    await world.actor.incidents([opened("checkout", 7, { revision: 1, severity: "medium" })]);
    expect(snapshotOf(world).incidents).toMatchObject([{ severity: "critical" }]);
  });

  test("keeps its number for ever: when all of a day is pruned, the numbers go on", async () => {
    const world = new FleetWorld();
    await world.admit("checkout");
    await world.actor.incidents([opened("checkout", 1), resolved("checkout", 2)]);
    await world.pass(26 * HOUR_MS);
    expect(world.storage.dump()["incident_events"]).toMatchObject([{ seq: 2 }]);
    world.evict();
    await world.actor.incidents([opened("checkout", 3)]);
    expect(snapshotOf(world).seq).toBe(3);
  });
});

describe("a socket that connects again", () => {
  async function worldWithEvents(): Promise<FleetWorld> {
    const world = new FleetWorld();
    await world.admit("a", "b");
    await world.actor.incidents([opened("a", 1, { severity: "medium" }), opened("b", 1, { severity: "critical" })]);
    await world.actor.incidents([resolved("a", 2)]);
    return world;
  }

  test("hears the snapshot, then what it missed", async () => {
    const world = await worldWithEvents();
    const [snapshot, ...missed] = world.connect("page", { after: 1 });
    expect(snapshot).toMatchObject({ type: "snapshot", seq: 3, reset: false });
    expect(missed).toMatchObject([{ seq: 2 }, { seq: 3 }]);
  });

  test("is told to start anew where its number is unknown or older than what is kept", async () => {
    const world = await worldWithEvents();
    expect(world.connect("ahead", { after: 4 })).toMatchObject([{ reset: true }]);
    await world.pass(26 * HOUR_MS);
    expect(world.connect("behind", { after: 0 })).toMatchObject([{ reset: true }, { seq: 3 }]);
    expect(world.connect("level", { after: 3 })).toMatchObject([{ reset: false }]);
    expect(world.connect("one behind", { after: 2 })).toMatchObject([{ reset: false }, { seq: 3 }]);
  });

  test("hears of incidents at or above its smallest severity alone, in snapshot, replay and live", async () => {
    const world = await worldWithEvents();
    const heard = world.connect("page", { after: 0, min_severity: "critical" });
    await world.actor.incidents([opened("a", 3, { id: "a-2-error_rate", severity: "high" })]);
    await world.actor.incidents([opened("a", 4, { id: "a-2-error_rate", severity: "critical", revision: 2 })]);
    expect(heard[0]).toMatchObject({ incidents: [{ service: "b" }] });
    expect(ofType(heard, "incident").map(({ seq }) => seq)).toEqual([2, 5]);
  });
});

describe("the watch lease", () => {
  test("is given to active services on connect, renewed each 20 s, and ends with the last socket", async () => {
    const world = new FleetWorld();
    await world.admit("active", "asleep");
    await world.pass(11 * 60_000);
    await world.actor.report([reportOf("active")]);
    world.connect("page");
    const connected_ms = world.now_ms;
    await world.pass(45_000);
    world.sockets.open.clear();
    await world.pass(60_000);
    expect(world.monitors.calls.map(({ service, until_ms }) => [service, until_ms - connected_ms])).toEqual([
      ["active", 30_000],
      ["active", 50_000],
      ["active", 70_000],
    ]);
    expect(world.storage.alarm_ms).toBeNull();
  });

  test("is joined at once by a service that is new, and not given twice for a second socket", async () => {
    const world = new FleetWorld();
    await world.admit("a");
    world.connect("page");
    world.connect("another");
    await world.pass(5_000);
    await world.admit("b");
    await world.settle();
    expect(world.monitors.calls).toEqual([
      { service: "a", until_ms: START_MS + 30_000 },
      { service: "b", until_ms: START_MS + 30_000 },
    ]);
  });

  test("goes on after an eviction, since the alarm is stored", async () => {
    const world = new FleetWorld();
    await world.admit("a");
    world.connect("page");
    world.evict();
    await world.pass(20_000);
    expect(world.monitors.calls).toHaveLength(2);
  });

  test("reaches the others where one hangs and one is broken, with at most 50 calls at once", async () => {
    const warned = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const world = new FleetWorld();
    const names = Array.from({ length: 120 }, (_, at) => `s${at}`);
    await world.admit(...names);
    world.monitors.hanging.add("s0");
    world.monitors.broken.add("s1");
    world.connect("page");
    await world.pass(60_000);
    const counts = Map.groupBy(world.monitors.calls, ({ service }) => service);
    expect(names.map((name) => counts.get(name)?.length)).toEqual(names.map(() => 4));
    expect(world.monitors.in_flight_max).toBeLessThanOrEqual(53);
    expect(warned).toHaveBeenCalledWith(expect.stringContaining("2 of 120 services"), expect.any(Error));
    warned.mockRestore();
  });
});

describe("a session that ends", () => {
  test("closes its socket, and no other", async () => {
    const world = new FleetWorld();
    world.connect("token");
    world.connect("cookie", { expires_at: START_MS + 90_000 });
    await world.pass(89_999);
    expect(world.sockets.ended).toEqual([]);
    await world.pass(1);
    expect(world.sockets.ended).toEqual(["cookie"]);
    expect([...world.sockets.open.keys()]).toEqual(["token"]);
  });
});

describe("a session code", () => {
  test("gives its role once, within five minutes, and is stored as a hash", async () => {
    const world = new FleetWorld();
    const minted = await world.actor.mintCode("admin");
    expect(minted.code).toMatch(/^[\w-]{43}$/);
    expect(minted.expires_at).toBe("2026-11-24T10:05:00.000Z");
    expect(JSON.stringify(world.storage.dump())).not.toContain(minted.code);
    world.evict();
    expect(await world.actor.redeemCode(minted.code)).toBe("admin");
    expect(await world.actor.redeemCode(minted.code)).toBeNull();

    const late = await world.actor.mintCode("viewer");
    world.now_ms += 5 * 60_000;
    expect(await world.actor.redeemCode(late.code)).toBeNull();
    expect(await world.actor.redeemCode("x".repeat(100_000))).toBeNull();
  });

  test("given two requests with it at once, then one of them gets the role", async () => {
    const world = new FleetWorld();
    const { code } = await world.actor.mintCode("viewer");
    const roles = await Promise.all([world.actor.redeemCode(code), world.actor.redeemCode(code)]);
    expect(roles.filter((role) => role !== null)).toEqual(["viewer"]);
  });

  test("is one of at most 1,000: the oldest goes", async () => {
    const world = new FleetWorld();
    const codes: string[] = [];
    // The harness's random bytes repeat after 256, so that the cap is reached by rows of another origin.
    for (let at = 0; at < 1_000; at += 1) {
      const query = "INSERT INTO session_codes (code_hash, role, expires_ms) VALUES (?, 'viewer', ?)";
      world.storage.exec(query, `other-${at}`, START_MS + 1_000 + at);
    }
    for (let at = 0; at < 3; at += 1) codes.push((await world.actor.mintCode("viewer")).code);
    expect(world.storage.dump()["session_codes"]).toHaveLength(1_000);
    expect(world.storage.exec("SELECT min(expires_ms) AS at FROM session_codes")).toEqual([{ at: START_MS + 1_003 }]);
    for (const code of codes) expect(await world.actor.redeemCode(code)).toBe("viewer");
  });
});

describe("an idempotency key", () => {
  test("is bound to its body for 24 h, over midnight and an eviction, in one row", async () => {
    const world = new FleetWorld();
    const { rows_written } = world.storage;
    expect(await world.actor.claimKey("key", "body")).toBe("new");
    world.now_ms += 24 * HOUR_MS - 1;
    world.evict();
    expect(await world.actor.claimKey("key", "body")).toBe("same");
    expect(await world.actor.claimKey("key", "another")).toBe("conflict");
    world.now_ms += 1;
    expect(await world.actor.claimKey("key", "another")).toBe("new");
    expect(world.storage.dump()["idempotency_keys"]).toHaveLength(2);
    expect(world.storage.rows_written - rows_written).toBeLessThanOrEqual(5);
  });

  test("is pruned by the alarm, in chunks, until nothing is left and no alarm rings", async () => {
    const world = new FleetWorld();
    for (let at = 0; at < 2_500; at += 1) await world.actor.claimKey(`key-${at}`, "body");
    await world.pass(37 * HOUR_MS);
    const sizes: number[] = [];
    while (world.storage.alarm_ms !== null) {
      sizes.push(world.storage.dump()["idempotency_keys"]!.length);
      await world.pass(world.storage.alarm_ms - world.now_ms);
    }
    expect(sizes).toEqual(expect.arrayContaining([2_500, 1_500, 500, 0]));
    expect(world.storage.dump()["idempotency_keys"]).toEqual([]);
  });
});

describe("heartbeats", () => {
  test("tell the newest of each instance, and write a row a minute", async () => {
    const world = new FleetWorld();
    const { rows_written } = world.storage;
    for (let beat = 0; beat < 24; beat += 1) {
      await world.actor.heartbeat({ source: "default", instance: "bridge-1", lag: beat });
      await world.pass(5_000);
    }
    await world.actor.heartbeat({ source: "default", instance: "bridge-2", lag: null });
    expect(world.storage.rows_written - rows_written).toBe(3);
    expect(await world.actor.bridges()).toEqual([
      { source: "default", instance: "bridge-2", lag: null, seen_at: "2026-11-24T10:02:00.000Z" },
      { source: "default", instance: "bridge-1", lag: 23, seen_at: "2026-11-24T10:01:55.000Z" },
    ]);
    world.evict();
    expect(await world.actor.bridges()).toMatchObject([
      { instance: "bridge-2" },
      { instance: "bridge-1", lag: 12, seen_at: "2026-11-24T10:01:00.000Z" },
    ]);
  });

  test("of a 1,001st instance drop the one that was silent for longest", async () => {
    const world = new FleetWorld();
    for (let at = 0; at <= 1_000; at += 1)
      await world.actor.heartbeat({ source: "default", instance: `i${at}`, lag: 0 });
    const instances = (await world.actor.bridges()).map(({ instance }) => instance);
    expect(instances).toHaveLength(1_000);
    expect(instances).not.toContain("i0");
    world.evict();
    expect(await world.actor.bridges()).toHaveLength(1_000);
  });
});
