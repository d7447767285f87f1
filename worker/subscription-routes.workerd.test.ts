/** Subscriptions over HTTP in the Workers runtime: stored in D1, handed to the Fleet and its objects, and never with a secret. */
import { applyD1Migrations, reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, test, vi } from "vitest";
import type { Page, Problem } from "../domain/resource.ts";
import type { SettingsProblem } from "../domain/settings-file.ts";
import type { SubscriptionItem } from "../domain/subscription.ts";
import type { Target } from "../domain/target.ts";
import { ADMIN, ask, askWith, audits, INGEST, VIEWER, WITHOUT_FLEET } from "../tests/admin-api.ts";
import { BODY_BYTES_MAX } from "./checked-body.ts";

beforeEach(async () => {
  await reset();
  await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);
});

const SECRET = `whsec_${"q".repeat(40)}`;
const TARGET = { type: "webhook", url: "https://hooks.example.org/very/secret", secrets: [SECRET] };
const wish = (name: string, change: object = {}) => ({ name, target: TARGET, ...change });

async function created(name: string, change: object = {}): Promise<SubscriptionItem> {
  const answer = await ask("POST", "/v1/subscriptions", wish(name, change));
  expect(answer.status).toBe(201);
  return answer.json();
}

async function problems(answer: Response): Promise<readonly SettingsProblem[]> {
  expect(answer.status).toBe(422);
  const body: Problem & { problems: SettingsProblem[] } = await answer.json();
  expect(body.type).toBe("urn:faultline:wrong_subscription");
  return body.problems;
}

async function list(): Promise<readonly SubscriptionItem[]> {
  const answer = await ask("GET", "/v1/subscriptions", undefined, VIEWER);
  expect(answer.status).toBe(200);
  return (await answer.json<Page<SubscriptionItem>>()).items;
}

