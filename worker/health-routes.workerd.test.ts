/** `/health` and `/ready` as an operator meets them: what fails is named with the one command that mends it. */
import { env } from "cloudflare:workers";
import { applyD1Migrations, reset } from "cloudflare:test";
import { beforeEach, describe, expect, test } from "vitest";
import type { NarratorStatus } from "../domain/narrator.ts";
import type { Problem, Readiness } from "../domain/resource.ts";
import { app } from "./app.ts";
import type { Env } from "./env.ts";

type NotReady = Problem & Readiness;

beforeEach(reset);

function get(path: string, change: Partial<Env> = {}, token: string | null = null): Promise<Response> {
  const headers: HeadersInit = token === null ? {} : { Authorization: `Bearer ${token}` };
  return Promise.resolve(app.request(path, { headers }, { ...env, ...change }));
}

/** D1 as it fails when its primary cannot be reached. */
const failingD1 = {
  prepare(): never {
    throw new Error("D1_ERROR: Network connection lost.");
  },
} satisfies Partial<D1Database> as unknown as D1Database;

/** A Fleet that cannot be reached: the runtime throws out of the call, too. */
const failingFleet = {
  getByName: () => ({
    bridges: () => Promise.reject(new Error("Durable Object is overloaded.")),
  }),
} as unknown as Env["FLEET"];

async function notReady(response: Response): Promise<NotReady> {
  expect(response.status).toBe(503);
  expect(response.headers.get("Content-Type")).toBe("application/problem+json");
  const body: NotReady = await response.json();
  expect(body).toMatchObject({ type: "urn:faultline:not_ready", ready: false });
  return body;
}

test("/health needs nothing: no token, no database", async () => {
  const bare = { INGEST_TOKEN: "", VIEWER_TOKEN: "", ADMIN_TOKEN: "", DB: failingD1, FLEET: failingFleet };
  const response = await get("/health", bare);
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({ status: "ok" });
});

describe("/ready", () => {
  test("is 503 with the command to run while migrations are pending, and 200 once they are applied", async () => {
    const { detail } = await notReady(await get("/ready"));
    expect(detail).toMatch(/^Run `npx wrangler d1 migrations apply DB --local`: .*0001_history\.sql/);

    await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);

    const response = await get("/ready");
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ ready: true });
  });

  test("names the one command that fits where it runs: by https it is deployed", async () => {
    const { detail } = await notReady(await get("https://faultline.example/ready", { VIEWER_TOKEN: "" }));
    expect(detail).toContain("Run `npx wrangler secret put VIEWER_TOKEN`: ");
    expect(detail).toContain("Run `npx wrangler d1 migrations apply DB --remote`: ");
    expect(detail).not.toContain("npm start");
    expect(detail).not.toContain("--local");
  });

  test("sees that only a part of the migrations was applied", async () => {
    await applyD1Migrations(env.DB, [{ name: "0000_before.sql", queries: ["SELECT 1"] }]);
    expect((await notReady(await get("/ready"))).detail).toContain("0001_history.sql");
  });

  test("is 503 and names the tokens that are not set", async () => {
    await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);
    const { detail } = await notReady(await get("/ready", { VIEWER_TOKEN: "", ADMIN_TOKEN: " " }));
    expect(detail).toMatch(/^Run `npm start`, [^:]*: VIEWER_TOKEN, ADMIN_TOKEN not set/);
  });

  test("is 503 while D1 does not answer, and tells nothing of the inside", async () => {
    const { detail } = await notReady(await get("/ready", { DB: failingD1 }));
    expect(detail).toContain("D1");
    expect(detail).not.toContain("Network connection lost");
  });
});

