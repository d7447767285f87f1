/** Subscriptions and silences as code, over HTTP: what would change, what changes, and the way back into a file. */
import { applyD1Migrations, reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, test, vi } from "vitest";
import type { Page, Problem } from "../domain/resource.ts";
import type { SettingsProblem } from "../domain/settings-file.ts";
import { resolveNames } from "../domain/target-names.ts";
import type { Silence } from "../domain/silencing.ts";
import type { AsCode, AsCodeAnswer, AsCodeChange } from "../domain/subscriptions-as-code.ts";
import type { SubscriptionItem } from "../domain/subscription.ts";
import { ask, askWith, audits, INGEST, VIEWER, WITHOUT_FLEET } from "../tests/admin-api.ts";
import { AS_CODE_BYTES_MAX } from "./as-code-routes.ts";

beforeEach(async () => {
  await reset();
  await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);
}, 30_000);

const PATH = "/v1/subscriptions-as-code";
const URL = "https://hooks.example.org/secret";
const SECRET = `whsec_${"q".repeat(40)}`;
const shop = (change: object = {}) => ({
  name: "Shop",
  services: ["checkout*"],
  target: { type: "webhook", url: URL },
  ...change,
});
const ops = (change: object = {}) => ({
  name: "Ops",
  target: { type: "pagerduty", routing_key: "k".repeat(32) },
  ...change,
});
const night = (change: object = {}) => ({
  services: ["*"],
  ends_at: "2027-06-01T00:00:00Z",
  comment: "nights",
  ...change,
});

async function put(body: object): Promise<AsCodeAnswer> {
  const answer = await ask("PUT", PATH, body);
  expect(answer.status).toBe(200);
  return answer.json();
}

const subscriptions = async (): Promise<readonly SubscriptionItem[]> =>
  (await (await ask("GET", "/v1/subscriptions")).json<Page<SubscriptionItem>>()).items;
const silences = async (): Promise<readonly Silence[]> =>
  (await (await ask("GET", "/v1/silences")).json<Page<Silence>>()).items;
const exported = async (): Promise<AsCode> => (await ask("GET", PATH)).json();

/** "kind name: fields" of each. */
const told = ({ changes }: AsCodeAnswer): string[] =>
  changes.map(
    ({ kind, name, fields }: AsCodeChange) => `${kind} ${name}${fields.length === 0 ? "" : `: ${fields.join(", ")}`}`,
  );

