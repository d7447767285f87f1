import { describe, expect, test } from "vitest";
import { INITIAL_WATERMARK, onBatch, onQuiet, type WatermarkState } from "./watermark.ts";

const T = 1_000_000_000;
const DISORDER_MS = 2000;

/** Batches as [clock, partition, newest event time]. */
function after(...batches: readonly [number, string, number | null][]): WatermarkState {
  return batches.reduce(
    (state, [now, partition, newest]) => onBatch(state, partition, newest, DISORDER_MS, now),
    INITIAL_WATERMARK,
  );
}

describe("the watermark", () => {
  test("a new service closes nothing for five seconds", () => {
    expect(after([T, "a", T], [T + 4999, "a", T + 4999]).watermark_ms).toBeNull();
    expect(after([T, "a", T], [T + 5000, "a", T + 4900]).watermark_ms).toBe(T + 2900);
  });

  test("is the smallest of the partitions that are not idle, less the disorder", () => {
    const state = after([T, "a", T], [T + 4000, "b", T + 1000], [T + 5000, "a", T + 5000]);
    expect(state.watermark_ms).toBe(T - 1000);
  });

  test("forgets a partition after five seconds without a batch, when a batch comes", () => {
    const before = after([T, "a", T], [T, "b", T], [T + 5000, "a", T + 5000]);
    expect(before.watermark_ms).toBe(T - 2000);
    expect(onBatch(before, "a", T + 5001, DISORDER_MS, T + 5001).watermark_ms).toBe(T + 3001);
  });

  test("a service that was wholly idle closes nothing for five seconds again", () => {
    const idle = after([T, "a", T], [T + 5000, "a", T + 5000]);
    const back = onBatch(idle, "a", T + 20_000, DISORDER_MS, T + 20_000);
    expect(back.watermark_ms).toBe(T + 3000);
    expect(onBatch(back, "a", T + 25_000, DISORDER_MS, T + 25_000).watermark_ms).toBe(T + 23_000);
  });

  test("is held back for thirty seconds by the clock at most: then the laggard is late", () => {
    let state = INITIAL_WATERMARK;
    for (let second = 0; second <= 40; second += 1) {
      state = onBatch(state, "fast", T + second * 1000, DISORDER_MS, T + second * 1000);
      state = onBatch(state, "slow", T - 100_000 + second, DISORDER_MS, T + second * 1000);
    }
    expect(state.watermark_ms).toBe(T + 10_000 - DISORDER_MS);
  });

  test("never runs ahead of the clock: a wrong date closes nothing that is still to come", () => {
    const state = after([T, "a", T + 50_000], [T + 5000, "a", T + 9_000_000]);
    expect(state.watermark_ms).toBe(T + 5000 - DISORDER_MS);
  });

  test("never goes back", () => {
    const state = after([T, "a", T], [T + 5000, "a", T + 6000]);
    expect(onBatch(state, "b", T - 60_000, DISORDER_MS, T + 5001).watermark_ms).toBe(T + 3000);
  });

  test("stands at the newest event time once five quiet seconds have passed", () => {
    expect(onQuiet(after([T, "a", T], [T, "b", T - 700])).watermark_ms).toBe(T);
    expect(onQuiet(INITIAL_WATERMARK).watermark_ms).toBeNull();
  });

  test("duplicates keep a partition from being idle but move nothing", () => {
    const state = after([T, "a", T], [T, "b", T], [T + 4000, "b", null], [T + 5500, "a", T + 5500]);
    expect(state.watermark_ms).toBe(T - DISORDER_MS);
  });
});
