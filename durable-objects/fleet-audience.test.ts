/** Subscriptions and silences in the Fleet: who hears of a service, and how each subscription's object learns of itself. */
import { describe, expect, test, vi } from "vitest";
import type { Silence } from "../domain/silencing.ts";
import type { AudienceChange } from "../domain/subscriber.ts";
import { type StoredSubscription, WISH_DEFAULTS } from "../domain/subscription.ts";
import { FleetWorld, START_MS } from "../tests/fleet-harness.ts";
import { InjectedFault } from "../tests/sqlite-storage.ts";

const AT = new Date(START_MS).toISOString();
const HOUR_MS = 3_600_000;

function subscription(id: string, revision: number, services: readonly string[] = ["*"]): AudienceChange {
  const target = { type: "webhook", preset: null, origin: "https://a.example", set: [], names: {}, shown: {} } as const;
  const stored: StoredSubscription = {
    id,
    revision,
    wish: { ...WISH_DEFAULTS, name: `${id} ${revision}`, services },
    sealed_target: "c2VhbGVk",
    target,
    created_at: AT,
    changed_at: AT,
    changed_by: "admin by token",
  };
  return { kind: "subscription", subscription: stored };
}

function silence(id: string, revision: number, change: Partial<Silence> = {}): AudienceChange {
  const ends_at = new Date(START_MS + HOUR_MS).toISOString();
  const whose = { services: ["*"], endpoint: null, severities: null, incident_id: null };
  const when = { starts_at: AT, ends_at, weekly: null };
  const rest = { comment: "", created_at: AT, created_by: "admin by token" };
  return { kind: "silence", silence: { id, revision, ...whose, ...when, ...rest, ...change } };
}

const idsOf = async (world: FleetWorld, service: string): Promise<readonly string[]> =>
  (await world.actor.audience(service)).subscription_ids;
const silencesOf = async (world: FleetWorld, service: string): Promise<readonly string[]> =>
  (await world.actor.audience(service)).silences.map(({ id }) => id);

describe("the audience of a service", () => {
  test("is those whose names and patterns fit, after an eviction too", async () => {
    const world = new FleetWorld();
    await world.actor.changeAudience([
      subscription("sub_all", 1),
      subscription("sub_shop", 2, ["checkout*", "basket"]),
      subscription("sub_other", 3, ["search"]),
      silence("sil_shop", 4, { services: ["check*"] }),
    ]);
    for (const _ of [1, 2]) {
      expect(await idsOf(world, "checkout-eu")).toEqual(["sub_all", "sub_shop"]);
      expect(await idsOf(world, "search")).toEqual(["sub_all", "sub_other"]);
      expect(await silencesOf(world, "checkout-eu")).toEqual(["sil_shop"]);
      expect(await silencesOf(world, "search")).toEqual([]);
      world.evict();
    }
  });

  test("follows each change, though it was asked for before", async () => {
    const world = new FleetWorld();
    await world.actor.changeAudience([subscription("sub_a", 1, ["checkout"])]);
    expect(await idsOf(world, "checkout")).toEqual(["sub_a"]);
    await world.actor.changeAudience([subscription("sub_a", 2, ["search"]), subscription("sub_b", 3, ["check*"])]);
    expect(await idsOf(world, "checkout")).toEqual(["sub_b"]);
    await world.actor.changeAudience([{ kind: "no_subscription", id: "sub_b", revision: 4 }]);
    expect(await idsOf(world, "checkout")).toEqual([]);
  });

  test("has a silence until it ends or is taken back, and never an ended one", async () => {
    const world = new FleetWorld();
    const later = { starts_at: new Date(START_MS + HOUR_MS).toISOString(), ends_at: "2026-11-25T10:00:00.000Z" };
    await world.actor.changeAudience([silence("sil_a", 1), silence("sil_b", 2), silence("sil_later", 3, later)]);
    await world.actor.changeAudience([{ kind: "no_silence", id: "sil_b", revision: 4 }]);
    expect(await silencesOf(world, "checkout")).toEqual(["sil_a", "sil_later"]);
    await world.pass(HOUR_MS);
    expect(await silencesOf(world, "checkout")).toEqual(["sil_later"]);
    expect((await world.actor.silences()).map(({ id }) => id)).toEqual(["sil_later"]);
  });

  test("takes what is older than what it knows for stale, whatever the order in which it comes", async () => {
    const world = new FleetWorld();
    await world.actor.changeAudience([{ kind: "no_subscription", id: "sub_a", revision: 5 }]);
    await world.actor.changeAudience([subscription("sub_a", 4), silence("sil_a", 7)]);
    await world.actor.changeAudience([silence("sil_a", 6, { services: ["search"] })]);
    expect(await idsOf(world, "checkout")).toEqual([]);
    expect(await silencesOf(world, "checkout")).toEqual(["sil_a"]);
  });
});

