/** The fleet's figures over a span: no minute twice, none left out, and few rows read. */
import { applyD1Migrations, reset } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { beforeEach, describe, expect, test } from "vitest";
import type { HistoryRow } from "../domain/history.ts";
import { formatRfc3339 } from "../domain/rfc3339.ts";
import type { FleetSummary } from "../domain/summary.ts";
import { anomalyRow, minuteAt, serviceRow, START_MS, windowRow } from "../tests/history-rows.ts";
import { d1History } from "./history.ts";
import { partsOf, readSummary } from "./summary.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const history = d1History(env.DB);

beforeEach(async () => {
  await reset();
  await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);
});

function minute(name: string, index: number, change: Parameters<typeof windowRow>[0] = {}): HistoryRow {
  const row = windowRow({ service: name, window_start: minuteAt(index), window_end: minuteAt(index + 1), ...change });
  return { table: "service_metrics", row };
}

function service(name: string, first_ms = START_MS): HistoryRow {
  return { table: "services", row: serviceRow({ service: name, first_event_at: formatRfc3339(first_ms) }) };
}

const hour = { from_ms: START_MS, to_ms: START_MS + HOUR_MS };

describe("the figures of a span", () => {
  test("are the sums over all services, beside what their baselines expected", async () => {
    await history.write([
      service("checkout"),
      service("search"),
      minute("checkout", 0, {
        request_count: 200,
        error_count: 20,
        baseline_request_rate: 3,
        baseline_error_rate: 0.02,
      }),
      minute("checkout", 59, {
        request_count: 100,
        error_count: 0,
        baseline_request_rate: 3,
        baseline_error_rate: 0.02,
      }),
      minute("search", 5, {
        request_count: 60,
        error_count: 6,
        error_rate: 0.1,
        baseline_request_rate: null,
        baseline_error_rate: null,
      }),
      minute("checkout", -1),
      minute("checkout", 60),
    ]);
    // Two minutes of 180 expected, and one of 60 that nobody could expect: (360 x 0.02 + 60 x 0.1) / 420.
    expect(await readSummary(env.DB, hour, hour.to_ms)).toEqual({
      from: minuteAt(0),
      to: minuteAt(60),
      until: minuteAt(60),
      request_count: 360,
      error_count: 26,
      error_rate: 26 / 360,
      normal_request_count: 420,
      normal_error_rate: expect.closeTo(13.2 / 420, 9),
      anomaly_count: 0,
      usual_anomaly_count: null,
      active_anomaly_count: 0,
      active_incident_count: 0,
    } satisfies FleetSummary);
  });

  test("without a window are nothing, and claim nothing of normal", async () => {
    expect(await readSummary(env.DB, hour, hour.to_ms)).toMatchObject({
      until: null,
      request_count: 0,
      error_rate: null,
      normal_request_count: null,
      normal_error_rate: null,
    });
  });

  test("count findings of the span, those still on at its end, and what is usual", async () => {
    const found = (hours: number, change: Parameters<typeof anomalyRow>[0]): HistoryRow => {
      const detected_at = formatRfc3339(START_MS + hours * HOUR_MS);
      return { table: "anomalies", row: anomalyRow({ detected_at, incident_id: `i${hours}`, ...change }) };
    };
    const over = { resolved: true, resolved_at: formatRfc3339(START_MS + HOUR_MS / 2) };
    const later = { resolved: true, resolved_at: formatRfc3339(START_MS + 2 * HOUR_MS) };
    await history.write([
      service("checkout", START_MS - 2 * DAY_MS),
      ...[-40, -30, -20, -10].map((hours) => found(hours, over)),
      found(-1, { resolved: false, resolved_at: null }),
      found(0, over),
      found(0.25, later),
      found(0.5, { resolved: false, resolved_at: null }),
      found(0.5, { resolved: false, resolved_at: null, metric_name: "avg_latency_ms" }),
      found(1, { resolved: false, resolved_at: null }),
    ]);
    expect(await readSummary(env.DB, hour, hour.to_ms)).toMatchObject({
      anomaly_count: 4,
      usual_anomaly_count: expect.closeTo(5 / 48, 9),
      active_anomaly_count: 4,
      active_incident_count: 3,
    });
  });

  test("over many hours come from whole hours and the minutes around them", async () => {
    const whole = (index: number, request_count: number): HistoryRow => ({
      table: "service_metrics_hourly",
      row: windowRow({
        window_start: minuteAt(60 * index),
        window_end: minuteAt(60 * index + 60),
        request_count,
        baseline_request_rate: 1,
      }),
    });
    // Minutes within whole hours would be counted twice if they were read.
    await history.write([
      service("checkout"),
      ...[30, 59, 60, 90, 180, 185].map((index) => minute("checkout", index, { request_count: 1 })),
      whole(0, 7_000),
      whole(1, 100),
      whole(2, 10_000),
    ]);
    const span = { from_ms: START_MS + 30 * 60_000, to_ms: START_MS + 186 * 60_000 };
    const { request_count, until } = await readSummary(env.DB, span, span.to_ms + DAY_MS);
    expect([request_count, until]).toEqual([10_104, minuteAt(186)]);
  });

  test("read one range a service", async () => {
    const { results } = await env.DB.prepare(
      `EXPLAIN QUERY PLAN ${(await import("./summary-sql.ts")).selectWindowSums("service_metrics")}`,
    )
      .bind("a", "b", 60)
      .all<{ detail: string }>();
    expect(results.map(({ detail }) => detail).join("; ")).toMatch(
      /SCAN services.*SEARCH metrics USING PRIMARY KEY \(service=\? AND window_start>\? AND window_start<\?\)/,
    );
  });
});

