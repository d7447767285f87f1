/** What a silence is about, when it holds and whether it does now, in words. */
import { formatClockMinute, formatDay, formatSpan } from "../format/time.ts";
import { wallTime } from "../format/zone.ts";
import { SEVERITIES } from "../../../../domain/incident.ts";
import { activeUntil } from "../../../../domain/silence-match.ts";
import type { Silence, WeeklySchedule } from "../../../../domain/silencing.ts";

export const DAY_NAMES = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"] as const;

/** `coming`: it has not begun. `weekly`: its hours of the week are yet to come. */
export type SilenceKind = "active" | "coming" | "weekly" | "ended";

export function kindOf(silence: Silence, now_ms: number): SilenceKind {
  if (Date.parse(silence.ends_at) <= now_ms) return "ended";
  if (activeUntil(silence, now_ms) !== null) return "active";
  return silence.weekly === null ? "coming" : "weekly";
}

/** By kind, each in the order in which they end, or begin. */
export function silencesByKind(
  items: readonly Silence[],
  now_ms: number,
): Readonly<Record<Exclude<SilenceKind, "ended">, readonly Silence[]>> {
  const of = (kind: SilenceKind): Silence[] => items.filter((silence) => kindOf(silence, now_ms) === kind);
  return {
    active: of("active").toSorted((a, b) => (activeUntil(a, now_ms) ?? 0) - (activeUntil(b, now_ms) ?? 0)),
    coming: of("coming").toSorted((a, b) => Date.parse(a.starts_at) - Date.parse(b.starts_at)),
    weekly: of("weekly").toSorted((a, b) => Date.parse(a.ends_at) - Date.parse(b.ends_at)),
  };
}

/** The page's first sentence. */
export function silencesSentence(active: number, waiting: number): string {
  if (active > 0) return `${countWords(active)} ${active === 1 ? "holds" : "hold"} now.`;
  if (waiting === 0) return "Nothing is silenced.";
  return `Nothing is silenced now; ${countWords(waiting)} ${waiting === 1 ? "is" : "are"} to come.`;
}

/** "1 silence", "2 silences" */
function countWords(count: number): string {
  return `${count} ${count === 1 ? "silence" : "silences"}`;
}

/** "checkout and pay-*", "every service" */
export function servicesWords({ services }: Pick<Silence, "services">): string {
  return services.includes("*") ? "every service" : joined(services);
}

/** What of those services' incidents it is for, beyond their endpoint: "only high or critical"; empty where it is for all. */
export function severitiesWords({ severities }: Pick<Silence, "severities">): string {
  if (severities === null || severities.length === SEVERITIES.length) return "";
  return `only ${severities.join(" or ")}`;
}

/** When it holds: "until 14:32, for 52 min more", "from 25 Nov 22:00 to 26 Nov 06:00", "Mon to Fri, 22:00 to 06:00 (Europe/Berlin), until 24 Nov 2027". */
export function whenWords(silence: Silence, now_ms: number): string {
  const [starts_ms, ends_ms] = [Date.parse(silence.starts_at), Date.parse(silence.ends_at)];
  const until_ms = activeUntil(silence, now_ms);
  if (until_ms !== null) return `until ${formatMinute(until_ms, now_ms)}, for ${formatSpan(until_ms - now_ms)} more`;
  if (silence.weekly === null) return `from ${formatMinute(starts_ms, now_ms)} to ${formatMinute(ends_ms, now_ms)}`;
  return scheduleWords(silence.weekly);
}

/** How long a weekly one goes on: "from 25 Nov, until 24 Nov 2027" */
export function seasonWords(silence: Silence, now_ms: number): string {
  const [starts_ms, ends_ms] = [Date.parse(silence.starts_at), Date.parse(silence.ends_at)];
  const begins = starts_ms > now_ms ? `from ${formatDate(starts_ms, now_ms)}, ` : "";
  return `${begins}until ${formatDate(ends_ms, now_ms)}`;
}

/** "Mon to Fri, 22:00 to 06:00, Europe/Berlin" */
export function scheduleWords({ days, from, until, zone }: WeeklySchedule): string {
  return `${daysWords(days)}, ${from} to ${until}, ${zone}`;
}

/** "every day", "Mon to Fri", "Sat and Sun", "Mon, Wed and Fri" */
export function daysWords(days: readonly number[]): string {
  const sorted = days.toSorted((a, b) => a - b);
  if (sorted.length === DAY_NAMES.length) return "every day";
  const name = (day: number | undefined): string => DAY_NAMES[(day ?? 1) - 1] ?? "";
  const isRun = sorted.length > 2 && sorted.every((day, index) => index === 0 || day === (sorted[index - 1] ?? 0) + 1);
  return isRun ? `${name(sorted[0])} to ${name(sorted.at(-1))}` : joined(sorted.map(name));
}

/** The clock alone for today, with its day for any other, and its year for another one's: "25 Nov 09:00". */
function formatMinute(at_ms: number, now_ms: number): string {
  const clock = formatClockMinute(at_ms);
  return wallTime(at_ms).slice(0, 10) === wallTime(now_ms).slice(0, 10)
    ? clock
    : `${formatDate(at_ms, now_ms)} ${clock}`;
}

function formatDate(at_ms: number, now_ms: number): string {
  const year = wallTime(at_ms).slice(0, 4);
  return year === wallTime(now_ms).slice(0, 4) ? formatDay(at_ms) : `${formatDay(at_ms)} ${year}`;
}

function joined(words: readonly string[]): string {
  const [last = ""] = words.slice(-1);
  return words.length < 2 ? last : `${words.slice(0, -1).join(", ")} and ${last}`;
}
