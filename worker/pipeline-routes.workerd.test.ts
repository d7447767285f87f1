/** How the pipeline is doing, over HTTP in the Workers runtime: who may know it, and what is told while a part is away. */
import {
  applyD1Migrations,
  createExecutionContext,
  reset,
  runDurableObjectAlarm,
  waitOnExecutionContext,
} from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { PipelineItem } from "../domain/pipeline.ts";
import type { PipelineReading } from "../domain/pipeline-reading.ts";
import type { Page, Problem, Readiness } from "../domain/resource.ts";
import type { SubscriptionHealth } from "../domain/subscription.ts";
import { windowRow } from "../tests/history-rows.ts";
import { countsOf } from "../tests/pipeline-item.ts";
import { app } from "./app.ts";
import { SELECT_WAITING } from "./changes-sql.ts";
import type { Env } from "./env.ts";
import { d1History } from "./history.ts";
import { SELECT_DELIVERY_ANSWERS, SELECT_NARRATOR_ANSWERS } from "./pipeline-sql.ts";

beforeEach(async () => {
  await reset();
  await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);
});

const bearer = (token: string | undefined): Record<string, string> => ({ Authorization: `Bearer ${token}` });

async function post(path: string, body: unknown): Promise<void> {
  const headers = { ...bearer(env.INGEST_TOKEN), "Content-Type": "application/json" };
  const context = createExecutionContext();
  const answer = await app.request(path, { method: "POST", headers, body: JSON.stringify(body) }, env, context);
  await waitOnExecutionContext(context);
  expect([200, 204]).toContain(answer.status);
}

async function pipeline(change: Partial<Env> = {}): Promise<PipelineItem> {
  const init = { headers: bearer(env.VIEWER_TOKEN) };
  const answer = await app.request("/v1/pipeline", init, { ...env, ...change });
  expect(answer.status).toBe(200);
  return answer.json();
}

const event = (service: string, change: object = {}): object => ({
  service,
  endpoint: "/pay",
  latency_ms: 10,
  status_code: 200,
  ...change,
});

/** The service has told the Fleet of itself, as it does with each closed minute. */
async function reported(service: string): Promise<void> {
  await post("/v1/ingest", [event(service)]);
  const zero = { request_rate: null, error_rate: null, p95_latency_ms: null };
  const report = { service, status: "healthy" as const, incident_id: null, at: Date.now(), request_rate: 5 };
  const rest = { error_rate: 0, p95_latency_ms: 10, baseline: zero };
  await env.FLEET.getByName("fleet").report([{ ...report, ...rest }]);
}

