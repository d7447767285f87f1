import { describe, expect, test } from "vitest";
import { countsOf, FLEET, flowOf, itemOf, agoOf } from "../tests/pipeline-item.ts";
import { NO_COUNTS } from "./ingest-counts.ts";
import { latencyBin } from "./sketch.ts";
import { readingOf } from "./take-reading.ts";

const MINUTE = Date.parse("2026-11-24T09:59:00Z");

describe("a reading", () => {
  test("has the minute's counts, and what the parts told", () => {
    const answers = { [latencyBin(10_000)]: 99, [latencyBin(500_000)]: 3 };
    const counts = countsOf({ accepted: 900, late: 9, rejected: { future: 2 }, answers });
    const reading = readingOf(MINUTE, counts, itemOf());
    expect(reading).toMatchObject({
      minute: "2026-11-24T09:59:00.000Z",
      accepted: 900,
      late: 9,
      rejected: { future: 2 },
      request_rate: 5812,
      stalled: 0,
      unanswered: 0,
      lag: 212,
      behind_s: 3,
      outbox: { d1: 3, fleet: 0, narrator: 0, subscribers: 0 },
      history_behind_s: 0,
      narrator: { circuit: "closed", waiting: 0 },
      narrator_p95_ms: 3_100,
      delivery_p99_ms: 380,
      readers: {},
    });
    expect(reading.answer_p99_ms).toBeGreaterThan(494);
    expect(reading.answer_p99_ms).toBeLessThan(506);
    expect(reading).not.toHaveProperty("answers");
  });

  test("says nothing of parts that did not answer", () => {
    const away = itemOf({ fleet: null, asked: [], narrator: null, history: null });
    expect(readingOf(MINUTE, NO_COUNTS, away)).toMatchObject({
      answer_p99_ms: null,
      request_rate: null,
      stalled: null,
      unanswered: null,
      lag: null,
      behind_s: null,
      outbox: null,
      history_behind_s: null,
      narrator: null,
      narrator_p95_ms: null,
      delivery_p99_ms: null,
      readers: null,
    });
  });

  test("has each source's newest word of its lag, added up", () => {
    const bridges = [
      { source: "a", instance: "2", lag: 5, seen_at: agoOf(1000) },
      { source: "a", instance: "1", lag: 7, seen_at: agoOf(2000) },
      { source: "b", instance: "1", lag: 10, seen_at: agoOf(2000) },
    ];
    const sources = ["a", "b"].map((source) => ({ source, standing: "flowing" as const }));
    const lagOf = (fleet: Partial<typeof FLEET>) =>
      readingOf(MINUTE, NO_COUNTS, itemOf({ fleet: { ...FLEET, ...fleet } })).lag;
    expect(lagOf({ bridges, sources })).toBe(15);
    expect(lagOf({ bridges: [{ ...bridges[0]!, lag: null }], sources })).toBeNull();
  });

  test("is as fresh as half of the services that send, and counts none that is silent or sends less than it closes seconds", () => {
    const behindOf = (...asked: ReturnType<typeof flowOf>[]) =>
      readingOf(MINUTE, NO_COUNTS, itemOf({ asked })).behind_s;
    expect(behindOf(flowOf({ at: agoOf(3000) }), flowOf(), flowOf({ at: agoOf(90_000) }))).toBe(3);
    const slow = { at: agoOf(60_000) };
    expect(behindOf(flowOf({ ...slow, data: "silent" }), flowOf({ ...slow, request_rate: 0.5 }))).toBeNull();
  });

  test("adds up what waits, and tells how long the first of it is overdue", () => {
    const waiting = (d1: number, since: string | null) =>
      flowOf({ outbox: { d1, fleet: 1 }, outbox_since: { d1: since } });
    const asked = [waiting(1000, agoOf(41_000)), waiting(240, agoOf(5000)), waiting(0, null)];
    expect(readingOf(MINUTE, NO_COUNTS, itemOf({ asked }))).toMatchObject({
      outbox: { d1: 1240, fleet: 3 },
      history_behind_s: 41,
    });
  });

  test("has what waits for each reader of changes", () => {
    const readers = [{ reader: "lake", waiting: 7, acknowledged_at: agoOf(0) }];
    const history = { narrator_p95_ms: null, delivery_p99_ms: null, readers };
    expect(readingOf(MINUTE, NO_COUNTS, itemOf({ history })).readers).toEqual({ lake: 7 });
  });
});
