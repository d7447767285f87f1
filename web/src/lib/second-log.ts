/**
 * The seconds of one service that the page holds, joined by epoch second from history (with sketches) and from the live
 * socket (without). The newest word on a second wins: a tick replaces what was loaded, and loses the sketch with it.
 */
import { KnownSpans } from "./known-spans.ts";
import { heldWindow, type Held } from "./window-log.ts";
import type { Span } from "./span.ts";
import type { BaselinePoint, SecondPoint } from "../../../domain/message.ts";
import type { WindowItem } from "../../../domain/resource.ts";

export class SecondLog {
  readonly #seconds = new Map<number, Held>();
  readonly #known = new KnownSpans();
  /** From here on the socket tells of every change, epoch seconds; null while nothing was heard. */
  #live_from: number | null = null;
  #newest: number | null = null;

  /** The newest second with requests, epoch seconds. */
  get newest(): number | null {
    return this.#newest;
  }

  at(second: number): Held | undefined {
    return this.#seconds.get(second);
  }

  /** Whether all that happened in a second is held. */
  knows(second: number): boolean {
    return (this.#live_from !== null && second >= this.#live_from) || this.#known.has(second);
  }

  /** Whether a socket was heard. */
  get heard(): boolean {
    return this.#live_from !== null;
  }

  /**
   * Takes what a socket says at its start: all of its newest seconds. What was heard before may have changed unheard while it
   * was away: it stays, until history has told it again.
   */
  begin(points: readonly SecondPoint[], baseline: BaselinePoint): number[] {
    if (this.#live_from !== null) this.#known.remove(-Infinity, Infinity);
    this.#live_from = points[0]?.at ?? null;
    return this.hear(points, baseline);
  }

  /** Takes what a tick tells. Returns the seconds that changed, epoch seconds. */
  hear(points: readonly SecondPoint[], baseline: BaselinePoint): number[] {
    const changed: number[] = [];
    this.#live_from ??= points[0]?.at ?? null;
    for (const point of points) {
      const known = this.#seconds.get(point.at);
      if (known !== undefined && sameNumbers(known, point)) continue;
      this.#put({
        ...point,
        step_s: 1,
        sketch: null,
        baseline: known?.baseline ?? baseline,
        revision: known?.revision ?? 0,
        // It was closed, and changed all the same: a late request.
        revised_from: known === undefined || known.provisional ? null : (known.revised_from ?? known.request_count),
      });
      changed.push(point.at);
    }
    return changed;
  }

  /** A tick that cannot have told all: from here on the socket tells of every change again. */
  breakOff(from: number): void {
    this.#live_from = from;
  }

  /**
   * Takes step=1 windows of history. A second heard live with more requests than history tells is newer: an answer may have
   * been read before the last tick was sent. Returns the seconds that changed.
   */
  load(windows: readonly WindowItem[]): number[] {
    const changed: number[] = [];
    for (const window of windows) {
      const second = heldWindow(window, 1);
      const known = this.#seconds.get(second.at);
      if (known !== undefined && known.request_count > second.request_count) continue;
      this.#put({ ...second, revised_from: known?.revised_from ?? null });
      changed.push(second.at);
    }
    return changed;
  }

  /** History has told all of this span. */
  loaded({ from, until }: Span): void {
    this.#known.add(from, until);
  }

  /** The first stretch that has to be asked for; null where all is known. */
  missing(from: number, until: number): Span | null {
    return this.#known.firstMissing(from, Math.min(until, this.#live_from ?? until));
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

  /** The seconds with requests from `from` to before `until`. */
  between(from: number, until: number): Held[] {
    const held: Held[] = [];
    for (let at = from; at < until; at += 1) {
      const second = this.#seconds.get(at);
      if (second !== undefined && second.request_count > 0) held.push(second);
    }
    return held;
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

  /** Forgets what is older than `second` but for `kept`, so that a page open for days holds no more than a fresh one. */
  forgetBefore(second: number, kept: Span | null = null): void {
    for (const at of this.#seconds.keys()) {
      if (at < second && (kept === null || at < kept.from || at >= kept.until)) this.#seconds.delete(at);
    }
    // Heard until now, and known on: what is forgotten is asked for again where it is needed.
    if (this.#live_from !== null && this.#live_from < second) {
      this.#known.add(this.#live_from, second);
      this.#live_from = second;
    }
    this.#known.remove(-Infinity, Math.min(second, kept?.from ?? second));
    if (kept !== null) this.#known.remove(kept.until, second);
  }

  #put(second: Held): void {
    this.#seconds.set(second.at, second);
    this.#newest = this.#newest === null ? second.at : Math.max(this.#newest, second.at);
  }
}

function sameNumbers(known: Held, point: SecondPoint): boolean {
  return (
    known.request_count === point.request_count &&
    known.error_count === point.error_count &&
    known.latency_sum_us === point.latency_sum_us &&
    known.provisional === point.provisional
  );
}
