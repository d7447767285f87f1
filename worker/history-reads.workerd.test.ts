/** Reading history over a real D1: what a page holds, and that pages stay complete while rows are written. */
import { env } from "cloudflare:workers";
import { applyD1Migrations, reset } from "cloudflare:test";
import { beforeEach, describe, expect, test } from "vitest";
import type { HistoryRow } from "../domain/history.ts";
import { incidentRow, minuteAt, START_MS, windowRow } from "../tests/history-rows.ts";
import { SELECT_ANOMALIES, SELECT_CAUSES, SELECT_INCIDENT, selectIncidents, selectWindows } from "./history-sql.ts";
import { d1History, readIncidents, readWindows } from "./history.ts";

const history = d1History(env.DB);

beforeEach(async () => {
  await reset();
  await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);
});

const everyTime = { from_ms: -Infinity, to_ms: Infinity };
const checkoutMinutes = { service: "checkout", step: 60, ...everyTime, limit: 10_000, cursor: null } as const;
const allIncidents = { service: null, status: null, severity: null, ...everyTime, limit: 1_000, after: null } as const;

function metrics(row: Parameters<typeof windowRow>[0]): HistoryRow {
  return { table: "service_metrics", row: windowRow(row) };
}

describe("a page of windows", () => {
  test("has what starts in [from, to), of its service and step", async () => {
    const hour: HistoryRow = { table: "service_metrics_hourly", row: windowRow({ request_count: 7 }) };
    const rows = Array.from({ length: 5 }, (_, i) => metrics({ window_start: minuteAt(i) }));
    await history.write([...rows, metrics({ service: "search" }), hour]);

    const span = { ...checkoutMinutes, from_ms: START_MS + 60_000, to_ms: START_MS + 180_000 };
    const { items } = await readWindows(env.DB, span);
    const hours = await readWindows(env.DB, { ...checkoutMinutes, step: 3600 });

    expect(items.map((item) => item.window_start)).toEqual([minuteAt(1), minuteAt(2)]);
    expect(hours.items.map((item) => item.request_count)).toEqual([7]);
  });

  test("marks what ends after the watermark as provisional", async () => {
    await history.write([metrics({}), metrics({ window_start: minuteAt(1), window_end: minuteAt(2) })]);
    const { items } = await readWindows(env.DB, { ...checkoutMinutes, complete_until_ms: START_MS + 90_000 });
    expect(items.map((item) => item.provisional)).toEqual([false, true]);
  });

  test("is followed by the rest, each window once, while others are written", async () => {
    await history.write(Array.from({ length: 25 }, (_, i) => metrics({ window_start: minuteAt(2 * i) })));
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof readWindows>> = await readWindows(env.DB, {
        ...checkoutMinutes,
        limit: 4,
        cursor,
      });
      seen.push(...page.items.map((item) => item.window_start));
      cursor = page.next;
      // A late minute behind the reader and a revision of one already read.
      await history.write([
        metrics({ window_start: minuteAt(-seen.length) }),
        metrics({ window_start: minuteAt(0), revision: seen.length }),
      ]);
    } while (cursor !== null);
    expect(seen).toEqual(Array.from({ length: 25 }, (_, i) => minuteAt(2 * i)));
  });
});

describe("a page of incidents", () => {
  test("is newest first and followed by the rest, each once, while others open", async () => {
    // Three services open in the same second, so that the id has to break the tie.
    const rows = Array.from({ length: 23 }, (_, i): HistoryRow => {
      const row = incidentRow({ id: `i-${String(i).padStart(2, "0")}`, opened_at: minuteAt(Math.floor(i / 3)) });
      return { table: "incidents", row };
    });
    await history.write(rows);
    const seen: string[] = [];
    let after: Awaited<ReturnType<typeof readIncidents>>["next"] = null;
    do {
      const page: Awaited<ReturnType<typeof readIncidents>> = await readIncidents(env.DB, {
        ...allIncidents,
        limit: 5,
        after,
      });
      seen.push(...page.items.map((item) => item.id));
      after = page.next;
      await history.write([
        { table: "incidents", row: incidentRow({ id: `new-${seen.length}`, opened_at: minuteAt(100) }) },
      ]);
    } while (after !== null);
    expect(seen).toEqual(rows.map(({ row }) => (row as { id: string }).id).toReversed());
  });

  test("has what was going on in [from, to), under every filter at once", async () => {
    const rows = [
      incidentRow({ id: "before", opened_at: minuteAt(0), resolved_at: minuteAt(5), status: "resolved" }),
      incidentRow({ id: "into", opened_at: minuteAt(5), resolved_at: minuteAt(15), status: "resolved" }),
      incidentRow({
        id: "within",
        opened_at: minuteAt(12),
        resolved_at: minuteAt(13),
        status: "resolved",
        severity: "critical",
      }),
      incidentRow({ id: "open", opened_at: minuteAt(1) }),
      incidentRow({ id: "elsewhere", service: "search", opened_at: minuteAt(14) }),
      incidentRow({ id: "after", opened_at: minuteAt(20) }),
    ];
    await history.write(rows.map((row) => ({ table: "incidents", row })));
    const ids = async (filter: Partial<Parameters<typeof readIncidents>[1]>): Promise<string[]> =>
      (await readIncidents(env.DB, { ...allIncidents, ...filter })).items.map((item) => item.id);
    const span = { from_ms: START_MS + 600_000, to_ms: START_MS + 1_200_000 };

    expect(await ids(span)).toEqual(["elsewhere", "within", "into", "open"]);
    expect(await ids({ ...span, service: "checkout" })).toEqual(["within", "into", "open"]);
    expect(await ids({ ...span, status: "open" })).toEqual(["elsewhere", "open"]);
    expect(await ids({ ...span, severity: "critical" })).toEqual(["within"]);
    expect(await ids({ ...span, service: "checkout", status: "resolved", severity: "high" })).toEqual(["into"]);
  });
});

describe("no read walks through a table or sorts it", () => {
  test.each([
    ["minutes of a service", selectWindows("service_metrics"), 4],
    ["hours of a service", selectWindows("service_metrics_hourly"), 4],
    ["one incident", SELECT_INCIDENT, 1],
    ["incidents of all services", selectIncidents(["to", "after"]), 4],
    ["incidents of one service", selectIncidents(["service", "to"]), 3],
    ["all incidents, first page", selectIncidents([]), 1],
    ["anomalies of incidents", SELECT_ANOMALIES, 1],
    ["causes of incidents", SELECT_CAUSES, 1],
  ])("%s", async (_name, query, parameters) => {
    const values = Array.from({ length: parameters }, () => "[]");
    const plan = await env.DB.prepare(`EXPLAIN QUERY PLAN ${query}`)
      .bind(...values)
      .all<{ detail: string }>();
    const steps = plan.results.map((step) => step.detail).join("\n");
    expect(steps).toMatch(/USING (INDEX|PRIMARY KEY)/);
    // The anomalies of a page are few: they alone may be sorted.
    if (query !== SELECT_ANOMALIES) expect(steps).not.toContain("TEMP B-TREE");
    expect(steps).not.toMatch(/SCAN (incidents|anomalies|incident_summaries|service_metrics\w*)$/m);
  });
});