describe("the object of a subscription", () => {
  test("hears of itself at once, of each revision once, and of its removal", async () => {
    const world = new FleetWorld();
    await world.actor.changeAudience([subscription("sub_a", 1), subscription("sub_b", 2)]);
    await world.settle();
    for (const _ of [1, 2]) await world.actor.changeAudience([subscription("sub_a", 3)]);
    await world.settle();
    await world.actor.changeAudience([{ kind: "no_subscription", id: "sub_b", revision: 4 }]);
    await world.settle();
    expect(Object.fromEntries(world.subscriptions.told)).toEqual({
      sub_a: [
        { revision: 1, name: "sub_a 1" },
        { revision: 3, name: "sub_a 3" },
      ],
      sub_b: [
        { revision: 2, name: "sub_b 2" },
        { revision: 4, name: null },
      ],
    });
    expect(world.storage.dump()["subscription_outbox"]).toEqual([]);
  });

  test("that cannot be told is told until it answers, the newest only, and keeps no other waiting", async () => {
    const logged = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const world = new FleetWorld();
    world.subscriptions.broken.add("sub_a");
    world.subscriptions.hanging.add("sub_b");
    await world.actor.changeAudience([subscription("sub_a", 1), subscription("sub_b", 2), subscription("sub_c", 3)]);
    await world.actor.changeAudience([subscription("sub_a", 4)]);
    await world.pass(30_000);
    expect([...world.subscriptions.told.keys()]).toEqual(["sub_c"]);
    world.evict();
    world.subscriptions.broken.clear();
    world.subscriptions.hanging.clear();
    await world.pass(120_000);
    expect(world.subscriptions.told.get("sub_a")).toEqual([{ revision: 4, name: "sub_a 4" }]);
    expect(world.subscriptions.told.get("sub_b")).toEqual([{ revision: 2, name: "sub_b 2" }]);
    expect(world.subscriptions.told.get("sub_c")).toHaveLength(1);
    expect(world.storage.dump()["subscription_outbox"]).toEqual([]);
    logged.mockRestore();
  });
});

describe("the objects of a thousand subscriptions", () => {
  const MANY = Array.from({ length: 1_000 }, (_, at) => `sub_${String(at).padStart(4, "0")}`);
  const changes = MANY.map((id, at) => subscription(id, at + 1));

  test("are told few at a time, so that others are heard in between, and all of them", async () => {
    const world = new FleetWorld();
    await world.actor.changeAudience(changes);
    await world.settle();
    const at_first = world.subscriptions.told.size;
    expect([at_first > 0, at_first <= 20]).toEqual([true, true]);
    await world.pass(2_000);
    expect([...world.subscriptions.told.keys()]).toEqual(MANY);
  });

  test("that hang keep those after them waiting for seconds at most", async () => {
    const logged = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const world = new FleetWorld();
    for (const id of MANY.slice(0, 100)) world.subscriptions.hanging.add(id);
    await world.actor.changeAudience(changes);
    await world.pass(10_000);
    expect([...world.subscriptions.told.keys()]).toEqual(MANY.slice(100));
    logged.mockRestore();
  });
});

describe("what has outlived its use", () => {
  test("is forgotten a day later, and the alarm is still then", async () => {
    const world = new FleetWorld();
    await world.actor.changeAudience([subscription("sub_a", 1), subscription("sub_b", 2), silence("sil_a", 3)]);
    await world.actor.changeAudience([{ kind: "no_subscription", id: "sub_a", revision: 4 }]);
    await world.pass(27 * HOUR_MS);
    const { subscriptions, silences } = world.storage.dump();
    expect(subscriptions).toMatchObject([{ id: "sub_b" }]);
    expect(silences).toEqual([]);
    expect(world.storage.alarm_ms).toBeNull();
    expect(await idsOf(world, "checkout")).toEqual(["sub_b"]);
  });

  test("is kept while the object has yet to hear of its removal", async () => {
    const logged = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const world = new FleetWorld();
    await world.actor.changeAudience([subscription("sub_a", 1)]);
    world.subscriptions.broken.add("sub_a");
    await world.actor.changeAudience([{ kind: "no_subscription", id: "sub_a", revision: 2 }]);
    await world.pass(60_000);
    world.now_ms += 30 * HOUR_MS;
    await world.pass(60_000);
    expect(world.storage.dump()["subscriptions"]).toHaveLength(1);
    world.subscriptions.broken.clear();
    await world.pass(2 * HOUR_MS);
    expect(world.subscriptions.told.get("sub_a")?.at(-1)).toEqual({ revision: 2, name: null });
    expect(world.storage.dump()["subscriptions"]).toEqual([]);
    logged.mockRestore();
  });
});

