/**
 * The points of the charts. Counts add up; a quantile is never averaged but read from the merged sketches of all that a point
 * covers. Until history has told the sketches, a point shows the newest part's own quantiles and says that it is provisional.
 */
import { EMPTY_SKETCH, mergeAllSketches, quantileMs, type Sketch } from "../../../domain/sketch.ts";
import type { BaselinePoint } from "../../../domain/message.ts";
import type { Span } from "./span.ts";
import type { Held } from "./window-log.ts";

/** What a point of the shortest charts covers, and the page says so. */
export const POINT_S = 5;

/** A silence longer than this is drawn up to the clock, and one that is shorter is no gap. */
const SILENT_AFTER_S = 15;

export interface Point {
  /** Epoch seconds of the point's start, a multiple of its step. */
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
  /** Its latencies, as far as they have been read. */
  readonly sketch: Sketch;
  readonly baseline: BaselinePoint | null;
  /** The first and last second with a request, epoch seconds; null without one. */
  readonly first_request_at: number | null;
  readonly last_request_at: number | null;
  /** Its counts, or its quantiles, can still change. */
  readonly provisional: boolean;
  readonly quantiles_provisional: boolean;
  /** Nothing is known of it yet: no zero, and no gap in the service's data. */
  readonly unread: boolean;
}

/** What points are formed of: the parts with requests from `from` to before `until`; null where not all of them are known. */
export interface Parts {
  between(from: number, until: number): readonly Held[] | null;
}

/**
 * Where the points of a service end (exclusive, epoch seconds). The second that is still filling would draw a drop that is
 * none, and data is a few seconds behind as a rule; only a longer silence is drawn as one, although its last second was never
 * closed: that takes a later event.
 */
export function drawnUntil(newest: Pick<Held, "at" | "provisional"> | null, now: number): number {
  if (newest === null || now - newest.at > SILENT_AFTER_S) return now;
  return Math.min(newest.provisional ? newest.at : newest.at + 1, now);
}

/** The start of the point of `step_s` that a second belongs to. */
export function pointStart(second: number, step_s = POINT_S): number {
  return Math.floor(second / step_s) * step_s;
}

/**
 * Forms the point that starts at `at` from its parts, up to `until` (exclusive, epoch seconds): the second that is still
 * filling would draw a drop that is none. Null where the point has no whole second yet.
 *
 * @param step_s how many seconds a whole point covers
 */
export function formPoint(parts: Parts, at: number, until: number, step_s = POINT_S): Point | null {
  const covered_s = Math.min(step_s, until - at);
  if (covered_s <= 0) return null;
  const known = parts.between(at, at + covered_s);
  const held = known ?? [];
  const request_count = held.reduce((sum, part) => sum + part.request_count, 0);
  const error_count = held.reduce((sum, part) => sum + part.error_count, 0);
  const quantiles = formQuantiles(held);
  const provisional = covered_s < step_s || held.some((part) => part.provisional);
  const last = held.at(-1);
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
    sketch: quantiles.sketch,
    baseline: held.find((part) => part.baseline?.request_rate != null)?.baseline ?? null,
    first_request_at: held[0]?.at ?? null,
    last_request_at: last === undefined ? null : last.at + last.step_s - 1,
    provisional,
    quantiles_provisional: provisional || quantiles.provisional,
    unread: known === null,
  };
}

function formQuantiles(parts: readonly Held[]) {
  const sketches = parts.map((part) => part.sketch).filter((sketch): sketch is Sketch => sketch !== null);
  if (sketches.length > 0) {
    const merged = mergeAllSketches(sketches);
    return {
      p50: quantileMs(merged, 0.5),
      p95: quantileMs(merged, 0.95),
      p99: quantileMs(merged, 0.99),
      sketch: merged,
      provisional: sketches.length < parts.length,
    };
  }
  const newest = parts.at(-1);
  return {
    p50: newest?.p50_latency_ms ?? null,
    p95: newest?.p95_latency_ms ?? null,
    p99: newest?.p99_latency_ms ?? null,
    sketch: EMPTY_SKETCH,
    provisional: newest !== undefined,
  };
}

/** Points of one step already formed, so that a tick costs the one or two points that it changes and not the whole chart. */
export class PointSeries {
  readonly step_s: number;
  readonly #parts: Parts;
  readonly #formed = new Map<number, Point>();

  constructor(parts: Parts, step_s = POINT_S) {
    this.#parts = parts;
    this.step_s = step_s;
  }

  /** The point at each of these moments (epoch seconds) has to be formed again. */
  touch(moments: readonly number[]): void {
    for (const at of moments) this.#formed.delete(pointStart(at, this.step_s));
  }

  /** All points have to be formed again. */
  forget(): void {
    this.#formed.clear();
  }

  /** All points from `from` up to `until` (epoch seconds), empty ones too. Forgets what lies before. */
  between(from: number, until: number): Point[] {
    const first = pointStart(from, this.step_s);
    for (const at of this.#formed.keys()) if (at < first) this.#formed.delete(at);
    const points: Point[] = [];
    for (let at = first; at < until; at += this.step_s) {
      const point = this.#formed.get(at) ?? formPoint(this.#parts, at, until, this.step_s);
      if (point === null) continue;
      // A point that is not yet full grows by the clock alone, and an unread one when it is read: they are formed again each time.
      if (point.covered_s === this.step_s && !point.unread) this.#formed.set(at, point);
      points.push(point);
    }
    return points;
  }
}

/** So many points in a row without a request are a gap and not a lull: three, fewer only where one is minutes long. */
function gapPoints(step_s: number): number {
  return step_s >= 300 ? 2 : Math.max(3, Math.ceil(SILENT_AFTER_S / step_s));
}

/** The spans without a request that are long enough to be called gaps, to the second. @param step_s of the points */
export function findGaps(points: readonly Point[], step_s = POINT_S): Span[] {
  const gaps: Span[] = [];
  const empty_min = gapPoints(step_s);
  let empty = 0;
  const close = (end: number) => {
    const [first, last] = [points[end - empty], points[end - 1]];
    if (first !== undefined && last !== undefined && empty >= empty_min) {
      const before = points[end - empty - 1]?.last_request_at;
      const from = before == null ? first.at : before + 1;
      gaps.push({ from, until: points[end]?.first_request_at ?? last.at + last.covered_s });
    }
    empty = 0;
  };
  points.forEach((point, index) => {
    if (point.request_count === 0 && !point.unread) empty += 1;
    else close(index);
  });
  close(points.length);
  return gaps;
}

/**
 * Points beside a gap cover only their seconds outside of it: spread over all five, their rates would draw a fall and a rise
 * that never were. What is left of a point may be a single second, in the middle of which the requests began or ended: that
 * would draw the same fall, and is left out.
 */
export function trimToGaps(points: readonly Point[], gaps: readonly Span[]): Point[] {
  return points.flatMap((point) => {
    if (point.request_count === 0) return [point];
    const before = gaps.find((gap) => gap.until > point.at && gap.until <= point.at + point.covered_s);
    const after = gaps.find((gap) => gap.from > point.at && gap.from < point.at + point.covered_s);
    if (before === undefined && after === undefined) return [point];
    const at = before?.until ?? point.at;
    const covered_s = (after?.from ?? point.at + point.covered_s) - at;
    return covered_s < 2 ? [] : [{ ...point, at, covered_s, request_rate: point.request_count / covered_s }];
  });
}

export function inGap(gaps: readonly Span[], at: number): boolean {
  return gaps.some((gap) => at >= gap.from && at < gap.until);
}
