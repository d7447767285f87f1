/** Changes for their readers over a real D1: no change is overtaken, none comes twice once acknowledged, whoever writes meanwhile. */
import { env } from "cloudflare:workers";
import { applyD1Migrations, reset } from "cloudflare:test";
import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import type { HistoryRow } from "../domain/history.ts";
import { anomalyRow, incidentRow, minuteAt, serviceRow, windowRow } from "../tests/history-rows.ts";
import { NOTE_TOPICS } from "./changes-sql.ts";
import { acknowledgeChanges, type Change, type ChangeTopic, readChanges, TOPICS } from "./changes.ts";
import { d1History } from "./history.ts";
import { selectChanges } from "./history-sql.ts";

const history = d1History(env.DB);

beforeEach(async () => {
  await reset();
  await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);
});

const all = { reader: "kafka", topics: TOPICS, limit: 1_000 } as const;

function metrics(row: Parameters<typeof windowRow>[0]): HistoryRow {
  return { table: "service_metrics", row: windowRow(row) };
}

async function acknowledge(cursor: string): Promise<void> {
  expect(await acknowledgeChanges(env.DB, "kafka", cursor, 0)).toMatchObject({ ok: true });
}

/** Reads and acknowledges until nothing is left. */
async function drain(limit: number): Promise<Change[]> {
  const seen: Change[] = [];
  for (;;) {
    const { changes, cursor } = await readChanges(env.DB, { ...all, limit });
    if (changes.length === 0) return seen;
    seen.push(...changes);
    await acknowledge(cursor);
  }
}

describe("a change", () => {
  test("has the table's columns without the sketch, under the service and a stable id", async () => {
    await history.write([
      metrics({ revision: 3 }),
      { table: "anomalies", row: anomalyRow({ revision: 2 }) },
      { table: "incidents", row: incidentRow({ revision: 4, flapping: true }) },
    ]);
    const { latency_sketch: _sketch, ...window } = windowRow({ revision: 3 });
    const { anomalies: _anomalies, ...incident } = incidentRow({ revision: 4, flapping: true });
    const minute = minuteAt(0);

    const { changes } = await readChanges(env.DB, all);

    expect(changes).toEqual([
      { id: `aggregated_metrics/checkout/${minute}/3`, topic: "aggregated_metrics", key: "checkout", value: window },
      {
        id: `anomalies/checkout/${minute}/error_rate/2`,
        topic: "anomalies",
        key: "checkout",
        value: anomalyRow({ revision: 2 }),
      },
      { id: `incidents/${incident.id}/4`, topic: "incidents", key: "checkout", value: incident },
    ]);
  });

  test("of services, hours, acts and feedback is none", async () => {
    await history.write([
      { table: "services", row: serviceRow() },
      { table: "service_metrics_hourly", row: windowRow() },
    ]);
    expect(await readChanges(env.DB, all)).toEqual({ changes: [], cursor: "0" });
  });

  test("of a row that changed again before it was read comes once, as the row is then", async () => {
    await history.write([metrics({}), metrics({ window_start: minuteAt(1) })]);
    await history.write([metrics({ revision: 2, error_count: 9 })]);

    const changes = await drain(10);

    expect(changes.map(({ value }) => [value["window_start"], value["revision"]])).toEqual([
      [minuteAt(1), 1],
      [minuteAt(0), 2],
    ]);
  });
});