describe("given a storage that fails in the middle of a change", () => {
  const CHANGES: readonly AudienceChange[] = [
    subscription("sub_a", 5, ["search"]),
    { kind: "no_subscription", id: "sub_b", revision: 6 },
    silence("sil_a", 7),
  ];
  async function populated(): Promise<FleetWorld> {
    const world = new FleetWorld();
    await world.actor.changeAudience([subscription("sub_a", 1), subscription("sub_b", 2)]);
    await world.settle();
    return world;
  }

  test("then memory is as an object sees it that wakes anew, and all of it happens when it is repeated", async () => {
    let faults = 0;
    for (let statements = 0; ; statements += 1) {
      const world = await populated();
      await world.actor.audience("checkout");
      world.storage.failAfter(statements);
      const error: unknown = await world.actor.changeAudience(CHANGES).catch((thrown: unknown) => thrown);
      if (!world.storage.failed) break;
      faults += 1;
      if (error !== undefined) expect(error).toBeInstanceOf(InjectedFault);
      const remembered = await world.actor.audience("checkout");
      world.evict();
      expect(await world.actor.audience("checkout")).toEqual(remembered);
      await world.actor.changeAudience(CHANGES);
      await world.pass(120_000);
      expect(await idsOf(world, "checkout")).toEqual([]);
      expect(await silencesOf(world, "checkout")).toEqual(["sil_a"]);
      expect(world.subscriptions.told.get("sub_a")?.at(-1)).toEqual({ revision: 5, name: "sub_a 5" });
      expect(world.subscriptions.told.get("sub_b")?.at(-1)).toEqual({ revision: 6, name: null });
    }
    expect(faults).toBeGreaterThan(4);
  });
});

describe("clicks on the links of messages", () => {
  const link = (number: number, by = "Shop") =>
    ({ subscription: by, incident_id: `checkout-${number}-error_rate`, act: "acknowledge" }) as const;

  test("are at most 10 a minute and link, which keeps no other link, and no administrator, from acting", async () => {
    const { actor } = new FleetWorld();
    for (let click = 0; click < 10; click += 1) expect(await actor.admitWrite(link(1))).toBe(0);
    expect(await actor.admitWrite(link(1))).toBe(60);
    expect(await actor.admitWrite({ ...link(1), act: "snooze" })).toBe(0);
    expect(await actor.admitWrite(link(1, "Ops"))).toBe(0);
    for (let write = 0; write < 60; write += 1) expect(await actor.admitWrite()).toBe(0);
    expect(await actor.admitWrite()).toBe(60);
    expect(await actor.admitWrite(link(2))).toBe(0);
  });

  test("are at most 60 a minute and subscription, and again once a minute is over", async () => {
    const world = new FleetWorld();
    for (let click = 0; click < 60; click += 1) expect(await world.actor.admitWrite(link(click))).toBe(0);
    expect(await world.actor.admitWrite(link(60))).toBe(60);
    expect(await world.actor.admitWrite(link(60, "Ops"))).toBe(0);
    world.now_ms += 60_000;
    expect(await world.actor.admitWrite(link(60))).toBe(0);
  });

  test("are counted of so many links at once, and of no more", async () => {
    const { actor } = new FleetWorld();
    for (let click = 0; click < 10; click += 1) await actor.admitWrite(link(0, "S-0"));
    expect(await actor.admitWrite(link(0, "S-0"))).toBe(60);
    for (let other = 1; other <= 2_500; other += 1) await actor.admitWrite(link(other, `S-${other}`));
    expect(await actor.admitWrite(link(0, "S-0"))).toBe(0);
  });
});

test("changes that administrators ask for are at most 60 a minute", async () => {
  const world = new FleetWorld();
  for (let write = 0; write < 60; write += 1) {
    expect(await world.actor.admitWrite()).toBe(0);
    world.now_ms += 100;
  }
  expect(await world.actor.admitWrite()).toBe(54);
  world.now_ms += 54_000;
  expect(await world.actor.admitWrite()).toBe(0);
  expect(await world.actor.admitWrite()).toBe(1);
});
