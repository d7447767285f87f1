/** What a subscription sends when, and what it says of itself; what becomes of what is not taken: subscription-untaken.test.ts. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Silence } from "../domain/silencing.ts";
import { type Mood, noticeOf, START_MS, SubscriptionWorld } from "../tests/subscription-harness.ts";

beforeEach(() => {
  for (const level of ["info", "warn", "error"] as const) vi.spyOn(console, level).mockImplementation(() => undefined);
});
afterEach(() => vi.restoreAllMocks());

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** When each request was made, in seconds after the start. */
function times(world: SubscriptionWorld): number[] {
  return world.receiver.all.map(({ at_ms }) => (at_ms - START_MS) / 1000);
}

function silence(changes: Partial<Silence> = {}): Silence {
  return {
    id: "sil_1",
    revision: 1,
    services: ["*"],
    endpoint: null,
    severities: null,
    incident_id: null,
    starts_at: new Date(START_MS).toISOString(),
    ends_at: new Date(START_MS + HOUR_MS).toISOString(),
    weekly: null,
    comment: "maintenance",
    created_at: new Date(START_MS).toISOString(),
    created_by: "admin by token",
    ...changes,
  };
}

describe("given an incident that opens", () => {
  test("then it is told after group_wait, once, signed, and its ledger says so", async () => {
    const world = await SubscriptionWorld.create();
    const id = await world.open("checkout");
    await world.pass(4_999);
    expect(world.receiver.all).toEqual([]);
    await world.pass(1);
    await world.settle();
    expect(world.receiver.all).toMatchObject([{ kind: "opened", says: [`${id} opened`], at_ms: START_MS + 5_000 }]);
    expect(world.lines(id)).toMatchObject([
      {
        status: "delivered",
        attempts: 1,
        http_status: 200,
        subscription_name: "on call",
        message_id: world.receiver.all[0]!.id,
        heard_at: "2026-11-24T10:00:00Z",
        delivered_at: "2026-11-24T10:00:05Z",
      },
    ]);
    await world.pass(HOUR_MS);
    expect(world.receiver.all).toHaveLength(1);
  });

  test("then with no wait it is told at once", async () => {
    const world = await SubscriptionWorld.create({ group_wait_s: 0 });
    await world.open("checkout");
    await world.settle();
    expect(times(world)).toEqual([0]);
  });

  test("then what its service tells again is known", async () => {
    const world = await SubscriptionWorld.create();
    const id = await world.open("checkout");
    const incident = world.truth.get(id)!;
    const again = noticeOf({ service: "checkout", seq: 1, action: "opened", incident });
    await world.tell("checkout", [again]);
    await world.pass(MINUTE_MS);
    await world.tell("checkout", [again]);
    await world.pass(MINUTE_MS);
    expect(world.receiver.all).toHaveLength(1);
    expect(world.ledger(id)).toEqual(["opened: delivered"]);
  });

  test("then its message has the newest words and opens its page, also where the words come while it waits", async () => {
    const world = await SubscriptionWorld.create();
    const id = await world.open("checkout");
    await world.narrate(id);
    await world.pass(5_000);
    const { data } = JSON.parse(world.receiver.all[0]!.body);
    expect(data.items[0].narrative.summary).not.toEqual([]);
    expect(data.items[0].owner).toBe("payments");
    expect(data.items[0].links.incident).toBe(`https://faultline.example.org/incidents/${id}`);
    expect(data.items[0].spark.values).toEqual([0.01, null, 0.3]);
  });
});

describe("given a subscription whose configuration is still on its way", () => {
  test("then what a service tells is refused, and told again once it is there", async () => {
    const world = await SubscriptionWorld.create();
    const { actor } = SubscriptionWorld.bare();
    await expect(actor.take("checkout", [], [])).rejects.toThrow("on its way");
    expect(world.receiver.all).toEqual([]);
  });

  test("then an older one that comes after a newer one changes nothing", async () => {
    const world = await SubscriptionWorld.create({ group_wait_s: 0 });
    const old = world.subscription;
    await world.configure({ min_severity: "critical" });
    await world.actor.configure(old);
    const id = await world.open("checkout", { severity: "high" });
    await world.settle();
    expect(world.ledger(id)).toEqual(["opened: withheld severity"]);
  });
});

