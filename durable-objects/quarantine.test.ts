/** A quarantine as the service's own object keeps it: what is new is refused for good, what was applied stays applied. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isWithin } from "../domain/positions.ts";
import { MonitorHarness, type TestEvent } from "../tests/monitor-harness.ts";
import type { ApplyAnswer, ApplyCall } from "./apply-call.ts";

const START_MS = Date.parse("2026-11-24T10:00:00Z");

type Applied = Extract<ApplyAnswer, { kind: "applied" }>;

function event(offset: number): TestEvent {
  const at_ms = START_MS + offset * 100;
  return { offset, timestamp_ms: at_ms, event_time_ms: at_ms, endpoint: "/a", latency_us: 1000, status_code: 200 };
}

/** Every third message of the partition is another service's. */
function deliver(harness: MonitorHarness, first: number, last: number, more: Partial<ApplyCall> = {}): Applied | null {
  const offsets = Array.from({ length: last - first + 1 }, (_, i) => first + i).filter((offset) => offset % 3 !== 0);
  if (offsets.length === 0) return null;
  const position = { source: "s", topic: "t", partition: 0, first_offset: first, last_offset: last };
  const answer = harness.deliver(offsets.map(event), position, more);
  if (answer.kind !== "applied") throw new Error(`answered ${answer.kind}`);
  return answer;
}

const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant("batch" as const), size: fc.integer({ min: 1, max: 9 }) }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant("again" as const), from: fc.nat(), size: fc.nat({ max: 20 }) }),
  },
  { weight: 2, arbitrary: fc.constant({ kind: "toggle" as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: "evict" as const }) },
);

describe("a quarantine", () => {
  test("refuses what is new and nothing that was applied, and every redelivery is told the same", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const harness = new MonitorHarness("checkout", START_MS + 3_600_000);
        const verdicts = new Map<number, "applied" | "refused">();
        let [next, quarantined] = [1, false];
        const send = (first: number, last: number): void => {
          const answer = deliver(harness, first, last);
          if (answer === null) return;
          let [accepted, duplicates] = [0, 0];
          for (let offset = first; offset <= last; offset += 1) {
            if (offset % 3 === 0) continue;
            if (verdicts.get(offset) === "applied") duplicates += 1;
            else if (!verdicts.has(offset) && !quarantined) accepted += 1;
            if (!verdicts.has(offset)) verdicts.set(offset, quarantined ? "refused" : "applied");
            expect(isWithin(answer.refused, offset)).toBe(verdicts.get(offset) === "refused");
          }
          expect(answer).toMatchObject({ accepted, duplicates, before_start: 0 });
        };
        send(next, next + 1);
        next += 2;
        for (const it of steps) {
          if (it.kind === "batch") {
            send(next, next + it.size - 1);
            next += it.size;
          } else if (it.kind === "again") {
            const first = 1 + (it.from % next);
            send(first, Math.max(first, first + it.size));
            next = Math.max(next, first + it.size + 1);
          } else if (it.kind === "toggle") {
            quarantined = !quarantined;
            harness.actor.quarantine(quarantined);
          } else harness.evict();
        }
        const applied = [...verdicts.values()].filter((verdict) => verdict === "applied").length;
        expect(harness.actor.describe()?.counters.accepted ?? 0).toBe(applied);
      }),
      { numRuns: 200 },
    );
  });

  test("that only the Fleet knows of holds for the calls that bring its word", () => {
    const harness = new MonitorHarness("checkout", START_MS + 3_600_000);
    deliver(harness, 1, 10);
    expect(deliver(harness, 5, 20, { quarantined: true })).toMatchObject({
      accepted: 0,
      duplicates: 4,
      refused: [{ first: 11, last: 20 }],
    });
    expect(deliver(harness, 11, 25)).toMatchObject({ accepted: 3, duplicates: 0, refused: [{ first: 11, last: 20 }] });
  });

  test("refuses plain HTTP as a whole, but not a repetition of what was applied", () => {
    const harness = new MonitorHarness("checkout", START_MS + 3_600_000);
    const idempotency = { key: "k", body: "b" };
    expect(harness.deliver([event(1)], null, { idempotency })).toMatchObject({ accepted: 1 });
    harness.actor.quarantine(true);
    expect(harness.deliver([event(1)], null, { idempotency })).toMatchObject({ accepted: 0, duplicates: 1 });
    expect(harness.deliver([event(2)], null)).toEqual({ kind: "quarantined" });
    harness.actor.quarantine(false);
    expect(harness.deliver([event(2)], null)).toMatchObject({ accepted: 1 });
  });

  test("of a service that never had an event is left to the Fleet, and writes nothing", () => {
    const harness = new MonitorHarness("checkout", START_MS);
    harness.actor.quarantine(true);
    expect(harness.deliver([event(1)], null, { quarantined: true })).toEqual({ kind: "quarantined" });
    expect(harness.actor.exists()).toBe(false);
    expect(harness.storage.rows_written).toBe(0);
  });

  test("holds no time back: what came before it closes after five quiet seconds", async () => {
    const harness = new MonitorHarness("checkout", START_MS + 2_000);
    deliver(harness, 1, 20);
    harness.actor.quarantine(true);
    const { rows_written } = harness.storage;
    harness.actor.quarantine(true);
    expect(harness.storage.rows_written).toBe(rows_written);
    for (let i = 0; i < 6; i += 1) {
      await harness.advance(1_000);
      deliver(harness, 21 + i * 10, 30 + i * 10);
    }
    expect(harness.actor.watermark()).toBe(START_MS + 2_000);
  });
});
