/**
 * The points of the charts: five seconds each. Counts add up; a quantile is never averaged but read from the merged sketches
 * of the seconds. Until history has told the sketches, a point shows the newest second's own quantiles and says that it is
 * provisional.
 */
import { mergeAllSketches, quantileMs, type Sketch } from "../../../domain/sketch.ts";
import type { BaselinePoint } from "../../../domain/message.ts";
import type { Second, SecondLog, Span } from "./second-log.ts";

/** One point of a chart covers this many seconds, and the page says so. */
export const POINT_S = 5;

/** A silence longer than this is drawn up to the clock. */
const SILENT_AFTER_S = 15;

/** So many points in a row without a request are a gap and not a lull: 15 s. */
const GAP_POINTS = 3;

export interface Point {
  /** Epoch seconds of the point's start, a multiple of POINT_S. */
  readonly at: number;
  /** The whole seconds that it covers: fewer than a whole step only in the newest. */
  readonly covered_s: number;
  readonly request_count: number;
  readonly error_count: number;
  /** Per second. */
  readonly request_rate: number;
  /** Null without a request, as the quantiles are. */
  readonly error_rate: number | null;
  readonly p50_latency_ms: number | null;
  readonly p95_latency_ms: number | null;
  readonly p99_latency_ms: number | null;
  readonly baseline: BaselinePoint | null;
  /** The first and last second with a request, epoch seconds; null without one. */
  readonly first_request_at: number | null;
  readonly last_request_at: number | null;
  /** Its counts, or its quantiles, can still change. */
  readonly provisional: boolean;
  readonly quantiles_provisional: boolean;
}

/**
 * Where the points of a service end (exclusive, epoch seconds). The second that is still filling would draw a drop that is
 * none, and data is a few seconds behind as a rule; only a longer silence is drawn as one, although its last second was never
 * closed: that takes a later event.
 */
export function drawnUntil(newest: Pick<Second, "at" | "provisional"> | null, now: number): number {
  if (newest === null || now - newest.at > SILENT_AFTER_S) return now;
  return Math.min(newest.provisional ? newest.at : newest.at + 1, now);
}

/** The start of the point of `step_s` that a second belongs to. */
export function pointStart(second: number, step_s = POINT_S): number {
  return Math.floor(second / step_s) * step_s;
}

/**
 * Forms the point that starts at `at` from what is held, up to `until` (exclusive, epoch seconds): the second that is still
 * filling would draw a drop that is none. Null where the point has no whole second yet.
 *
 * @param step_s how many seconds a whole point covers
 */
export function formPoint(log: SecondLog, at: number, until: number, step_s = POINT_S): Point | null {
  const covered_s = Math.min(step_s, until - at);
  if (covered_s <= 0) return null;
  const seconds: Second[] = [];
  for (let second = at; second < at + covered_s; second += 1) {
    const held = log.at(second);
    if (held !== undefined && held.request_count > 0) seconds.push(held);
  }
  const request_count = seconds.reduce((sum, second) => sum + second.request_count, 0);
  const error_count = seconds.reduce((sum, second) => sum + second.error_count, 0);
  const quantiles = formQuantiles(seconds);
  const provisional = covered_s < step_s || seconds.some((second) => second.provisional);
  return {
    at,
    covered_s,
    request_count,
    error_count,
    request_rate: request_count / covered_s,
    error_rate: request_count === 0 ? null : error_count / request_count,
    p50_latency_ms: quantiles.p50,
    p95_latency_ms: quantiles.p95,
    p99_latency_ms: quantiles.p99,
    baseline: seconds.find((second) => second.baseline?.request_rate != null)?.baseline ?? null,
    first_request_at: seconds[0]?.at ?? null,
    last_request_at: seconds.at(-1)?.at ?? null,
    provisional,
    quantiles_provisional: provisional || quantiles.provisional,
  };
}

function formQuantiles(seconds: readonly Second[]) {
  const sketches = seconds.map((second) => second.sketch).filter((sketch): sketch is Sketch => sketch !== null);
  if (sketches.length > 0) {
    const merged = mergeAllSketches(sketches);
    return {
      p50: quantileMs(merged, 0.5),
      p95: quantileMs(merged, 0.95),
      p99: quantileMs(merged, 0.99),
      provisional: sketches.length < seconds.length,
    };
  }
  const newest = seconds.at(-1);
  return {
    p50: newest?.p50_latency_ms ?? null,
    p95: newest?.p95_latency_ms ?? null,
    p99: newest?.p99_latency_ms ?? null,
    provisional: newest !== undefined,
  };
}

/** Points already formed, so that a tick costs the one or two points that it changes and not the whole chart. */
export class PointSeries {
  readonly #log: SecondLog;
  readonly #formed = new Map<number, Point>();

  constructor(log: SecondLog) {
    this.#log = log;
  }

  /** The seconds whose points have to be formed again. */
  touch(seconds: readonly number[]): void {
    for (const second of seconds) this.#formed.delete(pointStart(second));
  }

  /** All points from `from` up to `until` (epoch seconds), empty ones too. Forgets what lies before. */
  between(from: number, until: number): Point[] {
    const first = pointStart(from);
    for (const at of this.#formed.keys()) if (at < first) this.#formed.delete(at);
    const points: Point[] = [];
    for (let at = first; at < until; at += POINT_S) {
      const point = this.#formed.get(at) ?? formPoint(this.#log, at, until);
      if (point === null) continue;
      // A point that is not yet full grows by the clock alone: it is formed again each time.
      if (point.covered_s === POINT_S) this.#formed.set(at, point);
      points.push(point);
    }
    return points;
  }
}

/** The spans without a request that are long enough to be called gaps, to the second. */
export function findGaps(points: readonly Point[]): Span[] {
  const gaps: Span[] = [];
  let empty = 0;
  const close = (end: number) => {
    const [first, last] = [points[end - empty], points[end - 1]];
    if (first !== undefined && last !== undefined && empty >= GAP_POINTS) {
      const before = points[end - empty - 1]?.last_request_at;
      const from = before == null ? first.at : before + 1;
      gaps.push({ from, until: points[end]?.first_request_at ?? last.at + last.covered_s });
    }
    empty = 0;
  };
  points.forEach((point, index) => {
    if (point.request_count === 0) empty += 1;
    else close(index);
  });
  close(points.length);
  return gaps;
}

/**
 * Points beside a gap cover only their seconds outside of it: spread over all five, their rates would draw a fall and a rise
 * that never were.
 */
export function trimToGaps(points: readonly Point[], gaps: readonly Span[]): Point[] {
  return points.map((point) => {
    if (point.request_count === 0) return point;
    const before = gaps.find((gap) => gap.until > point.at && gap.until <= point.at + point.covered_s);
    const after = gaps.find((gap) => gap.from > point.at && gap.from < point.at + point.covered_s);
    if (before === undefined && after === undefined) return point;
    const at = before?.until ?? point.at;
    const covered_s = (after?.from ?? point.at + point.covered_s) - at;
    return { ...point, at, covered_s, request_rate: point.request_count / covered_s };
  });
}

export function inGap(gaps: readonly Span[], at: number): boolean {
  return gaps.some((gap) => at >= gap.from && at < gap.until);
}
