/** How a service's object comes by its settings, keeps them, and judges by them. */
import { describe, expect, test, vi } from "vitest";
import { defaultSettings, type VersionedSettings } from "../domain/settings.ts";
import { MonitorHarness, type TestEvent } from "../tests/monitor-harness.ts";
import { InjectedFault } from "../tests/sqlite-storage.ts";

const START_MS = Date.parse("2026-11-24T10:00:00Z");

const offer = (version: number, changes: Partial<VersionedSettings["settings"]>): VersionedSettings => ({
  version,
  settings: { ...defaultSettings("checkout"), ...changes },
});

/** A second with 10 requests, of which `failing` are answered with `status_code`. */
function second(at: number, failing = 0, status_code = 500): TestEvent[] {
  return Array.from({ length: 10 }, (_, i) => ({
    offset: at * 10 + i,
    timestamp_ms: START_MS + at * 1000 + i,
    event_time_ms: START_MS + at * 1000 + i,
    endpoint: "/pay",
    latency_us: 100_000,
    status_code: i < failing ? status_code : 200,
  }));
}

async function deliver(harness: MonitorHarness, at: number, failing = 0, status_code = 500): Promise<void> {
  await harness.advance(Math.max(0, START_MS + at * 1000 + 900 - harness.now_ms));
  const events = second(at, failing, status_code);
  harness.deliver(events, {
    source: "default",
    topic: "t",
    partition: 0,
    first_offset: at * 10,
    last_offset: at * 10 + 9,
  });
}

const errorsOf = (harness: MonitorHarness): number[] =>
  harness.actor.windows(0, 253_402_300_799, 1_000).items.map((item) => item.error_count);

describe("a new object", () => {
  test("judges its first batch by what it heard from the Fleet, and asks no more", async () => {
    const harness = new MonitorHarness("checkout", START_MS);
    harness.fleet.version = 3;
    harness.fleet.settings = { errors: ["4xx"] };
    expect(harness.actor.askDue).toBe(true);
    await harness.actor.ask("checkout");
    expect(harness.actor.askDue).toBe(false);
    await deliver(harness, 0, 4, 404);
    expect(errorsOf(harness)).toEqual([4]);
    expect(harness.actor.settings()).toEqual(offer(3, { errors: ["4xx"] }));
    harness.evict();
    expect(harness.actor.askDue).toBe(false);
    await harness.advance(3_600_000);
    expect(harness.fleet.asked).toBe(1);
  });

  test("takes no answer to a question from before its name was refused: a newer word may have come and gone meanwhile", async () => {
    const harness = new MonitorHarness("checkout", START_MS);
    const { promise, resolve } = Promise.withResolvers<VersionedSettings>();
    const settingsOf = vi.spyOn(harness.fleet, "settingsOf").mockReturnValueOnce(promise);
    const asking = harness.actor.ask("checkout");
    // Version 4 is pushed, and forgotten with the refusal; the answer is older and late.
    harness.actor.takeSettings(offer(4, { sla_ms: 169 }));
    const position = { source: "default", topic: "t", partition: 0, first_offset: 0, last_offset: 9 };
    expect(harness.deliver(second(0), position, { admitted: false })).toEqual({ kind: "not_admitted" });
    resolve(offer(3, { sla_ms: 300 }));
    await asking;
    expect(harness.actor.askDue).toBe(true);
    settingsOf.mockResolvedValue(offer(4, { sla_ms: 169 }));
    await deliver(harness, 0);
    await harness.actor.drain();
    expect(harness.actor.settings()).toEqual(offer(4, { sla_ms: 169 }));
  });

  test("asks again what it heard before its name was admitted: until then nobody tells it what changes", async () => {
    const harness = new MonitorHarness("checkout", START_MS);
    const position = { source: "default", topic: "t", partition: 0, first_offset: 0, last_offset: 9 };
    await harness.actor.ask("checkout");
    expect(harness.deliver(second(0), position, { admitted: false })).toEqual({ kind: "not_admitted" });
    harness.fleet.version = 4;
    harness.fleet.settings = { sla_ms: 120 };
    expect(harness.actor.askDue).toBe(true);
    await harness.actor.ask("checkout");
    harness.deliver(second(0), position);
    expect(harness.actor.settings()).toEqual(offer(4, { sla_ms: 120 }));
  });

  test("takes the newest of what it is told and what it hears, whichever comes last", async () => {
    const harness = new MonitorHarness("checkout", START_MS);
    harness.fleet.version = 5;
    harness.actor.takeSettings(offer(6, { sla_ms: 6 }));
    await harness.actor.ask("checkout");
    await deliver(harness, 0);
    expect(harness.actor.settings()).toEqual(offer(6, { sla_ms: 6 }));
  });

  test("without the Fleet goes by the defaults, and asks again until it hears", async () => {
    const logged = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const harness = new MonitorHarness("checkout", START_MS);
    harness.fleet.isDown = true;
    await harness.actor.ask("checkout");
    expect(harness.actor.askDue).toBe(false);
    await deliver(harness, 0);
    expect(harness.actor.settings()).toEqual({ version: null, settings: defaultSettings("checkout") });
    await harness.advance(60_000);
    harness.fleet.isDown = false;
    harness.fleet.version = 2;
    harness.fleet.settings = { sla_ms: 77 };
    await harness.advance(600_000);
    expect(harness.actor.settings()).toEqual(offer(2, { sla_ms: 77 }));
    expect(harness.fleet.asked).toBe(1);
    logged.mockRestore();
  });
});

