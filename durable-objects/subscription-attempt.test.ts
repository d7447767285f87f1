/** Messages that take two requests, and what is told to targets that know who has an incident in hand. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Target } from "../domain/target.ts";
import { type Mood, SubscriptionWorld } from "../tests/subscription-harness.ts";

beforeEach(() => {
  for (const level of ["info", "warn", "error"] as const) vi.spyOn(console, level).mockImplementation(() => undefined);
});
afterEach(() => vi.restoreAllMocks());

const OPSGENIE: Target = {
  type: "webhook",
  url: "https://api.opsgenie.com/v2/alerts",
  secrets: [],
  headers: { Authorization: "GenieKey key" },
  preset: "opsgenie",
  params: {},
  templates: null,
};

async function worldOf(target: Target): Promise<SubscriptionWorld> {
  const world = await SubscriptionWorld.create({ group_wait_s: 0 }, target);
  world.receiver.checks = false;
  return world;
}

/** Each request: the priority that it asks for alone, else `create`. */
function asked(world: SubscriptionWorld): string[] {
  return world.receiver.all.map(({ body }) => {
    const { message, priority } = JSON.parse(body) as { readonly message?: string; readonly priority?: string };
    return message === undefined ? String(priority) : "create";
  });
}

describe("a message that takes two requests", () => {
  test("is delivered once both were taken", async () => {
    const world = await worldOf(OPSGENIE);
    const id = await world.open("checkout", { severity: "high" });
    await world.settle();
    await world.change(id, { severity: "critical" });
    await world.settle();
    expect(asked(world)).toEqual(["create", "create", "P1"]);
    expect(world.ledger(id)).toEqual(["opened: delivered", "escalated: delivered"]);
    expect(world.lines(id)[1]).toMatchObject({ attempts: 1, http_status: 200 });
  });

  test.each<[what: string, moods: Mood[], expected: string[]]>([
    ["the first", ["take", 500], ["create", "create", "create", "P1"]],
    ["the second", ["take", "take", 503], ["create", "create", "P1", "create", "P1"]],
  ])("goes again whole where %s was not taken", async (_, moods, expected) => {
    const world = await worldOf(OPSGENIE);
    world.receiver.mood = () => moods.shift() ?? "take";
    const id = await world.open("checkout", { severity: "high" });
    await world.settle();
    await world.change(id, { severity: "critical" });
    await world.pass(5_000);
    await world.settle();
    expect(asked(world)).toEqual(expected);
    expect(world.lines(id)[1]).toMatchObject({ status: "delivered", attempts: 2 });
  });
});

describe("an acknowledgement", () => {
  const AT = "2026-11-24T10:00:00Z";
  const PAGERDUTY: Target = {
    type: "pagerduty",
    url: "https://events.pagerduty.com/v2/enqueue",
    routing_key: "0123456789abcdef".repeat(2),
  };

  test.each([OPSGENIE, PAGERDUTY])("is told to who tracks it: $type", async (target) => {
    const world = await worldOf(target);
    const id = await world.open("checkout");
    await world.settle();
    await world.change(id, { acknowledged_at: AT, acknowledged_by: "a person" });
    await world.settle();
    expect(world.ledger(id)).toEqual(["opened: delivered", "acknowledged: delivered"]);
  });

  test("is told to nobody else", async () => {
    const world = await worldOf({ ...OPSGENIE, preset: "teams" });
    const id = await world.open("checkout");
    await world.settle();
    await world.change(id, { acknowledged_at: AT, acknowledged_by: "a person" });
    await world.settle();
    expect(world.ledger(id)).toEqual(["opened: delivered"]);
  });
});
