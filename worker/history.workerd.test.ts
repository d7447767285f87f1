/** The history database over a real D1: what an upsert does, in which order changes stand, and what is read back. */
import { env } from "cloudflare:workers";
import { applyD1Migrations, reset } from "cloudflare:test";
import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import type { HistoryRow } from "../domain/history.ts";
import type { Anomaly } from "../domain/incident.ts";
import { anomalyRow, incidentRow, minuteAt, serviceRow, windowRow } from "../tests/history-rows.ts";
import { d1History, readIncident, readWindows } from "./history.ts";

const history = d1History(env.DB);

beforeEach(async () => {
  await reset();
  await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);
});

const checkoutMinutes = {
  service: "checkout",
  step: 60,
  from_ms: -Infinity,
  to_ms: Infinity,
  limit: 10_000,
  cursor: null,
} as const;

function metrics(row: Parameters<typeof windowRow>[0]): HistoryRow {
  return { table: "service_metrics", row: windowRow(row) };
}

function withoutRevision(row: ReturnType<typeof anomalyRow>): Anomaly {
  const { revision, ...anomaly } = row;
  expect(revision).toBe(1);
  return anomaly;
}

/** The same database, which counts the statements and written rows of each transaction. */
function countingDb(): { readonly db: D1Database; readonly counts: { statements: number; rows: number }[] } {
  const counts: { statements: number; rows: number }[] = [];
  const batch = async <T>(statements: D1PreparedStatement[]): Promise<D1Result<T>[]> => {
    const results = await env.DB.batch<T>(statements);
    counts.push({ statements: statements.length, rows: results.reduce((sum, { meta }) => sum + meta.rows_written, 0) });
    return results;
  };
  const db: Pick<D1Database, "prepare" | "batch"> = { prepare: (query) => env.DB.prepare(query), batch };
  return { db: db as D1Database, counts };
}

async function rowsOf(query: string): Promise<Record<string, unknown>[]> {
  return (await env.DB.prepare(query).all()).results;
}

describe("a row that was written", () => {
  test("is read back as it was, its sketch a BLOB in the table", async () => {
    await history.write([metrics({}), { table: "services", row: serviceRow() }]);

    const { items, next } = await readWindows(env.DB, checkoutMinutes);

    expect(items).toEqual([{ ...windowRow(), provisional: false }]);
    expect(next).toBeNull();
    const stored = await rowsOf(
      "SELECT typeof(latency_sketch) AS type, length(latency_sketch) AS bytes FROM service_metrics",
    );
    expect(stored).toEqual([{ type: "blob", bytes: 9 }]);
  });

  test("is read back with its anomalies where it is an incident", async () => {
    const later = anomalyRow({
      detected_at: minuteAt(1),
      metric_name: "avg_latency_ms",
      resolved: true,
      resolved_at: minuteAt(2),
    });
    const other = anomalyRow({ service: "search", incident_id: "another" });
    await history.write([
      { table: "anomalies", row: later },
      { table: "anomalies", row: other },
      { table: "anomalies", row: anomalyRow() },
      { table: "incidents", row: incidentRow({ historical: true }) },
    ]);

    const incident = await readIncident(env.DB, incidentRow().id);

    const [first, second] = [anomalyRow(), later].map(withoutRevision);
    expect(incident).toEqual(incidentRow({ historical: true, anomalies: [first!, second!] }));
  });

  test("keeps text that would harm as SQL, JSON or markup exactly as it is", async () => {
    const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 200 });
    const hostile = [
      "'); DROP TABLE incidents; --",
      '","revision":99,"x":"',
      "<script>alert(1)</script>",
      "?1 $.x \\u0000 \u2028",
      "a\u0000b",
    ];
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.constantFrom(...hostile), text),
        fc.integer({ min: 1, max: 1e9 }),
        async (endpoint, number) => {
          const id = `checkout-${number}-error_rate`;
          await env.DB.prepare("DELETE FROM incidents").run();
          await history.write([
            {
              table: "incidents",
              row: incidentRow({ id, endpoint, description: endpoint, acknowledged_by: endpoint }),
            },
          ]);
          expect(await readIncident(env.DB, id)).toEqual(
            incidentRow({ id, endpoint, description: endpoint, acknowledged_by: endpoint }),
          );
        },
      ),
      { numRuns: 60 },
    );
  }, 30_000);

  test("stands in its place whatever form of RFC 3339 its time has", async () => {
    const forms = ["2026-11-24T12:00:00+02:00", "2026-11-24T10:01:00.000Z", "2026-11-24T10:02:00Z"];
    await history.write(forms.map((window_start) => metrics({ window_start })).toReversed());

    const { items } = await readWindows(env.DB, checkoutMinutes);

    expect(items.map((item) => item.window_start)).toEqual([minuteAt(0), minuteAt(1), minuteAt(2)]);
  });
});