const audienceOf = (service: string) => env.FLEET.getByName("fleet").audience(service);
describe("POST /v1/subscriptions", () => {
  test("stores one with what was left out, hands it to the Fleet and its object, and shows no secret", async () => {
    const answer = await ask("POST", "/v1/subscriptions", wish("Shop", { services: ["checkout*"] }));
    expect(answer.status).toBe(201);
    const item: SubscriptionItem = await answer.json();
    expect(answer.headers.get("Location")).toBe(`/v1/subscriptions/${item.id}`);
    expect(item).toEqual({
      id: expect.stringMatching(/^sub_[0-9a-f]{16}$/),
      revision: 1,
      name: "Shop",
      services: ["checkout*"],
      min_severity: "medium",
      changes: ["opened", "escalated", "resolved"],
      group_wait_s: 5,
      repeat_min: null,
      max_per_hour: 60,
      enabled: true,
      target: {
        type: "webhook",
        preset: null,
        origin: "https://hooks.example.org",
        set: ["url", "secrets"],
        names: {},
        shown: {},
      },
      created_at: expect.any(String),
      changed_at: item.created_at,
      changed_by: "admin by token",
      health: expect.anything(),
    });
    expect((await audienceOf("checkout-eu")).subscription_ids).toEqual([item.id]);
    expect((await audienceOf("search")).subscription_ids).toEqual([]);
    expect(await list()).toEqual([item]);
    expect(await audits()).toEqual([
      {
        action: "subscription.created",
        actor: "admin by token",
        subject: "Shop",
        detail: expect.objectContaining({ id: item.id, revision: 1 }),
      },
    ]);
  });

  test.each([
    [{}, "name", "is missing; it must be 1 to 100 printable characters"],
    [wish(" x"), "name", "must be 1 to 100 printable characters"],
    [wish("x", { services: [] }), "services", "must be a list of 1 to 100 names"],
    [wish("x", { services: ["A b"] }), "services[0]", "must be a service's name"],
    [wish("x", { min_severity: "low" }), "min_severity", "must be one of medium, high, critical"],
    [wish("x", { changes: ["closed"] }), "changes[0]", "must be one of opened, escalated"],
    [wish("x", { group_wait_s: 301 }), "group_wait_s", "must be a number of seconds from 0 to 300"],
    [wish("x", { repeat_min: 4 }), "repeat_min", "from 5 to 10080"],
    [wish("x", { max_per_hour: 0 }), "max_per_hour", "from 1 to 1000"],
    [wish("x", { enabled: "yes" }), "enabled", "must be true or false"],
    [wish("x", { nonsense: 1 }), "nonsense", "is unknown: the members are name"],
    [wish("x", { target: { type: "irc" } }), "target.type", "must be one of webhook, slack, pagerduty, alertmanager"],
    [wish("x", { target: { type: "webhook" } }), "target.url", "is missing; it must be a URL"],
    [
      wish("x", { target: { ...TARGET, url: "ftp://a.example.org" } }),
      "target.url",
      "must be a URL that begins with https://",
    ],
    [wish("x", { target: { ...TARGET, url: "https://10.0.0.1/" } }), "target.url", "must not lead to 10.0.0.1"],
    [wish("x", { target: { ...TARGET, url: "http://hooks.example.org/" } }), "target.url", "must begin with https://"],
    [
      wish("x", { target: { ...TARGET, secrets: ["guess"] } }),
      "target.secrets[0]",
      "must be a secret of the Standard Webhooks",
    ],
    [
      wish("x", { target: { ...TARGET, headers: { Host: "a" } } }),
      "target.headers.Host",
      "must be the name of a header",
    ],
    [wish("x", { target: { type: "slack" } }), "target.url", "must be an incoming webhook, or"],
    [wish("x", { target: { type: "slack", token: "xoxb-1" } }), "target.channel", "must be the channel"],
    [
      wish("x", { target: { type: "pagerduty", routing_key: "short" } }),
      "target.routing_key",
      "must be the integration key",
    ],
    [wish("x", { names: { url: "lower" } }), "names.url", "must be the name of an environment variable"],
  ])("refuses %j by %s", async (body, path, words) => {
    const all = await problems(await ask("POST", "/v1/subscriptions", body));
    expect(all).toContainEqual({ path, message: expect.stringContaining(words) });
    expect(await list()).toEqual([]);
  });

  test("refuses what is no JSON, too large or from whom it may not be", async () => {
    const broken = await ask("POST", "/v1/subscriptions", `{"target": {"url": "https://${SECRET}`);
    expect([broken.status, (await broken.text()).includes(SECRET)]).toEqual([400, false]);
    expect((await ask("POST", "/v1/subscriptions", " ".repeat(BODY_BYTES_MAX + 1))).status).toBe(413);
    expect((await ask("POST", "/v1/subscriptions", wish("x"), VIEWER)).status).toBe(403);
    expect((await ask("POST", "/v1/subscriptions", wish("x"), INGEST)).status).toBe(403);
    expect((await ask("POST", "/v1/subscriptions", wish("x"), {})).status).toBe(401);
    expect((await ask("GET", "/v1/subscriptions", undefined, INGEST)).status).toBe(403);
  });

  test("refuses a name that is taken", async () => {
    const { id } = await created("Shop");
    expect(await (await ask("GET", "/v1/subscriptions")).json()).toMatchObject({ items: [{ id }], no_key: null });
    const answer = await ask("POST", "/v1/subscriptions", wish("Shop", { services: ["search"] }));
    expect(answer.status).toBe(409);
    expect(await answer.json()).toMatchObject({ type: "urn:faultline:name_taken", id });
  });

  test("says what to set where there is no key, or one that could be guessed", async () => {
    for (const key of [undefined, "short"]) {
      const answer = await askWith({ SUBSCRIPTION_KEY: key as string }, "POST", "/v1/subscriptions", wish("x"));
      expect(answer.status).toBe(503);
      const problem: Problem = await answer.json();
      expect(problem.type).toBe("urn:faultline:no_key");
      expect(problem.detail).toContain("SUBSCRIPTION_KEY: must be set, at least 32 random characters");
      // Whoever only looks at the list is told the same.
      const listed = await askWith({ SUBSCRIPTION_KEY: key as string }, "GET", "/v1/subscriptions");
      expect([listed.status, await listed.json()]).toEqual([200, { items: [], next: null, no_key: problem.detail }]);
    }
  });

  test("is stored without the Fleet, and holds once the same is sent again", async () => {
    const warned = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const failed = await askWith(WITHOUT_FLEET, "POST", "/v1/subscriptions", wish("Shop"));
    expect(failed.status).toBe(503);
    expect(await failed.json()).toMatchObject({ type: "urn:faultline:fleet_unavailable" });
    expect((await audienceOf("checkout")).subscription_ids).toEqual([]);
    const { id } = await created("Shop");
    expect((await list()).map((item) => item.id)).toEqual([id]);
    expect((await audienceOf("checkout")).subscription_ids).toEqual([id]);
    warned.mockRestore();
  });

  describe("under an Idempotency-Key", () => {
    const UNDER = { ...ADMIN, "Idempotency-Key": "draft 1" };
    const send = (name: string, change: object = {}) => ask("POST", "/v1/subscriptions", wish(name, change), UNDER);

    test("is one subscription however often it is sent, and is as it was sent last", async () => {
      const first = await (await send("Shop")).json<SubscriptionItem>();
      const again = await send("Shop");
      expect([again.status, (await again.json<SubscriptionItem>()).revision]).toEqual([201, first.revision]);
      const url = "https://hooks.example.org/mended";
      const mended = await (await send("Shops", { target: { ...TARGET, url } })).json<SubscriptionItem>();
      expect(mended).toMatchObject({ id: first.id, name: "Shops", revision: 2 });
      expect((await list()).map(({ name }) => name)).toEqual(["Shops"]);
      expect((await audits()).map(({ action }) => action)).toEqual(["subscription.created", "subscription.changed"]);
    });

    test("is refused the name of another, and is not made anew once it was deleted", async () => {
      await created("Taken");
      const { id } = await (await send("Shop")).json<SubscriptionItem>();
      expect((await send("Taken")).status).toBe(409);
      await ask("DELETE", `/v1/subscriptions/${id}`);
      const answer = await send("Shop");
      expect([answer.status, await answer.json()]).toMatchObject([409, { type: "urn:faultline:made_before", id }]);
    });
  });

  test("hands on what an earlier change left behind", async () => {
    const warned = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    await askWith(WITHOUT_FLEET, "POST", "/v1/subscriptions", wish("Left behind"));
    await created("Next");
    expect((await audienceOf("checkout")).subscription_ids).toHaveLength(2);
    warned.mockRestore();
  });

  test("of two with one name at the same moment stores one", async () => {
    const wishes = [1, 2, 3].map((max_per_hour) => wish("Shop", { max_per_hour }));
    const answers = await Promise.all(wishes.map((body) => ask("POST", "/v1/subscriptions", body)));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 409, 409]);
    const ids = await Promise.all(["A", "B", "C"].map((name) => created(name)));
    expect(new Set(ids.map(({ revision }) => revision)).size).toBe(3);
    expect(await audits()).toHaveLength(4);
  });
});

