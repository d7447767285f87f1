/** How targets are doing, as lists of subscriptions tell it. */
import { applyD1Migrations, reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, test, vi } from "vitest";
import type { PipelineItem } from "../domain/pipeline.ts";
import type { Page } from "../domain/resource.ts";
import { type SubscriptionHealth, type SubscriptionItem, UNTRIED_HEALTH } from "../domain/subscription.ts";
import { ask, askWith } from "../tests/admin-api.ts";
import type { Env } from "./env.ts";
import { d1History } from "./history.ts";

beforeEach(async () => {
  await reset();
  await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);
});

async function created(name: string, change: object = {}): Promise<SubscriptionItem> {
  const target = { type: "slack", url: "https://hooks.slack.com/services/x" };
  const answer = await ask("POST", "/v1/subscriptions", { name, target, ...change });
  expect(answer.status).toBe(201);
  return answer.json();
}

describe("GET /v1/subscriptions", () => {
  const DOING: SubscriptionHealth = {
    state: "unhealthy",
    since: "2026-11-24T10:00:00Z",
    reason: "answered 500",
    delivered_at: null,
    waiting: 3,
    failures: 5,
  };
  const asleep = (): never => {
    throw new Error("an object was woken");
  };
  const WITHOUT_OBJECTS = { SUBSCRIPTION: { getByName: asleep } as unknown as Env["SUBSCRIPTION"] };

  test("has of each what its object told history last, and wakes none", async () => {
    const { id } = await created("Broken");
    await created("Untried");
    await created("Off", { enabled: false });
    const row = { id, revision: 1, health: DOING };
    await d1History(env.DB).write([{ table: "subscription_health", row }]);
    await d1History(env.DB).write([{ table: "subscription_health", row: { ...row, health: UNTRIED_HEALTH } }]);
    const answer = await askWith(WITHOUT_OBJECTS, "GET", "/v1/subscriptions");
    const { items } = await answer.json<Page<SubscriptionItem>>();
    expect(items.map(({ name, health }) => [name, health])).toEqual([
      ["Broken", DOING],
      ["Off", expect.objectContaining({ state: "disabled" })],
      ["Untried", UNTRIED_HEALTH],
    ]);
  });

  test("tells of one whose target was stored with another key what to do, wherever its health stands; not of one switched off", async () => {
    const { id } = await created("Shop");
    await created("Off", { enabled: false });
    const reasons = async (change: Partial<Env>): Promise<unknown[]> => {
      const list = await (await askWith(change, "GET", "/v1/subscriptions")).json<Page<SubscriptionItem>>();
      const one = await (await askWith(change, "GET", `/v1/subscriptions/${id}`)).json<SubscriptionItem>();
      const { subscriptions } = await (await askWith(change, "GET", "/v1/pipeline")).json<PipelineItem>();
      const all = [...list.items.map(({ health }) => health!), one.health!, ...subscriptions!.unhealthy];
      return all.map(({ state, reason }) => (state === "disabled" ? state : `${state}: ${reason}`));
    };
    const other = "its target was stored with another SUBSCRIPTION_KEY: give its target again";
    const none = "the Worker has no SUBSCRIPTION_KEY to open its target with";
    expect(await reasons({})).toEqual(["disabled", "healthy: null", "healthy: null"]);
    for (const [SUBSCRIPTION_KEY, why] of [
      ["another key of thirty-two characters", other],
      ["", none],
    ] as const) {
      const broken = `unhealthy: ${why}`;
      expect(await reasons({ SUBSCRIPTION_KEY })).toEqual(["disabled", broken, broken, broken]);
    }
    expect(await reasons({})).toEqual(["disabled", "healthy: null", "healthy: null"]);
  });

  test("asks the object of one alone", async () => {
    const warned = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const { id } = await created("Shop");
    const one = async (change: Partial<Env>): Promise<unknown> =>
      (await (await askWith(change, "GET", `/v1/subscriptions/${id}`)).json<SubscriptionItem>()).health;
    expect(await one({})).toEqual(UNTRIED_HEALTH);
    expect(await one(WITHOUT_OBJECTS)).toBeNull();
    warned.mockRestore();
  });

  test("forgets of what is deleted how it was doing", async () => {
    const { id } = await created("Shop");
    await d1History(env.DB).write([{ table: "subscription_health", row: { id, revision: 1, health: DOING } }]);
    expect((await ask("DELETE", `/v1/subscriptions/${id}`)).status).toBe(204);
    expect(await env.DB.prepare("SELECT count(*) AS count FROM subscription_health").first()).toEqual({ count: 0 });
  });
});
