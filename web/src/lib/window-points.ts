/**
 * Points of a minute or an hour, from history's windows. Their quantiles are the windows' own, which the server has read from
 * merged sketches. The newest window is in history only some time after its end: until then its point is formed from the
 * seconds that were heard live, where all of them were.
 */
import { formPoint, type Point } from "./point.ts";
import type { Axis } from "./incident-axis.ts";
import type { SecondLog } from "./second-log.ts";
import type { WindowItem } from "../../../domain/resource.ts";

export class WindowPoints {
  readonly #points = new Map<number, Point>();
  #newest: number | null = null;

  /** The start of the newest window held, epoch seconds. */
  get newest(): number | null {
    return this.#newest;
  }

  /** Takes windows of `step_s` seconds; a newer word on the same window replaces the older one. */
  load(windows: readonly WindowItem[], step_s: number): void {
    for (const window of windows) {
      const point = windowPoint(window, step_s);
      this.#points.set(point.at, point);
      this.#newest = Math.max(this.#newest ?? point.at, point.at);
    }
  }

  forget(): void {
    this.#points.clear();
    this.#newest = null;
  }

  /** All points of an axis up to `until` (epoch seconds), empty ones too; the end is left out where nothing is known of it yet. */
  between({ from, step_s }: Axis, until: number, log: SecondLog): Point[] {
    const points: Point[] = [];
    for (let at = from; at < until; at += step_s) {
      const held = this.#points.get(at);
      const point = held ?? (this.#isKnown(at, log) ? formPoint(log, at, until, step_s) : null);
      if (point !== null) points.push(point);
    }
    return points;
  }

  /** Before its newest window history is whole: what it does not have, had no requests. */
  #isKnown(at: number, log: SecondLog): boolean {
    if (this.#newest !== null && at < this.#newest) return true;
    return log.oldest !== null && log.oldest <= at;
  }
}

function windowPoint(window: WindowItem, step_s: number): Point {
  const at = Math.floor(Date.parse(window.window_start) / 1000);
  const { request_count, error_count, provisional } = window;
  return {
    at,
    covered_s: step_s,
    request_count,
    error_count,
    request_rate: request_count / step_s,
    error_rate: request_count === 0 ? null : error_count / request_count,
    p50_latency_ms: window.p50_latency_ms,
    p95_latency_ms: window.p95_latency_ms,
    p99_latency_ms: window.p99_latency_ms,
    baseline: {
      request_rate: window.baseline_request_rate,
      error_rate: window.baseline_error_rate,
      p95_latency_ms: window.baseline_p95_ms,
    },
    first_request_at: request_count === 0 ? null : at,
    last_request_at: request_count === 0 ? null : at + step_s - 1,
    provisional,
    quantiles_provisional: provisional,
  };
}
