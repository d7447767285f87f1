/** Whether a silence holds for an incident at a time, and until when; weekly hours are those of a wall clock in their zone. */
import type { Severity } from "./incident.ts";
import { isMatch } from "./name-pattern.ts";
import type { Silence, WeeklySchedule } from "./silencing.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** What of an incident a silence goes by. */
export interface SilenceSubject {
  readonly incident_id: string;
  readonly service: string;
  readonly severity: Severity;
  /** Null where none stands out: then no pattern fits. */
  readonly endpoint: string | null;
}

export interface Silenced {
  readonly silence: Silence;
  /** Epoch ms: from then on it holds no longer (or its next hours begin at once, so that it is asked again). */
  readonly until_ms: number;
}

/** Of the silences that hold for it now the one that lasts longest; null where none does. */
export function silenceOf(subject: SilenceSubject, silences: readonly Silence[], now_ms: number): Silenced | null {
  let longest: Silenced | null = null;
  for (const silence of silences) {
    const until_ms = isAbout(silence, subject) ? activeUntil(silence, now_ms) : null;
    if (until_ms !== null && (longest === null || until_ms > longest.until_ms)) longest = { silence, until_ms };
  }
  return longest;
}

/** Whether it is about the incident, whenever it holds. */
export function isAbout(
  silence: Pick<Silence, "services" | "endpoint" | "severities" | "incident_id">,
  { incident_id, service, severity, endpoint }: SilenceSubject,
): boolean {
  if (silence.incident_id !== null && silence.incident_id !== incident_id) return false;
  if (silence.severities !== null && !silence.severities.includes(severity)) return false;
  if (silence.endpoint !== null && (endpoint === null || !isMatch(silence.endpoint, endpoint))) return false;
  return silence.services.some((pattern) => isMatch(pattern, service));
}

/** Until when (epoch ms) the silence holds without a break; null where it does not hold now. */
export function activeUntil(silence: Pick<Silence, "starts_at" | "ends_at" | "weekly">, now_ms: number): number | null {
  const ends_ms = Date.parse(silence.ends_at);
  if (!(Date.parse(silence.starts_at) <= now_ms && now_ms < ends_ms)) return null;
  if (silence.weekly === null) return ends_ms;
  const hours_ms = hoursUntil(silence.weekly, now_ms);
  return hours_ms === null ? null : Math.min(ends_ms, hours_ms);
}

/**
 * When the hours that contain `now_ms` end; null outside of them, or where the zone is not known: what nobody can tell is no
 * reason to keep quiet. Hours begin at the first moment at which the wall shows `from` or has leapt past it, and end
 * likewise at `until`: hours that a change to summer time skips are none, and those that come twice end when they first do.
 */
function hoursUntil(schedule: WeeklySchedule, now_ms: number): number | null {
  const clock = clockOf(schedule.zone);
  if (clock === null) return null;
  const [from_ms, until_ms] = [timeOfDay(schedule.from), timeOfDay(schedule.until)];
  const today_ms = Math.floor(wallTime(clock, now_ms) / DAY_MS) * DAY_MS;
  for (const day_ms of [today_ms - DAY_MS, today_ms]) {
    if (!schedule.days.includes(weekday(day_ms))) continue;
    const begin_ms = firstMoment(clock, day_ms + from_ms);
    const end_ms = firstMoment(clock, day_ms + until_ms + (until_ms <= from_ms ? DAY_MS : 0));
    if (begin_ms <= now_ms && now_ms < end_ms) return end_ms;
  }
  return null;
}

/** Of `HH:MM`, since midnight. */
function timeOfDay(text: string): number {
  return (Number(text.slice(0, 2)) * 60 + Number(text.slice(3, 5))) * MINUTE_MS;
}

/** 1 Monday to 7 Sunday; 1970-01-01 was a Thursday. */
function weekday(wall_ms: number): number {
  return ((((Math.floor(wall_ms / DAY_MS) + 3) % 7) + 7) % 7) + 1;
}

/** A formatter costs a hundred times what it formats; there are some hundred zones. */
const clocks = new Map<string, Intl.DateTimeFormat>();

function clockOf(zone: string): Intl.DateTimeFormat | null {
  const known = clocks.get(zone);
  if (known !== undefined) return known;
  try {
    const numeric = "numeric" as const;
    const time = { hour: numeric, minute: numeric, second: numeric, hourCycle: "h23" as const };
    const clock = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      year: numeric,
      month: numeric,
      day: numeric,
      ...time,
    });
    clocks.set(zone, clock);
    return clock;
  } catch {
    // RangeError: there is no such zone.
    return null;
  }
}

/** What a wall clock of the zone shows, as the epoch ms at which one in UTC would show the same. */
function wallTime(clock: Intl.DateTimeFormat, time_ms: number): number {
  const shown = { year: 0, month: 0, day: 0, hour: 0, minute: 0, second: 0 };
  for (const { type, value } of clock.formatToParts(time_ms)) {
    if (type in shown) shown[type as keyof typeof shown] = Number(value);
  }
  const { year, month, day, hour, minute, second } = shown;
  return Date.UTC(year, month - 1, day, hour, minute, second) + (((time_ms % 1000) + 1000) % 1000);
}

/** The first moment at which the zone's clock shows `wall_ms`; where it leaps over that, the moment of the leap. */
function firstMoment(clock: Intl.DateTimeFormat, wall_ms: number): number {
  // No clock is a day and more off UTC, so that one of these is before and the other after any change around that time.
  const ahead_ms = [wall_ms - DAY_MS, wall_ms + DAY_MS].map((time_ms) => wallTime(clock, time_ms) - time_ms);
  const [first_ms, last_ms] = [wall_ms - Math.max(...ahead_ms), wall_ms - Math.min(...ahead_ms)];
  for (const time_ms of [first_ms, last_ms]) {
    if (wallTime(clock, time_ms) === wall_ms) return time_ms;
  }
  // It leaps between the two: before, the clock shows less, and more from then on.
  let [before_ms, after_ms] = [first_ms, last_ms];
  while (after_ms - before_ms > 1) {
    const middle_ms = Math.floor((before_ms + after_ms) / 2);
    if (wallTime(clock, middle_ms) < wall_ms) before_ms = middle_ms;
    else after_ms = middle_ms;
  }
  return after_ms;
}