describe("revisions", () => {
  test("the newest wins, in whatever order, batches and repetitions they come", async () => {
    const writes = fc
      .record({ keys: fc.integer({ min: 1, max: 3 }), revisions: fc.integer({ min: 1, max: 5 }) })
      .chain(({ keys, revisions }) => {
        const all = Array.from({ length: keys * revisions }, (_, i) => ({
          key: i % keys,
          revision: 1 + Math.floor(i / keys),
        }));
        const repeated = fc.array(fc.constantFrom(...all), { maxLength: 10 });
        return repeated.chain((extra) =>
          fc.shuffledSubarray([...all, ...extra], { minLength: all.length + extra.length }),
        );
      });
    await fc.assert(
      fc.asyncProperty(writes, fc.integer({ min: 1, max: 6 }), async (rows, batch) => {
        await env.DB.prepare("DELETE FROM service_metrics").run();
        for (let at = 0; at < rows.length; at += batch) {
          const part = rows.slice(at, at + batch);
          await history.write(
            part.map(({ key, revision }) =>
              metrics({ window_start: minuteAt(key), request_count: revision * 10, revision }),
            ),
          );
        }
        const newest = Map.groupBy(rows, (row) => row.key);
        const expected = [...newest].map(([key, own]) => [
          minuteAt(key),
          Math.max(...own.map((row) => row.revision)) * 10,
        ]);
        const { items } = await readWindows(env.DB, checkoutMinutes);
        expect(new Map(items.map((item) => [item.window_start, item.request_count]))).toEqual(
          new Map(expected as [string, number][]),
        );
      }),
      { numRuns: 30 },
    );
  }, 30_000);

  test("an older or equal one changes nothing, in every table", async () => {
    const at = (revision: number): HistoryRow[] => [
      { table: "services", row: serviceRow({ revision, status: "high" }) },
      metrics({ revision, error_count: revision }),
      { table: "service_metrics_hourly", row: windowRow({ revision, error_count: revision }) },
      { table: "anomalies", row: anomalyRow({ revision, score: revision }) },
      { table: "incidents", row: incidentRow({ revision, score: revision }) },
    ];
    const tables = ["services", "service_metrics", "service_metrics_hourly", "anomalies", "incidents"];
    await history.write(at(2));
    const stored = () => Promise.all(tables.map((table) => rowsOf(`SELECT revision, change_id FROM ${table}`)));
    const before = await stored();

    await history.write(at(1));
    await history.write(at(2));

    expect(await stored()).toEqual(before);
    await history.write(at(3));
    for (const table of tables) expect(await rowsOf(`SELECT revision FROM ${table}`)).toEqual([{ revision: 3 }]);
  });
});

