import { describe, expect, test } from "vitest";
import { PointSeries } from "../point.ts";
import { SecondLog } from "../second-log.ts";
import { T, window } from "../testing/seconds.ts";
import { decadeTicks, heatMap, rowPlace, rowStart, shadeOf } from "./heat-cells.ts";

/** Points of five seconds with these latencies (ms) in their first second. */
function points(...latencies_ms: readonly (readonly number[])[]) {
  const log = new SecondLog();
  log.load(latencies_ms.flatMap((own, i) => (own.length === 0 ? [] : [window(T + i * 5, own)])));
  return new PointSeries(log).between(T, T + latencies_ms.length * 5);
}

describe("the latency heat map", () => {
  test("counts every request once, in the row that its latency lies in", () => {
    const map = heatMap(points([12, 12, 150], [1500]), 5, 20);
    expect(map.columns.map((column) => [column.from - T, column.until - T, column.request_count])).toEqual([
      [0, 5, 3],
      [5, 10, 1],
    ]);
    const row = (ms: number) => Math.floor(rowPlace(map, ms));
    expect([
      map.columns[0]!.counts[row(12)],
      map.columns[0]!.counts[row(150)],
      map.columns[1]!.counts[row(1500)],
    ]).toEqual([2, 1, 1]);
    expect(map.columns.map((column) => column.counts.reduce((sum, count) => sum + count, 0))).toEqual([3, 1]);
  });

  test("where points are narrow, a column covers several: their sketches are merged", () => {
    const map = heatMap(points([10], [10, 20], [10], [10]), 5, 5);
    expect(map.columns.map((column) => [column.until - column.from, column.request_count])).toEqual([
      [10, 3],
      [10, 2],
    ]);
  });

  test("where nothing was measured there is no column, and no cell of zero", () => {
    const map = heatMap(points([10], [], [10]), 5, 20);
    expect(map.columns.map((column) => column.from - T)).toEqual([0, 10]);
    expect([shadeOf(0, 10), shadeOf(0, 0)]).toEqual([null, null]);
    expect(heatMap([], 5, 20).columns).toEqual([]);
  });

  test("a row begins where its latency says, and decades stand on round numbers", () => {
    const map = heatMap(points([3, 4000]), 5, 20);
    expect(decadeTicks(map).map((row) => Math.round(rowStart(map, row)))).toEqual([10, 100, 1000]);
    expect(rowPlace(map, rowStart(map, 3))).toBeCloseTo(3);
    expect(map.rows).toBeGreaterThanOrEqual(8);
  });

  test("latency zero and the longest possible are within the map", () => {
    const map = heatMap(points([0, 3_600_000]), 5, 20);
    expect([map.columns[0]!.counts[0], map.columns[0]!.counts.at(-1)]).toEqual([1, 1]);
  });

  test("a shade is the share of its column: as many requests are darker where they are all", () => {
    expect([1, 2, 8, 20, 35, 100].map((count) => shadeOf(count, 100))).toEqual([1, 2, 3, 4, 5, 5]);
  });
});
