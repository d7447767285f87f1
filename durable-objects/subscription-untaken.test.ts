/** What becomes of what a target does not take: when it is sent again, when it is given up, and when by hand. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Mood, START_MS, SubscriptionWorld, TARGET } from "../tests/subscription-harness.ts";

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

describe("given a target that does not take what it is sent", () => {
  test.each<Mood>([500, 404, 302, "refuse"])(
    "when it answers %s, then it is tried again after 5 s, 5 min, 30 min",
    async (mood) => {
      const world = await SubscriptionWorld.create({ group_wait_s: 0 });
      world.receiver.mood = () => mood;
      await world.open("checkout");
      await world.pass(36 * MINUTE_MS);
      expect(times(world)).toEqual([0, 5, 305, 2_105]);
      expect(new Set(world.receiver.all.map(({ id }) => id)).size).toBe(1);
    },
  );

  test("when it hangs, then it counts as failed after 10 s", async () => {
    const world = await SubscriptionWorld.create({ group_wait_s: 0 });
    world.receiver.mood = () => "hang";
    const id = await world.open("checkout");
    await world.pass(16_000);
    expect(times(world)).toEqual([0, 15]);
    expect(world.lines(id)).toMatchObject([{ status: "waiting", attempts: 1, http_status: null, latency_ms: 10_000 }]);
    expect(await world.actor.health()).toMatchObject({ state: "failing", failures: 1, waiting: 1 });
  });

  test("when its answer quotes the request, then no log has what opens it", async () => {
    const url = "https://hooks.example.org/services/T0/path-is-secret?key=query-is-secret";
    const world = await SubscriptionWorld.create(
      { group_wait_s: 0 },
      { ...TARGET, url, headers: { Authorization: "Bearer header-is-secret" } },
    );
    world.receiver.mood = () => 404;
    world.receiver.body = "Cannot POST /services/T0/path-is-secret?key=query-is-secret for header-is-secret";
    const id = await world.open("checkout");
    await world.pass(1_000);
    const [line] = world.lines(id);
    expect(line!.detail).toBe("answered 404: Cannot POST … for …");
    const told = [line, await world.actor.health(), await world.actor.log(null, 10), await world.actor.sendTest()];
    expect(JSON.stringify(told)).not.toContain("is-secret");
  });

  test("when it asks for patience, then it gets it, an hour at most", async () => {
    const world = await SubscriptionWorld.create({ group_wait_s: 0 });
    world.receiver.mood = () => 429;
    world.receiver.headers.set("retry-after", "90");
    await world.open("checkout");
    await world.pass(2 * MINUTE_MS);
    expect(times(world)).toEqual([0, 90]);
    world.receiver.headers.set("retry-after", "86400");
    await world.pass(5 * MINUTE_MS);
    await world.pass(HOUR_MS);
    expect(times(world)).toEqual([0, 90, 180, 3_780]);
  });

  test("when it is back and takes one a second, then all that waits is told at that pace, and no attempt is used up", async () => {
    const world = await SubscriptionWorld.create({ group_wait_s: 0 });
    world.receiver.mood = () => "refuse";
    const groups = 30;
    for (let i = 0; i < groups; i += 1) {
      const id = await world.open(`service-${i}`);
      await world.pass(10 * MINUTE_MS);
      await world.resolve(id);
    }
    let taken_ms = -Infinity;
    world.receiver.headers.set("retry-after", "1");
    world.receiver.mood = () => {
      if (world.now_ms - taken_ms < 1_000) return 429;
      taken_ms = world.now_ms;
      return "take";
    };
    const back = world.receiver.all.length;
    await world.open("last");
    const messages = 2 * groups + 1;
    for (let s = 0; s < messages; s += 1) await world.pass(1_000);
    expect(world.receiver.taken).toHaveLength(messages);
    expect(await world.actor.health()).toMatchObject({ state: "healthy", waiting: 0 });
    // At most four are under way when it first asks for patience, and none while it does.
    expect(world.receiver.all.length - back).toBeLessThanOrEqual(5 * messages);
  });

  test.each<Mood>([429, 500])(
    "when it answers %s and is changed, then what waits goes to the new one at once",
    async (mood) => {
      const world = await SubscriptionWorld.create({ group_wait_s: 0 });
      world.receiver.headers.set("retry-after", "3600");
      world.receiver.mood = () => mood;
      const id = await world.open("checkout");
      await world.pass(MINUTE_MS);
      world.receiver.mood = () => "take";
      await world.configure({ max_per_hour: 10 });
      await world.settle();
      expect(world.ledger(id)).toEqual(["opened: waiting"]);
      await world.configure({}, { ...TARGET, url: "https://hooks.example.org/other" });
      await world.settle();
      expect(world.ledger(id)).toEqual(["opened: delivered"]);
    },
  );

  test("when it never takes more, then it is asked each five minutes, and what waits is given up in the end", async () => {
    const world = await SubscriptionWorld.create({ group_wait_s: 0 });
    world.receiver.mood = () => 429;
    const id = await world.open("checkout");
    await world.pass(HOUR_MS);
    expect(times(world).slice(0, 4)).toEqual([0, 1, 3, 7]);
    expect(world.receiver.all.length).toBeLessThan(22);
    await world.pass(75 * HOUR_MS);
    expect(world.ledger(id)).toEqual(["opened: waiting"]);
    await world.pass(77 * HOUR_MS);
    expect(world.ledger(id)).toEqual(["opened: failed"]);
  });

  test("then chance delays it by up to a tenth", async () => {
    const world = await SubscriptionWorld.create({ group_wait_s: 0 });
    world.random = 0.999_999;
    world.receiver.mood = () => 500;
    await world.open("checkout");
    await world.pass(6 * MINUTE_MS);
    expect(times(world)).toEqual([0, 5.5, 335.5]);
  });

  test("then after ten attempts over 75 h 35 min it is given up, and the group's next one goes on", async () => {
    const world = await SubscriptionWorld.create({ group_wait_s: 0 });
    world.receiver.mood = () => 500;
    const id = await world.open("checkout");
    await world.pass(MINUTE_MS);
    await world.resolve(id);
    await world.pass(75 * HOUR_MS + 36 * MINUTE_MS);
    const [first, second] = [...new Set(world.receiver.all.map((request) => request.id))];
    const tries = world.receiver.all.filter((request) => request.id === first);
    expect(tries).toHaveLength(10);
    expect(tries.at(-1)!.at_ms - START_MS).toBe(75 * HOUR_MS + 35 * MINUTE_MS + 5_000);
    expect(world.receiver.all.filter((request) => request.id === second)[0]!.at_ms).toBe(tries.at(-1)!.at_ms);
    expect(world.lines(id)).toMatchObject([
      { change: "opened", status: "failed", attempts: 10, http_status: 500, detail: "answered 500" },
      { change: "resolved", status: "waiting" },
    ]);
    expect(await world.actor.health()).toMatchObject({ state: "unhealthy", reason: "answered 500" });
    world.receiver.mood = () => "take";
    await world.pass(5 * MINUTE_MS);
    expect(world.ledger(id)).toEqual(["opened: failed", "resolved: delivered"]);
    expect(await world.actor.health()).toMatchObject({ state: "healthy", waiting: 0, failures: 0, reason: null });
  });

  test("when it was down for hours and is back, then all that waits goes at once, in order", async () => {
    const world = await SubscriptionWorld.create({ group_wait_s: 0 });
    world.receiver.mood = () => "refuse";
    const ids: string[] = [];
    for (let i = 0; i < 12; i += 1) {
      ids.push(await world.open(`service-${i}`));
      await world.pass(10 * MINUTE_MS);
      await world.resolve(ids.at(-1)!);
    }
    await world.pass(3 * HOUR_MS);
    expect(world.receiver.taken).toEqual([]);
    expect(await world.actor.health()).toMatchObject({ state: "unhealthy", waiting: 24 });
    world.receiver.mood = () => "take";
    const back_ms = world.now_ms;
    const last = await world.open("last");
    await world.pass(5_000);
    expect(world.receiver.taken.every(({ at_ms }) => at_ms === back_ms)).toBe(true);
    const said = world.receiver.taken.flatMap(({ says }) => says);
    for (const id of ids)
      expect(said.filter((words) => words.startsWith(id))).toEqual([`${id} opened`, `${id} resolved`]);
    expect(said).toContain(`${last} opened`);
    expect(await world.actor.health()).toMatchObject({ state: "healthy", waiting: 0 });
  });

  test("then one that is slow holds up nothing but its own group, at four requests at once", async () => {
    const world = await SubscriptionWorld.create({ group_wait_s: 0 });
    const slow = await world.open("slow");
    await world.settle();
    await world.resolve(slow);
    const first = world.receiver.all[0]!.id;
    world.receiver.mood = (id) => (id === first ? "hang" : "take");
    await world.pass(6 * MINUTE_MS);
    for (let i = 0; i < 8; i += 1) {
      await world.open(`service-${i}`);
      await world.pass(10 * MINUTE_MS);
    }
    expect(new Set(world.receiver.taken.map(({ group_key }) => group_key)).size).toBeGreaterThan(8);
    expect(world.receiver.open_max).toBeLessThanOrEqual(4);
  });

  test("then requests at once are four at most", async () => {
    const world = await SubscriptionWorld.create({ group_wait_s: 0 });
    world.receiver.mood = () => "hang";
    for (let i = 0; i < 8; i += 1) {
      const id = await world.open(`service-${i}`);
      await world.resolve(id);
      await world.pass(1_000);
    }
    expect(world.receiver.open_max).toBe(4);
  });
});

describe("given a target that answers 410", () => {
  test("then the subscription is disabled until it is configured anew, and its ledger says why", async () => {
    const world = await SubscriptionWorld.create({ group_wait_s: 0 });
    world.receiver.mood = () => 500;
    const waits = await world.open("cart");
    world.receiver.mood = () => 410;
    // It joins the group, whose first message waits for its next attempt.
    const id = await world.open("checkout");
    await world.pass(5_000);
    await world.settle();
    expect(world.ledger(id)).toEqual(["opened: withheld disabled"]);
    expect(world.ledger(waits)).toEqual(["opened: withheld disabled"]);
    expect(await world.actor.health()).toMatchObject({
      state: "disabled",
      waiting: 0,
      since: "2026-11-24T10:00:05Z",
    });
    const asked = world.receiver.all.length;
    const later = await world.open("search");
    await world.pass(80 * HOUR_MS);
    expect(world.receiver.all).toHaveLength(asked);
    expect(world.ledger(later)).toEqual(["opened: withheld disabled"]);
    world.receiver.mood = () => "take";
    await world.configure({}, { ...TARGET, url: "https://hooks.example.org/new" });
    expect((await world.actor.health()).state).not.toBe("disabled");
    const next = await world.open("ads");
    await world.settle();
    expect(world.ledger(next)).toEqual(["opened: delivered"]);
  });

  test("then what is open still is told once it is configured anew, also what was on its way; with ids of their own", async () => {
    const world = await SubscriptionWorld.create({ group_wait_s: 0 });
    world.receiver.mood = () => 410;
    const known = await world.open("checkout");
    const over = await world.open("cart");
    await world.settle();
    const later = await world.open("search");
    await world.resolve(over);
    const refused = world.receiver.all.map(({ id }) => id);
    world.receiver.mood = () => "take";
    await world.configure({}, { ...TARGET, url: "https://hooks.example.org/new" });
    await world.pass(1_000);
    const taken = world.receiver.taken;
    expect(taken.flatMap(({ says }) => says).toSorted()).toEqual([`${known} opened`, `${later} opened`].toSorted());
    expect(refused).not.toContain(taken[0]!.id);
    expect(world.ledger(known)).toEqual(["opened: delivered"]);
    expect(world.ledger(over)).toEqual(["opened: withheld disabled", "resolved: withheld disabled"]);
    expect(world.ledger(later)).toEqual(["opened: delivered"]);
    await world.resolve(known);
    await world.settle();
    expect(world.ledger(known)).toEqual(["opened: delivered", "resolved: delivered"]);
  });

  test("then who heard that it began hears that it ended once it is configured anew, be it after 30 days", async () => {
    const world = await SubscriptionWorld.create({ group_wait_s: 0 });
    const [refused, later] = [await world.open("checkout"), await world.open("cart")];
    await world.settle();
    world.receiver.mood = () => 410;
    await world.resolve(refused);
    await world.pass(5_000);
    await world.resolve(later);
    const never = await world.open("search");
    await world.resolve(never);
    await world.pass(8 * 24 * HOUR_MS);
    await world.open("ads");
    await world.pass(22 * 24 * HOUR_MS);
    world.receiver.mood = () => "take";
    const before = world.receiver.taken.length;
    world.evict();
    await world.configure({}, { ...TARGET, url: "https://hooks.example.org/new" });
    await world.pass(10_000);
    const said = world.receiver.taken.slice(before).flatMap(({ says }) => says);
    expect(said.toSorted()).toEqual([expect.stringMatching(/^ads-/), `${later} resolved`, `${refused} resolved`]);
    expect(world.ledger(refused)).toEqual(["opened: delivered", "resolved: delivered"]);
    expect(world.ledger(later)).toEqual(["opened: delivered", "resolved: delivered"]);
    expect(world.ledger(never)).toEqual(["opened: withheld disabled", "resolved: withheld disabled"]);
  });

  test("then what was handed over by hand meanwhile is not told again", async () => {
    const world = await SubscriptionWorld.create({ group_wait_s: 0 });
    world.receiver.mood = () => 410;
    const id = await world.open("checkout");
    await world.settle();
    world.receiver.mood = () => "take";
    await world.actor.redeliver(world.receiver.all[0]!.id);
    await world.configure({}, { ...TARGET, url: "https://hooks.example.org/new" });
    await world.pass(HOUR_MS);
    expect(world.receiver.taken).toHaveLength(1);
    expect(world.ledger(id)).toEqual(["opened: delivered"]);
  });

  test("when its address was changed while it answered, then the new one is tried", async () => {
    const world = await SubscriptionWorld.create({ group_wait_s: 0 });
    let answer: (mood: Mood) => void = () => undefined;
    world.receiver.slow = new Promise((resolve) => (answer = resolve));
    const id = await world.open("checkout");
    await world.settle();
    await world.configure({}, { ...TARGET, url: "https://hooks.example.org/new" });
    answer(410);
    await world.settle();
    world.receiver.slow = null;
    await world.pass(5_000);
    expect(world.ledger(id)).toEqual(["opened: delivered"]);
  });
});

describe("a redelivery", () => {
  test("goes out under the same id, and its log says so", async () => {
    const world = await SubscriptionWorld.create({ group_wait_s: 0 });
    const id = await world.open("checkout");
    await world.settle();
    const { id: message_id } = world.receiver.all[0]!;
    expect(await world.actor.redeliver(message_id)).toMatchObject({ delivered: true, http_status: 200 });
    expect(world.receiver.all.map((request) => request.id)).toEqual([message_id, message_id]);
    expect((await world.actor.log(null, 1))[0]!.attempts).toHaveLength(2);
    world.receiver.mood = () => 500;
    expect(await world.actor.redeliver(message_id)).toMatchObject({ delivered: false, error: "answered 500" });
    expect(world.ledger(id)).toEqual(["opened: delivered"]);
    await world.pass(HOUR_MS);
    expect(world.receiver.all).toHaveLength(3);
    expect(await world.actor.redeliver("msg_unknown")).toBeNull();
  });

  test("of what was given up makes it delivered, and of what still waits spares its turn", async () => {
    const world = await SubscriptionWorld.create({ group_wait_s: 0 });
    world.receiver.mood = () => 500;
    const lost = await world.open("checkout");
    await world.pass(80 * HOUR_MS);
    expect(world.ledger(lost)).toEqual(["opened: failed"]);
    const waits = await world.open("cart");
    await world.settle();
    world.receiver.mood = () => "take";
    const [first, last] = [world.receiver.all[0]!.id, world.receiver.all.at(-1)!.id];
    await world.actor.redeliver(first);
    await world.actor.redeliver(last);
    await world.pass(HOUR_MS);
    expect(world.ledger(lost)).toEqual(["opened: delivered"]);
    expect(world.ledger(waits)).toEqual(["opened: delivered"]);
  });

  test("that fails leaves standing why a message was withheld", async () => {
    const world = await SubscriptionWorld.create({ group_wait_s: 0 });
    world.receiver.mood = () => 410;
    const id = await world.open("checkout");
    await world.settle();
    const { id: message_id } = world.receiver.all[0]!;
    world.receiver.mood = () => 500;
    await world.actor.redeliver(message_id);
    await world.settle();
    expect(world.lines(id)).toMatchObject([
      { status: "withheld", reason: "disabled", detail: expect.stringContaining("410") },
    ]);
    world.receiver.mood = () => "take";
    await world.actor.redeliver(message_id);
    await world.settle();
    expect(world.lines(id)).toMatchObject([{ status: "delivered", reason: null, detail: null }]);
  });
});
