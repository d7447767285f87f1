/** Spans and moments in words. Times are shown in the zone of zone.ts, and say so when asked. */
import { wallTime, zoneName } from "./zone.ts";

/** A clock alone is clear for so long; what is older needs its day. */
const HALF_DAY_MS = 12 * 3_600_000;

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** A span in its two largest units, as one says it: "14 s", "2 min", "1 h 5 min", "3 days 4 h". Negative spans are 0 s. */
export function formatSpan(span_ms: number): string {
  const seconds = Math.max(0, Math.floor(span_ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return withRest(`${hours} h`, minutes % 60, "min");
  const days = Math.floor(hours / 24);
  return withRest(days === 1 ? "1 day" : `${days} days`, hours % 24, "h");
}

function withRest(whole: string, rest: number, unit: string): string {
  return rest === 0 ? whole : `${whole} ${rest} ${unit}`;
}

/** The time of day with seconds, `10:04:12`, of epoch milliseconds. */
export function formatClock(at_ms: number): string {
  return wallTime(at_ms).slice(11);
}

/** The time of day without seconds, `10:04`, for an axis. */
export function formatClockMinute(at_ms: number): string {
  return wallTime(at_ms).slice(11, 16);
}

/** The whole moment with its zone, for whoever asks: `2026-11-24 10:04:12 UTC`. */
export function formatMoment(at_ms: number): string {
  return `${wallTime(at_ms).replace("T", " ")} ${zoneName(at_ms)}`;
}

/** The clock alone for today, day and clock for anything older: `22 Nov 10:04:12`. */
export function formatSince(at_ms: number, now_ms: number): string {
  return now_ms - at_ms < HALF_DAY_MS ? formatClock(at_ms) : `${formatDay(at_ms)} ${formatClock(at_ms)}`;
}

/** When data last came, as short as it is needed: `10:04`, the day alone for anything older than half a day: `22 Nov`. */
export function formatLastData(at_ms: number, now_ms: number): string {
  return now_ms - at_ms < HALF_DAY_MS ? formatClockMinute(at_ms) : formatDay(at_ms);
}

const WEEKDAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

/** The day by its name, for an axis of days: `Sun 22`. */
export function formatWeekday(at_ms: number): string {
  const day = new Date(`${wallTime(at_ms).slice(0, 10)}T00:00:00Z`);
  return `${WEEKDAYS[day.getUTCDay()]} ${day.getUTCDate()}`;
}

/** The day alone: `22 Nov`. */
export function formatDay(at_ms: number): string {
  const [, month = "", day = ""] = wallTime(at_ms).slice(0, 10).split("-");
  return `${Number(day)} ${MONTHS[Number(month) - 1]}`;
}