describe("change_id", () => {
  const ALL = ["services", "service_metrics", "service_metrics_hourly", "anomalies", "incidents"]
    .map((table) => `SELECT '${table}' AS name, revision, change_id FROM ${table}`)
    .join(" UNION ALL ");

  test("is new and larger for a row that was applied, and stays for one that was not", async () => {
    await history.write([
      metrics({}),
      metrics({ window_start: minuteAt(1) }),
      { table: "incidents", row: incidentRow() },
    ]);
    const before = await rowsOf(`SELECT window_start, change_id FROM service_metrics ORDER BY window_start`);

    await history.write([metrics({ revision: 1 }), metrics({ window_start: minuteAt(1), revision: 2 })]);

    const after = await rowsOf(`SELECT window_start, change_id FROM service_metrics ORDER BY window_start`);
    expect(after[0]).toEqual(before[0]);
    const [largest] = await rowsOf(`SELECT MAX(change_id) AS value FROM incidents`);
    expect(after[1]!["change_id"]).toBeGreaterThan(Number(largest!["value"]));
  });

  test("is never given twice, even by writers at the same time", async () => {
    const writers = Array.from({ length: 20 }, (_unused, writer) =>
      history.write([
        ...Array.from({ length: 15 }, (_, i) =>
          metrics({ service: `s${writer % 5}`, window_start: minuteAt(i), revision: writer + 1 }),
        ),
        { table: "services", row: serviceRow({ service: `s${writer}` }) },
        { table: "incidents", row: incidentRow({ id: `i${writer}` }) },
      ]),
    );
    await Promise.all(writers);

    const ids = (await rowsOf(ALL)).map((row) => Number(row["change_id"]));
    expect(ids).toHaveLength(5 * 15 + 20 + 20);
    expect(new Set(ids).size).toBe(ids.length);
    const [sequence] = await rowsOf("SELECT value FROM change_sequence");
    expect(Math.max(...ids)).toBeLessThanOrEqual(Number(sequence!["value"]));
  });

  test("leaves a reader nothing behind: whoever has read up to one finds every later change above it", async () => {
    let cursor = 0;
    for (let round = 1; round <= 5; round += 1) {
      await history.write([metrics({ revision: round }), { table: "services", row: serviceRow({ revision: round }) }]);
      const news = (await rowsOf(ALL)).filter((row) => Number(row["change_id"]) > cursor);
      expect(news.map((row) => row["revision"])).toEqual([round, round]);
      cursor = Math.max(...news.map((row) => Number(row["change_id"])));
    }
  });
});

describe("a write", () => {
  test("of 10,000 rows with large sketches arrives whole, in few statements", async () => {
    const latency_sketch = btoa("\u00ab".repeat(600));
    const rows = Array.from({ length: 10_000 }, (_, i) =>
      metrics({ window_start: minuteAt(i), window_end: minuteAt(i + 1), request_count: i, latency_sketch }),
    );

    const { db, counts } = countingDb();
    await d1History(db).write(rows);

    expect(counts).toHaveLength(1);
    expect(counts[0]!.statements).toBeLessThanOrEqual(50);

    const { items } = await readWindows(env.DB, checkoutMinutes);
    expect(items).toHaveLength(10_000);
    expect(items.every((item, i) => item.request_count === i && item.latency_sketch === latency_sketch)).toBe(true);
    const [{ changes, newest }] = (await rowsOf(
      "SELECT COUNT(DISTINCT change_id) AS changes, MAX(change_id) AS newest FROM service_metrics",
    )) as [{ changes: number; newest: number }];
    expect([changes, newest]).toEqual([10_000, 10_000]);
  }, 30_000);

  test("is all or nothing: one row that the database refuses leaves no trace of the others", async () => {
    const refused = metrics({ window_start: minuteAt(1), request_count: 1.5 });

    await expect(history.write([metrics({}), { table: "services", row: serviceRow() }, refused])).rejects.toThrow(
      /request_count/,
    );

    expect(await rowsOf("SELECT service FROM service_metrics UNION ALL SELECT service FROM services")).toEqual([]);
    expect(await rowsOf("SELECT value FROM change_sequence")).toEqual([{ value: 0 }]);
  });

  test("of nothing asks nothing of the database", async () => {
    await env.DB.prepare("DROP TABLE change_sequence").run();
    await expect(history.write([])).resolves.toBeUndefined();
  });

  test("with a time that is none rejects and says which", async () => {
    await expect(history.write([metrics({ window_start: "yesterday" })])).rejects.toThrow(/"yesterday"/);
  });

  test("costs two rows for a window and one for the call, and an update of an incident no entry but that of its change_id", async () => {
    const { db, counts } = countingDb();

    await d1History(db).write([metrics({}), metrics({ window_start: minuteAt(1) })]);
    await d1History(db).write([{ table: "incidents", row: incidentRow() }]);
    await d1History(db).write([{ table: "incidents", row: incidentRow({ revision: 2 }) }]);

    expect(counts.map((count) => count.rows)).toEqual([4 + 1, 4 + 1, 2 + 1]);
  });
});
