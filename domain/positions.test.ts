import { describe, expect, test } from "vitest";
import { advancePartition, judgeBatch, judgeEvents, type PartitionState } from "./positions.ts";
import type { BatchFacts, ServiceEvents } from "./service-batch.ts";

const KNOWN: PartitionState = {
  source: "s",
  topic: "t",
  partition: 0,
  base: 100,
  high: 200,
  time_max_ms: 5000,
  duplicate_run: 7,
  refused: [],
};

function facts(offset_min: number, offset_max: number, timestamp_max_ms = 4000): BatchFacts {
  return { event_count: 1, offset_min, offset_max, timestamp_max_ms, event_time_max_ms: 4000 };
}

function events(...rows: readonly [offset: number, timestamp_ms: number][]): ServiceEvents {
  return {
    offsets: Float64Array.from(rows, (row) => row[0]),
    timestamps_ms: Float64Array.from(rows, (row) => row[1]),
    event_times_ms: Float64Array.from(rows, (row) => row[1]),
    endpoint: new Uint16Array(rows.length),
    latency_us: new Uint32Array(rows.length),
    status_code: new Uint16Array(rows.length).fill(200),
    version: new Uint16Array(rows.length),
    versions: [],
    endpoints: ["/"],
  };
}

describe("judging a batch by its extremes", () => {
  test.each([
    ["a partition that was never seen is new", undefined, facts(0, 9), "new"],
    ["all above the high-water is new", KNOWN, facts(201, 300), "new"],
    ["all within what was applied is duplicate", KNOWN, facts(100, 200), "duplicate"],
    ["all below the first offset lies before the start", KNOWN, facts(10, 99), "before_start"],
    ["across the high-water the events must tell", KNOWN, facts(150, 250), "overlap"],
    ["across the start the events must tell", KNOWN, facts(50, 150), "overlap"],
    ["an applied offset with a newer timestamp proves a recreated topic", KNOWN, facts(0, 20, 5001), "recreated_topic"],
  ])("%s", (_, known, batch, kind) => {
    expect(judgeBatch(known, batch).kind).toBe(kind);
  });
});

describe("judging events one by one", () => {
  test("what is at or below the high-water was applied, or lies before the start", () => {
    const verdict = judgeEvents(KNOWN, events([99, 1], [100, 1], [200, 1], [201, 9000]));
    expect([verdict.recreated, verdict.before_start, verdict.duplicates]).toEqual([false, 1, 2]);
    expect([0, 1, 2, 3].filter(verdict.isNew)).toEqual([3]);
  });

  test("one proof makes the whole batch new", () => {
    const verdict = judgeEvents(KNOWN, events([150, 1], [151, 5001], [201, 1]));
    expect(verdict.recreated).toBe(true);
    expect([0, 1, 2].filter(verdict.isNew)).toEqual([0, 1, 2]);
  });
});

describe("moving a partition on", () => {
  const position = { source: "s", topic: "t", partition: 0, first_offset: 150, last_offset: 260 };

  test("raises the high-water to the end of the batch, and never lowers it", () => {
    const outcome = { recreated: false, applied: 3, duplicates: 1, refuses: false, timestamp_max_ms: 6000 };
    expect(advancePartition(KNOWN, position, outcome)).toMatchObject({
      base: 100,
      high: 260,
      time_max_ms: 6000,
      duplicate_run: 0,
    });
    const older = { ...position, last_offset: 180 };
    expect(advancePartition(KNOWN, older, { ...outcome, applied: 0, timestamp_max_ms: 1 })).toMatchObject({
      high: 200,
      time_max_ms: 5000,
      duplicate_run: 8,
    });
  });

  test("starts anew with a recreated topic", () => {
    const restart = { ...position, first_offset: 0, last_offset: 20 };
    const outcome = { recreated: true, applied: 3, duplicates: 0, refuses: false, timestamp_max_ms: 6000 };
    expect(advancePartition(KNOWN, restart, outcome)).toMatchObject({
      base: 0,
      high: 20,
      time_max_ms: 6000,
      duplicate_run: 0,
    });
  });
});

describe("a quarantine", () => {
  const outcome = { recreated: false, applied: 0, duplicates: 0, timestamp_max_ms: 6000 };
  const batch = (first_offset: number, last_offset: number) => ({
    source: "s",
    topic: "t",
    partition: 0,
    first_offset,
    last_offset,
  });
  const refuse = (known: PartitionState | undefined, first: number, last: number): PartitionState =>
    advancePartition(known, batch(first, last), { ...outcome, refuses: true });

  test("refuses only what lies above the high-water, in one span, whatever batches lie between that have nothing of it", () => {
    const refused = refuse(refuse(refuse(KNOWN, 150, 260), 255, 270), 300, 310);
    expect(refused.refused).toEqual([{ first: 201, last: 310 }]);
    expect(refused.high).toBe(310);
    expect(refuse(refused, 150, 260)).toEqual(refused);
    expect(refuse(undefined, 10, 19)).toMatchObject({ base: 10, high: 19, refused: [{ first: 10, last: 19 }] });
  });

  test("is another span after something was applied, and sixteen are remembered", () => {
    let known: PartitionState = KNOWN;
    for (let offset = 210; offset < 610; offset += 20) {
      known = refuse(known, offset, offset + 9);
      known = advancePartition(known, batch(offset + 10, offset + 19), { ...outcome, applied: 1, refuses: false });
    }
    expect(known.refused).toHaveLength(16);
    expect(known.refused[0]).toEqual({ first: 290, last: 299 });
  });

  test("what it refused is told from what was applied only by the events, and is no duplicate", () => {
    const known = advancePartition(refuse(KNOWN, 201, 210), batch(211, 220), {
      ...outcome,
      applied: 1,
      refuses: false,
    });
    expect(judgeBatch(known, facts(195, 200)).kind).toBe("duplicate");
    expect(judgeBatch(known, facts(211, 220)).kind).toBe("duplicate");
    expect(judgeBatch(known, facts(200, 201)).kind).toBe("overlap");
    expect(judgeBatch(known, facts(210, 220)).kind).toBe("overlap");
    const verdict = judgeEvents(known, events([200, 1], [201, 1], [210, 1], [211, 1], [221, 1]));
    expect(verdict.duplicates).toBe(2);
    expect([0, 1, 2, 3, 4].filter(verdict.isNew)).toEqual([4]);
  });

  test("is forgotten with a recreated topic", () => {
    const known = refuse(KNOWN, 201, 210);
    const anew = { ...outcome, applied: 1, recreated: true };
    expect(advancePartition(known, batch(0, 5), { ...anew, refuses: false }).refused).toEqual([]);
    const refused = advancePartition(known, batch(0, 5), { ...anew, applied: 0, refuses: true });
    expect(refused).toMatchObject({ high: 5, refused: [{ first: 0, last: 5 }], duplicate_run: 0 });
  });
});
