/**
 * Windows of a minute or of an hour from history that the page holds. The newest is in history only some time after its end;
 * what comes after it is told by finer windows (chart-series.ts). A newer revision of a window takes its place.
 */
import { decodeSketch, type Sketch } from "../../../domain/sketch.ts";
import { KnownSpans } from "./known-spans.ts";
import type { BaselinePoint, SecondPoint } from "../../../domain/message.ts";
import type { WindowItem } from "../../../domain/resource.ts";
import type { Span } from "./span.ts";

/** What happened in one second, minute or hour. */
export interface Held extends SecondPoint {
  /** Its length in seconds. */
  readonly step_s: 1 | 60 | 3600;
  /** All of its latencies; null until history has been read for its present state. */
  readonly sketch: Sketch | null;
  /** What was normal then; null where it was not told with it. */
  readonly baseline: BaselinePoint | null;
  /** As history has it; of a second that of its minute; 0 where history was not asked. */
  readonly revision: number;
  /** Its requests before it was seen to change although it had closed; null where it was not. */
  readonly revised_from: number | null;
}

/** History hears of a window so many seconds after its end at the earliest, and is not asked for the next one before. */
const LATENESS_S = { 60: 45, 3600: 120 } as const;
const ASK_EVERY_S = { 60: 30, 3600: 120 } as const;

/**
 * A window may stand in history before it is whole: a service that is quiet for some seconds tells of its open one, and the rest
 * follows up to 20 s after its end. Until then its seconds tell of it.
 */
const WHOLE_AFTER_S = { 60: 30, 3600: 60 } as const;

/** So far back history has all that there was, even where its newest window is older: the service was silent. */
const SETTLED_S = { 60: 3600, 3600: 86_400 } as const;

/** A window is seen to be revised before its newer row is in history: it is asked for so often, then given up. */
const TRIES_MAX = 10;

export class WindowLog {
  readonly step_s: 60 | 3600;
  readonly #windows = new Map<number, Held>();
  readonly #known = new KnownSpans();
  /** Windows that are known to be out of date, with how often they were asked for, and when. */
  readonly #stale = new Map<number, { readonly tries: number; readonly asked_at: number }>();
  /** The last answer: its span, and when it was asked for. */
  #asked = { from: 0, until: 0, at: -Infinity };

  constructor(step_s: 60 | 3600) {
    this.step_s = step_s;
  }

  at(start: number): Held | undefined {
    return this.#windows.get(start);
  }

  /** Whether history was read up to the end of the window that starts here. */
  knows(start: number): boolean {
    return this.#known.has(start);
  }

  /** The end of what is known from here on; `from` itself where nothing is. */
  endFrom(from: number): number {
    return this.#known.endFrom(from);
  }

  /** How many windows are held. */
  get size(): number {
    return this.#windows.size;
  }

  /** Where to read history for windows from `from` to before `until` at `now` (epoch seconds); null where it has no more to tell. */
  missing(from: number, until: number, now: number): Span | null {
    const end = this.#known.endFrom(from);
    const recent = now - this.#asked.at < ASK_EVERY_S[this.step_s];
    const answered = recent && end >= this.#asked.from && end < this.#asked.until;
    const whole = Math.min(until, now - LATENESS_S[this.step_s]);
    if (!answered && whole - end >= this.step_s) return { from: end, until };
    const stale = [...this.#stale]
      .filter(([at, { asked_at }]) => at >= from && at < until && now - asked_at >= ASK_EVERY_S[this.step_s])
      .map(([at]) => at);
    return stale.length === 0 ? null : { from: Math.min(...stale), until: Math.max(...stale) + this.step_s };
  }

  load(windows: readonly WindowItem[]): void {
    for (const item of windows) {
      const window = heldWindow(item, this.step_s);
      // One that is not over is told by its seconds, which go along with the clock.
      if (window.provisional) continue;
      const known = this.#windows.get(window.at);
      if (known !== undefined && known.revision > window.revision) continue;
      const changed = known !== undefined && known.request_count !== window.request_count;
      const revised_from = known?.revised_from ?? (changed ? known.request_count : null);
      this.#windows.set(window.at, { ...window, revised_from });
      if (known !== undefined && window.revision > known.revision) this.#stale.delete(window.at);
    }
  }

  /** All of an answer about this span is here: up to its newest window that is surely whole. */
  loaded({ from, until }: Span, now: number): void {
    this.#asked = { from, until, at: now };
    const newest = Math.max(...[...this.#windows.keys()].filter((at) => at >= from && at < until));
    const startBefore = (at: number) => Math.floor(at / this.step_s) * this.step_s;
    const whole = Math.min(newest + this.step_s, startBefore(now - WHOLE_AFTER_S[this.step_s]));
    this.#known.add(from, Math.max(whole, Math.min(until, startBefore(now - SETTLED_S[this.step_s]))));
    for (const [at, { tries }] of this.#stale) {
      if (at < from || at >= until) continue;
      if (tries + 1 >= TRIES_MAX) this.#stale.delete(at);
      else this.#stale.set(at, { tries: tries + 1, asked_at: now });
    }
  }

  /** A second changed: the window that it lies in is out of date where it is held. */
  touch(second: number): void {
    const start = Math.floor(second / this.step_s) * this.step_s;
    if (this.#known.has(start)) this.#stale.set(start, { tries: 0, asked_at: -Infinity });
  }

  /** Something may have changed unheard: all is asked for again, and stays until it is told. */
  forgetKnown(): void {
    this.#known.remove(-Infinity, Infinity);
    this.#asked = { from: 0, until: 0, at: -Infinity };
  }

  /** Forgets what lies outside of a span, so that a page open for days holds no more than a fresh one. */
  keep({ from, until }: Span): void {
    for (const at of this.#windows.keys()) if (at < from || at >= until) this.#windows.delete(at);
    for (const at of this.#stale.keys()) if (at < from || at >= until) this.#stale.delete(at);
    this.#known.remove(-Infinity, from);
    this.#known.remove(until, Infinity);
  }
}

/** A window of history as the page holds it. */
export function heldWindow(window: WindowItem, step_s: Held["step_s"]): Held {
  const { request_count, error_count, latency_sum_us, p50_latency_ms, p95_latency_ms, p99_latency_ms } = window;
  return {
    at: Math.floor(Date.parse(window.window_start) / 1000),
    step_s,
    request_count,
    error_count,
    latency_sum_us,
    p50_latency_ms,
    p95_latency_ms,
    p99_latency_ms,
    provisional: window.provisional,
    sketch: decodeSketch(bytesOfBase64(window.latency_sketch)),
    baseline: {
      request_rate: window.baseline_request_rate,
      error_rate: window.baseline_error_rate,
      p95_latency_ms: window.baseline_p95_ms,
    },
    revision: window.revision,
    revised_from: null,
  };
}

function bytesOfBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
