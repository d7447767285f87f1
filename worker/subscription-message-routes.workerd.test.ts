/** What a subscription sends, over HTTP: samples, the log, messages once more, and how one would look. */
import { applyD1Migrations, reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, test, vi } from "vitest";
import type { MessageLogItem } from "../domain/delivery.ts";
import type { Page } from "../domain/resource.ts";
import type { SendOutcome } from "../domain/subscriber.ts";
import type { SubscriptionItem } from "../domain/subscription.ts";
import { ask, askWith, audits, VIEWER } from "../tests/admin-api.ts";
import type { Env } from "./env.ts";
import type { PreviewAnswer } from "./subscription-message-routes.ts";

beforeEach(async () => {
  await reset();
  await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);
});

const SECRET = `whsec_${"q".repeat(40)}`;
const TARGET = {
  type: "webhook",
  url: "https://hooks.example.org/very/secret",
  secrets: [SECRET],
  headers: { Authorization: "Bearer hush-hush" },
};

async function created(target: object = TARGET): Promise<SubscriptionItem> {
  const answer = await ask("POST", "/v1/subscriptions", { name: "Shop", target });
  expect(answer.status).toBe(201);
  return answer.json();
}

async function preview(body: object): Promise<PreviewAnswer> {
  const answer = await ask("POST", "/v1/subscriptions/preview", body);
  expect(answer.status).toBe(200);
  return answer.json();
}

/** The objects of subscriptions, of which some answers are given. */
function objects(answers: object): Pick<Env, "SUBSCRIPTION"> {
  const getByName = (): object => ({
    configure: () => Promise.resolve(),
    health: () => Promise.resolve(null),
    ...answers,
  });
  return { SUBSCRIPTION: { getByName } as unknown as Env["SUBSCRIPTION"] };
}

describe("POST /v1/subscriptions/preview", () => {
  test("shows the request that a sample would become, without its secrets, and sends and stores nothing", async () => {
    const { kind, request } = await preview({ name: "Shop", target: TARGET });
    expect(kind).toBe("test");
    expect(request).toMatchObject({
      url: "https://hooks.example.org/…",
      headers: { authorization: "…", "webhook-signature": "…" },
    });
    expect(JSON.parse(request!.body)).toMatchObject({ type: expect.any(String) });
    const text = JSON.stringify(request);
    for (const secret of [SECRET, "very/secret", "hush-hush"]) expect(text).not.toContain(secret);
    expect(await audits()).toEqual([]);
    expect((await (await ask("GET", "/v1/subscriptions")).json<Page<unknown>>()).items).toEqual([]);
  });

  test("shows what one that is stored would become with a change, of each kind", async () => {
    const { id } = await created();
    const template = { default: { body: '{"text": "{{title}}", "fixed": "mine"}' } };
    for (const kind of ["opened", "resolved", "digest"]) {
      const { request } = await preview({ id, kind, target: { templates: template } });
      expect(JSON.parse(request!.body)).toEqual({ text: expect.stringMatching(/./), fixed: "mine" });
    }
    const { items } = await (await ask("GET", "/v1/subscriptions")).json<Page<SubscriptionItem>>();
    expect(items).toMatchObject([{ revision: 1 }]);
  });

  test.each([
    [{ name: "Shop" }, 422, "target is missing"],
    [{ name: "Shop", target: TARGET, kind: "default" }, 422, "kind must be one of opened"],
    [
      { name: "Shop", target: { ...TARGET, templates: { opened: { body: "{{title}" } } } },
      422,
      "target.templates.opened",
    ],
    [{ id: "sub_0" }, 404, "There is no subscription"],
    [{ id: 7 }, 422, "id must be the id of a subscription"],
  ])("refuses %j", async (body, status, words) => {
    const answer = await ask("POST", "/v1/subscriptions/preview", body);
    expect([answer.status, (await answer.json<{ detail: string }>()).detail]).toEqual([
      status,
      expect.stringContaining(words),
    ]);
  });

  test("is for administrators", async () => {
    const answer = await ask("POST", "/v1/subscriptions/preview", { name: "Shop", target: TARGET }, VIEWER);
    expect(answer.status).toBe(403);
  });
});

