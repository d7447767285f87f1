/**
 * The seconds of one service that the page holds, joined by epoch second from history (with sketches) and from the live
 * socket (without). The newest word on a second wins: a tick replaces what was loaded, and loses the sketch with it.
 */
import { decodeSketch, type Sketch } from "../../../domain/sketch.ts";
import type { BaselinePoint, SecondPoint } from "../../../domain/message.ts";
import type { WindowItem } from "../../../domain/resource.ts";

export interface Second extends SecondPoint {
  /** All latencies of the second; null until history has been read for its present state. */
  readonly sketch: Sketch | null;
  /** What was normal then; null where it was not told with the second. */
  readonly baseline: BaselinePoint | null;
}

/** Epoch seconds, `until` exclusive. */
export interface Span {
  readonly from: number;
  readonly until: number;
}

export class SecondLog {
  readonly #seconds = new Map<number, Second>();
  #newest: number | null = null;

  /** The newest second with requests, epoch seconds. */
  get newest(): number | null {
    return this.#newest;
  }

  /** The oldest second held. */
  get oldest(): number | null {
    return this.#seconds.size === 0 ? null : Math.min(...this.#seconds.keys());
  }

  at(second: number): Second | undefined {
    return this.#seconds.get(second);
  }

  /** Takes what a snapshot or a tick tells. Returns the seconds that changed, epoch seconds. */
  hear(points: readonly SecondPoint[], baseline: BaselinePoint): number[] {
    const changed: number[] = [];
    for (const point of points) {
      const known = this.#seconds.get(point.at);
      if (known !== undefined && sameNumbers(known, point)) continue;
      this.#put({ ...point, sketch: null, baseline: known?.baseline ?? baseline });
      changed.push(point.at);
    }
    return changed;
  }

  /**
   * Takes step=1 windows of history. A second heard live with more requests than history tells is newer: an answer may have
   * been read before the last tick was sent. Returns the seconds that changed.
   */
  load(windows: readonly WindowItem[]): number[] {
    const changed: number[] = [];
    for (const window of windows) {
      const second = secondOfWindow(window);
      const known = this.#seconds.get(second.at);
      if (known !== undefined && known.request_count > second.request_count) continue;
      this.#put(second);
      changed.push(second.at);
    }
    return changed;
  }

  /** The closed seconds whose latencies have yet to be read, as the span to ask history for; null when none is missing. */
  missingSketches(from: number, until: number): Span | null {
    let first: number | null = null;
    let last = 0;
    for (const second of this.#seconds.values()) {
      if (second.sketch !== null || second.provisional || second.at < from || second.at >= until) continue;
      first = first === null ? second.at : Math.min(first, second.at);
      last = Math.max(last, second.at);
    }
    return first === null ? null : { from: first, until: last + 1 };
  }

  /** The requests from `from` to `until` (exclusive) of what is held. */
  totals(from: number, until: number): { readonly request_count: number; readonly error_count: number } {
    let [request_count, error_count] = [0, 0];
    for (let at = from; at < until; at += 1) {
      request_count += this.#seconds.get(at)?.request_count ?? 0;
      error_count += this.#seconds.get(at)?.error_count ?? 0;
    }
    return { request_count, error_count };
  }

  /** Forgets what has left the page, so that a page open for days holds no more than a fresh one. */
  forgetBefore(second: number): void {
    for (const at of this.#seconds.keys()) if (at < second) this.#seconds.delete(at);
  }

  #put(second: Second): void {
    this.#seconds.set(second.at, second);
    this.#newest = this.#newest === null ? second.at : Math.max(this.#newest, second.at);
  }
}

function sameNumbers(known: Second, point: SecondPoint): boolean {
  return (
    known.request_count === point.request_count &&
    known.error_count === point.error_count &&
    known.latency_sum_us === point.latency_sum_us &&
    known.provisional === point.provisional
  );
}

function secondOfWindow(window: WindowItem): Second {
  return {
    at: Math.floor(Date.parse(window.window_start) / 1000),
    request_count: window.request_count,
    error_count: window.error_count,
    latency_sum_us: window.latency_sum_us,
    p50_latency_ms: window.p50_latency_ms,
    p95_latency_ms: window.p95_latency_ms,
    p99_latency_ms: window.p99_latency_ms,
    provisional: window.provisional,
    sketch: decodeSketch(bytesOfBase64(window.latency_sketch)),
    baseline: {
      request_rate: window.baseline_request_rate,
      error_rate: window.baseline_error_rate,
      p95_latency_ms: window.baseline_p95_ms,
    },
  };
}

function bytesOfBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
