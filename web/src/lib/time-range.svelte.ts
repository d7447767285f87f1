/**
 * The time that the open page shows. All of its state is in the address: reload, bookmark and the browser's own way back work.
 *
 * Use: `timeRange.at(clock.now / 1000)` is what to draw; `timeRange.live` says whether it goes along with the clock. Put
 * `TimePicker`, `ZonePicker` and `PauseButton` (parts/) in no page: the top bar has them. Links need nothing: a link inside the
 * dashboard keeps the time (layout), unless its own address speaks of time (`?span=`, `?from=&to=`). Times in words follow the
 * zone by themselves (format/time.ts).
 */
import { page } from "$app/state";
import { clock } from "./clock.svelte.ts";
import { changeAddress, pageAddress } from "./page-address.ts";
import { isLive, keptTime, readTimeRange, spanAt, writeTimeRange, type TimeRange } from "./time-range.ts";
import type { Zone } from "./format/zone.ts";
import type { Span } from "./span.ts";

const QUARTER_S = 15 * 60;
const HOUR_S = 3600;
const WEEK_S = 7 * 86_400;

/** What a page shows that nothing was chosen on: the fleet an hour, the list of incidents a week, a service a quarter of an hour. */
function defaultSpan(pathname: string): number {
  if (pathname === "/") return HOUR_S;
  return pathname === "/incidents" ? WEEK_S : QUARTER_S;
}

class TimeRangeStore {
  readonly #default_s = $derived(defaultSpan(page.url.pathname));
  /** As the address has it. */
  readonly current: TimeRange = $derived(readTimeRange(page.url.searchParams, this.#default_s));
  readonly live: boolean = $derived(isLive(this.current));
  /** It was stopped, and no other span is shown instead. */
  readonly paused: boolean = $derived(this.current.paused_at !== null && this.current.fixed === null);

  /** What is shown at a moment (epoch seconds). */
  at(now: number): Span {
    return spanAt(this.current, now);
  }

  /** Shows the last `span_s` seconds, live. */
  last(span_s: number): Promise<void> {
    return this.#go({ span_s, paused_at: null, fixed: null });
  }

  /** Shows one span (epoch seconds): chosen, or zoomed into. */
  show(fixed: Span): Promise<void> {
    return this.#go({ fixed });
  }

  /** Out of the zoom, to what lies beneath it. */
  unzoom(): Promise<void> {
    return this.current.fixed === null ? Promise.resolve() : this.#go({ fixed: null });
  }

  /** Stops what is shown where it is. The page goes on hearing: back to live has nothing to catch up with. */
  pause(): Promise<void> {
    return this.#go({ paused_at: Math.floor(clock.exact() / 1000) }, true);
  }

  /** Out of zoom and pause. */
  resume(): Promise<void> {
    return this.#go({ paused_at: null, fixed: null });
  }

  inZone(zone: Zone): Promise<void> {
    return this.#go({ zone }, true);
  }

  /** The address of a link with this page's time, where the link does not speak of time; null where it needs none. */
  kept(link: URL): string | null {
    const query = keptTime(link.searchParams, page.url.searchParams);
    return query === null ? null : addressOf(link.pathname, query) + link.hash;
  }

  async #go(change: Partial<TimeRange>, replace = false): Promise<void> {
    const { pathname, searchParams } = pageAddress();
    const range = { ...readTimeRange(searchParams, this.#default_s), ...change };
    await changeAddress(addressOf(pathname, writeTimeRange(searchParams, range, this.#default_s)), replace);
  }
}

/** Colons are allowed in a query, and times are easier to read with them. */
function addressOf(pathname: string, query: URLSearchParams): string {
  return query.size === 0 ? pathname : `${pathname}?${query.toString().replaceAll("%3A", ":")}`;
}

export const timeRange = new TimeRangeStore();
