/** `/v1/changes` as a reader meets it, through the whole Worker over a real D1. */
import { env } from "cloudflare:workers";
import { applyD1Migrations, reset } from "cloudflare:test";
import { beforeEach, describe, expect, test } from "vitest";
import type { Problem } from "../domain/resource.ts";
import { anomalyRow, incidentRow, minuteAt, windowRow } from "../tests/history-rows.ts";
import { app } from "./app.ts";
import { type ChangesPage, READERS_MAX } from "./changes.ts";
import { d1History } from "./history.ts";

const WINDOWS = 5;

beforeEach(async () => {
  await reset();
  await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);
  await d1History(env.DB).write([
    ...Array.from({ length: WINDOWS }, (_, i) => ({
      table: "service_metrics" as const,
      row: windowRow({ window_start: minuteAt(i) }),
    })),
    { table: "anomalies", row: anomalyRow() },
    { table: "incidents", row: incidentRow() },
  ]);
});

interface Sent {
  readonly method?: string;
  /** Null: none. */
  readonly token?: string | null | undefined;
  readonly body?: unknown;
}

async function ask(path: string, { method = "GET", token = env.VIEWER_TOKEN, body }: Sent = {}): Promise<Response> {
  const headers: HeadersInit = token === null ? {} : { Authorization: `Bearer ${token}` };
  return app.request(path, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) }, env);
}

function acknowledge(body: unknown, token = env.VIEWER_TOKEN): Promise<Response> {
  return ask("/v1/changes/ack", { method: "POST", token, body });
}

async function page(query: string): Promise<ChangesPage> {
  const response = await ask(`/v1/changes?${query}`);
  expect(response.status).toBe(200);
  return response.json();
}

async function refusalOf(response: Response, status: number): Promise<Pick<Problem, "type" | "detail">> {
  expect(response.status).toBe(status);
  expect(response.headers.get("Content-Type")).toBe("application/problem+json");
  const { type, detail }: Problem = await response.json();
  return { type, detail };
}

describe("GET /v1/changes", () => {
  test("goes on after what the reader has acknowledged, and only its own cursor counts", async () => {
    const { changes, cursor } = await page("reader=kafka&limit=2");
    expect(changes).toHaveLength(2);
    const answer = await acknowledge({ reader: "kafka", cursor });
    expect(await answer.json()).toEqual({ reader: "kafka", cursor });

    expect((await page("reader=kafka&limit=2")).changes[0]!.value["window_start"]).toBe(minuteAt(2));
    expect((await page("reader=postgres&limit=2")).changes[0]!.value["window_start"]).toBe(minuteAt(0));
  });

  test("has windows and anomalies, and incidents for those who ask for them", async () => {
    const topicsOf = async (query: string): Promise<string[]> => [
      ...new Set((await page(query)).changes.map(({ topic }) => topic)),
    ];
    expect(await topicsOf("reader=r")).toEqual(["aggregated_metrics", "anomalies"]);
    expect(await topicsOf("reader=r&topics=incidents,anomalies")).toEqual(["anomalies", "incidents"]);
  });

  test("is empty with the same cursor where the reader has everything", async () => {
    const { cursor } = await page("reader=kafka");
    await acknowledge({ reader: "kafka", cursor });
    expect(await page("reader=kafka")).toEqual({ changes: [], cursor });
  });

  test.each([
    ["", "reader"],
    ["reader=", "reader"],
    ["reader=-x", "reader"],
    ["reader=Kafka", "reader"],
    [`reader=${"x".repeat(64)}`, "reader"],
    ["reader=r&limit=0", "limit"],
    ["reader=r&limit=2001", "limit"],
    ["reader=r&limit=all", "limit"],
    ["reader=r&topics=", "topics"],
    ["reader=r&topics=anomalies,services", "topics"],
    ["reader=r&topics=anomalies,anomalies", "topics"],
  ])("?%s is 400 and names %s", async (query, field) => {
    const { type, detail } = await refusalOf(await ask(`/v1/changes?${query}`), 400);
    expect(type).toBe("urn:faultline:bad_query");
    expect(detail).toMatch(new RegExp(`^${field}: must be `));
  });
});

