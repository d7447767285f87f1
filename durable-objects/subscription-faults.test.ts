/**
 * A subscription survives: whichever statement fails, whenever its object loses its memory, and whatever its target does, what is to
 * be told is told at least once, in order per incident, and under one id.
 */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { randomFor } from "../generator/random.ts";
import { type Mood, SubscriptionWorld } from "../tests/subscription-harness.ts";

// A hundred runs of a day each; beside other tests on few cores they take longer than alone.
vi.setConfig({ testTimeout: 120_000 });

beforeEach(() => {
  for (const level of ["info", "warn", "error"] as const) vi.spyOn(console, level).mockImplementation(() => undefined);
});
afterEach(() => vi.restoreAllMocks());

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Two incidents that open together and one later, one that grows worse, an answer that fails, one that hangs, a silence that ends. */
async function day(world: SubscriptionWorld, onTurn: () => void): Promise<string[]> {
  const turn = async (duration_ms = 0): Promise<void> => {
    await world.pass(duration_ms);
    await world.settle();
    onTurn();
    await world.settle();
  };
  const moods: Mood[] = [500, "take", "hang", "take"];
  world.receiver.mood = () => moods.shift() ?? "take";
  const checkout = await world.open("checkout", { severity: "medium" });
  await turn();
  const search = await world.open("search");
  await turn(5_000);
  await turn(5_000);
  await world.change(checkout, { severity: "critical" });
  await turn();
  await world.narrate(checkout);
  await turn(25_000);
  await world.resolve(search);
  await turn();
  const at = (ms: number): string => new Date(world.now_ms + ms).toISOString();
  const own = { id: "sil_1", revision: 1, services: ["cart"], endpoint: null, severities: null, incident_id: null };
  const rest = { weekly: null, comment: "", created_at: at(0), created_by: "admin by token" };
  world.fleet.now = [{ ...own, ...rest, starts_at: at(-1_000), ends_at: at(600_000) }];
  const cart = await world.open("cart");
  await turn(5_000);
  await world.resolve(checkout);
  await turn(10_000);
  await turn(700_000);
  world.fleet.now = [];
  await turn(60_000);
  await world.resolve(cart);
  await turn(10 * MINUTE_MS);
  await world.pass(10 * MINUTE_MS);
  return [checkout, search, cart];
}

/** Lines are final, of each incident in order, and what is delivered was taken. */
async function expectAllTold(world: SubscriptionWorld, incidents: readonly string[]): Promise<void> {
  world.storage.failAfter(null);
  for (const id of incidents) expectInOrder(world, id);
  expect(await world.actor.health()).toMatchObject({ state: "healthy", waiting: 0 });
}

function expectInOrder(world: SubscriptionWorld, incident_id: string): void {
  let newest = 0;
  for (const line of world.lines(incident_id)) {
    if (line.status === "withheld") continue;
    expect(line, `of ${incident_id}`).toMatchObject({ status: "delivered" });
    const first = world.receiver.taken.findIndex(({ id }) => id === line.message_id);
    expect(first, `${line.change} of ${incident_id} was taken, after what was before`).toBeGreaterThanOrEqual(newest);
    expect(world.receiver.taken[first]!.says.some((words) => words.startsWith(`${incident_id} `))).toBe(true);
    newest = first;
  }
}

const TOLD = [
  ["opened: delivered", "escalated: delivered", "narrated: withheld change", "resolved: delivered"],
  ["opened: delivered", "resolved: delivered"],
  ["opened: delivered", "resolved: delivered"],
];

describe("given a storage that fails once", () => {
  test.each([
    ["the object goes on", false],
    ["the object loses its memory with it", true],
  ])("at any statement, and %s, then every change is told, in order", async (_, evicts) => {
    let faults = 0;
    for (let statements = 0; ; statements += 1) {
      const world = await SubscriptionWorld.create();
      world.storage.failAfter(statements);
      let isEvicted = false;
      const incidents = await day(world, () => {
        if (!evicts || isEvicted || !world.storage.failed) return;
        isEvicted = true;
        world.evict();
      });
      const { failed } = world.storage;
      await expectAllTold(world, incidents);
      expect(
        incidents.map((id) => world.ledger(id)),
        `after ${statements} statements`,
      ).toEqual(TOLD);
      world.storage.close();
      if (!failed) break;
      faults += 1;
    }
    expect(faults).toBeGreaterThan(300);
  });
});

test("given an object that loses its memory at any turn, then every change is told, in order", async () => {
  let turns = 1;
  for (let at = 0; at < turns; at += 1) {
    const world = await SubscriptionWorld.create();
    turns = 0;
    const incidents = await day(world, () => {
      if (turns === at) world.evict();
      turns += 1;
    });
    await expectAllTold(world, incidents);
    expect(
      incidents.map((id) => world.ledger(id)),
      `at turn ${at}`,
    ).toEqual(TOLD);
  }
  expect(turns).toBeGreaterThan(10);
});