describe("a page", () => {
  test("is the same again until it is acknowledged, and then the next one", async () => {
    await history.write(Array.from({ length: 5 }, (_, i) => metrics({ window_start: minuteAt(i) })));

    const first = await readChanges(env.DB, { ...all, limit: 2 });
    expect(await readChanges(env.DB, { ...all, limit: 2 })).toEqual(first);
    await acknowledge(first.cursor);
    const second = await readChanges(env.DB, { ...all, limit: 2 });

    const starts = [first, second].map(({ changes }) => changes.map(({ value }) => value["window_start"]));
    expect(starts).toEqual([
      [minuteAt(0), minuteAt(1)],
      [minuteAt(2), minuteAt(3)],
    ]);
  });

  test("has the topics that are asked for, and no others hold it up", async () => {
    await history.write(Array.from({ length: 5 }, (_, i) => metrics({ window_start: minuteAt(i) })));
    await history.write([{ table: "anomalies", row: anomalyRow() }]);

    const { changes } = await readChanges(env.DB, { ...all, topics: ["anomalies"], limit: 1 });

    expect(changes.map(({ topic }) => topic)).toEqual(["anomalies"]);
  });

  test("is read in one transaction: a change that came between two tables would be overtaken", async () => {
    const batches: number[] = [];
    const batch = <T>(statements: D1PreparedStatement[]): Promise<D1Result<T>[]> => {
      batches.push(statements.length);
      return env.DB.batch<T>(statements);
    };
    const db: Pick<D1Database, "prepare" | "batch"> = { prepare: (query) => env.DB.prepare(query), batch };

    await readChanges(db as D1Database, all);

    expect(batches).toEqual([2 + TOPICS.length]);
  });

  test("notes what its reader asks for, where that has changed", async () => {
    const db = env.DB;
    await history.write([rowOf("anomalies", 0, 1)]);
    const { cursor } = await readChanges(db, all);
    await acknowledge(cursor);
    const topics = async (asked: readonly ChangeTopic[]): Promise<unknown> => {
      await readChanges(db, { ...all, topics: asked });
      return (await db.prepare("SELECT topics FROM change_readers").first())?.["topics"];
    };
    expect(await topics(["incidents"])).toBe('["incidents"]');
    const { meta } = await db.prepare(NOTE_TOPICS).bind(all.reader, '["incidents"]').run();
    expect(meta.rows_written).toBe(0);
    expect(await topics(TOPICS)).toBe(JSON.stringify(TOPICS));
  });

  test.each(["service_metrics", "anomalies", "incidents"] as const)(
    "walks through no table and sorts none: %s",
    async (table) => {
      const plan = await env.DB.prepare(`EXPLAIN QUERY PLAN ${selectChanges(table)}`)
        .bind("kafka", 10)
        .all<{ detail: string }>();
      const steps = plan.results.map((step) => step.detail).join("\n");
      expect(steps).toContain(`SEARCH ${table} USING INDEX ${table}_by_change`);
      expect(steps).not.toContain("TEMP B-TREE");
    },
  );
});

describe("a reader", () => {
  test("gets the newest state of every row, in the order of the changes, whatever the writers, topics and pages", async () => {
    const row = fc.record({ kind: fc.constantFrom(...TOPICS), key: fc.integer({ min: 0, max: 3 }) });
    const transactions = fc.array(fc.array(row, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(transactions, fc.integer({ min: 1, max: 7 }), async (writes, limit) => {
        await reset();
        await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);
        let revision = 0;
        const rows = writes.map((group) => group.map(({ kind, key }) => rowOf(kind, key, ++revision)));
        const seen: Change[] = [];
        // All writers at once and the reader among them: D1 decides the order.
        const writing = Promise.all(rows.map((group) => history.write(group)));
        for (let reads = 0; reads < writes.length; reads += 1) {
          const { changes, cursor } = await readChanges(env.DB, { ...all, limit });
          seen.push(...changes);
          if (changes.length > 0) await acknowledge(cursor);
        }
        await writing;
        seen.push(...(await drain(limit)));

        const newest = new Map(seen.map(({ id, value }) => [id.slice(0, id.lastIndexOf("/")), value["revision"]]));
        expect(newest).toEqual(await storedRevisions());
        expect(new Set(seen.map(({ id }) => id)).size).toBe(seen.length);
      }),
      { numRuns: 25 },
    );
  }, 60_000);
});

function rowOf(kind: (typeof TOPICS)[number], key: number, revision: number): HistoryRow {
  switch (kind) {
    case "aggregated_metrics":
      return metrics({ window_start: minuteAt(key), revision });
    case "anomalies":
      return { table: "anomalies", row: anomalyRow({ detected_at: minuteAt(key), revision }) };
    case "incidents":
      return { table: "incidents", row: incidentRow({ id: `i-${key}`, revision }) };
  }
}

/** What the tables hold: id without revision -> revision. */
async function storedRevisions(): Promise<Map<string, number>> {
  const { results } = await env.DB.prepare(
    `SELECT 'aggregated_metrics/' || service || '/' || replace(window_start, '.000', '') AS id, revision FROM service_metrics
     UNION ALL SELECT 'anomalies/' || service || '/' || replace(detected_at, '.000', '') || '/' || metric_name, revision FROM anomalies
     UNION ALL SELECT 'incidents/' || id, revision FROM incidents`,
  ).all<{ id: string; revision: number }>();
  return new Map(results.map(({ id, revision }) => [id, revision]));
}
