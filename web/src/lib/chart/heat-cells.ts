/**
 * The latency heat map: how the requests of each moment spread over latencies, from their sketches. Columns are whole points,
 * merged until they are wide enough to be seen; rows are quarters of a decade, so that one row is 1.78 times as slow as the next.
 */
import { binValueMs, mergeAllSketches, sketchCount, type Sketch } from "../../../../domain/sketch.ts";
import type { Point } from "../point.ts";

const ROWS_A_DECADE = 4;
/** 0.1 ms, below which all is one row, to an hour. */
const ROW_MIN = -4;
const ROW_MAX = 26;
/** Fewer rows would be bars and no map. */
const ROWS_MIN = 8;

/** A column narrower than this is no cell any more, px. */
const COLUMN_PX = 10;

/** The share of a column's requests from which a cell has each shade; below the first it is the lightest. */
export const SHADES_FROM = [0, 0.02, 0.08, 0.2, 0.35] as const;

export interface HeatColumn {
  /** Epoch seconds. */
  readonly from: number;
  readonly until: number;
  readonly request_count: number;
  /** Requests by row, from the fastest row of the map on. */
  readonly counts: readonly number[];
}

export interface HeatMap {
  /** The number of the fastest row: row r holds latencies from 10^(r/4) ms on. */
  readonly row_first: number;
  readonly rows: number;
  readonly columns: readonly HeatColumn[];
}

/** @param step_s of the points @param point_px how wide one is */
export function heatMap(points: readonly Point[], step_s: number, point_px: number): HeatMap {
  const column_s = step_s * Math.max(1, Math.ceil(COLUMN_PX / Math.max(point_px, 0.01)));
  const groups = Map.groupBy(points, (point) => Math.floor(point.at / column_s));
  const columns = [...groups.values()].flatMap((group) => {
    const sketch = mergeAllSketches(group.map((point) => point.sketch));
    const [first, last] = [group[0]!, group.at(-1)!];
    const rows = rowCounts(sketch);
    return rows.size === 0 ? [] : [{ from: first.at, until: last.at + last.covered_s, rows, all: sketchCount(sketch) }];
  });
  const used = columns.flatMap(({ rows }) => [...rows.keys()]);
  const highest = used.length === 0 ? ROWS_A_DECADE : Math.max(...used);
  const row_first = used.length === 0 ? 0 : Math.min(Math.min(...used), highest - ROWS_MIN + 1);
  const rows = highest - row_first + 1;
  return {
    row_first,
    rows,
    columns: columns.map(({ from, until, rows: counted, all }) => ({
      from,
      until,
      request_count: all,
      counts: Array.from({ length: rows }, (_none, row) => counted.get(row_first + row) ?? 0),
    })),
  };
}

/** Where a latency lies on the map's axis, in rows from its bottom: not a whole number as a rule. */
export function rowPlace({ row_first }: Pick<HeatMap, "row_first">, latency_ms: number): number {
  return Math.log10(latency_ms) * ROWS_A_DECADE - row_first;
}

/** The latency at which a row begins, ms. */
export function rowStart({ row_first }: Pick<HeatMap, "row_first">, row: number): number {
  return 10 ** ((row_first + row) / ROWS_A_DECADE);
}

/** The whole decades (1, 10, 100 ms ...) on the map's axis, in rows from its bottom. */
export function decadeTicks({ row_first, rows }: HeatMap): number[] {
  const first = Math.ceil(row_first / ROWS_A_DECADE) * ROWS_A_DECADE - row_first;
  const ticks: number[] = [];
  for (let row = first; row <= rows; row += ROWS_A_DECADE) ticks.push(row);
  return ticks;
}

/** The shade of a cell, 1 (lightest) to 5; null where it is empty. */
export function shadeOf(count: number, all: number): 1 | 2 | 3 | 4 | 5 | null {
  if (count === 0 || all === 0) return null;
  const shade = SHADES_FROM.findLastIndex((from) => count / all >= from) + 1;
  return shade as 1 | 2 | 3 | 4 | 5;
}

function rowCounts({ bins, counts }: Sketch): Map<number, number> {
  const rows = new Map<number, number>();
  for (let i = 0; i < bins.length; i += 1) {
    const latency_ms = binValueMs(bins[i]!);
    const row = latency_ms <= 0 ? ROW_MIN : Math.floor(Math.log10(latency_ms) * ROWS_A_DECADE);
    const held = Math.min(ROW_MAX, Math.max(ROW_MIN, row));
    rows.set(held, (rows.get(held) ?? 0) + counts[i]!);
  }
  return rows;
}