test("given an object that loses its memory between a request and its record, then it sends the same again, under its id", async () => {
  const world = await SubscriptionWorld.create();
  const moods: Mood[] = [500, "crash"];
  world.receiver.mood = () => moods.shift() ?? "take";
  const id = await world.open("checkout");
  await world.pass(10_000);
  await world.settle();
  expect(world.receiver.taken).toHaveLength(1);
  await world.pass(15_000);
  await world.settle();
  const [first, second] = world.receiver.taken;
  expect(world.receiver.taken).toHaveLength(2);
  expect(second!.id).toBe(first!.id);
  expect(second!.body).toBe(first!.body);
  expect(world.ledger(id)).toEqual(["opened: delivered"]);
});

/** What a receiver does by chance: most of the time what it should. */
function spoiled(random: () => number): Mood {
  const moods: readonly (readonly [share: number, mood: Mood])[] = [
    [0.06, 500],
    [0.03, "hang"],
    [0.03, "refuse"],
    [0.02, 302],
    [0.02, 429],
    [0.02, 404],
    [0.03, "crash"],
  ];
  let left = random();
  for (const [share, mood] of moods) {
    left -= share;
    if (left < 0) return mood;
  }
  return "take";
}

/** A thousand incidents over some days, while all goes wrong that can; each ends after a while, some grow worse before. */
class Storm {
  readonly world: SubscriptionWorld;
  readonly incidents: string[] = [];
  readonly #random: () => number;
  #due: { readonly at_ms: number; readonly work: () => Promise<void> }[] = [];

  constructor(world: SubscriptionWorld, random: () => number) {
    this.world = world;
    this.#random = random;
  }

  async run(count: number): Promise<void> {
    const { world } = this;
    world.receiver.mood = () => (this.#isDown() ? "refuse" : spoiled(this.#random));
    for (let number = 0; number < count; number += 1) {
      await this.#pass(Math.floor(this.#random() * 4 * MINUTE_MS));
      await this.#open(`service-${number % 97}`);
    }
    await this.#pass(2 * HOUR_MS);
    // In the end all parts are there.
    world.receiver.mood = () => "take";
    world.fleet.state = "up";
    world.history.isDown = false;
    world.storage.failAfter(null);
    await world.pass(30 * HOUR_MS);
  }

  /** Three hours of every ten nobody is there. */
  #isDown(): boolean {
    return Math.floor(this.world.now_ms / HOUR_MS) % 10 >= 7;
  }

  async #open(service: string): Promise<void> {
    const { world } = this;
    const id = await world.open(service, { severity: this.#random() < 0.5 ? "medium" : "high" });
    this.incidents.push(id);
    if (this.#random() < 0.3)
      this.#later(20 * MINUTE_MS, async () => void (await world.change(id, { severity: "critical" })));
    this.#later(30 * MINUTE_MS, async () => void (await world.resolve(id)), 20 * MINUTE_MS);
  }

  #later(most_ms: number, work: () => Promise<void>, least_ms = 0): void {
    const at_ms = this.world.now_ms + least_ms + Math.floor(this.#random() * most_ms);
    this.#due = [...this.#due, { at_ms, work }].toSorted((a, b) => a.at_ms - b.at_ms);
  }

  async #pass(duration_ms: number): Promise<void> {
    const { world } = this;
    const end_ms = world.now_ms + duration_ms;
    for (let next = this.#due[0]; next !== undefined && next.at_ms <= end_ms; next = this.#due[0]) {
      this.#due.shift();
      await world.pass(Math.max(0, next.at_ms - world.now_ms));
      this.#disturb();
      await next.work();
    }
    await world.pass(Math.max(0, end_ms - world.now_ms));
    this.#disturb();
  }

  #disturb(): void {
    const { world } = this;
    if (this.#random() < 0.1) world.evict();
    if (this.#random() < 0.1) world.storage.failAfter(Math.floor(this.#random() * 40));
    world.fleet.state = this.#random() < 0.1 ? "broken" : "up";
    world.history.isDown = this.#random() < 0.1;
  }
}

test("given a thousand incidents, failures, hangs, 500s, redirects, outages of hours and evictions, then each change is delivered, in order", async () => {
  const world = await SubscriptionWorld.create({ group_wait_s: 5, max_per_hour: 1_000 });
  const random = randomFor(15, 1);
  const storm = new Storm(world, () => random.unit());
  await storm.run(1_000);
  expect(new Set(storm.incidents).size).toBe(1_000);
  await expectAllTold(world, storm.incidents);
  for (const id of storm.incidents) {
    const lines = world.lines(id);
    expect(lines.at(0), `of ${id}`).toMatchObject({ change: "opened", status: "delivered" });
    expect(lines.at(-1), `of ${id}`).toMatchObject({ change: "resolved", status: "delivered" });
  }
  // What does nothing proves nothing.
  const met = new Set(world.receiver.all.map(({ mood }) => mood));
  for (const mood of [500, "hang", "refuse", 302, 429, 404, "crash"] as const) expect(met).toContain(mood);
  expect(world.receiver.open_max).toBeLessThanOrEqual(4);
  const repeated = world.receiver.taken.length - new Set(world.receiver.taken.map(({ id }) => id)).size;
  expect(repeated).toBeGreaterThan(10);
});
