/**
 * The points of a service's charts on a given axis, joined from what is held of it: hours and minutes of history, the seconds of
 * its object, and those heard live. Each moment is told by the longest window that is known and fits into its point, and by that
 * one alone: nothing is doubled where two of them meet, and nothing lacks.
 */
import { drawnUntil, PointSeries, pointStart, type Point } from "./point.ts";
import { findRevisions, type Revision } from "./revisions.ts";
import { SecondLog } from "./second-log.ts";
import type { Span } from "./span.ts";
import { windowStep } from "./time-axis.ts";
import { WindowLog, type Held } from "./window-log.ts";
import type { Axis } from "./incident-axis.ts";
import type { BaselinePoint, SecondPoint } from "../../../domain/message.ts";
import type { WindowItem } from "../../../domain/resource.ts";

/** Seconds heard are kept so long whatever the axis shows, so that back to live has nothing to ask for as a rule. */
const KEPT_S = 15 * 60 + 60;

/** A tick tells at most so many seconds (durable-objects/service-view.ts): one with as many may have left some out. */
const TICK_SECONDS_MAX = 600;

/** More windows than any one axis has; only a page that was open for days, or was led far back, holds as many. */
const WINDOWS_MAX = 5000;

/** What to ask history for; `step` as the address has it. */
export interface WindowsWish extends Span {
  readonly step: 1 | 60 | 3600;
}

export class ChartSeries {
  readonly #seconds = new SecondLog();
  readonly #minutes = new WindowLog(60);
  readonly #hours = new WindowLog(3600);
  #series = new PointSeries(this);
  /** Found once for all ticks that revise nothing. */
  #revisions: { readonly key: string; readonly found: readonly Revision[] } | null = null;

  /** The newest second with requests, epoch seconds. */
  get newest(): number | null {
    return this.#seconds.newest;
  }

  totals(from: number, until: number): { readonly request_count: number; readonly error_count: number } {
    return this.#seconds.totals(from, until);
  }

  /** Takes the seconds of a snapshot. After a break, all that history told may have changed unheard: it is asked for again. */
  begin(seconds: readonly SecondPoint[], baseline: BaselinePoint): void {
    if (this.#seconds.heard) {
      this.#minutes.forgetKnown();
      this.#hours.forgetKnown();
      this.#series.forget();
    }
    this.#series.touch(this.#seconds.begin(seconds, baseline));
  }