describe("PUT /v1/subscriptions/:id", () => {
  test("keeps what is left out, of the target too", async () => {
    const { id } = await created("Shop", {
      services: ["checkout"],
      target: { ...TARGET, headers: { "X-Team": "secret-team" } },
    });
    const path = `/v1/subscriptions/${id}`;
    const before = await sealedTarget(id);
    const answer = await ask("PUT", path, { enabled: false });
    expect([answer.status, answer.headers.get("ETag")]).toEqual([200, '"2"']);
    expect(await answer.json()).toMatchObject({ name: "Shop", services: ["checkout"], enabled: false, revision: 2 });
    expect(await sealedTarget(id)).toBe(before);
    await ask("PUT", path, { target: { url: "https://hooks.example.org/another" } });
    const { unsealTarget } = await import("./seal.ts");
    const target: Target = await unsealTarget(await sealedTarget(id), env.SUBSCRIPTION_KEY!);
    expect(target).toMatchObject({
      url: "https://hooks.example.org/another",
      secrets: [SECRET],
      headers: { "X-Team": "secret-team" },
    });
    expect((await audits()).slice(1)).toEqual([
      expect.objectContaining({
        action: "subscription.changed",
        detail: { id, revision: 2, changed: { enabled: [true, false] } },
      }),
      expect.objectContaining({
        action: "subscription.changed",
        detail: { id, revision: 3, changed: { target: ["url"] } },
      }),
    ]);
  });

  test("that changes nothing makes no revision, and is no change", async () => {
    const { id } = await created("Shop");
    const answer = await ask("PUT", `/v1/subscriptions/${id}`, { name: "Shop", target: TARGET });
    expect(await answer.json()).toMatchObject({ revision: 1 });
    expect(await audits()).toHaveLength(1);
  });

  test("reaches the Fleet with its new pattern", async () => {
    const { id } = await created("Shop", { services: ["checkout"] });
    await ask("PUT", `/v1/subscriptions/${id}`, { services: ["search"] });
    expect((await audienceOf("checkout")).subscription_ids).toEqual([]);
    expect((await audienceOf("search")).subscription_ids).toEqual([id]);
  });

  test("of two made from the same revision refuses the later one, and not what is sent again", async () => {
    const { id } = await created("Shop");
    const path = `/v1/subscriptions/${id}`;
    const from_first = { ...ADMIN, "If-Match": '"1"' };
    for (const _ of [1, 2]) expect((await ask("PUT", path, { max_per_hour: 10 }, from_first)).status).toBe(200);
    const late = await ask("PUT", path, { max_per_hour: 20 }, from_first);
    expect(late.status).toBe(412);
    expect(await late.json()).toMatchObject({ type: "urn:faultline:subscription_changed", revision: 2 });
    expect((await ask("PUT", path, {}, { ...ADMIN, "If-Match": "one" })).status).toBe(400);
  });

  test("refuses another's name, what is wrong, and what is not there", async () => {
    const { id } = await created("Shop");
    await created("Search");
    const path = `/v1/subscriptions/${id}`;
    expect((await ask("PUT", path, { name: "Search" })).status).toBe(409);
    const wrong = await problems(await ask("PUT", path, { target: { url: "https://192.168.0.1/" } }));
    expect(wrong).toEqual([{ path: "target.url", message: expect.stringContaining("192.168.0.1") }]);
    for (const target of [null, [], "https://a.example.org"])
      expect(await problems(await ask("PUT", path, { target }))).toMatchObject([{ path: "target" }]);
    const other = await problems(await ask("PUT", path, { target: { type: "pagerduty" } }));
    expect(other).toMatchObject([{ path: "target.routing_key" }]);
    expect((await ask("PUT", "/v1/subscriptions/sub_0", {})).status).toBe(404);
    expect((await ask("PUT", path, {}, VIEWER)).status).toBe(403);
  });

  test("sends no secret to another host that is not given again", async () => {
    const { id } = await created("Shop", { target: { ...TARGET, headers: { Authorization: "Bearer secret" } } });
    const wrong = await problems(
      await ask("PUT", `/v1/subscriptions/${id}`, { target: { url: "https://evil.example.org/" } }),
    );
    expect(wrong).toEqual([
      { path: "target.headers.Authorization", message: expect.stringContaining("must be given again") },
    ]);
  });

  test("of a target that was sealed with another key takes a whole one, and nothing less", async () => {
    const { id } = await created("Shop");
    const path = `/v1/subscriptions/${id}`;
    const key = { SUBSCRIPTION_KEY: "another-key-of-more-than-32-characters-in-all" };
    const without = await askWith(key, "PUT", path, { enabled: false });
    expect([without.status, await without.json()]).toMatchObject([409, { type: "urn:faultline:sealed_for_good" }]);
    expect((await askWith(key, "PUT", path, { target: { secrets: [] } })).status).toBe(422);
    expect((await askWith(key, "PUT", path, { target: TARGET })).status).toBe(200);
  });
});

