/** `GET /v1/incidents` as a client sees it, through the whole Worker over a real D1. */
import { env } from "cloudflare:workers";
import { applyD1Migrations, reset } from "cloudflare:test";
import { beforeEach, describe, expect, test } from "vitest";
import type { IncidentItem, Page, Problem } from "../domain/resource.ts";
import type { Narrative } from "../domain/narrative.ts";
import { anomalyRow, incidentRow, minuteAt, narrativeRow } from "../tests/history-rows.ts";
import { app } from "./app.ts";
import { d1History } from "./history.ts";

beforeEach(async () => {
  await reset();
  await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);
});

function get(path: string, token: string | null = env.VIEWER_TOKEN ?? null): Promise<Response> {
  const headers: HeadersInit = token === null ? {} : { Authorization: `Bearer ${token}` };
  return Promise.resolve(app.request(path, { headers }, env));
}

async function page(query: string): Promise<Page<IncidentItem>> {
  const response = await get(`/v1/incidents${query}`);
  expect(response.status).toBe(200);
  return response.json();
}

async function refusalOf(query: string): Promise<string> {
  const response = await get(`/v1/incidents${query}`);
  expect(response.status).toBe(400);
  expect(response.headers.get("Content-Type")).toBe("application/problem+json");
  const { type, detail }: Problem = await response.json();
  expect(type).toBe("urn:faultline:bad_query");
  return detail;
}

function writeIncidents(count: number): Promise<void> {
  const rows = Array.from({ length: count }, (_, i) => incidentRow({ id: `i-${i}`, opened_at: minuteAt(i) }));
  return d1History(env.DB).write(rows.map((row) => ({ table: "incidents", row })));
}

