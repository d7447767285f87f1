import { describe, expect, test } from "vitest";
import { agoOf, pastReading } from "../tests/pipeline-item.ts";
import { type FigureName, FIGURES, isOutside, normalOf } from "./pipeline-normal.ts";
import type { PipelineReading } from "./pipeline-reading.ts";

/** So many minutes up to a minute ago, each as `of` says by its place from the oldest. */
function minutes(count: number, of: (at: number) => Partial<PipelineReading>): PipelineReading[] {
  return Array.from({ length: count }, (_, at) => pastReading(count - at, of(at)));
}

describe("what is normal", () => {
  test("is where nine of ten minutes are", () => {
    expect(normalOf(minutes(101, (at) => ({ lag: at }))).lag.range).toEqual({ low: 5, high: 95 });
    expect(normalOf(minutes(20, (at) => ({ rejected: { future: at % 7 } }))).rejected.range).toEqual({
      low: 0,
      high: 6,
    });
  });

  test("is not known of fewer than ten minutes, nor of minutes that told nothing", () => {
    const known = (count: number) => minutes(20, (at) => ({ lag: at < count ? 5 : null }));
    expect(normalOf(known(9)).lag.range).toBeNull();
    expect(normalOf(known(10)).lag.range).toEqual({ low: 5, high: 5 });
  });

  test("never has what is beyond a limit, however long it lasted", () => {
    const slow = minutes(60, (at) => ({ behind_s: at < 40 ? 120 : 3 }));
    expect(normalOf(slow).behind_s.range).toEqual({ low: 3, high: 3 });
  });

  test("has nothing far above what is usual, while it lasts less than half of what is known", () => {
    const lagging = (from: number) => normalOf(minutes(60, (at) => ({ lag: at < from ? 10 : 9000 }))).lag.range;
    expect([lagging(31), lagging(29)]).toEqual([
      { low: 10, high: 10 },
      { low: 10, high: 9000 },
    ]);
    const refusing = minutes(60, (at) => ({ rejected: { future: at < 31 ? 0 : 50 } }));
    expect(normalOf(refusing).rejected.range).toEqual({ low: 0, high: 0 });
  });

  test("is a share of what was accepted in the minute", () => {
    const { late, duplicates } = normalOf(minutes(20, () => ({ accepted: 1000, late: 2, duplicates: 1 })));
    expect([late.range, duplicates.range]).toEqual([
      { low: 0.2, high: 0.2 },
      { low: 0.1, high: 0.1 },
    ]);
    expect(normalOf(minutes(20, () => ({ accepted: 0, late: 0 }))).late.range).toBeNull();
  });

  test("is told of every figure", () => {
    const { range } = normalOf(minutes(20, () => ({ readers: { lake: 3, sea: 9 } }))).readers;
    expect(range).toEqual({ low: 9, high: 9 });
    expect(Object.keys(normalOf([])).toSorted()).toEqual(Object.keys(FIGURES).toSorted());
  });
});

describe("outside is", () => {
  const range = { low: 150, high: 400 };

  test.each<[FigureName, number, boolean]>([
    ["behind_s", 10, false],
    ["behind_s", 10.1, true],
    ["late", 1.1, true],
    ["duplicates", 5.1, true],
    ["dropped", 1, true],
    ["rejected", 400, false],
    ["rejected", 401, true],
    ["lag", 1200, false],
    ["lag", 1201, true],
    ["answer_p99_ms", 1201, true],
    ["outbox_d1", 1_000_000, false],
    ["request_rate", 1_000_000, false],
  ])("%s %d: %s", (figure, value, outside) => {
    expect(isOutside(figure, value, range)).toBe(outside);
  });

  test("nothing small, however many times the usual", () => {
    expect(isOutside("lag", 1000, { low: 0, high: 1 })).toBe(false);
    expect(isOutside("lag", 1001, { low: 0, high: 1 })).toBe(true);
  });

  test("the first that is refused where nothing is known of what is usual, and no lag", () => {
    expect(isOutside("rejected", 1, null)).toBe(true);
    expect(isOutside("lag", 1_000_000, null)).toBe(false);
    expect(isOutside("rejected", null, null)).toBe(false);
  });
});

describe("since when", () => {
  const lags = (...newest: (number | null)[]) => [
    ...minutes(60, () => ({ lag: 10 })).map((one) => ({
      ...one,
      minute: agoOf(Date.parse(agoOf(0)) - Date.parse(one.minute) + newest.length * 60_000),
    })),
    ...newest.map((lag, at) => pastReading(newest.length - at, { lag })),
  ];
  const since = (...newest: (number | null)[]) => normalOf(lags(...newest)).lag.outside_since;

  test("is the first minute of those outside up to the newest", () => {
    expect(since(9000, 10, 9000, 9000)).toBe(agoOf(120_000));
    expect(since(9000, 10)).toBeNull();
  });

  test("outlasts a minute that was missed, and no longer pause", () => {
    const all = minutes(60, (at) => ({ lag: at < 50 ? 10 : 9000 }));
    const without = (from: number, to: number) => all.filter((_, at) => at < from || at >= to);
    expect(normalOf(without(55, 56)).lag.outside_since).toBe(agoOf(10 * 60_000));
    expect(normalOf(without(55, 57)).lag.outside_since).toBe(agoOf(3 * 60_000));
  });
});
