/** Faults on purpose over HTTP: who may, where they are refused, and what is named when a wish is wrong. */
import { createExecutionContext, reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, test } from "vitest";
import type { DemoFault, DemoState } from "../domain/demo.ts";
import { app } from "./app.ts";

const LAPTOP = "http://127.0.0.1:8787";
const VIEWER = "test-viewer-token";
const INGEST = "test-ingest-token";
const ADMIN = "test-admin-token";

beforeEach(() => reset());

interface Asked {
  readonly token?: string;
  readonly body?: unknown;
  readonly origin?: string;
  readonly demo?: string;
}

async function ask(method: string, path: string, { token = ADMIN, body, origin = LAPTOP, demo = "1" }: Asked = {}) {
  const init = body === undefined ? {} : { body: JSON.stringify(body) };
  const request = new Request(`${origin}${path}`, { method, headers: { Authorization: `Bearer ${token}` }, ...init });
  return app.fetch(request, { ...env, DEMO: demo }, createExecutionContext());
}

async function send(...events: readonly object[]): Promise<void> {
  // A Worker remembers names that were admitted for some seconds, the emptied Fleet does not.
  await env.FLEET.getByName("fleet").admit({ services: ["checkout"], position: null });
  const request = new Request(`${LAPTOP}/v1/ingest`, {
    method: "POST",
    headers: { Authorization: `Bearer ${INGEST}`, "Content-Type": "application/json" },
    body: JSON.stringify(events),
  });
  expect((await app.fetch(request, env, createExecutionContext())).status).toBe(200);
}

const WISH = { service: "checkout", kind: "errors", strength: 0.3, for_s: 60 };

async function state(token = VIEWER): Promise<DemoState> {
  return (await ask("GET", "/v1/demo/faults", { token })).json();
}

describe("a fault on purpose", () => {
  beforeEach(() => send({ service: "checkout", endpoint: "/cart/pay", latency_ms: 5, status_code: 200 }));

  test("is on for its time, is told to the generator, and is ended by name", async () => {
    const answer = await ask("POST", "/v1/demo/faults", { body: WISH });
    expect(answer.status).toBe(201);
    const fault = await answer.json<DemoFault>();
    expect(fault).toMatchObject({ ...WISH, endpoint: null });
    expect(Date.parse(fault.to) - Date.parse(fault.from)).toBe(60_000);
    expect(await state(INGEST)).toMatchObject({ on: true, faults: [fault], asked_at: expect.stringMatching(/Z$/) });

    expect(await (await ask("DELETE", `/v1/demo/faults/${fault.id}`)).json()).toEqual({ ended: 1 });
    expect(await (await ask("DELETE", `/v1/demo/faults/${fault.id}`)).json()).toEqual({ ended: 0 });
    expect((await state()).faults).toEqual([]);
  });

  test("has its usual strength and time where none is said, and all end at once", async () => {
    await ask("POST", "/v1/demo/faults", { body: { service: "checkout", kind: "down" } });
    await ask("POST", "/v1/demo/faults", { body: { service: "checkout", kind: "latency" } });
    expect((await state()).faults).toMatchObject([
      { kind: "down", strength: 1, for_s: 120 },
      { kind: "latency", strength: 6, for_s: 120 },
    ]);
    expect(await (await ask("DELETE", "/v1/demo/faults")).json()).toEqual({ ended: 2 });
  });

  test("is known to have no generator until one asks, and a viewer is none", async () => {
    expect((await state(VIEWER)).asked_at).toBeNull();
    expect((await state(ADMIN)).asked_at).toBeNull();
    await state(INGEST);
    expect((await state(VIEWER)).asked_at).not.toBeNull();
  });

  test("is refused beyond twenty at a time", async () => {
    for (let n = 0; n < 20; n += 1) expect((await ask("POST", "/v1/demo/faults", { body: WISH })).status).toBe(201);
    expect((await ask("POST", "/v1/demo/faults", { body: WISH })).status).toBe(409);
  });

  test.each([
    [{ ...WISH, service: "No" }, "service: must be a service's name"],
    [{ kind: "errors" }, "service: missing; must be a service's name"],
    [{ ...WISH, kind: "errrors" }, "kind: must be errors, latency, traffic or down."],
    [{ ...WISH, strength: 30 }, "strength: must be a share of the requests from 0.01 to 1."],
    [{ ...WISH, kind: "latency", strength: 0.5 }, "strength: must be how many times as slow, from 1.1 to 100."],
    [{ ...WISH, strength: "0.3" }, "strength: must be a number."],
    [{ ...WISH, for_s: 4 }, "for_s: must be whole seconds from 5 to 3600."],
    [{ ...WISH, endpoint: "" }, "endpoint: must have 1 to 200 printable characters"],
  ])("given %j, is refused by the field's name", async (body, detail) => {
    const answer = await ask("POST", "/v1/demo/faults", { body });
    expect(answer.status).toBe(400);
    expect((await answer.json<{ detail: string }>()).detail).toContain(detail);
  });

  test.each([
    [{ ...WISH, service: "chekout" }, "unknown_service"],
    [{ ...WISH, endpoint: "/cart/payy" }, "unknown_endpoint"],
  ])("given %j, is refused: it would strike nothing", async (body, word) => {
    const answer = await ask("POST", "/v1/demo/faults", { body });
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({ type: `urn:faultline:${word}` });
  });

  test("is an administrator's business", async () => {
    for (const token of [VIEWER, INGEST]) {
      expect((await ask("POST", "/v1/demo/faults", { token, body: WISH })).status).toBe(403);
      expect((await ask("DELETE", "/v1/demo/faults", { token })).status).toBe(403);
    }
    expect((await ask("GET", "/v1/demo/faults", { token: "wrong" })).status).toBe(401);
  });
});

describe("outside of demo mode", () => {
  test.each([
    ["deployed, though DEMO is set there", { origin: "https://faultline.example.workers.dev" }],
    ["deployed, by plain http", { origin: "http://faultline.example.workers.dev" }],
    ["a name that only begins like a loopback address", { origin: "http://127.0.0.1.example.com" }],
    ["on a laptop without DEMO", { demo: "" }],
    ["on a laptop with DEMO=0", { demo: "0" }],
  ])("%s: nothing is played", async (_, where) => {
    for (const [method, path] of [
      ["POST", "/v1/demo/faults"],
      ["DELETE", "/v1/demo/faults"],
      ["DELETE", "/v1/demo/faults/1"],
    ] as const) {
      const answer = await ask(method, path, { ...where, body: method === "POST" ? WISH : undefined });
      expect(answer.status).toBe(403);
      expect(await answer.json()).toMatchObject({ type: "urn:faultline:demo_off" });
    }
    const told = await ask("GET", "/v1/demo/faults", where);
    expect(await told.json()).toEqual({ on: false, faults: [], asked_at: null });
  });

  test.each(["http://localhost:8787", "http://[::1]:8787", "http://127.0.0.2"])(
    "%s is this machine",
    async (origin) => {
      expect(await (await ask("GET", "/v1/demo/faults", { origin })).json()).toMatchObject({ on: true });
    },
  );
});