describe("a span is cut", () => {
  test.each([
    [0, 119, 10_000],
    [10, 400, 10_000],
    [0, 180, 10_000],
    [0, 180, 180],
    [0, 180, 189],
    [59, 181, 181],
  ])("from minute %i to %i, seen at %i, into parts that meet and do not overlap", (from, to, now) => {
    const parts = partsOf(START_MS + from * 60_000, START_MS + to * 60_000, START_MS + now * 60_000);
    expect(parts[0]!.from_ms).toBe(START_MS + from * 60_000);
    expect(parts.at(-1)!.to_ms).toBe(START_MS + to * 60_000);
    for (const [at, part] of parts.entries()) {
      if (at > 0) expect(part.from_ms).toBe(parts[at - 1]!.to_ms);
      expect(part.from_ms).toBeLessThan(part.to_ms);
      if (part.table === "service_metrics") continue;
      expect([part.from_ms % HOUR_MS, part.to_ms % HOUR_MS]).toEqual([0, 0]);
      expect(part.to_ms).toBeLessThanOrEqual(START_MS + now * 60_000 - 10 * 60_000);
    }
  });
});

describe("GET /v1/summary", () => {
  const ask = (query: string, token = "test-viewer-token") =>
    exports.default.fetch(
      new Request(`https://faultline.example/v1/summary?${query}`, { headers: { Authorization: `Bearer ${token}` } }),
    );

  test("answers those who may read", async () => {
    const query = `from=${minuteAt(0)}&to=${minuteAt(60)}`;
    expect(await (await ask(query)).json()).toMatchObject({ from: minuteAt(0), to: minuteAt(60), request_count: 0 });
    expect((await ask(query, "test-ingest-token")).status).toBe(403);
  });

  test.each([
    ["", "from: missing; must be an RFC 3339 time"],
    [`from=${minuteAt(0)}`, "to: missing; must be an RFC 3339 time"],
    [`from=x&to=${minuteAt(0)}`, "from: must be an RFC 3339 time"],
    [`from=${minuteAt(1)}&to=${minuteAt(0)}`, "from: must be a minute to 31 days before to."],
    [`from=2025-01-01T00:00:00Z&to=${minuteAt(0)}`, "from: must be a minute to 31 days before to."],
  ])("refuses ?%s", async (query, detail) => {
    const answer = await ask(query);
    expect(answer.status).toBe(400);
    expect((await answer.json<{ detail: string }>()).detail).toContain(detail);
  });
});