describe("PUT /v1/subscriptions-as-code", () => {
  test("makes what is stored equal to what is given, and nothing of it a second time", async () => {
    const body = { subscriptions: [shop(), ops()], silences: [night()] };
    expect(told(await put(body))).toEqual(["create Ops", "create Shop", "create nights"]);
    expect((await subscriptions()).map(({ name }) => name)).toEqual(["Ops", "Shop"]);
    expect((await env.FLEET.getByName("fleet").audience("checkout")).subscription_ids).toHaveLength(2);
    expect(told(await put(body))).toEqual(["unchanged Ops", "unchanged Shop", "unchanged nights"]);
    const next = {
      subscriptions: [shop({ min_severity: "high", target: { type: "webhook", url: URL, headers: { "X-A": "1" } } })],
      silences: [night({ services: ["search"] })],
    };
    expect(told(await put(next))).toEqual([
      "delete Ops",
      "update Shop: min_severity, target.headers.X-A",
      "update nights: services",
    ]);
    expect(await subscriptions()).toMatchObject([{ name: "Shop", min_severity: "high" }]);
    expect(await silences()).toMatchObject([{ services: ["search"], comment: "nights" }]);
    expect((await env.FLEET.getByName("fleet").audience("search")).silences).toHaveLength(1);
    expect((await env.FLEET.getByName("fleet").audience("search")).subscription_ids).toEqual([]);
    expect((await audits()).map(({ action }) => action)).toEqual([
      "subscription.created",
      "subscription.created",
      "silence.created",
      "subscription.changed",
      "subscription.deleted",
      "silence.changed",
    ]);
  });

  test("only tells it where it is asked to, and counts as no change", async () => {
    await put({ subscriptions: [shop()] });
    const answer = await put({ subscriptions: [ops()], silences: [night()], dry_run: true });
    expect([answer.dry_run, told(answer)]).toEqual([true, ["create Ops", "delete Shop", "create nights"]]);
    expect(await subscriptions()).toMatchObject([{ name: "Shop", revision: 1 }]);
    expect(await audits()).toHaveLength(1);
  });

  test("leaves alone what is left out, and takes an empty list at its word", async () => {
    await put({ subscriptions: [shop()], silences: [night()] });
    expect(await put({})).toEqual({ changes: [], dry_run: false, is_pending: false });
    expect(told(await put({ silences: [] }))).toEqual(["delete nights"]);
    expect(await subscriptions()).toHaveLength(1);
    expect(told(await put({ subscriptions: [] }))).toEqual(["delete Shop"]);
    expect([await subscriptions(), await silences()]).toEqual([[], []]);
  });

  test("tells what is stored and does not hold yet, and hands it on where nothing else is to do", async () => {
    const warned = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    expect((await askWith(WITHOUT_FLEET, "PUT", PATH, { subscriptions: [shop()] })).status).toBe(503);
    warned.mockRestore();
    const held = async () => (await env.FLEET.getByName("fleet").audience("checkout")).subscription_ids;
    const dry = await put({ subscriptions: [shop()], dry_run: true });
    expect([dry.is_pending, told(dry), await held()]).toEqual([true, ["unchanged Shop"], []]);
    const done = await put({ subscriptions: [shop()] });
    expect([done.is_pending, told(done), (await held()).length]).toEqual([false, ["unchanged Shop"], 1]);
    expect((await put({ subscriptions: [shop()], dry_run: true })).is_pending).toBe(false);
  });

  test("lets one be deleted whose name another takes", async () => {
    await put({ subscriptions: [shop()] });
    const [before] = await subscriptions();
    await ask("PUT", `/v1/subscriptions/${before!.id}`, { name: "Old shop" });
    expect(told(await put({ subscriptions: [shop()] }))).toEqual(["delete Old shop", "create Shop"]);
  });

  test("knows the names that secrets came by, also where only a name changes", async () => {
    await put({ subscriptions: [shop({ names: { url: "SHOP_URL", nonsense: "X" } })] });
    expect((await subscriptions())[0]!.target.names).toEqual({ url: "SHOP_URL" });
    const renamed = await put({ subscriptions: [shop({ names: { url: "HOOK_URL" } })] });
    expect(told(renamed)).toEqual(["update Shop: names"]);
    expect(told(await put({ subscriptions: [shop()] }))).toEqual(["update Shop: names"]);
    expect((await subscriptions())[0]!.target.names).toEqual({});
  });

  test("has nothing to do with snoozes, nor with silences that are over", async () => {
    await put({ silences: [night()] });
    const snooze = { services: ["checkout"], incident_id: "checkout-1-error_rate", ends_at: "2027-05-01T00:00:00Z" };
    await ask("POST", "/v1/silences", snooze);
    const past = night({ comment: "past", starts_at: "2020-01-01T00:00:00Z", ends_at: "2020-01-02T00:00:00Z" });
    expect(told(await put({ silences: [past] }))).toEqual(["unchanged past", "delete nights"]);
    expect(await silences()).toMatchObject([{ incident_id: "checkout-1-error_rate" }]);
  });

  test("keeps the beginning of a silence where the file names none", async () => {
    await put({ silences: [night({ starts_at: "2026-12-24T00:00:00Z" })] });
    expect(told(await put({ silences: [night()] }))).toEqual(["unchanged nights"]);
    expect(told(await put({ silences: [night({ starts_at: "2026-12-25T00:00:00Z" })] }))).toEqual([
      "update nights: starts_at",
    ]);
  });

  test.each([
    [{ subscriptions: [shop(), shop()] }, "subscriptions[1].name", "must be another than that of subscriptions[0]"],
    [{ silences: [night(), night()] }, "silences[1].comment", "must be another than that of silences[0]"],
    [{ silences: [night({ comment: "" })] }, "silences[0].comment", "must be why, 1 to 500 characters"],
    [
      { subscriptions: [shop({ target: { type: "webhook", url: "https://127.0.0.2/" } })] },
      "subscriptions[0].target.url",
      "must not lead to 127.0.0.2",
    ],
    [{ subscriptions: [shop({ target: { type: "slack" } })] }, "subscriptions[0].target.url", "must be an incoming"],
    [{ silences: [night({ ends_at: "2030-01-01T00:00:00Z" })] }, "silences[0].ends_at", "at most a year after"],
    [{ subscriptions: {} }, "subscriptions", "must be a list of subscriptions"],
    [{ dry_run: "no" }, "dry_run", "must be true or false"],
    [{ settings: {} }, "settings", "is unknown: the members are subscriptions, silences, dry_run"],
  ])("refuses %j by %s, and changes nothing", async (body, path, words) => {
    const answer = await ask("PUT", PATH, body);
    expect(answer.status).toBe(422);
    const problem: Problem & { problems: SettingsProblem[] } = await answer.json();
    expect(problem.type).toBe("urn:faultline:wrong_subscriptions");
    expect(problem.problems).toContainEqual({ path, message: expect.stringContaining(words) });
    expect(await audits()).toEqual([]);
  });

  test("takes hundreds of subscriptions at once, hands all of them on, and refuses more than a thousand", async () => {
    const many = (length: number): object[] =>
      Array.from({ length }, (_, at) => shop({ name: `Team ${at}`, services: [`team-${at}-*`] }));
    expect((await put({ subscriptions: many(250) })).changes).toHaveLength(250);
    expect((await env.FLEET.getByName("fleet").audience("team-217-api")).subscription_ids).toHaveLength(1);
    expect(await env.DB.prepare("SELECT sum(handed) AS handed FROM subscriptions").first()).toEqual({ handed: 250 });
    expect((await put({ subscriptions: many(1_000), dry_run: true })).changes).toHaveLength(1_000);
    expect((await ask("PUT", PATH, { subscriptions: many(1_001) })).status).toBe(422);
  }, 60_000);

  test("is for administrators, and bounded", async () => {
    expect((await ask("PUT", PATH, {}, VIEWER)).status).toBe(403);
    expect((await ask("GET", PATH, undefined, VIEWER)).status).toBe(403);
    expect((await ask("PUT", PATH, {}, INGEST)).status).toBe(403);
    expect((await ask("PUT", PATH, " ".repeat(AS_CODE_BYTES_MAX + 1))).status).toBe(413);
    expect((await ask("PUT", PATH, "{")).status).toBe(400);
  });
});