describe("/ready?verbose", () => {
  test("is for viewers and admins alone", async () => {
    expect((await get("/ready?verbose")).status).toBe(401);
    expect((await get("/ready?verbose", {}, env.INGEST_TOKEN)).status).toBe(403);
  });

  test("has every check, and when each bridge was last seen", async () => {
    await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);
    await env.FLEET.getByName("fleet").heartbeat({ source: "default", instance: "bridge-1", lag: 12 });

    const response = await get("/ready?verbose", {}, env.VIEWER_TOKEN);

    expect(response.status).toBe(200);
    const { ready, checks, bridges }: Readiness = await response.json();
    expect(ready).toBe(true);
    expect(Object.entries(checks).map(([name, check]) => [name, check.ok])).toEqual([
      ["tokens", true],
      ["history", true],
      ["migrations", true],
      ["fleet", true],
      ["narrator", true],
    ]);
    expect(bridges).toMatchObject([{ source: "default", instance: "bridge-1", lag: 12 }]);
  });

  test("shows what failed beside what holds", async () => {
    const body = await notReady(await get("/ready?verbose", { DB: failingD1 }, env.ADMIN_TOKEN));
    expect(body.checks["history"]?.ok).toBe(false);
    expect(body.checks["tokens"]?.ok).toBe(true);
    expect(body.checks["fleet"]?.ok).toBe(true);
  });

  test("shows a Fleet that does not answer as a failed check, and stays ready", async () => {
    await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);
    const response = await get("/ready?verbose", { FLEET: failingFleet }, env.ADMIN_TOKEN);
    expect(response.status).toBe(200);
    const { checks, bridges }: Readiness = await response.json();
    expect(checks["fleet"]?.ok).toBe(false);
    expect(bridges).toEqual([]);
  });

  test("says how the Narrator is doing", async () => {
    expect(await narratorCheck()).toEqual({
      ok: true,
      detail: "No model is set up (OLLAMA_URL): narratives are the template's.",
    });
    expect(await narratorCheck({ NARRATOR: narrators([{}]) })).toEqual({
      ok: true,
      detail: "small:1b is asked; 900 of 5000 tokens of today are spent, 2 incidents wait.",
    });
    // Of several instances the worst circuit, and the sum of what waits.
    const open = { state: "open", since: "2026-11-24T10:00:00Z", failures: 5, reason: "Ollama refused." } as const;
    const several = { NARRATOR_INSTANCES: "2", NARRATOR: narrators([{}, { circuit: open, tokens_today: 0 }]) };
    expect(await narratorCheck(several)).toEqual({
      ok: false,
      detail:
        "small:1b does not answer (Ollama refused); it is tried again each 30 s. 900 of 5000 tokens of today are spent, 4 incidents wait.",
    });
  });

  test("names the variable of the Narrator or its model that cannot be meant as it is", async () => {
    const problem = "OLLAMA_URL must be an http or https URL, such as http://127.0.0.1:11434.";
    const check = await narratorCheck({ NARRATOR: narrators([{ model: null, problem }]) });
    expect(check).toEqual({ ok: false, detail: problem });
    const { ok, detail } = await narratorCheck({ NARRATOR_INSTANCES: "none" });
    expect(ok).toBe(false);
    expect(detail).toContain('NARRATOR_INSTANCES must be a whole number from 1 to 64, not "none".');
  });

  test("shows a Narrator that does not answer as a failed check", async () => {
    const failing = { getByName: () => ({ status: () => Promise.reject(new Error("overloaded")) }) };
    const check = await narratorCheck({ NARRATOR: failing as unknown as Env["NARRATOR"] });
    expect(check).toEqual({
      ok: false,
      detail: "The Narrator does not answer: narratives stay the template's. The Worker's log has the error.",
    });
  });
});

async function narratorCheck(change: Partial<Env> = {}): Promise<Readiness["checks"][string]> {
  await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);
  const response = await get("/ready?verbose", change, env.VIEWER_TOKEN);
  expect(response.status).toBe(200);
  const { checks }: Readiness = await response.json();
  return checks["narrator"]!;
}

/** Instances that say so of themselves, in their order. */
function narrators(changes: readonly Partial<NarratorStatus>[]): Env["NARRATOR"] {
  const status: NarratorStatus = {
    model: "small:1b",
    problem: null,
    circuit: { state: "closed", since: null, failures: 0, reason: null },
    waiting: 2,
    running: 1,
    tokens_today: 900,
    budget: 5_000,
    dropped: 0,
  };
  const getByName = (name: string): unknown => {
    return { status: () => Promise.resolve({ ...status, ...changes[Number(name.replace("narrator-", ""))] }) };
  };
  return { getByName } as unknown as Env["NARRATOR"];
}
