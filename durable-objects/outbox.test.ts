/** When a row of the outbox is due: windows at the place of their service, everything else at once. */
import { describe, expect, test } from "vitest";
import type { ServiceEvent } from "../domain/fleet.ts";
import type { HistoryRow } from "../domain/history.ts";
import { emptyMinute, minuteWindow } from "../domain/minute.ts";
import { FleetLog, HistoryTable, NarratorLog, SubscribersLog } from "../tests/monitor-harness.ts";
import { SqliteStorage } from "../tests/sqlite-storage.ts";
import { incidentOf } from "../tests/fleet-harness.ts";
import { Outbox } from "./outbox.ts";
import { MonitorStore } from "./service-monitor-sql.ts";

const NOW_MS = Date.parse("2026-11-24T10:00:00Z");
const SPREAD_MS = 20_000;

function dueOf(service: string, row: HistoryRow, now_ms: number): number {
  const store = new MonitorStore(new SqliteStorage());
  store.create();
  const own = { d1: new HistoryTable(), narrator: new NarratorLog(), subscribers: new SubscribersLog() };
  const targets = { ...own, fleet: new FleetLog() };
  const outbox = new Outbox(store, () => now_ms, targets);
  outbox.put("d1", 1, row, service);
  outbox.load();
  return outbox.nextDue()!;
}

const windowOf = (service: string): HistoryRow => ({
  table: "service_metrics",
  row: minuteWindow(service, emptyMinute(NOW_MS / 60_000)),
});

describe("a row for history", () => {
  const services = Array.from({ length: 400 }, (_, i) => `service-${i}`);

  test("that is a window waits for its service's place, so that the services spread evenly over 20 s", () => {
    const delays = services.map((service) => dueOf(service, windowOf(service), NOW_MS) - NOW_MS);
    const quarters = [0, 0, 0, 0];
    for (const delay_ms of delays) {
      expect(delay_ms).toBeGreaterThanOrEqual(0);
      expect(delay_ms).toBeLessThan(SPREAD_MS);
      quarters[Math.floor((delay_ms / SPREAD_MS) * 4)]! += 1;
    }
    for (const count of quarters) expect(count).toBeGreaterThan(60);
  });

  test("finds the same place again every 20 s, whenever the window comes", () => {
    const due_ms = dueOf("checkout", windowOf("checkout"), NOW_MS);
    expect(dueOf("checkout", windowOf("checkout"), due_ms)).toBe(due_ms);
    expect(dueOf("checkout", windowOf("checkout"), due_ms + 1)).toBe(due_ms + SPREAD_MS);
  });

  test("that people wait for goes at once", () => {
    expect(dueOf("checkout", { table: "incidents", row: incidentOf("checkout") }, NOW_MS)).toBe(NOW_MS);
  });
});

describe("a drain after a long outage", () => {
  test("hands on everything once and in order, in calls of at most 500 rows and about 4 MiB", async () => {
    const store = new MonitorStore(new SqliteStorage());
    store.create();
    const calls: ServiceEvent[][] = [];
    const incidents = (events: readonly ServiceEvent[]): Promise<void> => {
      calls.push([...events]);
      return Promise.resolve();
    };
    const own = { d1: new HistoryTable(), narrator: new NarratorLog(), subscribers: new SubscribersLog() };
    const targets = { ...own, fleet: { incidents } };
    const outbox = new Outbox(store, () => NOW_MS, targets);
    // Sixty large events, two bytes a character, then a thousand small ones.
    for (let seq = 1; seq <= 1060; seq += 1) {
      const incident = incidentOf("checkout", { description: (seq <= 60 ? "ä" : "a").repeat(seq <= 60 ? 50_000 : 10) });
      outbox.put("fleet", seq, { service: "checkout", seq, action: "updated", incident }, "checkout");
    }
    outbox.load();
    await outbox.drain(() => undefined);
    expect(calls.flat().map(({ seq }) => seq)).toEqual(Array.from({ length: 1060 }, (_, i) => i + 1));
    const bytes = calls.map((events) => new TextEncoder().encode(JSON.stringify(events)).length);
    expect(Math.max(...bytes)).toBeLessThan(4.3 * 1024 * 1024);
    expect(calls.map((events) => events.length)).toEqual([42, 500, 500, 18]);
  });
});
