/** The points of a service's charts on a given axis, whatever their step: seconds heard and read, or history's windows. */
import { drawnUntil, PointSeries, pointStart, POINT_S, type Point } from "./point.ts";
import { SecondLog, type Span } from "./second-log.ts";
import { WindowPoints } from "./window-points.ts";
import type { Axis } from "./incident-axis.ts";
import type { BaselinePoint, SecondPoint } from "../../../domain/message.ts";
import type { WindowItem } from "../../../domain/resource.ts";

/** Seconds heard that are kept beside windows of history: enough for the newest points, which are not in history yet. */
const HEARD_STEPS = 3;

/** What to ask history for; `step` as the address has it. */
export interface WindowsWish extends Span {
  readonly step: 1 | 60 | 3600;
}

export class ChartSeries {
  readonly #log = new SecondLog();
  readonly #fine = new PointSeries(this.#log);
  readonly #coarse = new WindowPoints();
  /** The axis that history was read for; null before the first answer. */
  #loaded: Axis | null = null;

  /** The newest second with requests, epoch seconds. */
  get newest(): number | null {
    return this.#log.newest;
  }

  totals(from: number, until: number): { readonly request_count: number; readonly error_count: number } {
    return this.#log.totals(from, until);
  }

  hear(seconds: readonly SecondPoint[], baseline: BaselinePoint): void {
    this.#fine.touch(this.#log.hear(seconds, baseline));
  }

  /**
   * What history has to be asked for: the whole axis first and where the axis is another one, later only what is missing: closed
   * seconds (before `closed`, epoch seconds) without their sketch, or the newest windows. Null where nothing is.
   */
  wish(axis: Axis, closed: number): WindowsWish | null {
    const step = stepOf(axis);
    const { from, until } = axis;
    if (!this.#isLoaded(axis)) return { from, until, step };
    if (step === 1) {
      const missing = this.#log.missingSketches(from, Math.min(until, pointStart(closed)));
      return missing === null ? null : { ...missing, step };
    }
    const newest = this.#coarse.newest ?? from;
    return until - newest > 2 * axis.step_s ? { from: newest, until, step } : null;
  }

  /** Takes a page of an answer to a wish. */
  load(windows: readonly WindowItem[], { step }: WindowsWish): void {
    if (step === 1) this.#fine.touch(this.#log.load(windows));
    else this.#coarse.load(windows, step);
  }

  /** All that was wished for is here. */
  loaded(axis: Axis): void {
    this.#loaded = axis;
  }

  /** Forgets windows of another axis before those of this one come. */
  begin(axis: Axis): void {
    if (this.#loaded?.step_s !== axis.step_s) this.#coarse.forget();
  }

  /** The points of the axis as far as data can be whole at `now` (epoch seconds). */
  points(axis: Axis, now: number): Point[] {
    const held = axis.step_s === POINT_S ? axis.from : Math.max(axis.from, now - HEARD_STEPS * axis.step_s);
    this.#log.forgetBefore(held - 60);
    const until = Math.min(axis.until, this.#wholeUntil(now));
    if (axis.step_s !== POINT_S) return this.#coarse.between(axis, until, this.#log);
    // Before history has been read, nothing is known of the time before the first second heard: no gap must be drawn there.
    return this.#fine.between(this.#isLoaded(axis) ? axis.from : Math.max(axis.from, this.#log.oldest ?? until), until);
  }

  /** An axis that slides begins later than the one that was read; one that grows may begin earlier. */
  #isLoaded({ from, step_s }: Axis): boolean {
    return this.#loaded !== null && this.#loaded.step_s === step_s && this.#loaded.from <= from;
  }

  #wholeUntil(now: number): number {
    const newest = this.#log.newest;
    return drawnUntil(newest === null ? null : (this.#log.at(newest) ?? null), now);
  }
}

function stepOf({ step_s }: Axis): WindowsWish["step"] {
  if (step_s === POINT_S) return 1;
  return step_s === 60 ? 60 : 3600;
}