describe("a change of settings", () => {
  test("holds from the next second on that closes: what was counted before stays", async () => {
    const harness = new MonitorHarness("checkout", START_MS);
    await harness.actor.ask("checkout");
    for (const at of [0, 1, 2, 3, 4, 5, 6, 7, 8]) await deliver(harness, at, 1, 404);
    harness.actor.takeSettings(offer(1, { errors: ["4xx", "5xx"] }));
    for (const at of [9, 10, 11]) await deliver(harness, at, 1, 404);
    expect(errorsOf(harness)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1]);
  });

  test("turns an alarm off and on without a restart", async () => {
    const harness = new MonitorHarness("checkout", START_MS);
    await harness.actor.ask("checkout");
    harness.actor.takeSettings(offer(1, { detectors: ["reference"], sla_ms: null }));
    for (let at = 0; at < 90; at += 1) await deliver(harness, at);
    expect([...harness.fleet.events.values()]).toEqual([]);
    harness.actor.takeSettings(offer(2, { detectors: ["reference"], sla_ms: 20 }));
    for (let at = 90; at < 100; at += 1) await deliver(harness, at);
    expect([...harness.fleet.events.values()].map(({ action }) => action)).toContain("opened");
  });

  test("survives an eviction, and an older version never takes its place", async () => {
    const harness = new MonitorHarness("checkout", START_MS);
    await harness.actor.ask("checkout");
    await deliver(harness, 0);
    harness.actor.takeSettings(offer(7, { sla_ms: 70 }));
    harness.evict();
    expect(harness.actor.settings()).toEqual(offer(7, { sla_ms: 70 }));
    for (const version of [1, 6, 7]) harness.actor.takeSettings(offer(version, { sla_ms: version }));
    expect(harness.actor.settings()).toEqual(offer(7, { sla_ms: 70 }));
    expect(harness.actor.describe()).toMatchObject({ sla_ms: 70, settings_version: 7 });
  });

  test("stands in the audit log, once, with what changed", async () => {
    const harness = new MonitorHarness("checkout", START_MS);
    await harness.actor.ask("checkout");
    await deliver(harness, 0);
    harness.actor.takeSettings(offer(7, { sla_ms: 70 }));
    harness.actor.takeSettings(offer(8, { sla_ms: 70 }));
    await harness.advance(30_000);
    const [row, ...more] = harness.history.of("audit_log");
    expect(more).toEqual([]);
    expect(row).toMatchObject({ actor: "object", action: "settings.in_force", subject: "checkout" });
    expect(JSON.parse(row!.detail)).toEqual({ version: 7, changed: { sla_ms: [300, 70] } });
  });

  test("is there as a whole or not at all, whichever statement fails", async () => {
    for (let statements = 0; ; statements += 1) {
      const harness = new MonitorHarness("checkout", START_MS);
      await harness.actor.ask("checkout");
      await deliver(harness, 0);
      harness.storage.failAfter(statements);
      let error: unknown = null;
      try {
        harness.actor.takeSettings(offer(1, { sla_ms: 70 }));
      } catch (thrown) {
        error = thrown;
      }
      if (!harness.storage.failed) return;
      expect(error).toBeInstanceOf(InjectedFault);
      const remembered = harness.actor.settings();
      harness.evict();
      expect(harness.actor.settings()).toEqual(remembered);
      harness.actor.takeSettings(offer(1, { sla_ms: 70 }));
      expect(harness.actor.settings()).toEqual(offer(1, { sla_ms: 70 }));
    }
  });
});
