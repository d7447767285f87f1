/** A service's object in the real Workers runtime: evictions, alarms, sockets, D1, and what it costs. */
import { applyD1Migrations, evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import type { ServiceMessage } from "../domain/message.ts";
import type { BatchPosition } from "../domain/positions.ts";
import type { WindowItem } from "../domain/resource.ts";
import { batchFacts, encodeSums, sumEvents } from "../domain/service-batch.ts";
import {
  columnsOf,
  FleetLog,
  HistoryTable,
  NarratorLog,
  SubscribersLog,
  SocketLog,
  type TestEvent,
} from "../tests/monitor-harness.ts";
import { orderlyLogs } from "../tests/stream-model.ts";
import { readWindows } from "../worker/history.ts";
import type { ApplyAnswer, ApplyCall } from "./apply-call.ts";
import { ServiceMonitorActor } from "./service-monitor.ts";
import type { SqlRow, Storage } from "./storage.ts";

beforeAll(() => applyD1Migrations(env.DB, env.TEST_MIGRATIONS));

let count = 0;
const newService = (): string => `service-${(count += 1)}`;

function callOf(service: string, events: readonly TestEvent[]): ApplyCall {
  const columns = columnsOf(events);
  const [first_offset, last_offset] = [events[0]!.offset, events.at(-1)!.offset];
  const position: BatchPosition = { source: "default", topic: "raw_events", partition: 0, first_offset, last_offset };
  return {
    service,
    position,
    facts: batchFacts(columns),
    content: encodeSums(sumEvents(columns)),
    idempotency: null,
    admitted: true,
    quarantined: false,
  };
}

/** As the Worker calls it. */
async function deliver(
  service: string,
  events: readonly TestEvent[],
): Promise<Extract<ApplyAnswer, { kind: "applied" }>> {
  const monitor = env.SERVICE_MONITOR.getByName(service);
  const call = callOf(service, events);
  let answer: ApplyAnswer = await monitor.apply(call);
  if (answer.kind === "send_events") answer = await monitor.apply({ ...call, content: columnsOf(events) });
  if (answer.kind !== "applied") throw new Error(answer.kind);
  return answer;
}

function event(offset: number, at_ms: number, status_code = 200): TestEvent {
  return { offset, timestamp_ms: at_ms, event_time_ms: at_ms, endpoint: "/pay", latency_us: 100_000, status_code };
}

describe("exactly once in the real runtime", () => {
  test("whatever is delivered again and evicted in between, each event counts once", async () => {
    await fc.assert(
      fc.asyncProperty(
        orderlyLogs,
        fc.array(fc.record({ back: fc.nat(30), size: fc.integer({ min: 1, max: 60 }), evict: fc.boolean() }), {
          maxLength: 8,
        }),
        async (logs, moves) => {
          const [log, service] = [logs[0]!, newService()];
          let done = 0;
          for (const { back, size, evict } of moves) {
            const from = Math.max(0, done - back);
            const piece = log.slice(from, from + size);
            if (piece.length === 0) break;
            const { accepted, duplicates } = await deliver(service, piece);
            expect([accepted, duplicates]).toEqual([
              Math.max(0, from + piece.length - done),
              Math.min(piece.length, done - from),
            ]);
            done = Math.max(done, from + piece.length);
            if (evict) await evictDurableObject(env.SERVICE_MONITOR.getByName(service));
          }
          if (done < log.length) await deliver(service, log.slice(done));
          const { items } = await env.SERVICE_MONITOR.getByName(service).windows(0, 253_402_300_799, 10_000);
          const seconds = Map.groupBy(log, (own) => Math.floor(own.event_time_ms / 1000));
          const counted = items.map((item: WindowItem) => [
            Date.parse(item.window_start) / 1000,
            item.request_count,
            item.latency_sum_us,
          ]);
          const expected = [...seconds].map(([second, own]) => [
            second,
            own.length,
            own.reduce((sum, one) => sum + one.latency_us, 0),
          ]);
          expect(counted).toEqual(expected.sort((a, b) => a[0]! - b[0]!));
        },
      ),
      { numRuns: 15 },
    );
  });

  test("asking a name that never had an event writes nothing", async () => {
    const monitor = env.SERVICE_MONITOR.getByName("never");
    expect(await monitor.describe()).toBeNull();
    expect(await monitor.exists()).toBe(false);
    await runInDurableObject(monitor, (_, state) => {
      expect(
        state.storage.sql.exec("SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_cf%' ESCAPE '\\'").toArray(),
      ).toEqual([]);
    });
  });

  test("a service whose object is new is not applied when the fleet could not admit it", async () => {
    const service = newService();
    const call = { ...callOf(service, [event(0, Date.now())]), admitted: false };
    expect(await env.SERVICE_MONITOR.getByName(service).apply(call)).toEqual({ kind: "not_admitted" });
    await deliver(service, [event(0, Date.now())]);
    expect(
      await env.SERVICE_MONITOR.getByName(service).apply({
        ...callOf(service, [event(1, Date.now())]),
        admitted: false,
      }),
    ).toMatchObject({ accepted: 1 });
  });
});

/** Opens a live socket and gives what it says, one message after the other. */
async function listen(service: string, query = ""): Promise<{ next(): Promise<ServiceMessage>; close(): void }> {
  const url = `https://faultline/v1/services/${service}/live${query}`;
  const response = await env.SERVICE_MONITOR.getByName(service).fetch(url, { headers: { Upgrade: "websocket" } });
  expect(response.status).toBe(101);
  const socket = response.webSocket!;
  const queue: ServiceMessage[] = [];
  const waiting: ((message: ServiceMessage) => void)[] = [];
  socket.addEventListener("message", ({ data }) => {
    const message = JSON.parse(String(data)) as ServiceMessage;
    const first = waiting.shift();
    if (first === undefined) queue.push(message);
    else first(message);
  });
  socket.accept();
  return {
    next: () => new Promise((resolve) => (queue.length > 0 ? resolve(queue.shift()!) : waiting.push(resolve))),
    close: () => socket.close(),
  };
}

describe("the live socket", () => {
  test("starts with a snapshot, ticks with what changes, and survives an eviction of the object", async () => {
    const service = newService();
    const now_ms = Date.now();
    await deliver(service, [event(0, now_ms)]);
    const socket = await listen(service);
    expect(await socket.next()).toMatchObject({
      type: "snapshot",
      service,
      seq: 0,
      reset: false,
      status: "healthy",
      seconds: [{ request_count: 1 }],
    });
    await deliver(service, [event(1, now_ms)]);
    expect(await socket.next()).toMatchObject({ type: "tick", seconds: [{ request_count: 2, provisional: true }] });
    await evictDurableObject(env.SERVICE_MONITOR.getByName(service));
    await deliver(service, [event(2, now_ms)]);
    expect(await socket.next()).toMatchObject({ type: "tick", seconds: [{ request_count: 3 }] });
    socket.close();
  });

  test("gives the events after the one a client holds, and says so when it cannot", async () => {
    const service = newService();
    // Given an incident that opened, grew worse and resolved, all in one batch of the past
    const start_ms = Math.floor(Date.now() / 60_000) * 60_000 - 1_200_000;
    const span = Array.from({ length: 900 }, (_, second) =>
      event(second, start_ms + second * 1000, second >= 400 && second < 500 ? 500 : 200),
    );
    await deliver(service, span.slice(0, 899));
    // When five quiet seconds have passed: by itself the alarm closes what is open
    const deadline = Date.now() + 15_000;
    const isClosed = async (): Promise<boolean> =>
      (await env.SERVICE_MONITOR.getByName(service).describe())!.watermark !== null;
    while (!(await isClosed()) && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 100));
    const all = await listen(service, "?after=0");
    const snapshot = await all.next();
    expect(snapshot).toMatchObject({ type: "snapshot", reset: false });
    const seq = snapshot.type === "snapshot" ? snapshot.seq : 0;
    expect(seq).toBeGreaterThanOrEqual(2);
    const types: string[] = [];
    for (let next = 1; next <= seq; next += 1) {
      const told = await all.next();
      expect(told).toMatchObject({ seq: next });
      types.push(told.type);
    }
    expect(types.slice(0, 2)).toEqual(["incident", "narrative"]);
    const rest = await listen(service, `?after=${seq - 2}`);
    expect(await rest.next()).toMatchObject({ type: "snapshot", reset: false, narrative: null });
    expect(await rest.next()).toMatchObject({ type: "incident", seq: seq - 1, action: "resolved" });
    expect(await rest.next()).toMatchObject({ type: "narrative", seq, severity: "critical" });
    const unknown = await listen(service, `?after=${seq + 7}`);
    expect(await unknown.next()).toMatchObject({ type: "snapshot", reset: true });
    for (const socket of [all, rest, unknown]) socket.close();
  }, 20_000);
});