  /** Takes the seconds of a tick. */
  hear(seconds: readonly SecondPoint[], baseline: BaselinePoint): void {
    const newest = this.#seconds.newest;
    if (seconds.length >= TICK_SECONDS_MAX) this.#seconds.breakOff(seconds[0]!.at);
    const changed = this.#seconds.hear(seconds, baseline);
    this.#series.touch(changed);
    for (const second of changed) {
      if (newest === null || second > newest) continue;
      this.#minutes.touch(second);
      this.#hours.touch(second);
      if (this.#seconds.at(second)?.revised_from != null) this.#revisions = null;
    }
  }

  /**
   * What history has to be asked for next: the longest windows first, then finer ones for the end that is not in them yet, then
   * the sketches of seconds that have closed (before `closed`, epoch seconds). Null where nothing is lacking at `now`.
   */
  wish(axis: Axis, closed: number, now: number): WindowsWish | null {
    const longest = windowStep(axis.step_s);
    const until = Math.min(axis.until, Math.ceil(now));
    let from = pointStart(axis.from, axis.step_s);
    if (this.#minutes.size + this.#hours.size > WINDOWS_MAX) this.#keep({ from, until: Math.ceil(now) });
    for (const log of [this.#hours, this.#minutes]) {
      if (log.step_s > longest) continue;
      const missing = log.missing(from, until, now);
      if (missing !== null) return { ...missing, step: log.step_s };
      from = log.endFrom(from);
    }
    const missing =
      this.#seconds.missing(from, until) ??
      this.#seconds.missingSketches(from, Math.min(until, pointStart(closed, Math.min(axis.step_s, 5))));
    return missing === null ? null : { ...missing, step: 1 };
  }

  /** Takes a page of an answer to a wish. */
  load(windows: readonly WindowItem[], { step }: WindowsWish): void {
    this.#revisions = null;
    if (step === 1) {
      this.#series.touch(this.#seconds.load(windows));
      return;
    }
    (step === 60 ? this.#minutes : this.#hours).load(windows);
  }

  /** All that was wished for is here, as of `now` when it was asked for. */
  loaded(wish: WindowsWish, now: number): void {
    this.#revisions = null;
    if (wish.step === 1) return this.#seconds.loaded(wish);
    (wish.step === 60 ? this.#minutes : this.#hours).loaded(wish, now);
    // Which windows a point is formed of may have changed with what is known.
    this.#series.forget();
  }

  /** The points of the axis as far as data can be whole at `now` (epoch seconds): empty ones too, none before the first that is known. */
  points(axis: Axis, now: number): Point[] {
    if (this.#series.step_s !== axis.step_s) this.#series = new PointSeries(this, axis.step_s);
    const start = pointStart(axis.from, axis.step_s);
    this.#seconds.forgetBefore(now - KEPT_S, { from: this.#secondsFrom(axis), until: axis.until });
    const until = this.#windowEnd(Math.min(axis.until, this.#wholeUntil(now)), windowStep(axis.step_s));
    const points = this.#series.between(start, until);
    const first = points.findIndex((point) => !point.unread);
    const last = points.findLastIndex((point) => !point.unread);
    return first < 0 ? [] : points.slice(first, last + 1);
  }

  /** The windows of the axis that changed after they had closed. */
  revisions({ from, until, step_s }: Axis): readonly Revision[] {
    const start = pointStart(from, Math.max(60, windowStep(step_s)));
    const key = `${start} ${step_s}`;
    if (this.#revisions?.key !== key)
      this.#revisions = { key, found: this.#findRevisions(start, until, windowStep(step_s)) };
    return this.#revisions.found;
  }

  #findRevisions(from: number, until: number, step_s: number): Revision[] {
    const parts: Held[] = [];
    for (let at = from; at < until;) {
      const held = this.#longest(at, at + step_s);
      if (held?.window !== undefined) parts.push(held.window);
      at += held?.step_s ?? 1;
    }
    return findRevisions(parts);
  }

  /** Forgets what the axis does not show. */
  #keep(shown: Span): void {
    this.#minutes.keep(shown);
    this.#hours.keep(shown);
  }

  /** What happened from `from` to before `until`, each moment told once; null where not all of it is known. */
  between(from: number, until: number): Held[] | null {
    const parts: Held[] = [];
    for (let at = from; at < until;) {
      const held = this.#longest(at, until);
      if (held === null) return null;
      if (held.window !== undefined && held.window.request_count > 0) parts.push(held.window);
      at += held.step_s;
    }
    return parts;
  }

  /** The longest window from `at` that ends by `until` and is known; without one in it where nothing happened. */
  #longest(at: number, until: number): { readonly step_s: number; readonly window: Held | undefined } | null {
    for (const log of [this.#hours, this.#minutes]) {
      const { step_s } = log;
      if (at % step_s === 0 && at + step_s <= until && log.knows(at)) return { step_s, window: log.at(at) };
    }
    return this.#seconds.knows(at) ? { step_s: 1, window: this.#seconds.at(at) } : null;
  }

  /** Where the axis needs seconds from: all of it, or the end that no longer window tells. */
  #secondsFrom({ from, step_s }: Axis): number {
    const longest = windowStep(step_s);
    let start = pointStart(from, step_s);
    for (const log of [this.#hours, this.#minutes]) if (log.step_s <= longest) start = log.endFrom(start);
    return start;
  }

  /**
   * An axis may end in the middle of a window of history, whose seconds may be long gone: the newest point then covers all of that
   * window, whose rate is right, and not a part of it that nobody knows.
   */
  #windowEnd(until: number, longest: number): number {
    for (const log of [this.#hours, this.#minutes]) {
      const start = pointStart(until, log.step_s);
      if (log.step_s <= longest && start < until && log.knows(start)) return start + log.step_s;
    }
    return until;
  }

  #wholeUntil(now: number): number {
    const { newest } = this.#seconds;
    return drawnUntil(newest === null ? null : (this.#seconds.at(newest) ?? null), now);
  }
}
