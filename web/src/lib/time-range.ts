/**
 * The time that a page shows, as its address has it: `?span=1h` goes along with the clock, `&paused=TIME` stops it there,
 * `?from=TIME&to=TIME` is one span for good (chosen, or zoomed into: what lies beneath stays in the address, so that there is a
 * way back), `?tz=local` shows times in the browser's zone. TIME is RFC 3339. What is left out, or written wrongly, is the
 * page's default: an address typed by hand shows something sensible.
 */
import { formatClock, formatDay, formatSpan } from "./format/time.ts";
import type { Zone } from "./format/zone.ts";
import type { Span } from "./span.ts";

export interface TimeRange {
  /** How much time is shown while it goes along with the clock, seconds. */
  readonly span_s: number;
  /** Where it was stopped, epoch seconds; null while it goes on. */
  readonly paused_at: number | null;
  /** The one span that is shown instead, whole epoch seconds; null where there is none. */
  readonly fixed: Span | null;
  readonly zone: Zone;
}

/** A query as far as it is read. */
type Query = Pick<URLSearchParams, "get" | "has" | "toString">;

/** What the picker offers, seconds, shortest first. */
export const SPANS_S = [15 * 60, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 24 * 3600, 7 * 86_400] as const;

/** Less than this is nothing to look at: the shortest point is a second. */
export const SPAN_MIN_S = 10;
const SPAN_MAX_S = 366 * 86_400;

const UNITS_S: Readonly<Record<string, number>> = { m: 60, h: 3600, d: 86_400 };

const NAMES = ["span", "paused", "from", "to", "tz"] as const;

/** What an address asks for. @param default_s the page's own span, seconds */
export function readTimeRange(query: Query, default_s: number): TimeRange {
  return {
    span_s: readSpan(query.get("span")) ?? default_s,
    paused_at: readMoment(query.get("paused")),
    fixed: readFixed(readMoment(query.get("from")), readMoment(query.get("to"))),
    zone: query.get("tz") === "local" ? "local" : "utc",
  };
}

/** The query with this time in it and all else as it was. Defaults are left out. */
export function writeTimeRange(query: Query, range: TimeRange, default_s: number): URLSearchParams {
  const written = new URLSearchParams(query.toString());
  for (const name of NAMES) written.delete(name);
  if (range.span_s !== default_s) written.set("span", writeSpan(range.span_s));
  if (range.paused_at !== null) written.set("paused", writeMoment(range.paused_at));
  if (range.fixed !== null) {
    written.set("from", writeMoment(range.fixed.from));
    written.set("to", writeMoment(range.fixed.until));
  }
  if (range.zone === "local") written.set("tz", "local");
  return written;
}

/** A link's query with the time of the page that it is on, unless it speaks of time itself; null where nothing has to be added. */
export function keptTime(link: URLSearchParams, here: Query): URLSearchParams | null {
  if (NAMES.some((name) => link.has(name))) return null;
  const kept = new URLSearchParams(link);
  for (const name of NAMES) if (here.has(name)) kept.set(name, here.get(name)!);
  return kept.size === link.size ? null : kept;
}

/** What is shown at a moment (epoch seconds). */
export function spanAt({ span_s, paused_at, fixed }: TimeRange, now: number): Span {
  if (fixed !== null) return fixed;
  const until = paused_at ?? now;
  return { from: until - span_s, until };
}

/** Whether what is shown goes along with the clock. */
export function isLive({ paused_at, fixed }: TimeRange): boolean {
  return paused_at === null && fixed === null;
}

/** A span to zoom into, from its two ends in any order (epoch seconds): whole seconds, never too short to be drawn. */
export function zoomSpan(one: number, other: number): Span {
  const from = Math.floor(Math.min(one, other));
  const until = Math.ceil(Math.max(one, other));
  const lacking = Math.max(0, SPAN_MIN_S - (until - from));
  return { from: from - Math.floor(lacking / 2), until: until + Math.ceil(lacking / 2) };
}

/** "15 min", "24 h", "7 days": a day is called by its hours, as the picker has it. */
export function spanWords(span_s: number): string {
  return span_s === 86_400 ? "24 h" : formatSpan(span_s * 1000);
}

/** "Last 15 min"; "10:04:12 to 10:06:00", with days where they are not one and today's. */
export function rangeWords({ span_s, fixed }: TimeRange, now_ms: number): string {
  if (fixed === null) return `Last ${spanWords(span_s)}`;
  const [from_ms, until_ms] = [fixed.from * 1000, fixed.until * 1000];
  const [first, last, today] = [formatDay(from_ms), formatDay(until_ms), formatDay(now_ms)];
  if (first === last) return `${first === today ? "" : `${first} `}${formatClock(from_ms)} to ${formatClock(until_ms)}`;
  return `${first} ${formatClock(from_ms)} to ${last} ${formatClock(until_ms)}`;
}

function readSpan(text: string | null): number | null {
  const [, digits, unit] = /^(\d{1,4})([mhd])$/.exec(text ?? "") ?? [];
  const span_s = Number(digits) * (UNITS_S[unit ?? ""] ?? Number.NaN);
  return span_s >= 60 && span_s <= SPAN_MAX_S ? span_s : null;
}

function writeSpan(span_s: number): string {
  if (span_s % 86_400 === 0 && span_s > 86_400) return `${span_s / 86_400}d`;
  return span_s % 3600 === 0 ? `${span_s / 3600}h` : `${Math.round(span_s / 60)}m`;
}

function readMoment(text: string | null): number | null {
  const at = Math.floor(Date.parse(text ?? "") / 1000);
  return Number.isFinite(at) && at > 0 ? at : null;
}

function writeMoment(at: number): string {
  return `${new Date(at * 1000).toISOString().slice(0, 19)}Z`;
}

function readFixed(from: number | null, until: number | null): Span | null {
  if (from === null || until === null) return null;
  return until - from >= SPAN_MIN_S && until - from <= SPAN_MAX_S ? { from, until } : null;
}