describe("given a subscription that is switched off", () => {
  test("then what waits is withheld, and nothing is sent", async () => {
    const world = await SubscriptionWorld.create({ group_wait_s: 0 });
    world.receiver.mood = () => 500;
    const id = await world.open("checkout");
    await world.configure({ enabled: false });
    world.receiver.mood = () => "take";
    await world.pass(HOUR_MS);
    expect(world.receiver.taken).toEqual([]);
    expect(world.ledger(id)).toEqual(["opened: withheld disabled"]);
    expect(await world.actor.health()).toMatchObject({ state: "disabled", reason: "the subscription is switched off" });
  });

  test("then what is open still is told when it is switched on again, by the silences of then, whatever was lost of its memory", async () => {
    const world = await SubscriptionWorld.create({ group_wait_s: 0 });
    await world.configure({ enabled: false });
    const ids = [await world.open("checkout"), await world.open("cart"), await world.open("search")] as const;
    await world.resolve(ids[1]);
    await world.pass(HOUR_MS);
    world.fleet.now = [silence({ services: ["search"], ends_at: new Date(START_MS + 3 * HOUR_MS).toISOString() })];
    world.evict();
    await world.configure({ enabled: true });
    world.evict();
    await world.pass(1_000);
    expect(world.receiver.all).toMatchObject([{ says: [`${ids[0]} opened`] }]);
    expect(ids.map((id) => world.ledger(id)[0])).toEqual([
      "opened: delivered",
      "opened: withheld disabled",
      "opened: withheld silence",
    ]);
  });
});

describe("given a silence", () => {
  test("then what it withheld and is still open is told when it ends", async () => {
    const world = await SubscriptionWorld.create();
    world.fleet.now = [silence()];
    const id = await world.open("checkout");
    await world.pass(HOUR_MS - 1);
    expect(world.receiver.all).toEqual([]);
    expect(world.ledger(id)).toEqual(["opened: withheld silence"]);
    world.fleet.now = [];
    await world.pass(10_000);
    expect(world.receiver.all).toMatchObject([{ kind: "opened", says: [`${id} opened`] }]);
  });

  test.each([false, true])(
    "when it is ended by hand, then what it withheld is told within a minute, also where nothing else happens (memory lost: %s)",
    async (isLost) => {
      const world = await SubscriptionWorld.create({ group_wait_s: 0 });
      world.fleet.now = [silence()];
      const id = await world.open("checkout");
      await world.pass(10 * MINUTE_MS);
      world.fleet.now = [silence({ revision: 2, ends_at: new Date(START_MS + 2 * HOUR_MS).toISOString() })];
      await world.pass(30 * MINUTE_MS);
      expect(world.receiver.all).toEqual([]);
      world.fleet.now = [];
      if (isLost) world.evict();
      await world.pass(MINUTE_MS);
      expect(world.receiver.all).toMatchObject([{ says: [`${id} opened`] }]);
      expect(world.ledger(id)).toEqual(["opened: delivered"]);
    },
  );

  test("then it is looked at once a minute while it keeps something back and that could be told, and nothing is written for it", async () => {
    const world = await SubscriptionWorld.create({ group_wait_s: 0 });
    world.fleet.now = [silence()];
    await world.pass(10 * MINUTE_MS);
    expect(world.fleet.asked).toBe(0);
    const over = await world.open("cart");
    const id = await world.open("checkout");
    await world.pass(MINUTE_MS);
    await world.resolve(over);
    const asked = world.fleet.asked;
    const before = JSON.stringify(world.storage.dump());
    await world.pass(10 * MINUTE_MS);
    expect(world.fleet.asked).toBe(asked + 10);
    expect(JSON.stringify(world.storage.dump())).toBe(before);
    await world.configure({ enabled: false });
    await world.pass(10 * MINUTE_MS);
    await world.configure({ enabled: true });
    await world.resolve(id);
    await world.pass(HOUR_MS);
    expect(world.fleet.asked).toBeLessThanOrEqual(asked + 11);
    expect(world.receiver.all).toEqual([]);
  });

  test("when it is there by the time the group goes, then it holds", async () => {
    const world = await SubscriptionWorld.create({ repeat_min: 30 });
    const id = await world.open("checkout");
    await world.pass(MINUTE_MS);
    world.fleet.now = [silence({ incident_id: id })];
    await world.pass(40 * MINUTE_MS);
    expect(world.receiver.all).toHaveLength(1);
    expect(world.fleet.asked).toBeGreaterThan(1);
  });

  test.each(["hanging", "broken"] as const)(
    "when the Fleet is %s, then the silences that it told last hold, and messages go",
    async (state) => {
      const world = await SubscriptionWorld.create({ repeat_min: 5 });
      await world.open("checkout");
      await world.pass(MINUTE_MS);
      world.fleet.now = [silence({ services: ["checkout"] })];
      await world.pass(5 * MINUTE_MS);
      world.fleet.state = state;
      world.evict();
      await world.pass(MINUTE_MS);
      expect(world.receiver.all).toHaveLength(1);
      await world.open("search");
      await world.pass(10 * MINUTE_MS);
      expect(world.receiver.all.slice(1).flatMap(({ says }) => says)).toEqual([
        expect.stringMatching(/^search-\d+-error_rate opened$/),
        expect.stringMatching(/^search-\d+-error_rate repeated$/),
      ]);
      expect(world.timers).toBe(0);
    },
  );
});

