/** Reads what is missing of a service's time from the server, until nothing is. */
import { getJson, type Answer } from "./http.ts";
import type { ChartSeries, WindowsWish } from "./chart-series.ts";
import type { Axis } from "./incident-axis.ts";
import type { Page, WindowItem } from "../../../domain/resource.ts";

/** Reading an axis takes three answers as a rule: hours, minutes, seconds. More only fill what was forgotten between. */
const READS_MAX = 12;

/** An hour of seconds is one answer. */
const WINDOWS_A_PAGE = 3600;

export interface WindowSource {
  readonly series: ChartSeries;
  /** Of the service, as in `/v1/services/checkout`. */
  readonly path: string;
  readonly signal: AbortSignal;
  readonly axis: () => Axis | null;
  /** Epoch seconds up to which the service's seconds have closed; null where that is not known. */
  readonly closed: () => number | null;
  /** Epoch seconds by the server's clock. */
  readonly now: () => number;
  /** Told after each answer. */
  readonly onRead: () => void;
  /** Told when all of the axis' windows of a step is here: how many there were. */
  readonly onLoaded: (windows: number, step: WindowsWish["step"]) => void;
}

export class WindowReader {
  readonly #source: WindowSource;
  #reading: Promise<string | null> | null = null;

  constructor(source: WindowSource) {
    this.#source = source;
  }

  /** Reads, one at a time: whoever asks meanwhile waits for the same answer. @returns why it could not; null where it could */
  read(): Promise<string | null> {
    this.#reading ??= this.#readAll().finally(() => (this.#reading = null));
    return this.#reading;
  }

  async #readAll(): Promise<string | null> {
    const { series, axis: axisNow, closed, now: clock, onRead } = this.#source;
    for (let reads = 0; reads < READS_MAX; reads += 1) {
      // The axis may have changed while the last answer was on its way: what is missing is always that of now.
      const axis = axisNow();
      if (axis === null) return null;
      const now = clock();
      const wish = series.wish(axis, closed() ?? axis.until, now);
      if (wish === null) return null;
      const trouble = await this.#readOne(wish, axis, now);
      if (trouble !== null) return trouble;
      onRead();
    }
    return null;
  }

  async #readOne(wish: WindowsWish, axis: Axis, now: number): Promise<string | null> {
    const { series, onLoaded } = this.#source;
    let windows = 0;
    let cursor: string | null = null;
    do {
      const answer: Answer<Page<WindowItem>> = await this.#askPage(wish, cursor);
      if (!answer.ok && answer.status !== 404) return answer.detail;
      // There is no such service (yet): then there is nothing of its time either.
      if (!answer.ok) break;
      series.load(answer.value.items, wish);
      windows += answer.value.items.length;
      cursor = answer.value.next;
    } while (cursor !== null);
    series.loaded(wish, now);
    if (wish.from <= axis.from) onLoaded(windows, wish.step);
    return null;
  }

  #askPage({ from, until, step }: WindowsWish, cursor: string | null): Promise<Answer<Page<WindowItem>>> {
    const query = new URLSearchParams({
      from: isoSecond(from),
      to: isoSecond(until),
      step: String(step),
      limit: String(WINDOWS_A_PAGE),
    });
    if (cursor !== null) query.set("cursor", cursor);
    return getJson<Page<WindowItem>>(`${this.#source.path}/windows?${query.toString()}`, this.#source.signal);
  }
}

/** A second (since the epoch) as an address has it. */
export function isoSecond(second: number): string {
  return new Date(second * 1000).toISOString();
}