async function sealedTarget(id: string): Promise<string> {
  const row = await env.DB.prepare("SELECT sealed_target FROM subscriptions WHERE id = ?").bind(id).first<{
    sealed_target: string;
  }>();
  return row!.sealed_target;
}

describe("DELETE /v1/subscriptions/:id", () => {
  test("takes it away everywhere, and frees its name", async () => {
    const { id } = await created("Shop");
    expect((await ask("DELETE", `/v1/subscriptions/${id}`)).status).toBe(204);
    expect((await ask("GET", `/v1/subscriptions/${id}`)).status).toBe(404);
    expect((await audienceOf("checkout")).subscription_ids).toEqual([]);
    expect(await env.DB.prepare("SELECT count(*) AS rows FROM subscriptions").first()).toEqual({ rows: 0 });
    expect((await audits()).at(-1)).toMatchObject({ action: "subscription.deleted", subject: "Shop" });
    const again = await created("Shop");
    expect(again.id).not.toBe(id);
    expect((await ask("DELETE", `/v1/subscriptions/${id}`)).status).toBe(404);
    expect((await ask("DELETE", `/v1/subscriptions/${again.id}`, undefined, VIEWER)).status).toBe(403);
  });

  test("without the Fleet keeps no secret, and is done once it is sent again", async () => {
    const warned = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const { id } = await created("Shop");
    expect((await askWith(WITHOUT_FLEET, "DELETE", `/v1/subscriptions/${id}`)).status).toBe(503);
    expect(await sealedTarget(id)).toBe("");
    expect(await list()).toEqual([]);
    expect((await audienceOf("checkout")).subscription_ids).toEqual([id]);
    expect((await ask("DELETE", `/v1/subscriptions/${id}`)).status).toBe(204);
    expect((await audienceOf("checkout")).subscription_ids).toEqual([]);
    expect((await ask("DELETE", `/v1/subscriptions/${id}`)).status).toBe(404);
    warned.mockRestore();
  });
});

