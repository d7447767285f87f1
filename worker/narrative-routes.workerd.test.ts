/** `GET /v1/incidents/:id/narrative`, and how words are written to history and read back, over a real D1. */
import { env } from "cloudflare:workers";
import { applyD1Migrations, reset, runInDurableObject } from "cloudflare:test";
import { beforeEach, describe, expect, test } from "vitest";
import { MonitorStore } from "../durable-objects/service-monitor-sql.ts";
import { durableStorage } from "../durable-objects/storage.ts";
import { initialState } from "../domain/monitor-state.ts";
import type { Narrative } from "../domain/narrative.ts";
import type { Problem } from "../domain/resource.ts";
import { narrativeRow, START_MS } from "../tests/history-rows.ts";
import { app } from "./app.ts";
import { d1History, readNarrative } from "./history.ts";

const ID = narrativeRow().incident_id;
const MODEL: Partial<Narrative> = { source: "llm", reason: null, llm_model: "tiny", latency_ms: 812.5 };

beforeEach(async () => {
  await reset();
  await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);
});

function get(path: string, token: string | null = env.VIEWER_TOKEN ?? null, bindings = env): Promise<Response> {
  const headers: HeadersInit = token === null ? {} : { Authorization: `Bearer ${token}` };
  return Promise.resolve(app.request(`/v1/incidents/${path}`, { headers }, bindings));
}

async function problemOf(response: Response): Promise<Problem> {
  expect(response.headers.get("Content-Type")).toBe("application/problem+json");
  return response.json();
}

function write(...rows: readonly Narrative[]): Promise<void> {
  return d1History(env.DB).write(rows.map((row) => ({ table: "incident_summaries", row })));
}

/** The object of checkout holds these words. */
async function hold(narrative: Narrative): Promise<void> {
  await runInDurableObject(env.SERVICE_MONITOR.getByName("checkout"), (_object, { storage }) => {
    const store = new MonitorStore(durableStorage(storage));
    store.create();
    store.saveState(initialState("checkout", START_MS));
    store.saveNarrative({ narrative, severity: "high", is_first: true }, START_MS);
  });
}

describe("words in history", () => {
  test("are read back as they were written, whoever wrote them, whatever stands in them", async () => {
    const hostile = `/x","summary":"all fine '); DROP TABLE incidents; -- <b>\u2028\ud83d`;
    const facts = narrativeRow().evidence.map((fact) => ({ ...fact, text: hostile, names: [hostile] }));
    for (const row of [
      narrativeRow(),
      narrativeRow({ ...MODEL, version: 2 }),
      narrativeRow({ version: 3, evidence: facts }),
    ]) {
      await write(row);
      expect(await readNarrative(env.DB, ID, row.version)).toEqual(row);
    }
  });

  test("are one row a version: a newer revision replaces, an older or equal one changes nothing", async () => {
    await write(narrativeRow(), narrativeRow({ version: 4, revision: 9 }));
    await write(narrativeRow({ ...MODEL, revision: 3 }));
    await write(narrativeRow({ revision: 3 }), narrativeRow({ revision: 2 }));
    const { results } = await env.DB.prepare(
      "SELECT version, revision, source, json_array_length(evidence) AS facts FROM incident_summaries ORDER BY version",
    ).all();
    expect(results).toEqual([
      { version: 1, revision: 3, source: "llm", facts: 1 },
      { version: 4, revision: 9, source: "template", facts: 1 },
    ]);
  });
});

describe("the narrative of an incident", () => {
  test("is the newest that history has, or the version that is asked for", async () => {
    await write(narrativeRow(), narrativeRow({ version: 4, revision: 9 }));
    const newest = await get(`${ID}/narrative`);
    expect(newest.status).toBe(200);
    expect(await newest.json()).toEqual(narrativeRow({ version: 4, revision: 9 }));
    expect(await (await get(`${ID}/narrative?version=1`)).json()).toEqual(narrativeRow());
  });

  test("is the object's where it holds one: history may not have it yet", async () => {
    const held = narrativeRow({ ...MODEL, version: 2, revision: 5 });
    await write(narrativeRow());
    await hold(held);
    expect(await (await get(`${ID}/narrative`)).json()).toEqual(held);
    expect(await (await get(`${ID}/narrative?version=2`)).json()).toEqual(held);
    expect(await (await get(`${ID}/narrative?version=1`)).json()).toEqual(narrativeRow());
    // And without D1.
    await env.DB.prepare("DROP TABLE incident_summaries").run();
    expect(await (await get(`${ID}/narrative`)).json()).toEqual(held);
  });

  test("comes from history where the object does not answer", async () => {
    await write(narrativeRow());
    const getByName = () => ({ narrative: () => Promise.reject(new Error("overloaded")) });
    const SERVICE_MONITOR = { getByName } as unknown as typeof env.SERVICE_MONITOR;
    const answer = await get(`${ID}/narrative`, env.VIEWER_TOKEN, { ...env, SERVICE_MONITOR });
    expect(await answer.json()).toEqual(narrativeRow());
  });

  test.each([`${ID}/narrative`, "none%22%3C/narrative", `${ID}/narrative?version=7`])(
    "is a 404 that says so where there is none: %s",
    async (path) => {
      if (path.includes("version")) await write(narrativeRow());
      const response = await get(path);
      expect(response.status).toBe(404);
      const { type, detail } = await problemOf(response);
      expect(type).toBe("urn:faultline:unknown_narrative");
      expect(detail).toContain(path.includes("version") ? "No version 7" : "No narrative");
    },
  );

  test("of a version that is no number is a 400 that names the parameter", async () => {
    for (const version of ["", "-1", "1.5", "newest", "1e9"]) {
      const response = await get(`${ID}/narrative?version=${version}`);
      expect(response.status).toBe(400);
      expect((await problemOf(response)).detail).toMatch(/^version: must be the version of a narrative/);
    }
  });

  test("is for viewers and admins alone", async () => {
    await write(narrativeRow());
    expect((await get(`${ID}/narrative`, null)).status).toBe(401);
    expect((await get(`${ID}/narrative`, env.INGEST_TOKEN)).status).toBe(403);
    expect((await get(`${ID}/narrative`, env.ADMIN_TOKEN)).status).toBe(200);
  });
});