/** The storage of a real object that counts what it writes. The alarm is only counted: the test rings it. */
class CountingStorage implements Storage {
  rows_written = 0;
  alarm_ms = Infinity;
  readonly #storage: DurableObjectStorage;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
  }
  exec(query: string, ...parameters: Parameters<Storage["exec"]>[1][]): SqlRow[] {
    const cursor = this.#storage.sql.exec<Record<string, SqlStorageValue>>(query, ...parameters);
    const rows = cursor.toArray();
    this.rows_written += cursor.rowsWritten;
    return rows;
  }
  transaction<T>(work: () => T): T {
    return this.#storage.transactionSync(work);
  }
  setAlarm(at_ms: number): void {
    this.rows_written += 1;
    this.alarm_ms = at_ms;
  }
}

describe("the cost of an active service", () => {
  test("at one batch a second is at most 1.5 rows written and one call a second", async () => {
    const service = newService();
    await runInDurableObject(env.SERVICE_MONITOR.getByName(service), async (_, state) => {
      const storage = new CountingStorage(state.storage);
      const fleet = new FleetLog();
      let calls = 0;
      const start_ms = 1_764_000_000_000;
      let now_ms = start_ms;
      const own = { history: new HistoryTable(), narrator: new NarratorLog(), sockets: new SocketLog() };
      const neighbours = { ...own, fleet, subscribers: new SubscribersLog(), has_model: false };
      const actor = new ServiceMonitorActor(storage, () => now_ms, neighbours);
      const run = async (from: number, to: number): Promise<void> => {
        for (let second = from; second < to; second += 1) {
          now_ms = start_ms + second * 1000;
          if (storage.alarm_ms <= now_ms) {
            storage.alarm_ms = Infinity;
            actor.onAlarm();
            await actor.drain();
          }
          const events = Array.from({ length: 20 }, (_each, i) => event(second * 20 + i, now_ms + i));
          expect(actor.apply(callOf(service, events))).toMatchObject({ kind: "applied", accepted: 20 });
          calls += 1;
        }
      };
      await run(0, 60);
      storage.rows_written = 0;
      calls = 0;
      await run(60, 660);
      expect(storage.rows_written / 600).toBeLessThanOrEqual(1.5);
      // What the object itself calls: nothing, since its report rides on the answer.
      expect((calls + fleet.reports.length + fleet.events.size) / 600).toBeLessThanOrEqual(1);
    });
  });
});

describe("history", () => {
  test("gets the open minute after five quiet seconds, in the real database", async () => {
    const service = newService();
    await deliver(service, [event(0, Date.now() - 30_000), event(1, Date.now() - 29_000)]);
    const deadline = Date.now() + 30_000;
    let windows = 0;
    while (windows === 0 && Date.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 250));
      const page = await readWindows(env.DB, {
        service,
        step: 60,
        from_ms: 0,
        to_ms: Date.now() + 60_000,
        limit: 10,
        cursor: null,
      });
      windows = page.items.reduce((sum, item) => sum + item.request_count, 0);
    }
    expect(windows).toBe(2);
  }, 40_000);
});
