import { describe, expect, test } from "vitest";
import type { Letter } from "./letter.ts";
import { planReplay, type ReplayWish } from "./replay-plan.ts";

const RECORD_MS = Date.parse("2026-11-24T10:00:01Z");
const NOW_MS = RECORD_MS + 3 * 86_400_000;
const WISH: ReplayWish = { isNow: false, isForced: false, now_ms: NOW_MS };

const eventOf = (change: Readonly<Record<string, unknown>> = {}): Uint8Array =>
  Buffer.from(
    JSON.stringify({
      event_time: "2026-11-24T10:00:00.000Z",
      service: "checkout",
      endpoint: "/pay",
      latency_ms: 12,
      status_code: 200,
      ...change,
    }),
  );

function letterOf(value: Uint8Array, change: Partial<Letter> = {}): Letter {
  return {
    id: "id",
    reason: "quarantined",
    detail: "",
    source: "default",
    topic: "raw_events",
    partition: 4,
    offset: 7,
    timestamp_ms: RECORD_MS,
    value,
    key: null,
    box_partition: 0,
    box_offset: 1n,
    written_ms: RECORD_MS,
    ...change,
  };
}

describe("a letter that is sent back as it is", () => {
  test("keeps its partition, its time and its bytes, under the key of its service", () => {
    const value = eventOf();
    expect(planReplay(letterOf(value), null, WISH)).toEqual({
      kind: "send",
      record: {
        letter: letterOf(value),
        topic: "raw_events",
        partition: 4,
        key: "checkout",
        value,
        timestamp_ms: RECORD_MS,
        isEvent: true,
      },
    });
  });

  test("days later is judged by its own time; by the present it would be too old", () => {
    expect(planReplay(letterOf(eventOf()), null, WISH).kind).toBe("send");
    expect(planReplay(letterOf(eventOf()), null, { ...WISH, isNow: true })).toEqual({ kind: "left", why: "past" });
  });

  test("that was ahead of its record is an event once its time has come", () => {
    const ahead = letterOf(eventOf({ event_time: "2026-11-24T11:00:00Z" }));
    expect(planReplay(ahead, null, WISH)).toEqual({ kind: "left", why: "future" });
    const now_ms = Date.parse("2026-11-24T11:00:00Z");
    const planned = planReplay(ahead, null, { isNow: true, isForced: false, now_ms });
    expect(planned).toMatchObject({ kind: "send", record: { timestamp_ms: null } });
  });

  test("is left out where the rules of events refuse it again, unless it is forced: then the bridge may map it", () => {
    const wrong = letterOf(eventOf({ latency_ms: "12" }));
    expect(planReplay(wrong, null, WISH)).toEqual({ kind: "left", why: "invalid_latency_ms" });
    const forced = planReplay(wrong, null, { ...WISH, isForced: true });
    expect(forced).toMatchObject({ kind: "send", record: { isEvent: false } });
  });

  test("is left out where it was cut, forced or not", () => {
    const cut = letterOf(new Uint8Array(900_000));
    expect(planReplay(cut, null, { ...WISH, isForced: true })).toEqual({ kind: "left", why: "cut" });
  });
});

describe("a repaired letter", () => {
  test("of the same service keeps its partition; of another, or of none before, it goes where its key leads", () => {
    const plan = (before: Uint8Array) => planReplay(letterOf(before), eventOf(), WISH);
    expect(plan(eventOf({ latency_ms: "12" }))).toMatchObject({ kind: "send", record: { partition: 4 } });
    for (const before of [eventOf({ service: "Check Out" }), Buffer.from("no JSON")])
      expect(plan(before)).toMatchObject({ kind: "send", record: { partition: null, key: "checkout" } });
  });

  test("of a message that forged its place goes where its key leads", () => {
    const planned = planReplay(letterOf(eventOf(), { offset: -1, timestamp_ms: 0 }), eventOf(), {
      ...WISH,
      now_ms: RECORD_MS,
    });
    expect(planned).toMatchObject({ kind: "send", record: { partition: null, timestamp_ms: null } });
  });
});