describe("GET /v1/pipeline", () => {
  test("tells of bridges, of what was refused, of services' counters and of the Narrator", async () => {
    await post("/v1/bridge/heartbeat", { source: "default", instance: "bridge-1", lag: 212 });
    await reported("flowing");
    await post("/v1/ingest", [event("flowing", { latency_ms: -1 })]);
    const { fleet, asked, unanswered, narrator, subscriptions } = await pipeline();
    expect(fleet).toMatchObject({
      services: 1,
      request_rate: 5,
      busiest: ["flowing"],
      quarantined: [],
      sources: [{ source: "default" }],
      bridges: [{ source: "default", instance: "bridge-1", lag: 212 }],
      rejections: [{ reason: "invalid_latency_ms" }],
    });
    expect(asked).toMatchObject([{ service: "flowing", data: "flowing", counters: { accepted: 1, late: 0 } }]);
    expect(Object.keys(asked[0]!.outbox_since).toSorted()).toEqual(["d1", "fleet", "narrator", "subscribers"]);
    expect(unanswered).toEqual([]);
    expect([fleet?.heartbeat, subscriptions]).toEqual([null, { total: 0, waiting: 0, unhealthy: [] }]);
    expect(narrator).toMatchObject({ circuit: { state: "closed", since: null }, waiting: 0, dropped: 0 });
  });

  test("is for those who may read", async () => {
    const status = async (headers: HeadersInit) => (await app.request("/v1/pipeline", { headers }, env)).status;
    expect(await status({})).toBe(401);
    expect(await status(bearer(env.INGEST_TOKEN))).toBe(403);
    expect(await status(bearer(env.ADMIN_TOKEN))).toBe(200);
  });

  test("names a service whose object fails, and tells of the others", async () => {
    const warned = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    await reported("well");
    await reported("broken");
    const broken = { describe: () => Promise.reject(new Error("Durable Object is overloaded.")) };
    const getByName = (name: string) => (name === "broken" ? broken : env.SERVICE_MONITOR.getByName(name));
    const { asked, unanswered } = await pipeline({
      SERVICE_MONITOR: { getByName } as unknown as Env["SERVICE_MONITOR"],
    });
    expect(asked.map(({ service }) => service)).toEqual(["well"]);
    expect(unanswered).toEqual(["broken"]);
    warned.mockRestore();
  });

  test("names subscriptions whose targets fail, and wakes no object for it", async () => {
    const target = { type: "webhook", url: "https://hooks.example.org/secret" };
    for (const name of ["Broken", "Gone", "Untried", "Well", "Off"]) {
      const init = { method: "POST", headers: bearer(env.ADMIN_TOKEN) };
      const body = JSON.stringify({ name, target, enabled: name !== "Off" });
      expect((await app.request("/v1/subscriptions", { ...init, body }, env)).status).toBe(201);
    }
    const { results } = await env.DB.prepare("SELECT id, name FROM subscriptions").all<{ id: string; name: string }>();
    const well = { state: "healthy", since: null, reason: null, delivered_at: null, waiting: 0, failures: 0 } as const;
    const since = "2026-11-24T10:00:00Z";
    const healths: Readonly<Record<string, SubscriptionHealth>> = {
      Broken: { ...well, state: "unhealthy", since, reason: "it answered 500", waiting: 3 },
      Gone: { ...well, state: "disabled", since, reason: "it answered 410" },
      Well: { ...well, waiting: 1 },
      Off: { ...well, state: "disabled", waiting: 5 },
    };
    const rows = results.flatMap(({ id, name }) => {
      const health = healths[name];
      return health === undefined ? [] : [{ table: "subscription_health", row: { id, revision: 1, health } } as const];
    });
    await d1History(env.DB).write(rows);
    const asleep = (): never => {
      throw new Error("an object was woken");
    };
    const { subscriptions } = await pipeline({ SUBSCRIPTION: { getByName: asleep } as unknown as Env["SUBSCRIPTION"] });
    expect(subscriptions).toEqual({
      total: 5,
      waiting: 4,
      unhealthy: [
        { id: expect.any(String), name: "Broken", state: "unhealthy", since, reason: "it answered 500", waiting: 3 },
        { id: expect.any(String), name: "Gone", state: "disabled", since, reason: "it answered 410", waiting: 0 },
      ],
    });
  });

  test("says of the heartbeat why none is sent", async () => {
    const status = { at: "2026-11-24T10:01:00.000Z", sent_at: null, reason: "the history database does not answer" };
    const told = { ...(await env.FLEET.getByName("fleet").pipeline()), heartbeat: status };
    const FLEET = { getByName: () => ({ pipeline: () => Promise.resolve(told) }) } as unknown as Env["FLEET"];
    expect((await pipeline({ FLEET })).fleet?.heartbeat).toEqual(status);
    const ready = async (): Promise<unknown> => {
      const answer = await app.request("/ready?verbose", { headers: bearer(env.VIEWER_TOKEN) }, { ...env, FLEET });
      return (await answer.json<Readiness>()).checks["heartbeat"];
    };
    expect(await ready()).toEqual({
      ok: false,
      detail: "No heartbeat is sent: the history database does not answer; none was sent yet.",
    });
    told.heartbeat = { ...status, sent_at: status.at, reason: null } as never;
    expect(await ready()).toEqual({ ok: true, detail: `Heartbeats are sent; the last one was taken at ${status.at}.` });
  });

  test("tells what is left without the Fleet and without the Narrator", async () => {
    const warned = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const away = {
      getByName: () => {
        throw new Error("Durable Object is overloaded.");
      },
    };
    const without = await pipeline({ FLEET: away as unknown as Env["FLEET"] });
    expect(without).toMatchObject({ fleet: null, asked: [], unanswered: [], narrator: { waiting: 0 } });
    const silent = await pipeline({ NARRATOR: away as unknown as Env["NARRATOR"] });
    expect(silent).toMatchObject({ fleet: { services: 0 }, narrator: null });
    warned.mockRestore();
  });
});

