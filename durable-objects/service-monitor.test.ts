import { describe, expect, test } from "vitest";
import { MonitorHarness, START_MS, traffic } from "../tests/monitor-harness.ts";

describe("a service's actor", () => {
  test("projects every minute once it closes, and the open one after five quiet seconds", async () => {
    const harness = new MonitorHarness("checkout", START_MS);
    await harness.live(traffic(START_MS, 130, 10, 0));
    await harness.advance(60_000);
    const windows = harness.history.of("service_metrics");
    expect(windows.map((row) => [row.window_start, row.request_count, row.error_count])).toEqual([
      ["2026-11-24T10:00:00Z", 600, 0],
      ["2026-11-24T10:01:00Z", 600, 0],
      ["2026-11-24T10:02:00Z", 100, 0],
    ]);
    expect(harness.actor.describe()).toMatchObject({
      at: "2026-11-24T10:02:08Z",
      watermark: "2026-11-24T10:02:09.900Z",
    });
  });

  test("turns an error surge into one incident that opens, grows worse and resolves", async () => {
    // Given five minutes of health, when half of the requests fail for two minutes
    const harness = new MonitorHarness("checkout", START_MS);
    await harness.live(traffic(START_MS, 300, 10, 0));
    await harness.live(traffic(START_MS + 300_000, 120, 10, 2, 3000));
    await harness.live(traffic(START_MS + 420_000, 180, 10, 0, 4200));
    await harness.advance(60_000);
    // Then there is one incident with its onset at the first bad second
    const incidents = harness.history.of("incidents");
    expect(incidents).toHaveLength(1);
    expect(incidents[0]).toMatchObject({
      status: "resolved",
      severity: "critical",
      metric_name: "error_rate",
      endpoint: "/pay",
      endpoint_share: 1,
      onset_at: "2026-11-24T10:05:00Z",
      historical: false,
      failed_count: 600,
    });
    const actions = [...harness.fleet.events.values()].map((event) => event.action);
    expect(actions[0]).toBe("opened");
    expect(actions.at(-1)).toBe("resolved");
    expect(actions.filter((action) => action === "opened")).toHaveLength(1);
  });

  test("an incident that lasts brings its growing counts to history and to the fleet each minute", async () => {
    const harness = new MonitorHarness("checkout", START_MS);
    await harness.live(traffic(START_MS, 300, 10, 0));
    const counts: number[] = [];
    for (let minute = 5; minute < 10; minute += 1) {
      await harness.live(traffic(START_MS + minute * 60_000, 60, 10, 2, minute * 600));
      counts.push(harness.history.of("incidents")[0]!.request_count);
    }
    // The last two seconds of a minute close in the next one: the first of these is the opening, or when it grew worse.
    expect(counts.slice(2).map((count, i) => count - counts[i + 1]!)).toEqual([600, 600, 600]);
    expect([...harness.fleet.events.values()].at(-1)!.incident.request_count).toBe(counts.at(-1));
  });

  test("costs at most 1.5 rows a second at one batch a second", async () => {
    const harness = new MonitorHarness("checkout", START_MS);
    await harness.live(traffic(START_MS, 60, 10, 0));
    const before = harness.storage.rows_written;
    await harness.live(traffic(START_MS + 60_000, 600, 10, 0, 600));
    expect((harness.storage.rows_written - before) / 600).toBeLessThanOrEqual(1.5);
  });
});