describe("POST /v1/changes/ack", () => {
  test("moves the cursor forward only: what comes late is answered with where it is", async () => {
    const first = await page("reader=kafka&limit=1");
    const all = await page("reader=kafka");
    await acknowledge({ reader: "kafka", cursor: all.cursor });

    const late = await acknowledge({ reader: "kafka", cursor: first.cursor });

    expect(late.status).toBe(200);
    expect(await late.json()).toEqual({ reader: "kafka", cursor: all.cursor });
    expect((await page("reader=kafka")).changes).toEqual([]);
  });

  test("refuses a cursor that no page can have had, so that nothing to come is skipped", async () => {
    const refusal = await refusalOf(await acknowledge({ reader: "kafka", cursor: "1000" }), 409);
    expect(refusal).toMatchObject({
      type: "urn:faultline:unknown_cursor",
      detail: expect.stringMatching(/^cursor: .* 7\.$/),
    });
    expect((await page("reader=kafka")).cursor).not.toBe("1000");
  });

  test("refuses one reader too many and says what to do; those that are there go on", async () => {
    for (let i = 0; i < READERS_MAX; i += 1) {
      expect((await acknowledge({ reader: `r${i}`, cursor: "1" })).status).toBe(200);
    }
    const refusal = await refusalOf(await acknowledge({ reader: "late", cursor: "1" }), 409);
    expect(refusal.type).toBe("urn:faultline:too_many_readers");
    expect(refusal.detail).toMatch(/^reader: .*DELETE/);
    expect((await acknowledge({ reader: "r0", cursor: "2" })).status).toBe(200);
  });

  test.each([
    [{ cursor: "1" }, "reader"],
    [{ reader: "A", cursor: "1" }, "reader"],
    [{ reader: 1, cursor: "1" }, "reader"],
    [{ reader: "r" }, "cursor"],
    [{ reader: "r", cursor: 1 }, "cursor"],
    [{ reader: "r", cursor: "-1" }, "cursor"],
    [{ reader: "r", cursor: "1e3" }, "cursor"],
    [{ reader: "r", cursor: "9".repeat(16) }, "cursor"],
  ])("%j is 400 and names %s", async (body, field) => {
    const { type, detail } = await refusalOf(await acknowledge(body), 400);
    expect(type).toBe("urn:faultline:bad_body");
    expect(detail).toMatch(new RegExp(`^${field}: `));
  });
});

describe("readers", () => {
  test("are listed with their cursor, and forgotten by an administrator: then they begin anew", async () => {
    const { cursor } = await page("reader=kafka");
    await acknowledge({ reader: "kafka", cursor });

    const { items }: { items: unknown[] } = await (await ask("/v1/changes/readers")).json();
    expect(items).toEqual([{ reader: "kafka", cursor, acknowledged_at: expect.stringMatching(/Z$/) }]);

    const forget = (token: string | undefined): Promise<Response> =>
      ask("/v1/changes/readers/kafka", { method: "DELETE", token });
    expect((await forget(env.VIEWER_TOKEN)).status).toBe(403);
    expect((await forget(env.ADMIN_TOKEN)).status).toBe(204);
    expect((await page("reader=kafka&limit=1")).changes[0]!.value["window_start"]).toBe(minuteAt(0));
    expect((await refusalOf(await forget(env.ADMIN_TOKEN), 404)).type).toBe("urn:faultline:unknown_reader");
  });
});

test.each([
  ["GET", "/v1/changes?reader=kafka"],
  ["POST", "/v1/changes/ack"],
  ["GET", "/v1/changes/readers"],
])("%s %s takes the viewer's or the administrator's token, not the ingest token", async (method, path) => {
  expect((await ask(path, { method, token: null })).status).toBe(401);
  expect((await ask(path, { method, token: env.INGEST_TOKEN })).status).toBe(403);
  expect([200, 400]).toContain((await ask(path, { method, token: env.ADMIN_TOKEN })).status);
});
