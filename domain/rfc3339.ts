/** Times as RFC 3339 writes them: read exactly, to the millisecond, and written. */

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const DAYS_IN_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

/** The years of RFC 3339 are 0000 to 9999. */
const TIME_MIN_MS = -62_167_219_200_000;
const TIME_MAX_MS = 253_402_300_799_999;

const DIGIT_0 = 48;
const DIGIT_9 = 57;

/**
 * Epoch milliseconds of an RFC 3339 date-time with its offset, or NaN where the text is not one.
 *
 * The calendar is checked (leap years of the Gregorian rule). `t` and `z` may be lower case, a space instead of the `T` is
 * refused. A fraction has one digit or more and is cut, not rounded, to milliseconds. The offset is `Z` or from -23:59 to
 * +23:59. A leap second (`:60`) is accepted where one can be, in the last minute of a month in UTC, and taken as the last
 * millisecond before it, because epoch time has no room for it.
 */
export function parseRfc3339(text: string): number {
  const minute_ms = parseMinute(text);
  const second = text[16] === ":" ? twoDigits(text, 17) : Number.NaN;
  const fraction_end = skipFraction(text, 19);
  const offset_ms = parseOffset(text, fraction_end);
  const utc_minute_ms = minute_ms - offset_ms;
  if (Number.isNaN(utc_minute_ms) || !(second <= 60)) {
    return Number.NaN;
  }
  if (second === 60) {
    return isLastOfMonth(utc_minute_ms) ? utc_minute_ms + MINUTE_MS - 1 : Number.NaN;
  }
  return utc_minute_ms + second * 1000 + fractionMs(text, fraction_end);
}

/** RFC 3339 in UTC with `Z`; milliseconds stand there only where they are not zero. Throws RangeError outside years 0 to 9999. */
export function formatRfc3339(time_ms: number): string {
  if (!(time_ms >= TIME_MIN_MS && time_ms <= TIME_MAX_MS)) {
    throw new RangeError(`no RFC 3339 time for ${time_ms} ms`);
  }
  const text = new Date(time_ms).toISOString();
  return text.endsWith(".000Z") ? `${text.slice(0, 19)}Z` : text;
}

/** `YYYY-MM-DDTHH:MM` at the start of the text, read as UTC. */
function parseMinute(text: string): number {
  const year = twoDigits(text, 0) * 100 + twoDigits(text, 2);
  const month = twoDigits(text, 5);
  const day = twoDigits(text, 8);
  const hour = twoDigits(text, 11);
  const minute = twoDigits(text, 14);
  const separated = text[4] === "-" && text[7] === "-" && (text[10] === "T" || text[10] === "t") && text[13] === ":";
  if (!separated || !(hour <= 23) || !(minute <= 59) || !(day >= 1 && day <= daysIn(year, month))) {
    return Number.NaN;
  }
  return daysSinceEpoch(year, month, day) * DAY_MS + (hour * 60 + minute) * MINUTE_MS;
}

/** `Z` or `±HH:MM` that ends the text; what local time is ahead of UTC. `-00:00` (offset unknown) is UTC. */
function parseOffset(text: string, at: number): number {
  const sign = text[at];
  if (sign === "Z" || sign === "z") {
    return text.length === at + 1 ? 0 : Number.NaN;
  }
  const hours = twoDigits(text, at + 1);
  const minutes = twoDigits(text, at + 4);
  const formed = (sign === "+" || sign === "-") && text[at + 3] === ":" && text.length === at + 6;
  if (!formed || !(hours <= 23) || !(minutes <= 59)) {
    return Number.NaN;
  }
  return (sign === "+" ? 1 : -1) * (hours * 60 + minutes) * MINUTE_MS;
}

/** Where the optional fraction that starts at `at` ends. A point without digits is left for the offset to stumble on. */
function skipFraction(text: string, at: number): number {
  if (text[at] !== ".") {
    return at;
  }
  let end = at + 1;
  while (isDigit(text.charCodeAt(end))) {
    end += 1;
  }
  return end === at + 1 ? at : end;
}

function fractionMs(text: string, end: number): number {
  let ms = 0;
  for (let at = 20; at < 23; at += 1) {
    ms = ms * 10 + (at < end ? text.charCodeAt(at) - DIGIT_0 : 0);
  }
  return ms;
}

function isLastOfMonth(utc_minute_ms: number): boolean {
  const next_ms = utc_minute_ms + MINUTE_MS;
  return next_ms % DAY_MS === 0 && new Date(next_ms).getUTCDate() === 1;
}

function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at);
  const ones = text.charCodeAt(at + 1);
  return isDigit(tens) && isDigit(ones) ? (tens - DIGIT_0) * 10 + (ones - DIGIT_0) : Number.NaN;
}

function isDigit(code: number): boolean {
  return code >= DIGIT_0 && code <= DIGIT_9;
}

/** 0 for a month that does not exist. */
function daysIn(year: number, month: number): number {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month === 2 && leap ? 29 : (DAYS_IN_MONTH[month - 1] ?? 0);
}

/**
 * Days from 1970-01-01 in the proleptic Gregorian calendar, by eras of 400 years that start in March, so that the leap day
 * ends its year. Source: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil. `Date.UTC` would take
 * the years 0 to 99 for 1900 to 1999.
 */
function daysSinceEpoch(year: number, month: number, day: number): number {
  const march_year = month <= 2 ? year - 1 : year;
  const era = Math.floor(march_year / 400);
  const year_of_era = march_year - era * 400;
  const day_of_year = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  const leap_days = Math.floor(year_of_era / 4) - Math.floor(year_of_era / 100);
  return era * 146_097 + year_of_era * 365 + leap_days + day_of_year - 719_468;
}