describe("given a target that cannot be spoken to", () => {
  test("when it cannot be opened, then each attempt fails and says why", async () => {
    const world = await SubscriptionWorld.create({ group_wait_s: 0 });
    world.subscription = { ...world.subscription, revision: 9, sealed_target: "no JSON" };
    await world.actor.configure(world.subscription);
    const id = await world.open("checkout");
    await world.settle();
    expect(world.lines(id)).toMatchObject([{ status: "waiting", attempts: 1, http_status: null }]);
    expect((await world.actor.health()).reason).toContain("JSON");
  });

  test("when it has no word for a message, then that is withheld as grouped", async () => {
    const world = await SubscriptionWorld.create(
      { group_wait_s: 0, changes: ["opened", "narrated"] },
      { type: "pagerduty", url: "https://events.example.org/v2/enqueue", routing_key: "R".repeat(32) },
    );
    world.receiver.checks = false;
    const id = await world.open("checkout");
    await world.settle();
    await world.narrate(id, { revision: 2 });
    await world.pass(MINUTE_MS);
    expect(world.ledger(id)).toEqual(["opened: delivered", "narrated: withheld grouped"]);
  });
});

describe("a test", () => {
  test("is sent past all rules, is in no log, and a target that takes it gets what waits", async () => {
    const world = await SubscriptionWorld.create({ group_wait_s: 0, min_severity: "critical" });
    world.receiver.mood = () => 500;
    const id = await world.open("checkout", { severity: "critical" });
    expect(await world.actor.sendTest()).toMatchObject({ delivered: false, http_status: 500, error: "answered 500" });
    expect(await world.actor.health()).toMatchObject({ failures: 1 });
    await world.pass(6 * MINUTE_MS);
    world.receiver.mood = () => "take";
    expect(await world.actor.sendTest()).toEqual({ delivered: true, http_status: 200, latency_ms: 0, error: null });
    await world.settle();
    expect(world.ledger(id)).toEqual(["opened: delivered"]);
    expect(await world.actor.log(null, 10)).toHaveLength(1);
  });
});

