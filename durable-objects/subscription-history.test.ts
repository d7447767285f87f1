/** How a target is doing, as history hears of it: whoever lists subscriptions reads it there. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { SubscriptionHealth } from "../domain/subscription.ts";
import { SubscriptionWorld } from "../tests/subscription-harness.ts";

beforeEach(() => {
  for (const level of ["info", "warn", "error"] as const) vi.spyOn(console, level).mockImplementation(() => undefined);
});
afterEach(() => vi.restoreAllMocks());

/** As history has it; null where it was told nothing. */
function told(world: SubscriptionWorld): SubscriptionHealth | null {
  const [row, ...more] = world.history.of("subscription_health");
  expect(more).toEqual([]);
  return row?.health ?? null;
}

describe("history", () => {
  test("is told nothing of a target that was never tried", async () => {
    const world = await SubscriptionWorld.create({ group_wait_s: 0 });
    await world.pass(60_000);
    expect(told(world)).toBeNull();
  });

  test("has after each delivery and each failure what the object says itself", async () => {
    const world = await SubscriptionWorld.create({ group_wait_s: 0 });
    await world.open("checkout");
    await world.settle();
    expect(told(world)).toMatchObject({ state: "healthy", delivered_at: "2026-11-24T10:00:00Z", waiting: 0 });
    world.receiver.mood = () => 500;
    await world.open("cart");
    await world.pass(1_000);
    expect(told(world)).toMatchObject({ state: "failing", waiting: 1, reason: "answered 500" });
    world.receiver.mood = () => 410;
    await world.pass(10_000);
    expect(told(world)).toMatchObject({ state: "disabled", waiting: 0 });
    expect(told(world)).toEqual(await world.actor.health());
    await world.configure({ enabled: false });
    await world.pass(1_000);
    expect(told(world)).toEqual(await world.actor.health());
  });

  test("hears of it once it answers again, also after an eviction", async () => {
    const world = await SubscriptionWorld.create({ group_wait_s: 0 });
    world.history.isDown = true;
    await world.open("checkout");
    await world.pass(30_000);
    expect(told(world)).toBeNull();
    world.evict();
    world.history.isDown = false;
    await world.pass(120_000);
    expect(told(world)).toEqual(await world.actor.health());
  });

  test("hears of what came after a write that was not noted", async () => {
    const world = await SubscriptionWorld.create({ group_wait_s: 0 });
    const write = world.history.write.bind(world.history);
    // It is written, and the object is gone before it knows.
    world.history.write = async (rows) => {
      await write(rows);
      world.history.write = write;
      world.crash();
    };
    await world.open("checkout");
    await world.pass(1_000);
    world.receiver.mood = () => 500;
    await world.open("cart");
    await world.pass(120_000);
    expect(told(world)).toEqual(await world.actor.health());
  });

  test("is told once of what does not change, and nothing of what was removed", async () => {
    const world = await SubscriptionWorld.create({ group_wait_s: 0 });
    await world.open("checkout");
    await world.settle();
    const { revision } = world.history.of("subscription_health")[0]!;
    await world.pass(3_600_000);
    expect(world.history.of("subscription_health")[0]!.revision).toBe(revision);
    await world.actor.remove(world.subscription.revision + 1);
    await world.pass(3_600_000);
    expect(world.history.of("subscription_health")[0]!.revision).toBe(revision);
  });

  test("leaves nothing in an object that was removed while it was told", async () => {
    const world = await SubscriptionWorld.create({ group_wait_s: 0 });
    const write = world.history.write.bind(world.history);
    world.history.write = async (rows) => {
      await write(rows);
      await world.actor.remove(world.subscription.revision + 1);
    };
    await world.open("checkout");
    await world.pass(60_000);
    expect(world.storage.exec("SELECT * FROM health_told")).toEqual([]);
  });
});
