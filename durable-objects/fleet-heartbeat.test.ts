/** The dead man's switch: a request a minute while the whole pipeline works, and none while a part of it does not. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { parseAllowedTargets } from "../domain/target-url.ts";
import type { HeartbeatStatus } from "../domain/pipeline.ts";
import { FleetWorld, reportOf, START_MS } from "../tests/fleet-harness.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const HEARTBEAT_URL = "https://beats.example.org/ping/faultline";

/** A Fleet with a heartbeat; parts of it fail as a test says. */
class BeatingWorld extends FleetWorld {
  readonly asked: { readonly url: string; readonly init: RequestInit | undefined; readonly at_ms: number }[] = [];
  answer: () => Promise<Response> = () => Promise.resolve(new Response("OK"));
  history: () => Promise<void> = () => Promise.resolve();
  outbox_since: Readonly<Record<string, string | null>> = { d1: null, fleet: null };

  constructor(url = HEARTBEAT_URL) {
    super();
    this.heartbeat = {
      url,
      allowed: () => parseAllowedTargets("127.0.0.1"),
      fetch: (input, init) => {
        this.asked.push({ url: input instanceof Request ? input.url : input.toString(), init, at_ms: this.now_ms });
        return this.answer();
      },
      history: () => this.history(),
      outboxSince: async () => this.outbox_since,
    };
    this.evict();
  }

  async status(): Promise<HeartbeatStatus | null> {
    return (await this.actor.pipeline()).heartbeat;
  }

  /** Minutes go by; how many heartbeats were sent in them. */
  async beats(minutes: number): Promise<number> {
    const before = this.asked.length;
    // Requests resolve within microtasks, of which a step may need several turns.
    for (let at = 0; at < minutes * 6; at += 1) {
      await this.pass(10_000);
      await this.settle();
    }
    return this.asked.length - before;
  }
}

let warned = vi.spyOn(console, "warn");
beforeEach(() => {
  warned = vi.spyOn(console, "warn").mockImplementation(() => undefined);
});
afterEach(() => warned.mockRestore());

async function begun(world = new BeatingWorld()): Promise<BeatingWorld> {
  await world.actor.pipeline();
  await world.beats(1);
  return world;
}

describe("a heartbeat", () => {
  test("is sent each minute by the alarm alone, where nothing else ever happens", async () => {
    const world = await begun();
    expect(await world.beats(60)).toBe(60);
    const gaps = world.asked.slice(1).map(({ at_ms }, at) => at_ms - world.asked[at]!.at_ms);
    expect(new Set(gaps)).toEqual(new Set([MINUTE_MS]));
    const { url, init } = world.asked[0]!;
    expect([url, init?.method ?? "GET", init?.body ?? null, init?.redirect]).toEqual([
      HEARTBEAT_URL,
      "GET",
      null,
      "manual",
    ]);
    const now = new Date(world.asked.at(-1)!.at_ms).toISOString();
    expect(await world.status()).toEqual({ at: now, sent_at: now, reason: null });
  });

  test("is not put off by who looks again and again", async () => {
    const world = await begun();
    const before = world.asked.length;
    for (let look = 0; look < 8 * 60; look += 1) {
      await world.actor.pipeline();
      await world.pass(250);
      await world.settle();
    }
    expect(world.asked.length - before).toBe(2);
  });

  test("is set up again where its alarm was lost", async () => {
    const world = await begun();
    const before = world.asked.length;
    world.storage.alarm_ms = null;
    await world.beats(2);
    expect(world.asked.length).toBe(before);
    await world.actor.pipeline();
    expect(await world.beats(1)).toBe(1);
  });

  test("goes on after each eviction, and is no more than one a minute", async () => {
    const world = await begun();
    for (let minute = 0; minute < 10; minute += 1) {
      world.evict();
      expect((await world.status())?.reason).toBeNull();
      expect(await world.beats(1)).toBe(1);
    }
  });

  test("begins with whatever wakes the Fleet: a bridge, or somebody who looks", async () => {
    for (const wake of [
      (world: BeatingWorld) => world.actor.heartbeat({ source: "default", instance: "bridge-1", lag: 0 }),
      (world: BeatingWorld) => world.actor.bridges(),
      (world: BeatingWorld) => world.actor.admit({ services: ["checkout"], position: null }),
    ]) {
      const world = new BeatingWorld();
      expect(world.storage.alarm_ms).toBeNull();
      await wake(world);
      await world.pass(2_000);
      expect(world.asked).toHaveLength(1);
    }
  });

  test("is none, and costs no alarm, where it is not set up", async () => {
    const world = new FleetWorld();
    await world.actor.heartbeat({ source: "default", instance: "bridge-1", lag: 0 });
    expect((await world.actor.pipeline()).heartbeat).toBeNull();
    expect([world.storage.alarm_ms, "heartbeat" in world.storage.dump()]).toEqual([null, false]);
  });
});