describe("GET /v1/subscriptions-as-code", () => {
  test("has each secret by its name, or by one that tells what it is", async () => {
    const target = {
      type: "webhook",
      url: URL,
      secrets: [SECRET],
      headers: { "X-Api-Key": "abc" },
      preset: "telegram",
      params: { chat_id: "-100", token: "t0ken" },
      templates: { opened: { body: '{"text": "{{title}}"}', headers: { Authorization: "Bearer s3cret" } } },
    };
    await put({ subscriptions: [shop({ target, names: { url: "SHOP_URL" } }), ops()], silences: [night()] });
    const { subscriptions: own, silences: times } = await exported();
    expect(own).toEqual([
      expect.objectContaining({
        name: "Ops",
        target: { type: "pagerduty", routing_key: { env: "SUBSCRIPTION_OPS_ROUTING_KEY" } },
      }),
      {
        name: "Shop",
        services: ["checkout*"],
        min_severity: "medium",
        changes: ["opened", "escalated", "resolved"],
        group_wait_s: 5,
        repeat_min: null,
        max_per_hour: 60,
        enabled: true,
        target: {
          ...target,
          url: { env: "SHOP_URL" },
          secrets: [{ env: "SUBSCRIPTION_SHOP_SECRETS_0" }],
          headers: { "X-Api-Key": { env: "SUBSCRIPTION_SHOP_HEADERS_X_API_KEY" } },
          params: { chat_id: "-100", token: { env: "SUBSCRIPTION_SHOP_PARAMS_TOKEN" } },
          templates: {
            opened: {
              url: null,
              body: '{"text": "{{title}}"}',
              headers: { Authorization: { env: "SUBSCRIPTION_SHOP_TEMPLATES_OPENED_HEADERS_AUTHORIZATION" } },
            },
          },
        },
      },
    ]);
    expect(times).toEqual([{ ...night(), ends_at: "2027-06-01T00:00:00.000Z", starts_at: expect.any(String) }]);
  });

  test("gives no two secrets the same name, whatever the subscriptions are called", async () => {
    await put({ subscriptions: [shop({ name: "a b" }), shop({ name: "a-b" }), shop({ name: "ä" })] });
    const { subscriptions: own = [] } = await exported();
    const names = own.map(({ target }) => target).map((target) => (target as { url: { env: string } }).url.env);
    expect(new Set(names).size).toBe(3);
    for (const name of names) expect(name).toMatch(/^[A-Z_][A-Z0-9_]{0,99}$/);
  });

  test("is what changes nothing where it is given back", async () => {
    for (const comment of ["twice", "twice", ""])
      await ask("POST", "/v1/silences", { ...night({ comment }), weekly: null, severities: ["high"] });
    await put({ subscriptions: [shop({ repeat_min: 30, enabled: false }), ops({ changes: ["resolved", "opened"] })] });
    const { subscriptions: own, silences: times } = await exported();
    const values: Readonly<Record<string, string>> = {
      SUBSCRIPTION_SHOP_URL: URL,
      SUBSCRIPTION_OPS_ROUTING_KEY: "k".repeat(32),
    };
    const filled = own?.map((entry) => {
      const { target, names } = resolveNames(entry.target, (name) => values[name] ?? null);
      return { ...entry, target, names };
    });
    expect(filled?.map(({ names }) => names)).toEqual([
      { routing_key: "SUBSCRIPTION_OPS_ROUTING_KEY" },
      { url: "SUBSCRIPTION_SHOP_URL" },
    ]);
    expect(told(await put({ subscriptions: filled, silences: times, dry_run: true }))).toEqual([
      "unchanged Ops",
      "unchanged Shop",
      "unchanged twice",
      "unchanged twice (2)",
      "unchanged (no reason given)",
    ]);
  });
});
