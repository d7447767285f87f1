/** A subscription in the real Workers runtime: from a service's outbox to its target, its alarm, and storage that outlives the object. */
import {
  applyD1Migrations,
  evictDurableObject,
  reset,
  runDurableObjectAlarm,
  runInDurableObject,
} from "cloudflare:test";
import { env } from "cloudflare:workers";
import { Webhook } from "standardwebhooks";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { initialState } from "../domain/monitor-state.ts";
import type { Notice } from "../domain/subscriber.ts";
import { type StoredSubscription, WISH_DEFAULTS } from "../domain/subscription.ts";
import type { WebhookTarget } from "../domain/target.ts";
import { viewOf } from "../domain/target-view.ts";
import { incidentRow } from "../tests/history-rows.ts";
import { sealTarget } from "../worker/seal.ts";
import { MonitorStore } from "./service-monitor-sql.ts";
import { durableStorage } from "./storage.ts";

const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const TARGET: WebhookTarget = {
  type: "webhook",
  url: "https://hooks.example.com/faultline",
  secrets: [SECRET],
  headers: {},
  preset: null,
  params: {},
  templates: null,
};
const ID = "sub_0123456789abcdef";
const SERVICE = "checkout";
const INCIDENT = incidentRow({ service: SERVICE });
/** Of a poll: the test's own timeout ends a wait in vain. */
const PATIENT = { timeout: 19_000 };

/** What the target was sent, and what it answers. */
let sent: { readonly url: string; readonly headers: Headers; readonly body: string; readonly redirect: unknown }[];
let answer: () => Response | Promise<Response>;

beforeEach(async () => {
  await reset();
  await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);
  sent = [];
  answer = () => new Response(null, { status: 204 });
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const { headers, body, redirect } = init!;
    sent.push({ url: input as string, headers: new Headers(headers), body: body as string, redirect });
    return answer();
  });
});
afterEach(() => vi.restoreAllMocks());

async function stored(changes: Partial<StoredSubscription["wish"]> = {}, revision = 1): Promise<StoredSubscription> {
  const at = new Date().toISOString();
  return {
    id: ID,
    revision,
    wish: { ...WISH_DEFAULTS, name: "on call", group_wait_s: 0, ...changes },
    sealed_target: await sealTarget(TARGET, env.SUBSCRIPTION_KEY!),
    target: viewOf(TARGET),
    created_at: at,
    changed_at: at,
    changed_by: "admin by token",
  };
}

function opened(seq: number): Notice {
  const event = { service: SERVICE, seq, action: "opened", incident: INCIDENT } as const;
  return { event, owner: null, links: { runbook: null, traces: null }, spark: null };
}

async function ledger(): Promise<Record<string, unknown>[]> {
  const { results } = await env.DB.prepare("SELECT * FROM deliveries ORDER BY id").all();
  return results;
}

describe("a subscription", () => {
  test("hears of a service's incident from its outbox, tells its target, and history has the ledger", async () => {
    await env.FLEET.getByName("fleet").changeAudience([{ kind: "subscription", subscription: await stored() }]);
    const monitor = env.SERVICE_MONITOR.getByName(SERVICE);
    await runInDurableObject(monitor, async (_, { storage }) => {
      const store = new MonitorStore(durableStorage(storage));
      store.create();
      store.saveState(initialState(SERVICE, Date.now()));
      store.put("subscribers", "1", 1, Date.now(), opened(1));
      await storage.setAlarm(Date.now() + 60_000);
    });
    expect(await runDurableObjectAlarm(monitor)).toBe(true);
    await expect.poll(ledger, PATIENT).toMatchObject([
      {
        id: `${ID}:${INCIDENT.id}:1`,
        status: "delivered",
        http_status: 204,
        attempts: 1,
        subscription_name: "on call",
      },
    ]);
    const [request] = sent;
    expect(request).toMatchObject({ url: TARGET.url, redirect: "manual" });
    const { body } = request!;
    expect(new Webhook(SECRET).verify(body, Object.fromEntries(request!.headers))).toMatchObject({
      type: "incident.opened",
    });
    expect(await env.SUBSCRIPTION.getByName(ID).health()).toMatchObject({ state: "healthy", waiting: 0 });
  });

  test("sends by its alarm what an eviction left lying", async () => {
    const object = env.SUBSCRIPTION.getByName(ID);
    await object.configure(await stored({ group_wait_s: 300 }));
    await object.take(SERVICE, [opened(1)], []);
    await evictDurableObject(object);
    // Time does not pass here: what the group waits for is taken away.
    await runInDurableObject(object, (_, { storage }) => {
      const due = Date.now() - 1;
      storage.sql.exec("UPDATE groups SET due_at = ?1, state = json_set(state, '$.due_ms', ?1, '$.flush_ms', ?1)", due);
    });
    expect(await runDurableObjectAlarm(object)).toBe(true);
    await expect.poll(() => sent.length, PATIENT).toBe(1);
    await expect.poll(async () => (await object.log(null, 10))[0]?.status, PATIENT).toBe("delivered");
  });

  test("that is told 410 is disabled until it is configured anew, also after an eviction", async () => {
    const object = env.SUBSCRIPTION.getByName(ID);
    await object.configure(await stored());
    answer = () => new Response("gone", { status: 410 });
    await object.take(SERVICE, [opened(1)], []);
    await expect.poll(async () => (await object.health()).state, PATIENT).toBe("disabled");
    await evictDurableObject(object);
    expect((await object.health()).reason).toContain("410");
    await object.configure(await stored({}, 2));
    answer = () => new Response("ok");
    expect(await object.sendTest()).toMatchObject({ delivered: true, http_status: 200 });
    expect((await object.health()).state).toBe("healthy");
  });

  test("sends a message again, and forgets all when it is removed", async () => {
    const object = env.SUBSCRIPTION.getByName(ID);
    await object.configure(await stored());
    await object.take(SERVICE, [opened(1)], []);
    await expect.poll(async () => (await object.log(null, 10))[0]?.status, PATIENT).toBe("delivered");
    const [message] = await object.log(null, 10);
    expect(await object.redeliver(message!.message_id)).toMatchObject({ delivered: true });
    expect(sent.map((request) => request.headers.get("webhook-id"))).toEqual([
      message!.message_id,
      message!.message_id,
    ]);
    await expect.poll(ledger, PATIENT).toMatchObject([{ status: "delivered" }]);
    await object.remove(2);
    await object.configure(await stored({}, 3));
    await object.take(SERVICE, [opened(2)], []);
    expect(await object.log(null, 10)).toEqual([]);
    expect(sent).toHaveLength(2);
  });
});
