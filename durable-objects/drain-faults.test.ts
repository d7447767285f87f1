/** What a failing statement must not break besides memory and storage: slow work, and what sockets hear. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { defaultSettings } from "../domain/settings.ts";
import { REFERENCE_RULES } from "../tests/detection-stream.ts";
import { MonitorHarness, START_MS, type TestEvent, traffic } from "../tests/monitor-harness.ts";
import { InjectedFault } from "../tests/sqlite-storage.ts";

beforeEach(() => {
  for (const level of ["warn", "error"] as const) vi.spyOn(console, level).mockImplementation(() => undefined);
});
afterEach(() => vi.restoreAllMocks());

const HEALTHY_S = 40;
const END_MS = START_MS + HEALTHY_S * 1000;

/** Judged by the plain rules, so that one second decides. */
async function healthy(): Promise<MonitorHarness> {
  const harness = new MonitorHarness("checkout", START_MS);
  await harness.live(traffic(START_MS, HEALTHY_S, 10, 0));
  harness.actor.takeSettings({ version: 1, settings: { ...defaultSettings("checkout"), ...REFERENCE_RULES } });
  await harness.actor.drain();
  harness.sockets.open = 1;
  return harness;
}

function send(harness: MonitorHarness, events: readonly TestEvent[]): void {
  const [first_offset, last_offset] = [events[0]!.offset, events.at(-1)!.offset];
  harness.deliver(events, { source: "default", topic: "raw_events", partition: 0, first_offset, last_offset });
}

/** A second of errors, and one more event that closes it: an incident opens. */
const outage: readonly TestEvent[] = [...traffic(END_MS, 1, 200, 1, 400), ...traffic(END_MS + 4_000, 1, 1, 0, 600)];

describe("given a storage that fails at any statement of a drain", () => {
  test("then the drain does not reject, and what waits goes out later", async () => {
    for (let statement = 0; ; statement += 1) {
      const harness = await healthy();
      harness.now_ms = END_MS + 4_000;
      send(harness, outage);
      harness.storage.failAfter(statement);
      await harness.actor.drain();
      const { failed } = harness.storage;
      harness.storage.failAfter(null);
      expect(harness.storage.alarm_ms).not.toBeNull();
      await harness.advance(120_000);
      expect(harness.actor.describe()!.outbox).toEqual({ d1: 0, fleet: 0, narrator: 0, subscribers: 0 });
      if (!failed) return expect(statement).toBeGreaterThan(3);
    }
  });
});

describe("given a target that hangs, and an alarm that rings while another one is under way", () => {
  test("then the other one, when it fails, is tried again in its own time", async () => {
    const harness = await healthy();
    harness.narrator.isHanging = true;
    const { promise, reject } = Promise.withResolvers<void>();
    vi.spyOn(harness.subscribers, "notify").mockReturnValueOnce(promise);
    const ring = (): void => {
      harness.now_ms = Math.max(harness.now_ms, harness.storage.alarm_ms!);
      harness.storage.alarm_ms = null;
      harness.actor.onAlarm();
    };
    const settle = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
    harness.now_ms = END_MS + 4_000;
    send(harness, outage);
    void harness.actor.drain();
    ring();

    reject(new Error("it took too long"));
    await settle();

    expect(harness.storage.alarm_ms! - harness.now_ms).toBe(1_000);
    ring();
    void harness.actor.drain();
    await settle();
    expect([...harness.subscribers.notices.values()].map(({ event }) => "incident" in event && event.action)).toContain(
      "opened",
    );
  });
});

describe("given a storage that fails at any statement of a deletion", () => {
  test("then it is done or not, and what waits goes out all the same", async () => {
    for (let statement = 0; ; statement += 1) {
      const harness = await healthy();
      harness.storage.failAfter(statement);
      try {
        harness.actor.forget("checkout", "admin by token");
      } catch (error) {
        expect(error).toBeInstanceOf(InjectedFault);
      }
      const { failed } = harness.storage;
      harness.storage.failAfter(null);
      await harness.advance(120_000);
      expect(harness.storage.dump()["outbox"], `after statement ${statement}`).toEqual([]);
      if (!failed) return expect(statement).toBeGreaterThan(5);
    }
  });
});

describe("given a storage that fails at any statement when an object wakes", () => {
  test("then what waits goes out all the same, also of a service that was deleted", async () => {
    for (let statement = 0; ; statement += 1) {
      const harness = await healthy();
      harness.history.isDown = true;
      harness.actor.forget("checkout", "admin by token");
      harness.evict();
      harness.storage.failAfter(statement);
      try {
        harness.actor.exists();
      } catch (error) {
        expect(error).toBeInstanceOf(InjectedFault);
      }
      const { failed } = harness.storage;
      harness.storage.failAfter(null);
      harness.history.isDown = false;
      await harness.advance(300_000);
      expect(harness.storage.dump()["outbox"]).toEqual([]);
      if (!failed) return expect(statement).toBeGreaterThan(2);
    }
  });
});

describe("given a storage that fails at any statement of a batch that opens an incident", () => {
  test("then sockets have heard of what is stored, and of nothing else", async () => {
    for (let statement = 0; ; statement += 1) {
      const harness = await healthy();
      harness.now_ms = END_MS + 4_000;
      harness.storage.failAfter(statement);
      try {
        send(harness, outage);
      } catch (error) {
        expect(error).toBeInstanceOf(InjectedFault);
      }
      const { failed } = harness.storage;
      harness.storage.failAfter(null);
      const heard = harness.sockets.sent.filter(({ type }) => type === "incident");
      expect(heard.map((message) => (message.type === "incident" ? message.seq : null))).toEqual(
        harness.incidents().map(({ seq }) => seq),
      );
      if (!failed) return expect(heard.length).toBeGreaterThan(0);
    }
  });
});
