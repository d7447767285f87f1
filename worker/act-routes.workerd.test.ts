/** What administrators do over HTTP, with the real objects and the real database. */
import { applyD1Migrations, reset } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { beforeEach, describe, expect, test } from "vitest";
import { CLOSE_SERVICE_DELETED, type FleetMessage, LIVE_SUBPROTOCOL } from "../domain/message.ts";
import type { Incident } from "../domain/incident.ts";
import { incidentRow } from "../tests/history-rows.ts";
import { d1History } from "./history.ts";

const ORIGIN = "https://faultline.example";
const ADMIN = { Authorization: "Bearer test-admin-token" };
const VIEWER = { Authorization: "Bearer test-viewer-token" };
const UPGRADE = { Upgrade: "websocket", "Sec-WebSocket-Protocol": LIVE_SUBPROTOCOL };

beforeEach(async () => {
  await reset();
  await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);
});

function ask(method: string, path: string, body?: unknown, headers: HeadersInit = ADMIN): Promise<Response> {
  const init = body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) };
  return exports.default.fetch(new Request(`${ORIGIN}${path}`, init));
}

/** Sends an event, as often as it is refused for the time being. */
async function send(service: string): Promise<void> {
  const deadline = Date.now() + 15_000;
  const headers = { Authorization: "Bearer test-ingest-token", "Content-Type": "application/json" };
  const events = [{ service, endpoint: "/pay", latency_ms: 12, status_code: 200 }];
  for (;;) {
    const answer = await ask("POST", "/v1/ingest", events, headers);
    if (answer.status === 200) return;
    if (answer.status !== 503 || Date.now() > deadline) throw new Error(`${answer.status}: ${await answer.text()}`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

async function stored(query: string): Promise<Record<string, unknown>[]> {
  return (await env.DB.prepare(query).all()).results;
}

/** What a query gives once it gives something: the objects hand rows on by themselves. */
async function eventually(query: string): Promise<Record<string, unknown>[]> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const rows = await stored(query);
    if (rows.length > 0 || Date.now() > deadline) return rows;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe("an incident that only history knows", () => {
  const { id } = incidentRow();

  beforeEach(async () => {
    await send("checkout");
    const over = { status: "resolved", resolution: "recovered", resolved_at: incidentRow().updated_at } as const;
    await d1History(env.DB).write([{ table: "incidents", row: incidentRow(over) }]);
  });

  test("is acknowledged by name or role, once", async () => {
    const answer = await ask("POST", `/v1/incidents/${id}/acknowledge`, { by: " Ada " });
    expect(answer.status).toBe(200);
    const first = await answer.json<Incident>();
    expect(first).toMatchObject({ id, acknowledged_by: "Ada", revision: 2 });
    expect(await (await ask("POST", `/v1/incidents/${id}/acknowledge`)).json()).toEqual(first);
    expect(await eventually("SELECT actor, subject, detail FROM audit_log")).toEqual([
      { actor: "admin by token", subject: "checkout", detail: JSON.stringify({ incident_id: id, by: "Ada" }) },
    ]);
    expect(await eventually("SELECT acknowledged_by FROM incidents WHERE revision = 2")).toEqual([
      { acknowledged_by: "Ada" },
    ]);
  });

  test("is judged, and the judgement is taken back", async () => {
    const judged = await ask("POST", `/v1/incidents/${id}/feedback`, { verdict: "false_positive" });
    expect(await judged.json()).toMatchObject({ id, feedback: "false_positive" });
    expect(await eventually("SELECT verdict, metric_name, revision FROM feedback")).toEqual([
      { verdict: "false_positive", metric_name: "error_rate", revision: 2 },
    ]);
    const back = await ask("POST", `/v1/incidents/${id}/feedback`, null);
    expect(await back.json()).toMatchObject({ feedback: null, revision: 3 });
    expect(await eventually("SELECT verdict FROM feedback WHERE revision = 3")).toEqual([{ verdict: null }]);
  });

  test("cannot be resolved twice", async () => {
    const answer = await ask("POST", `/v1/incidents/${id}/resolve`);
    expect(answer.status).toBe(409);
    expect(await answer.json()).toMatchObject({ type: "urn:faultline:already_resolved" });
  });
});

describe("acts that cannot be done", () => {
  test.each(["acknowledge", "resolve"])("%s is for administrators", async (act) => {
    const answer = await ask("POST", `/v1/incidents/checkout-1-error_rate/${act}`, {}, VIEWER);
    expect(answer.status).toBe(403);
  });

  test.each([
    ["feedback", {}, "verdict: must be false_positive or useful, or null"],
    ["feedback", { verdict: "wrong" }, "verdict: must be false_positive or useful, or null"],
    ["acknowledge", { by: "" }, "by: must be 1 to 80"],
    ["acknowledge", { by: "a\u202eb" }, "by: must be 1 to 80"],
    ["acknowledge", { by: "x".repeat(81) }, "by: must be 1 to 80"],
  ])("%s with %j names the field", async (act, body, words) => {
    const answer = await ask("POST", `/v1/incidents/checkout-1-error_rate/${act}`, body);
    expect(answer.status).toBe(400);
    expect((await answer.json<{ detail: string }>()).detail).toContain(words);
  });

  test.each(["checkout-1-error_rate", "nonsense", "NO%20NAME-1-error_rate"])("%s is unknown", async (id) => {
    const answer = await ask("POST", `/v1/incidents/${id}/acknowledge`);
    expect(answer.status).toBe(404);
  });
});

// The Worker remembers admissions for some seconds, whatever becomes of the objects: each test has a name of its own.
describe("DELETE /v1/services/:service", () => {
  test("takes the service out of the fleet, tells who watches, and keeps its history", async () => {
    await send("orders");
    const fleet = await listen("/v1/live");
    const own = await listen("/v1/services/orders/live");
    expect((await ask("DELETE", "/v1/services/orders")).status).toBe(204);
    expect(await fleet.until("removed")).toEqual({ type: "removed", service: "orders" });
    expect(await own.closed).toBe(CLOSE_SERVICE_DELETED);
    expect(await (await ask("GET", "/v1/services")).json()).toEqual({ items: [], next: null });
    expect((await ask("GET", "/v1/services/orders")).status).toBe(404);
    expect(await eventually("SELECT service FROM services WHERE deleted_at IS NOT NULL")).toEqual([
      { service: "orders" },
    ]);
    expect(await eventually("SELECT request_count FROM service_metrics")).toEqual([{ request_count: 1 }]);
    expect(await eventually("SELECT actor, action, subject FROM audit_log")).toEqual([
      { actor: "admin by token", action: "service.deleted", subject: "orders" },
    ]);
    // An incident of it stays as it is.
    await d1History(env.DB).write([
      { table: "incidents", row: incidentRow({ id: "orders-1-error_rate", service: "orders" }) },
    ]);
    expect((await ask("POST", "/v1/incidents/orders-1-error_rate/acknowledge")).status).toBe(409);
    fleet.close();
  }, 40_000);

  test("an event of the name brings it back anew", async () => {
    await send("basket");
    await send("basket");
    await ask("DELETE", "/v1/services/basket");
    await send("basket");
    expect(await (await ask("GET", "/v1/services/basket")).json()).toMatchObject({
      service: "basket",
      counters: { accepted: 1 },
    });
    expect(await eventually("SELECT service FROM services WHERE deleted_at IS NULL")).toHaveLength(1);
  }, 30_000);

  test("is 404 for a service that is not there, and for administrators alone", async () => {
    expect((await ask("DELETE", "/v1/services/nobody")).status).toBe(404);
    expect((await ask("DELETE", "/v1/services/NO%20NAME")).status).toBe(404);
    expect((await ask("DELETE", "/v1/services/checkout", undefined, VIEWER)).status).toBe(403);
  });
});

interface Listener {
  readonly closed: Promise<number>;
  until(type: FleetMessage["type"]): Promise<FleetMessage>;
  close(): void;
}

async function listen(path: string): Promise<Listener> {
  const answer = await ask("GET", path, undefined, { ...VIEWER, ...UPGRADE });
  const { webSocket } = answer;
  if (webSocket === null) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  const heard: FleetMessage[] = [];
  const waiting: (() => void)[] = [];
  webSocket.addEventListener("message", ({ data }) => {
    heard.push(JSON.parse(String(data)));
    for (const wake of waiting.splice(0)) wake();
  });
  const closed = new Promise<number>((resolve) => {
    webSocket.addEventListener("close", ({ code }) => resolve(code));
  });
  webSocket.accept();
  return {
    closed,
    async until(type) {
      for (;;) {
        const found = heard.find((message) => message.type === type);
        if (found !== undefined) return found;
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
    },
    close: () => webSocket.close(),
  };
}
