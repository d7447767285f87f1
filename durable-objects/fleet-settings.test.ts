/** Settings on their way from the Fleet to the services: newest version, only where something changes, until all have heard. */
import { describe, expect, test, vi } from "vitest";
import { defaultSettings } from "../domain/settings.ts";
import { FleetWorld } from "../tests/fleet-harness.ts";
import { InjectedFault } from "../tests/sqlite-storage.ts";

async function worldWith(...services: string[]): Promise<FleetWorld> {
  const world = new FleetWorld();
  await world.admit(...services);
  return world;
}

const forCheckout = (sla_ms: number) => ({ services: [{ match: "checkout*", sla_ms }] });

describe("a new version of the settings", () => {
  test("reaches the services for which something changes, and no other", async () => {
    const world = await worldWith("checkout", "checkout-eu", "search");
    await world.actor.putSettings(1, forCheckout(700));
    await world.settle();
    expect([...world.monitors.settings.keys()].toSorted()).toEqual(["checkout", "checkout-eu"]);
    expect(world.monitors.settings.get("checkout-eu")).toEqual({
      version: 1,
      settings: { ...defaultSettings("checkout-eu"), sla_ms: 700 },
    });
    expect(world.storage.dump()["settings_outbox"]).toEqual([]);
  });

  test("is what a service hears that asks, and nothing set is the default", async () => {
    const world = await worldWith("checkout");
    expect(await world.actor.settingsOf("checkout")).toEqual({ version: 0, settings: defaultSettings("checkout") });
    await world.actor.putSettings(4, forCheckout(700));
    world.evict();
    expect(await world.actor.settingsOf("checkout")).toMatchObject({ version: 4, settings: { sla_ms: 700 } });
  });

  test("is never replaced by an older one or by itself, whatever the order in which they come", async () => {
    const world = await worldWith("checkout");
    await world.actor.putSettings(2, forCheckout(200));
    await world.settle();
    for (const stale of [1, 2]) await world.actor.putSettings(stale, forCheckout(100));
    await world.pass(120_000);
    expect(world.monitors.offers).toEqual([{ service: "checkout", version: 2 }]);
    expect(await world.actor.settingsOf("checkout")).toMatchObject({ version: 2, settings: { sla_ms: 200 } });
  });

  test("takes back what another said: both are told, the newest last", async () => {
    const world = await worldWith("checkout");
    await world.actor.putSettings(1, forCheckout(200));
    await world.actor.putSettings(2, {});
    await world.pass(120_000);
    expect(world.monitors.settings.get("checkout")).toEqual({ version: 2, settings: defaultSettings("checkout") });
  });
});

describe("a service that cannot be told", () => {
  test("is told again until it answers, and keeps no other waiting", async () => {
    const logged = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const world = await worldWith("checkout-a", "checkout-b", "checkout-c");
    world.monitors.broken.add("checkout-a");
    world.monitors.hanging.add("checkout-b");
    await world.actor.putSettings(1, forCheckout(700));
    await world.pass(30_000);
    expect([...world.monitors.settings.keys()]).toEqual(["checkout-c"]);
    world.monitors.broken.clear();
    world.monitors.hanging.clear();
    await world.pass(120_000);
    expect([...world.monitors.settings.keys()].toSorted()).toEqual(["checkout-a", "checkout-b", "checkout-c"]);
    expect(world.monitors.offers.filter(({ service }) => service === "checkout-c")).toHaveLength(1);
    expect(world.storage.dump()["settings_outbox"]).toEqual([]);
    logged.mockRestore();
  });

  test("hears of the newest version only, once it answers", async () => {
    const logged = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const world = await worldWith("checkout");
    world.monitors.broken.add("checkout");
    for (const version of [1, 2, 3]) await world.actor.putSettings(version, forCheckout(version * 100));
    await world.pass(10_000);
    world.monitors.broken.clear();
    await world.pass(120_000);
    expect(world.monitors.settings.get("checkout")).toMatchObject({ version: 3, settings: { sla_ms: 300 } });
    logged.mockRestore();
  });

  test("is told after an eviction in the middle of a call", async () => {
    const world = await worldWith("checkout");
    world.monitors.hanging.add("checkout");
    await world.actor.putSettings(1, forCheckout(700));
    world.evict();
    world.monitors.hanging.clear();
    await world.pass(120_000);
    expect(world.monitors.settings.get("checkout")).toMatchObject({ version: 1 });
  });

  test("costs no more attempts than one a minute in the end", async () => {
    const logged = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const world = await worldWith("checkout");
    world.monitors.broken.add("checkout");
    await world.actor.putSettings(1, forCheckout(700));
    await world.pass(3_600_000);
    expect(world.monitors.offers.length).toBeGreaterThan(50);
    expect(world.monitors.offers.length).toBeLessThan(80);
    logged.mockRestore();
  });
});

describe("services_max", () => {
  test("is obeyed from the next admission on, through an eviction, and admitted names stay", async () => {
    const world = await worldWith("a", "b", "c");
    await world.actor.putSettings(1, { services_max: 2 });
    world.evict();
    expect((await world.actor.admit({ services: ["c", "d"], position: null })).map(({ status }) => status)).toEqual([
      "admitted",
      "too_many_services",
    ]);
    await world.actor.putSettings(2, { services_max: 4 });
    expect((await world.actor.admit({ services: ["d", "e"], position: null })).map(({ status }) => status)).toEqual([
      "admitted",
      "too_many_services",
    ]);
  });
});

test("memory equals storage: whichever statement of a change fails, all of it is there or nothing, and repeating it succeeds", async () => {
  const logged = vi.spyOn(console, "error").mockImplementation(() => undefined);
  let faults = 0;
  for (let statements = 0; ; statements += 1) {
    const world = await worldWith("checkout", "search");
    world.storage.failAfter(statements);
    const error: unknown = await world.actor.putSettings(1, forCheckout(700)).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    await world.settle();
    if (!world.storage.failed) break;
    faults += 1;
    if (error !== null) expect(error).toBeInstanceOf(InjectedFault);
    const remembered = await world.actor.settingsOf("checkout");
    world.evict();
    expect(await world.actor.settingsOf("checkout")).toEqual(remembered);
    if (error !== null) await world.actor.putSettings(1, forCheckout(700));
    await world.pass(120_000);
    expect(world.monitors.settings.get("checkout")).toMatchObject({ version: 1, settings: { sla_ms: 700 } });
  }
  expect(faults).toBeGreaterThan(3);
  logged.mockRestore();
});