describe("POST /v1/subscriptions/:id/test", () => {
  test("sends a sample at once, by an object that may not have heard of it yet, and says what came of it", async () => {
    const { id } = await created({ ...TARGET, url: "http://127.0.0.1:9/nobody-listens" });
    const answer = await ask("POST", `/v1/subscriptions/${id}/test`);
    expect(answer.status).toBe(200);
    const outcome: SendOutcome = await answer.json();
    expect(outcome).toMatchObject({ delivered: false, http_status: null, error: expect.stringMatching(/./) });
    expect((await audits()).at(-1)).toEqual({
      action: "subscription.tested",
      actor: "admin by token",
      subject: "Shop",
      detail: { id },
    });
  });

  test("is configured with what is stored before it sends", async () => {
    const { id } = await created();
    const calls: unknown[] = [];
    const outcome: SendOutcome = { delivered: true, http_status: 204, latency_ms: 12, error: null };
    const object = {
      configure: async (stored: { revision: number }) => void calls.push(stored.revision),
      sendTest: async () => (calls.push("test"), outcome),
    };
    const answer = await askWith(objects(object), "POST", `/v1/subscriptions/${id}/test`);
    expect([await answer.json(), calls]).toEqual([outcome, [1, "test"]]);
  });

  test("is for administrators, of what is there, with a key, and as often as other changes", async () => {
    const { id } = await created();
    const path = `/v1/subscriptions/${id}/test`;
    expect((await ask("POST", path, undefined, VIEWER)).status).toBe(403);
    expect((await ask("POST", "/v1/subscriptions/sub_0/test")).status).toBe(404);
    expect((await askWith({ SUBSCRIPTION_KEY: "" }, "POST", path)).status).toBe(503);
    const sent = objects({
      sendTest: () => Promise.resolve({ delivered: true, http_status: 200, latency_ms: 1, error: null }),
    });
    const statuses: number[] = [];
    for (let at = 0; at < 60; at += 1) statuses.push((await askWith(sent, "POST", path)).status);
    expect([statuses[58], statuses[59]]).toEqual([200, 429]);
  });

  test("says so where its object does not answer", async () => {
    const warned = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const { id } = await created();
    const broken = objects({ sendTest: () => Promise.reject(new Error("overloaded")) });
    const answer = await askWith(broken, "POST", `/v1/subscriptions/${id}/test`);
    expect([answer.status, await answer.json()]).toMatchObject([
      503,
      { type: "urn:faultline:subscription_unavailable" },
    ]);
    warned.mockRestore();
  });
});

describe("GET /v1/subscriptions/:id/deliveries", () => {
  const logged = (message_id: string): MessageLogItem => ({
    message_id,
    kind: "opened",
    title: "checkout fails",
    incident_ids: ["checkout-1-error_rate"],
    status: "delivered",
    created_at: "2026-11-24T10:00:00Z",
    next_attempt_at: null,
    attempts: [{ at: "2026-11-24T10:00:05Z", http_status: 200, latency_ms: 12, error: null }],
  });

  test("gives the log in pages, the newest message first", async () => {
    const { id } = await created();
    expect(await (await ask("GET", `/v1/subscriptions/${id}/deliveries`, undefined, VIEWER)).json()).toEqual({
      items: [],
      next: null,
    });
    const asked: unknown[] = [];
    const log = async (before: string | null, limit: number): Promise<MessageLogItem[]> => {
      asked.push([before, limit]);
      return (before === null ? ["msg_3", "msg_2", "msg_1"] : ["msg_1"]).slice(0, limit).map(logged);
    };
    const page = async (query: string) =>
      (await askWith(objects({ log }), "GET", `/v1/subscriptions/${id}/deliveries?limit=2${query}`)).json<
        Page<MessageLogItem>
      >();
    const first = await page("");
    expect([first.items.map(({ message_id }) => message_id), first.next]).toEqual([["msg_3", "msg_2"], "msg_2"]);
    const rest = await page("&cursor=msg_2");
    expect([rest.items.map(({ message_id }) => message_id), rest.next]).toEqual([["msg_1"], null]);
    expect(asked).toEqual([
      [null, 3],
      ["msg_2", 3],
    ]);
  });

  test("refuses a wrong cursor or limit, and what is not there", async () => {
    const { id } = await created();
    const path = `/v1/subscriptions/${id}/deliveries`;
    expect((await ask("GET", `${path}?cursor=nonsense`)).status).toBe(400);
    expect((await ask("GET", `${path}?limit=201`)).status).toBe(400);
    expect((await ask("GET", "/v1/subscriptions/sub_0/deliveries")).status).toBe(404);
    expect((await ask("GET", path, undefined, {})).status).toBe(401);
  });
});

describe("POST /v1/subscriptions/:id/deliveries/:message_id/redeliver", () => {
  test("sends a message again, and stands in the audit log", async () => {
    const { id } = await created();
    const path = `/v1/subscriptions/${id}/deliveries/msg_7/redeliver`;
    const outcome: SendOutcome = { delivered: true, http_status: 200, latency_ms: 3, error: null };
    const asked: string[] = [];
    const redeliver = async (message_id: string): Promise<SendOutcome> => (asked.push(message_id), outcome);
    const knows = (): Promise<boolean> => Promise.resolve(true);
    expect(await (await askWith(objects({ redeliver, knows }), "POST", path)).json()).toEqual(outcome);
    expect(asked).toEqual(["msg_7"]);
    expect((await audits()).at(-1)).toMatchObject({
      action: "subscription.redelivered",
      detail: { id, message_id: "msg_7" },
    });
    expect((await ask("POST", path, undefined, VIEWER)).status).toBe(403);
  });

  test("is 404 for a message that is not there (any more), and no act then", async () => {
    const { id } = await created();
    const answer = await ask("POST", `/v1/subscriptions/${id}/deliveries/msg_none/redeliver`);
    expect([answer.status, await answer.json()]).toMatchObject([404, { type: "urn:faultline:unknown_message" }]);
    expect((await audits()).map(({ action }) => action)).not.toContain("subscription.redelivered");
  });
});