describe("GET /v1/pipeline/readings", () => {
  const readings = async (query = "", token = env.VIEWER_TOKEN): Promise<Response> =>
    app.request(`/v1/pipeline/readings${query}`, { headers: bearer(token) }, env);

  afterEach(() => void vi.useRealTimers());

  test("has each minute's counts and figures, the last hour where nothing else is asked for", async () => {
    const now_ms = Math.floor(Date.now() / 60_000) * 60_000;
    const fleet = env.FLEET.getByName("fleet");
    for (const [at, accepted] of [61, 2, 1].entries()) {
      vi.useFakeTimers({ toFake: ["Date"], now: now_ms - accepted * 60_000 });
      await fleet.tellIngest(countsOf({ accepted: at }));
      vi.setSystemTime(now_ms - (accepted - 1) * 60_000);
      await runDurableObjectAlarm(fleet);
      const minute = new Date(now_ms - accepted * 60_000).toISOString();
      await vi.waitFor(async () => expect((await fleet.pipeline()).readings.newest).toBe(minute));
    }
    const { items, next } = await (await readings()).json<Page<PipelineReading>>();
    expect([items.map(({ accepted }) => accepted), next]).toEqual([[1, 2], null]);
    expect(items[1]).toMatchObject({ minute: new Date(now_ms - 60_000).toISOString(), narrator: { waiting: 0 } });
    const day = await (await readings(`?from=${new Date(now_ms - 86_400_000).toISOString()}`)).json<Page<unknown>>();
    expect(day.items).toHaveLength(3);
  });

  test("says what is wrong with a time, and is for those who may read", async () => {
    const wrong = await readings("?from=yesterday");
    expect(wrong.status).toBe(400);
    expect(await wrong.json<Problem>()).toMatchObject({
      detail: expect.stringMatching(/^from: must be an RFC 3339 time/),
    });
    expect((await readings("", env.INGEST_TOKEN)).status).toBe(403);
  });
});

test("what becomes of each batch is counted, with how long its answer took", async () => {
  // Whatever was told before in this file, its isolate may tell again.
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 600_000 });
  const bad = { latency_ms: -1 };
  await post("/v1/ingest", [event("counted"), event("counted", bad), event("counted", bad)]);
  const headers = { ...bearer(env.INGEST_TOKEN), "Content-Type": "text/plain" };
  const context = createExecutionContext();
  await app.request("/v1/ingest", { method: "POST", headers, body: "x" }, env, context);
  await waitOnExecutionContext(context);
  const { running } = (await pipeline()).fleet!.readings;
  expect(running).toMatchObject({ accepted: 1, rejected: { invalid_latency_ms: 2, unsupported_type: 1 } });
  expect(Object.values(running.answers).reduce((sum, count) => sum + count, 0)).toBe(2);
  vi.useRealTimers();
});

describe("of history", () => {
  const answered = (id: string, latency_ms: number, ago_ms: number): D1PreparedStatement => {
    const at = new Date(Date.now() - ago_ms).toISOString();
    const columns = `id, subscription_id, subscription_name, incident_id, service, change, status, event_at, heard_at, delivered_at,
      attempts, latency_ms, revision, change_id`;
    const query = `INSERT INTO deliveries (${columns}) VALUES (?1, 's', 's', 'i', 'checkout', 'opened', 'delivered', ?2, ?2, ?2, 1, ?3, 1, 1)`;
    return env.DB.prepare(query).bind(id, at, latency_ms);
  };

  test("the page is told how soon targets answered in the last ten minutes", async () => {
    expect((await pipeline()).history).toEqual({ narrator_p95_ms: null, delivery_p99_ms: null, readers: [] });
    await env.DB.batch([
      ...Array.from({ length: 98 }, (_, at) => answered(`d${at}`, 100 + at, 1000)),
      answered("slow", 900, 2000),
      answered("slowest", 2000, 3000),
      answered("old", 60_000, 11 * 60_000),
    ]);
    expect((await pipeline()).history?.delivery_p99_ms).toBe(900);
  });

  test("and what each reader of changes has not put away, of what it asks for", async () => {
    const reader = (name: string, cursor: number, topics: string | null): D1PreparedStatement =>
      env.DB.prepare("INSERT INTO change_readers (reader, cursor, acknowledged_at, topics) VALUES (?, ?, ?, ?)").bind(
        name,
        cursor,
        "2026-11-24T10:00:00.000Z",
        topics,
      );
    const windows = ["a", "b", "c"].map(
      (service) => ({ table: "service_metrics", row: windowRow({ service }) }) as const,
    );
    await d1History(env.DB).write(windows);
    await env.DB.batch([reader("done", 3, null), reader("incidents", 0, '["incidents"]'), reader("lake", 1, null)]);
    const standing = (name: string, waiting: number) => ({
      reader: name,
      waiting,
      acknowledged_at: "2026-11-24T10:00:00.000Z",
    });
    expect((await pipeline()).history?.readers).toEqual([
      standing("done", 0),
      standing("incidents", 0),
      standing("lake", 2),
    ]);
  });

  test.each([SELECT_DELIVERY_ANSWERS, SELECT_NARRATOR_ANSWERS, SELECT_WAITING])(
    "no table is walked through: %s",
    async (query) => {
      const { results } = await env.DB.prepare(`EXPLAIN QUERY PLAN ${query}`).bind("1").all<{ detail: string }>();
      const walked = results.map(({ detail }) => detail).filter((detail) => /^SCAN (?!own|\(subquery)/.test(detail));
      expect(walked).toEqual([]);
    },
  );
});
