/** A service that an administrator deletes, over its actor with real SQL. */
import { beforeEach, describe, expect, test } from "vitest";
import { CLOSE_SERVICE_DELETED } from "../domain/message.ts";
import { defaultSettings } from "../domain/settings.ts";
import { MonitorHarness, START_MS, type TestEvent, traffic } from "../tests/monitor-harness.ts";
import { InjectedFault } from "../tests/sqlite-storage.ts";

const ACTOR = "admin by token";
let harness: MonitorHarness;

beforeEach(async () => {
  harness = new MonitorHarness("checkout", START_MS);
  await harness.live(traffic(START_MS, 90, 10, 0));
});

function position(events: readonly TestEvent[]) {
  const [first_offset, last_offset] = [events[0]!.offset, events.at(-1)!.offset];
  return { source: "default", topic: "raw_events", partition: 0, first_offset, last_offset };
}

describe("a service that is deleted", () => {
  test("is forgotten but for what waits, and its sockets close with a reason", async () => {
    harness.sockets.open = 1;
    expect(harness.actor.forget("checkout", ACTOR)).toBe(true);
    expect(harness.sockets.closed_with).toBe(CLOSE_SERVICE_DELETED);
    expect([harness.actor.exists(), harness.actor.describe()]).toEqual([false, null]);
    expect(Object.keys(harness.storage.dump()).sort()).toEqual(["outbox", "past"]);
    await harness.advance(120_000);
    expect(harness.storage.dump()["outbox"]).toEqual([]);
    expect(harness.storage.alarm_ms).toBeNull();
    // Every request stands in history, also those of the minute that was open.
    const requests = harness.history.of("service_metrics").map((row) => row.request_count);
    expect(requests).toEqual([600, 300]);
    expect(harness.history.of("services")).toMatchObject([{ deleted_at: "2026-11-24T10:01:30Z", status: "healthy" }]);
    expect(harness.history.of("audit_log")).toMatchObject([
      { actor: ACTOR, action: "service.deleted", subject: "checkout" },
    ]);
  });

  test("loses nothing of that while history and the fleet are down and the object is evicted", async () => {
    await harness.live(traffic(START_MS + 90_000, 300, 10, 0, 900));
    await harness.live(traffic(START_MS + 390_000, 60, 10, 2, 3900));
    harness.history.isDown = harness.fleet.isDown = true;
    harness.actor.forget("checkout", ACTOR);
    harness.evict();
    await harness.advance(300_000);
    harness.evict();
    harness.history.isDown = harness.fleet.isDown = false;
    await harness.advance(300_000);
    const ended = { status: "resolved", resolution: "manual" };
    expect(harness.history.of("incidents")).toMatchObject([ended]);
    expect([...harness.fleet.events.values()].at(-1)).toMatchObject({ action: "resolved", incident: ended });
    expect(harness.history.of("services")[0]!.deleted_at).not.toBeNull();
    expect(harness.history.of("audit_log")).toHaveLength(1);
  });

  test("is there as before, or gone as a whole, whichever statement fails", async () => {
    const before = harness.actor.describe();
    let kept = 0;
    for (let statement = 0; harness.actor.exists(); statement += 1) {
      harness.storage.failAfter(statement);
      try {
        harness.actor.forget("checkout", ACTOR);
      } catch (error) {
        if (!(error instanceof InjectedFault)) throw error;
      }
      harness.storage.failAfter(null);
      harness.evict();
      if (!harness.actor.exists()) break;
      expect(harness.actor.describe()).toEqual(before);
      kept += 1;
    }
    expect(kept).toBeGreaterThan(8);
    await harness.actor.drain();
    expect(harness.history.of("audit_log")).toHaveLength(1);
  });

  test("is deleted once: a second time there is nothing", async () => {
    harness.actor.forget("checkout", ACTOR);
    expect(harness.actor.forget("checkout", ACTOR)).toBe(false);
    expect(new MonitorHarness("never", START_MS).actor.forget("never", ACTOR)).toBe(false);
  });

  test("is nothing where its first batch failed halfway", () => {
    let failed = true;
    for (let statement = 0; failed; statement += 1) {
      const fresh = new MonitorHarness("fresh", START_MS);
      const events = traffic(START_MS, 1, 10, 0);
      fresh.storage.failAfter(statement);
      try {
        fresh.deliver(events, position(events));
      } catch (error) {
        if (!(error instanceof InjectedFault)) throw error;
      }
      ({ failed } = fresh.storage);
      fresh.storage.failAfter(null);
      const existed = fresh.actor.exists();
      expect(fresh.actor.forget("fresh", ACTOR)).toBe(existed);
    }
  });

  test("can be deleted though its state cannot be read", async () => {
    harness.storage.exec("UPDATE hot SET state = ?", new Uint8Array([99]));
    harness.evict();
    expect(() => harness.actor.describe()).toThrow("cannot be read");
    expect(harness.actor.forget("checkout", ACTOR)).toBe(true);
    await harness.actor.drain();
    expect(harness.history.of("audit_log")).toHaveLength(1);
    expect(harness.actor.exists()).toBe(false);
  });
});

