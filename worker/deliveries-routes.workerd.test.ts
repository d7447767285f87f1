/** The ledger of an incident: rows as the subscriptions' objects project them, read in the order in which they were heard. */
import { applyD1Migrations, reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, test } from "vitest";
import type { Delivery } from "../domain/delivery.ts";
import type { Page } from "../domain/resource.ts";
import { ask, INGEST, VIEWER } from "../tests/admin-api.ts";
import { incidentRow } from "../tests/history-rows.ts";
import { d1History } from "./history.ts";

beforeEach(async () => {
  await reset();
  await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);
});

const INCIDENT = "checkout-1764020652-error_rate";
const PATH = `/v1/incidents/${INCIDENT}/deliveries`;

function row(seq: number, change: Partial<Delivery> = {}): Delivery {
  return {
    id: `sub_0:${INCIDENT}:${seq}`,
    subscription_id: "sub_0",
    subscription_name: "Shop",
    incident_id: INCIDENT,
    service: "checkout",
    change: "opened",
    status: "waiting",
    reason: null,
    detail: null,
    silence_id: null,
    message_id: "msg_0",
    event_at: "2026-11-24T10:00:00Z",
    heard_at: `2026-11-24T10:00:${String(seq).padStart(2, "0")}.500Z`,
    delivered_at: null,
    attempts: 0,
    http_status: null,
    latency_ms: null,
    revision: 1,
    ...change,
  };
}

const write = (...rows: Delivery[]): Promise<void> =>
  d1History(env.DB).write(rows.map((one) => ({ table: "deliveries", row: one })));

async function read(query = ""): Promise<Page<Delivery>> {
  const answer = await ask("GET", `${PATH}${query}`, undefined, VIEWER);
  expect(answer.status).toBe(200);
  return answer.json();
}

describe("GET /v1/incidents/:id/deliveries", () => {
  test("gives the newest state of each line, in the order in which they were heard", async () => {
    const silence = { detail: "sil_1 holds until 2026-11-24T11:00:00Z", silence_id: "sil_1" };
    const withheld = row(9, { status: "withheld", reason: "silence", ...silence, message_id: null });
    await write(row(12), withheld, row(3), row(3, { id: `sub_1:${INCIDENT}:3`, subscription_id: "sub_1" }));
    const delivered = {
      status: "delivered",
      delivered_at: "2026-11-24T10:00:08Z",
      attempts: 1,
      http_status: 204,
    } as const;
    await write(row(3, { ...delivered, latency_ms: 41.5, revision: 3 }));
    await write(row(3, { status: "waiting", attempts: 1, revision: 2 }));
    const { items, next } = await read();
    expect(next).toBeNull();
    expect(items.map(({ id }) => id)).toEqual([
      `sub_0:${INCIDENT}:3`,
      `sub_1:${INCIDENT}:3`,
      `sub_0:${INCIDENT}:9`,
      `sub_0:${INCIDENT}:12`,
    ]);
    expect(items[0]).toEqual(
      row(3, { ...delivered, latency_ms: 41.5, revision: 3, heard_at: "2026-11-24T10:00:03.500Z" }),
    );
    expect(items[2]).toEqual(withheld);
  });

  test("comes in pages that leave nothing out", async () => {
    await write(
      ...Array.from({ length: 7 }, (_, seq) => row(seq)),
      row(0, { id: "sub_1:other:1", incident_id: "other" }),
    );
    const seen: string[] = [];
    for (let cursor: string | null = ""; cursor !== null;) {
      const page: Page<Delivery> = await read(`?limit=3${cursor === "" ? "" : `&cursor=${cursor}`}`);
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.next;
    }
    expect(seen).toEqual(Array.from({ length: 7 }, (_, seq) => row(seq).id));
  });

  test("is empty for an incident that nobody heard of, and 404 for one that is not there", async () => {
    const answer = await ask("GET", PATH, undefined, VIEWER);
    expect([answer.status, await answer.json()]).toMatchObject([404, { type: "urn:faultline:unknown_incident" }]);
    await d1History(env.DB).write([{ table: "incidents", row: incidentRow({ id: INCIDENT }) }]);
    expect(await read()).toEqual({ items: [], next: null });
  });

  test("refuses a wrong cursor or limit, and who may not read", async () => {
    expect((await ask("GET", `${PATH}?cursor=nonsense`)).status).toBe(400);
    expect((await ask("GET", `${PATH}?limit=1001`)).status).toBe(400);
    expect((await ask("GET", PATH, undefined, INGEST)).status).toBe(403);
    expect((await ask("GET", PATH, undefined, {})).status).toBe(401);
  });
});

describe("a row of deliveries", () => {
  test("is one row and two index entries, and no news of the pages that readers carry on", async () => {
    await write(row(1), row(2));
    const { changes } = await (await ask("GET", "/v1/changes?reader=kafka")).json<{ changes: unknown[] }>();
    expect(changes).toEqual([]);
    const rows = await env.DB.prepare("SELECT change_id FROM deliveries ORDER BY id").all();
    expect(rows.results).toEqual([{ change_id: 1 }, { change_id: 2 }]);
    expect((await ask("GET", "/v1/changes?reader=kafka&topics=deliveries")).status).toBe(400);
  });
});