describe("changes of subscriptions", () => {
  test("are at most 60 a minute, and none is stored beyond", async () => {
    const { id } = await created("Shop");
    const statuses: number[] = [];
    for (let at = 0; at < 60; at += 1) {
      const answer = await ask("PUT", `/v1/subscriptions/${id}`, { max_per_hour: at + 1 });
      statuses.push(answer.status);
      if (answer.status === 200) continue;
      expect(await answer.json()).toMatchObject({ type: "urn:faultline:too_many_writes" });
      expect(Number(answer.headers.get("Retry-After"))).toBeGreaterThan(0);
    }
    expect(statuses.filter((status) => status === 200)).toHaveLength(59);
    expect(statuses.at(-1)).toBe(429);
    expect(await list()).toMatchObject([{ max_per_hour: 59 }]);
  });

  test("end at a thousand subscriptions", async () => {
    const { id } = await created("Shop");
    await env.DB.prepare(
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 999)
       INSERT INTO subscriptions SELECT 'sub_' || i, 'n ' || i, 1, wish, sealed_target, target, created_at, changed_at, changed_by,
         NULL, 1 FROM subscriptions, n WHERE id = ?`,
    )
      .bind(id)
      .run();
    const answer = await ask("POST", "/v1/subscriptions", wish("One more"));
    expect([answer.status, await answer.json()]).toMatchObject([409, { type: "urn:faultline:too_many_subscriptions" }]);
  });
});