describe("the log", () => {
  test("has each message with its attempts, newest first, a page at a time", async () => {
    const world = await SubscriptionWorld.create({ group_wait_s: 0 });
    const moods: Mood[] = [500, "take", "take"];
    world.receiver.mood = () => moods.shift()!;
    const id = await world.open("checkout");
    await world.pass(MINUTE_MS);
    await world.resolve(id);
    await world.pass(MINUTE_MS);
    const [newest, oldest] = await world.actor.log(null, 10);
    expect(newest).toMatchObject({ kind: "resolved", status: "delivered", incident_ids: [id], next_attempt_at: null });
    expect(newest!.title).toContain("checkout");
    expect(oldest!.attempts).toMatchObject([
      { http_status: 500, error: "answered 500" },
      { http_status: 200, error: null },
    ]);
    expect(await world.actor.log(null, 1)).toEqual([newest]);
    expect(await world.actor.log(newest!.message_id, 10)).toEqual([oldest]);
    expect(await world.actor.log(oldest!.message_id, 10)).toEqual([]);
  });
});

describe("given a subscription that is deleted", () => {
  test("then it sends and knows nothing more, and history hears the end of what it had to tell", async () => {
    const world = await SubscriptionWorld.create({ group_wait_s: 0 });
    world.receiver.mood = () => 500;
    const id = await world.open("checkout");
    await world.settle();
    world.history.isDown = true;
    await world.actor.remove(world.subscription.revision + 1);
    world.evict();
    world.history.isDown = false;
    await world.pass(2 * MINUTE_MS);
    expect(world.lines(id)).toMatchObject([
      { status: "withheld", reason: "disabled", detail: "the subscription was deleted" },
    ]);
    const asked = world.receiver.all.length;
    await world.configure();
    await world.open("cart");
    await world.pass(HOUR_MS);
    expect(world.receiver.all).toHaveLength(asked);
    expect(await world.actor.log(null, 10)).toEqual([]);
    const { config: _tombstone, sqlite_sequence: _positions, ...rest } = world.storage.dump();
    const left = Object.entries(rest).filter(([table, rows]) => table !== "ledger" && rows.length > 0);
    expect(left).toEqual([]);
  });
});

describe("what is over", () => {
  test("is forgotten after seven days, and history keeps it", async () => {
    const world = await SubscriptionWorld.create({ group_wait_s: 0 });
    const id = await world.open("checkout");
    await world.pass(MINUTE_MS);
    await world.resolve(id);
    await world.pass(8 * 24 * HOUR_MS);
    const other = await world.open("cart");
    await world.pass(MINUTE_MS);
    expect(world.ledger(id)).toEqual(["opened: delivered", "resolved: delivered"]);
    const text = JSON.stringify(world.storage.dump());
    expect(text).toContain(other);
    expect(text).not.toContain(id);
    // What its service's outbox repeats is known all the same.
    const asked = world.receiver.all.length;
    const incident = { ...world.truth.get(id)!, status: "open" as const };
    await world.tell("checkout", [noticeOf({ service: "checkout", seq: 1, action: "opened", incident })]);
    await world.pass(MINUTE_MS);
    expect(world.receiver.all).toHaveLength(asked);
  });
});

describe("history", () => {
  test("that is down gets the newest of each line once it is back", async () => {
    const world = await SubscriptionWorld.create({ group_wait_s: 0 });
    world.history.isDown = true;
    world.receiver.mood = () => 500;
    const id = await world.open("checkout");
    await world.pass(MINUTE_MS);
    world.receiver.mood = () => "take";
    await world.pass(10 * MINUTE_MS);
    expect(world.lines(id)).toEqual([]);
    world.history.isDown = false;
    await world.pass(2 * MINUTE_MS);
    expect(world.lines(id)).toMatchObject([{ status: "delivered", attempts: 3 }]);
  });
});