describe("no heartbeat is sent", () => {
  test("while the history database does not answer, or not in time", async () => {
    const world = await begun();
    for (const history of [() => Promise.reject(new Error("D1 is down")), () => new Promise<never>(() => undefined)]) {
      world.history = history;
      expect(await world.beats(3)).toBe(0);
      expect(await world.status()).toMatchObject({ reason: "the history database does not answer" });
      world.history = () => Promise.resolve();
      expect(await world.beats(2)).toBeGreaterThan(0);
      expect((await world.status())?.reason).toBeNull();
    }
  });

  test("while a bridge that was heard is silent; until it has been for a day", async () => {
    const world = await begun();
    await world.actor.heartbeat({ source: "orders", instance: "bridge-1", lag: 0 });
    world.now_ms += 20_000;
    expect(await world.beats(5)).toBe(0);
    expect((await world.status())?.reason).toContain("the source orders do not come");
    await world.actor.heartbeat({ source: "orders", instance: "bridge-1", lag: 0 });
    const keep = setBeats(world, "orders");
    expect(await keep(3)).toBeGreaterThan(1);
    expect((await world.status())?.reason).toBeNull();
    world.now_ms += 25 * HOUR_MS;
    world.ring();
    expect(await world.beats(3)).toBeGreaterThan(1);
  });

  test("while rows of a service do not drain, or its object does not answer", async () => {
    const world = await begun();
    await world.admit("checkout");
    const beats = async (): Promise<number> => {
      const closed_minute = { at: START_MS / 1000, request_count: 60, error_count: 0, p95_latency_ms: 80 };
      await world.actor.report([reportOf("checkout", { closed_minute })]);
      return world.beats(1);
    };
    const since_ms = world.now_ms;
    world.outbox_since = { d1: null, subscribers: new Date(since_ms).toISOString() };
    // A wait of less than two minutes is that of an attempt which failed once.
    expect(await beats()).toBe(1);
    for (let minute = 0; minute < 4; minute += 1) await beats();
    expect(await beats()).toBe(0);
    expect((await world.status())?.reason).toBe(
      `what checkout has for subscribers has waited since ${new Date(since_ms).toISOString()}`,
    );
    world.outbox_since = { d1: null, subscribers: null };
    expect(await beats()).toBe(1);
    world.heartbeat = { ...world.heartbeat!, outboxSince: () => Promise.reject(new Error("overloaded")) };
    world.evict();
    await world.actor.pipeline();
    expect(await beats()).toBe(0);
    expect((await world.status())?.reason).toBe("the object of checkout does not answer");
  });

  test.each([
    ["http://beats.example.org/ping", "HEARTBEAT_URL must begin with https://"],
    ["https://169.254.169.254/latest", "HEARTBEAT_URL must not lead to 169.254.169.254"],
    ["nonsense", "HEARTBEAT_URL must be a URL"],
  ])("to %s", async (url, reason) => {
    const world = await begun(new BeatingWorld(url));
    expect(await world.beats(2)).toBe(0);
    expect((await world.status())?.reason).toContain(reason);
  });
});

describe("a heartbeat that is not taken", () => {
  test.each([
    ["500", () => Promise.resolve(new Response("down", { status: 500 })), "HEARTBEAT_URL answered 500"],
    [
      "a redirect",
      () => Promise.resolve(new Response(null, { status: 302, headers: { location: "https://a.example.org" } })),
      "HEARTBEAT_URL answered 302, a redirect, and redirects are not followed",
    ],
    [
      "no connection",
      () => Promise.reject(new TypeError("fetch failed")),
      "HEARTBEAT_URL: the connection failed (fetch failed)",
    ],
  ])("for %s is told, and tried again a minute later", async (_, answer, reason) => {
    const world = await begun();
    const sent_at = (await world.status())!.sent_at;
    world.answer = answer;
    expect(await world.beats(3)).toBe(3);
    expect(await world.status()).toMatchObject({ sent_at, reason });
    world.answer = () => Promise.resolve(new Response(null, { status: 204 }));
    expect(await world.beats(1)).toBe(1);
    expect(await world.status()).toMatchObject({ reason: null });
  });

  test("is never read to its end", async () => {
    const world = await begun();
    let pulled = 0;
    const endless = () =>
      new ReadableStream({
        pull: (controller) => {
          pulled += 1;
          controller.enqueue(new Uint8Array(512));
        },
      });
    world.answer = () => Promise.resolve(new Response(endless()));
    expect(await world.beats(2)).toBe(2);
    expect(pulled).toBeLessThan(20);
  });
});

describe("given a storage that fails while a heartbeat is looked after", () => {
  test("then the next one comes all the same", async () => {
    const logged = vi.spyOn(console, "error").mockImplementation(() => undefined);
    let faults = 0;
    for (let statements = 0; statements < 20; statements += 1) {
      const world = await begun();
      world.storage.failAfter(statements);
      try {
        await world.beats(1);
      } catch {
        // The platform rings again where an alarm's handler throws.
        world.ring();
      }
      if (!world.storage.failed) break;
      faults += 1;
      expect(await world.beats(3)).toBeGreaterThan(1);
    }
    expect(faults).toBeGreaterThan(0);
    logged.mockRestore();
  });
});

/** Minutes in which the bridge of a source beats each five seconds. */
function setBeats(world: BeatingWorld, source: string): (minutes: number) => Promise<number> {
  return async (minutes) => {
    const before = world.asked.length;
    for (let at = 0; at < minutes * 12; at += 1) {
      await world.actor.heartbeat({ source, instance: "bridge-1", lag: 0 });
      await world.pass(5_000);
      await world.settle();
    }
    return world.asked.length - before;
  };
}