describe("an event of the name of a deleted service", () => {
  const next = (at_s: number): TestEvent[] => traffic(START_MS + at_s * 1000, 1, 10, 0, at_s * 10);

  test("waits until nobody can believe any more that the name is admitted still", () => {
    harness.actor.forget("checkout", ACTOR);
    expect(harness.deliver(next(90), position(next(90)))).toEqual({ kind: "not_admitted" });
    harness.now_ms += 5_000;
    expect(harness.deliver(next(95), position(next(95)))).toMatchObject({ kind: "applied", accepted: 10 });
  });

  test("waits as long again where the deletion had to be repeated", () => {
    harness.actor.forget("checkout", ACTOR);
    harness.now_ms += 4_000;
    harness.evict();
    expect(harness.actor.forget("checkout", ACTOR)).toBe(false);
    harness.now_ms += 1_000;
    expect(harness.deliver(next(95), position(next(95)))).toEqual({ kind: "not_admitted" });
    harness.now_ms += 4_000;
    expect(harness.deliver(next(99), position(next(99)))).toMatchObject({ kind: "applied", accepted: 10 });
  });

  test("begins anew, and what it tells is newer to history and to the fleet than what was told before", async () => {
    harness.actor.forget("checkout", ACTOR);
    await harness.advance(5_000);
    // The service goes on in the minute in which it was deleted, and fails.
    await harness.live(traffic(START_MS + 95_000, 200, 10, 0, 950));
    await harness.live(traffic(START_MS + 295_000, 60, 10, 2, 2950));
    await harness.advance(60_000);
    const [, second] = harness.history.of("service_metrics");
    expect(second).toMatchObject({ window_start: "2026-11-24T10:01:00Z", request_count: 250 });
    expect(harness.history.of("services")).toMatchObject([{ deleted_at: null }]);
    expect(harness.actor.describe()!.counters).toMatchObject({ accepted: 2600, duplicates: 0 });
    const numbers = [...harness.fleet.events.keys(), ...harness.fleet.narratives.keys()].sort((a, b) => a - b);
    expect(numbers).toEqual(numbers.map((_, i) => i + 1));
  });

  test("is judged by the settings of its day, not by those that the object heard before the first time", async () => {
    const fresh = new MonitorHarness("checkout", START_MS);
    await fresh.actor.ask("checkout");
    const batch = next(0);
    fresh.deliver(batch, position(batch));
    fresh.actor.forget("checkout", ACTOR);
    // While the service is gone nobody tells its object what changes.
    Object.assign(fresh.fleet, { version: 7, settings: { sla_ms: 123 } });
    expect(fresh.actor.askDue).toBe(true);
    await fresh.actor.ask("checkout");
    fresh.now_ms += 5_000;
    fresh.deliver(next(5), position(next(5)));
    expect(fresh.actor.settings()).toMatchObject({ version: 7, settings: { sla_ms: 123 } });
  });

  test("tells history of each time that settings come into force, also of the same version", async () => {
    const offer = { version: 3, settings: { ...defaultSettings("checkout"), sla_ms: 120 } };
    harness.actor.takeSettings(offer);
    harness.actor.forget("checkout", ACTOR);
    harness.now_ms += 5_000;
    harness.deliver(next(95), position(next(95)));
    harness.actor.takeSettings(offer);
    await harness.actor.drain();
    const told = harness.history.of("audit_log").filter(({ action }) => action === "settings.in_force");
    expect(told).toHaveLength(2);
  });

  test("counts again when it is delivered again: nothing is left that could tell", async () => {
    const batch = next(89);
    expect(harness.deliver(batch, position(batch))).toMatchObject({ accepted: 0, duplicates: 10 });
    harness.actor.forget("checkout", ACTOR);
    harness.now_ms += 5_000;
    expect(harness.deliver(batch, position(batch))).toMatchObject({ accepted: 10, duplicates: 0 });
    expect(harness.deliver(batch, position(batch))).toMatchObject({ accepted: 0, duplicates: 10 });
    expect(harness.actor.describe()!.partitions).toMatchObject([{ base: 890, high: 899 }]);
  });
});
