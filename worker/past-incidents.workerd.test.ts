/** Which earlier incidents history names as like one, and what asking costs. */
import { env } from "cloudflare:workers";
import { applyD1Migrations, reset } from "cloudflare:test";
import { beforeEach, describe, expect, test } from "vitest";
import type { Incident } from "../domain/incident.ts";
import type { SurroundingsQuestion } from "../domain/narrator.ts";
import { formatRfc3339 } from "../domain/rfc3339.ts";
import { incidentRow, START_MS } from "../tests/history-rows.ts";
import { d1History, HistoryUnavailable } from "./history.ts";
import { d1Past } from "./past-incidents.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

beforeEach(async () => {
  await reset();
  await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);
});

const question: SurroundingsQuestion = {
  service: "checkout",
  incident_id: "now",
  anomaly_type: "error_rate",
  metric_name: "error_rate",
  endpoint: "/cart/pay",
  onset_at: formatRfc3339(START_MS),
};

/** An incident whose onset lies so long before the one that is asked about. */
function earlier(id: string, before_ms: number, change: Partial<Incident> = {}): Incident {
  const onset_at = formatRfc3339(START_MS - before_ms);
  const resolved_at = formatRfc3339(START_MS - before_ms + 60_000);
  const over = { status: "resolved", resolution: "recovered", resolved_at } as const;
  return incidentRow({ id, onset_at, opened_at: formatRfc3339(START_MS - before_ms + 3_000), ...over, ...change });
}

function write(...rows: readonly Incident[]): Promise<void> {
  return d1History(env.DB).write(rows.map((row) => ({ table: "incidents", row })));
}

async function idsOf(): Promise<string[]> {
  return (await d1Past(env.DB).alike(question)).map(({ incident_id }) => incident_id);
}

describe("incidents alike", () => {
  test("are of the same service and metric within 30 days before, newest first, and never the incident itself", async () => {
    await write(
      earlier("yesterday", DAY_MS),
      earlier("hours-ago", 5 * HOUR_MS),
      earlier("month-ago", 30 * DAY_MS - 10_000),
      earlier("too-long-ago", 30 * DAY_MS + 10_000),
      earlier("other-service", HOUR_MS, { service: "search" }),
      earlier("other-metric", HOUR_MS, { metric_name: "p95_latency_ms" }),
      earlier("later", -HOUR_MS),
      incidentRow({ id: "now", onset_at: question.onset_at, opened_at: formatRfc3339(START_MS + 3_000) }),
    );
    expect(await idsOf()).toEqual(["hours-ago", "yesterday", "month-ago"]);
  });

  test("say how they went", async () => {
    await write(earlier("before", HOUR_MS, { feedback: "false_positive", deployed_version: "1.2", endpoint: null }));
    expect(await d1Past(env.DB).alike(question)).toEqual([
      {
        incident_id: "before",
        onset_at: formatRfc3339(START_MS - HOUR_MS),
        resolved_at: formatRfc3339(START_MS - HOUR_MS + 60_000),
        resolution: "recovered",
        endpoint: null,
        severity: "high",
        deployed_version: "1.2",
        feedback: "false_positive",
      },
    ]);
  });

  test("are the newest eight, and cost no walk through all of history", async () => {
    const mine = Array.from({ length: 300 }, (_, i) => earlier(`mine-${i}`, (i + 1) * HOUR_MS));
    const others = Array.from({ length: 300 }, (_, i) => earlier(`other-${i}`, i * HOUR_MS, { service: `s-${i % 9}` }));
    await write(...mine, ...others);
    let rows_read = 0;
    const prepare = (query: string): D1PreparedStatement => {
      const bind = (...values: unknown[]) => {
        const all = async () => {
          const result = await env.DB.prepare(query)
            .bind(...values)
            .all();
          rows_read += result.meta.rows_read;
          return result;
        };
        return { all };
      };
      return { bind } as unknown as D1PreparedStatement;
    };
    const found = await d1Past({ prepare } as D1Database).alike(question);
    expect(found.map(({ incident_id }) => incident_id)).toEqual(mine.slice(0, 8).map(({ id }) => id));
    expect(rows_read).toBeGreaterThan(0);
    expect(rows_read).toBeLessThan(500);
  });

  test("cannot be asked for where D1 does not answer", async () => {
    await env.DB.prepare("DROP TABLE incidents").run();
    await expect(d1Past(env.DB).alike(question)).rejects.toThrow(HistoryUnavailable);
  });
});