describe("the list", () => {
  test("is empty before anything happened", async () => {
    expect(await page("")).toEqual({ items: [], next: null });
  });

  test("has whole incidents with their anomalies, as the item has it", async () => {
    const { revision, ...anomaly } = anomalyRow();
    await d1History(env.DB).write([
      { table: "anomalies", row: { ...anomaly, revision } },
      { table: "incidents", row: incidentRow() },
    ]);
    const expected = incidentRow({ anomalies: [anomaly] });

    expect((await page("")).items).toEqual([{ ...expected, cause: null }]);
    const one = await get(`/v1/incidents/${expected.id}`);
    expect(await one.json()).toEqual(expected);
  });

  test("tells the first cause of the newest words, with the names of what it rests on, and none of others", async () => {
    const { id } = incidentRow();
    const fact = { kind: "neighbour", text: "", values: [] } as const;
    const evidence = [
      { ...fact, id: "neighbour.2", names: ["emails"] },
      { ...fact, id: "onset", names: [] },
      { ...fact, id: "neighbour.1", names: ["payments", `/a"b`] },
    ];
    const first = {
      cause: "other_service",
      certainty: "LIKELY",
      text: "It began there.",
      facts: ["neighbour.1", "onset"],
    };
    const second = { cause: "release", certainty: "INCONCLUSIVE", text: "A release.", facts: ["neighbour.2"] };
    const causes = [first, second] as Narrative["possible_causes"];
    await d1History(env.DB).write([
      { table: "incidents", row: incidentRow() },
      { table: "incidents", row: incidentRow({ id: "mute", opened_at: minuteAt(-5) }) },
      {
        table: "incident_summaries",
        row: narrativeRow({ incident_id: id, version: 10, evidence, possible_causes: causes }),
      },
      { table: "incident_summaries", row: narrativeRow({ incident_id: id, version: 9 }) },
      { table: "incident_summaries", row: narrativeRow({ incident_id: "other", version: 11 }) },
    ]);
    const { facts: _facts, ...told } = first;
    const cause = { ...told, names: ["payments", `/a"b`] };
    expect((await page("")).items.map((item) => [item.id, item.cause])).toEqual([
      [id, cause],
      ["mute", null],
    ]);
  });

  test("is followed through its cursors to the end, each incident once and newest first", async () => {
    await writeIncidents(7);
    const ids: string[] = [];
    let next: string | null = "";
    while (next !== null) {
      const part: Page<IncidentItem> = await page(`?limit=3${next === "" ? "" : `&cursor=${next}`}`);
      ids.push(...part.items.map((item) => item.id));
      next = part.next;
    }
    expect(ids).toEqual(["i-6", "i-5", "i-4", "i-3", "i-2", "i-1", "i-0"]);
  });

  test("is narrowed by service, status, severity and time", async () => {
    await writeIncidents(3);
    const search = incidentRow({
      id: "s",
      service: "search",
      severity: "critical",
      status: "resolved",
      resolved_at: minuteAt(1),
    });
    await d1History(env.DB).write([{ table: "incidents", row: search }]);

    const ids = async (query: string): Promise<string[]> => (await page(query)).items.map((item) => item.id);
    expect(await ids("?service=search&status=resolved&severity=critical")).toEqual(["s"]);
    expect(await ids("?status=open")).toEqual(["i-2", "i-1", "i-0"]);
    expect(await ids(`?from=${minuteAt(2)}&to=${minuteAt(5)}`)).toEqual(["i-2", "i-1", "i-0"]);
    expect(await ids(`?service=checkout&to=${minuteAt(1)}`)).toEqual(["i-0"]);
    expect(await ids("?from=2026-11-24T12:02:00%2B02:00&service=search")).toEqual([]);
  });

  test("names a wrong parameter and what would be right", async () => {
    expect(await refusalOf("?from=yesterday")).toMatch(/^from: must be an RFC 3339 time .*, not "yesterday"\.$/);
    expect(await refusalOf("?to=2026-11-31T00:00:00Z")).toMatch(/^to: must be an RFC 3339 time/);
    expect(await refusalOf(`?from=${minuteAt(1)}&to=${minuteAt(1)}`)).toBe("from: must be earlier than to.");
    expect(await refusalOf("?status=closed")).toBe('status: must be open or resolved, not "closed".');
    expect(await refusalOf("?severity=low")).toBe('severity: must be medium, high, critical, not "low".');
    expect(await refusalOf("?service=Check%20out")).toMatch(/^service: must be a service's name/);
    for (const limit of ["0", "1001", "-1", "1.5", "ten", "", "1e2"]) {
      expect(await refusalOf(`?limit=${limit}`)).toBe(`limit: must be a whole number from 1 to 1000, not "${limit}".`);
    }
    for (const cursor of ["", "!", btoa("[1,2]"), btoa('["x","y"]'), btoa("null"), "e30"]) {
      expect(await refusalOf(`?cursor=${encodeURIComponent(cursor)}`)).toMatch(
        /^cursor: must be the next of the page before/,
      );
    }
  });
});

describe("one incident", () => {
  test("that does not exist is a 404 that says so", async () => {
    const response = await get("/v1/incidents/none%22%3C");
    expect(response.status).toBe(404);
    const { type, detail }: Problem = await response.json();
    expect(type).toBe("urn:faultline:unknown_incident");
    expect(detail).toContain('"none\\"<"');
  });
});

test("history is for viewers and admins alone", async () => {
  await writeIncidents(1);
  for (const path of ["/v1/incidents", "/v1/incidents/i-0"]) {
    expect((await get(path, null)).status).toBe(401);
    expect((await get(path, env.INGEST_TOKEN)).status).toBe(403);
    expect((await get(path, env.ADMIN_TOKEN)).status).toBe(200);
  }
});

test("is 503 with the command to run while migrations are pending", async () => {
  await reset();
  expect(await unavailable(await get("/v1/incidents"))).toMatch(
    /^Run `npx wrangler d1 migrations apply DB --local`: .*not up to date/,
  );
});

test("is 503 and points to /ready while D1 does not answer, and tells nothing of the inside", async () => {
  const lost = () => Promise.reject(new Error("D1_ERROR: Network connection lost."));
  const statement = { bind: () => statement, all: lost };
  const headers = { Authorization: `Bearer ${env.VIEWER_TOKEN}` };
  const DB = { prepare: () => statement } as unknown as D1Database;
  const detail = await unavailable(await app.request("/v1/incidents", { headers }, { ...env, DB }));
  expect(detail).toContain("GET /ready");
  expect(detail).not.toContain("lost");
});

async function unavailable(response: Response): Promise<string> {
  expect(response.status).toBe(503);
  const { type, detail }: Problem = await response.json();
  expect(type).toBe("urn:faultline:history_unavailable");
  return detail;
}
