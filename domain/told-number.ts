/**
 * Numbers as a sentence tells them: `31.4 %`, `1.5 s`, `12k requests`, `40 requests a second`, `14:02 UTC`, `5xx`, `2026-11-24`.
 * Whatever has a digit and is none of these is no plain number. Words for numbers are told-words.ts.
 */

/**
 * `share`: 0 to 1. `s`: a duration. `per_s`: a rate. `class`: a status class, as 5 in `5xx`; `code`: a status code.
 * `clock`: seconds of the day (UTC); `minute`: likewise, told to the minute; `date`: `YYYY-MM-DD` as 20261124. `bare`: no unit.
 */
export type ToldUnit =
  | "share"
  | "s"
  | "per_s"
  | "times"
  | "bare"
  | "code"
  | "class"
  | "clock"
  | "minute"
  | "date"
  | "percentile";

export interface ToldNumber {
  /** As it stands in the text. */
  readonly text: string;
  readonly value: number;
  readonly unit: ToldUnit;
  /** Half of the last digit told: how far the number may be from what it was rounded from. */
  readonly half: number;
  /** From where to before where it stands in the text. */
  readonly at: number;
  readonly end: number;
}

export interface Told {
  readonly numbers: readonly ToldNumber[];
  /** What has a digit and cannot be read. */
  readonly unreadable: readonly string[];
}

interface Scale {
  readonly unit: ToldUnit;
  readonly factor: number;
}

const SECOND: Scale = { unit: "s", factor: 1 };
const MINUTE: Scale = { unit: "s", factor: 60 };
const HOUR: Scale = { unit: "s", factor: 3600 };
const DAY: Scale = { unit: "s", factor: 86_400 };
const SHARE: Scale = { unit: "share", factor: 0.01 };
const TIMES: Scale = { unit: "times", factor: 1 };

/** Units as they follow a number, glued to it or after a space. `m` is left out: it may be a minute, a metre or a million. */
const SCALES: Readonly<Record<string, Scale>> = {
  "%": SHARE,
  percent: SHARE,
  "per cent": SHARE,
  pct: SHARE,
  ms: { unit: "s", factor: 0.001 },
  millisecond: { unit: "s", factor: 0.001 },
  milliseconds: { unit: "s", factor: 0.001 },
  μs: { unit: "s", factor: 1e-6 },
  s: SECOND,
  sec: SECOND,
  secs: SECOND,
  second: SECOND,
  seconds: SECOND,
  min: MINUTE,
  mins: MINUTE,
  minute: MINUTE,
  minutes: MINUTE,
  h: HOUR,
  hr: HOUR,
  hrs: HOUR,
  hour: HOUR,
  hours: HOUR,
  d: DAY,
  day: DAY,
  days: DAY,
  week: { unit: "s", factor: 604_800 },
  weeks: { unit: "s", factor: 604_800 },
  x: TIMES,
  "×": TIMES,
  times: TIMES,
  fold: TIMES,
  "/s": { unit: "per_s", factor: 1 },
  "/sec": { unit: "per_s", factor: 1 },
  "/second": { unit: "per_s", factor: 1 },
  rps: { unit: "per_s", factor: 1 },
  "req/s": { unit: "per_s", factor: 1 },
  "requests/s": { unit: "per_s", factor: 1 },
  "/min": { unit: "per_s", factor: 1 / 60 },
  "/minute": { unit: "per_s", factor: 1 / 60 },
};

const MULTIPLIERS: Readonly<Record<string, number>> = {
  k: 1e3,
  K: 1e3,
  thousand: 1e3,
  M: 1e6,
  million: 1e6,
  billion: 1e9,
};

const ALTERNATIVES = Object.keys(SCALES)
  .toSorted((a, b) => b.length - a.length)
  .join("|");
/** A unit ends its word: `5 s`, `5 s.`, `5s)`; not `5 sockets`. */
const UNIT_AFTER = new RegExp(`^[ -]?(${ALTERNATIVES})(?![A-Za-z0-9%/])`);
const MULTIPLIER_AFTER = /^(?:([kKM])| (thousand|million|billion))(?![A-Za-z0-9])/;
/** What is counted in a rate: `40 requests a second`, `2 of them per minute`. */
const COUNTED = "(?: (?:failed|slow|failing|of|them|requests?|calls?|errors?|failures?|events?|responses?|times)){0,3}";
const RATE_AFTER = new RegExp(
  `^${COUNTED}(?: (?:per|an?|each|every) (second|minute|hour)|/(s|sec|second|min|minute))(?![A-Za-z])`,
);
const RATE_SECONDS: Readonly<Record<string, number>> = { min: 60, minute: 60, hour: 3600 };

const PLAIN = /^(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?/;
const DATE = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](?=\d\d:\d\d)|(?![\d-]))/;
/** In UTC alone: with another zone, or as a half of the day, it is no time of the evidence. */
const CLOCK =
  /^([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?(?:Z| ?UTC)?(?![A-Za-z0-9:,.]*\d|[A-Za-z]| ?(?:[ap]\.?m\b|(?!UTC\b)[A-Z]{2,5}\b))/;
const CLASS = /^([1-5])xx(?![A-Za-z0-9])/i;
const PERCENTILE = /^(?:p(\d\d)|(\d\d)th percentile)(?![A-Za-z0-9.])/i;
/** Where the words speak of a status: a count does not follow them. */
const CODE_BEFORE = /\b(?:http|status|statuses|code|codes)(?: (?:of|was|is))? $/i;
const CODE_AFTER = /^ (?:errors?|status|statuses|responses?|answers?|codes?)\b/i;
/** Ranges: `10-20 %`, `from 0.4 to 31 %`: the first number has the unit of the second. */
const RANGE_BETWEEN = /^(?: ?[–—-] ?| to | and | or )$/;
const RANGE_UNITS: readonly ToldUnit[] = ["share", "s", "per_s", "times"];

/** Where a number may begin: after a space, a bracket, a quote, `~` or `≈`, a dash of a range. */
const MAY_BEGIN_AFTER = /(?:^|[\s(~≈"'“‘—–]|\d ?-)$/;
/** What may follow it, so that nothing is glued to it. */
const MAY_END_BEFORE = /^(?:$|[\s)—–;!?\uFFFC]|["'”’](?!\d)|[.,:](?!\d)|-(?![A-Za-z])|['’]s\b)/;

/**
 * Reads each number with digits, in the order in which they stand. `text` is NFKC-normalised and without names: those have
 * digits that tell nothing.
 */
export function toldNumbers(text: string): Told {
  const numbers: ToldNumber[] = [];
  const unreadable: string[] = [];
  for (let at = 0; at < text.length;) {
    const starts_percentile = /^p\d/i.test(text.slice(at)) && !/[A-Za-z0-9]$/.test(text.slice(0, at));
    if (!/\d/.test(text[at]!) && !starts_percentile) {
      at += 1;
      continue;
    }
    const told = readAt(text, at);
    if (told === null || !isApart(text, told)) {
      const chunk = chunkAt(text, at);
      unreadable.push(chunk.text);
      at = chunk.end;
      continue;
    }
    numbers.push(told);
    at = told.end;
  }
  return { numbers: withUnitsOfRanges(text, numbers), unreadable };
}

/** All that is glued to the character: what a message names. */
function chunkAt(text: string, at: number): { text: string; end: number } {
  const before = /[^\s()"“”\uFFFC]*$/.exec(text.slice(0, at))?.[0] ?? "";
  const after = /^[^\s()"“”\uFFFC]*/.exec(text.slice(at))?.[0] ?? "";
  return { text: before + after, end: at + after.length };
}

/** `31 4 %` may be read as 314: two numbers do not stand side by side. */
function isApart(text: string, { unit, at, end }: ToldNumber): boolean {
  const [before, after] = [text.slice(0, at), text.slice(end)];
  if (unit === "date" && /^\d/.test(after)) return MAY_BEGIN_AFTER.test(before);
  const may_begin = MAY_BEGIN_AFTER.test(before) || /\d{4}-\d\d-\d\dT$/.test(before);
  return may_begin && MAY_END_BEFORE.test(after) && !(/\d$/.test(text.slice(at, end)) && /^\s+\d/.test(after));
}

function readAt(text: string, at: number): ToldNumber | null {
  const rest = text.slice(at);
  return readFixed(rest, at) ?? readPlain(text, at, rest);
}

/** Forms that are no measures. */
function readFixed(rest: string, at: number): ToldNumber | null {
  const told = (match: RegExpExecArray, value: number, unit: ToldUnit): ToldNumber => {
    return { text: match[0].trim(), value, unit, half: 0, at, end: at + match[0].length };
  };
  const date = DATE.exec(rest);
  if (date !== null) return told(date, Number(`${date[1]}${date[2]}${date[3]}`), "date");
  const clock = CLOCK.exec(rest);
  if (clock !== null) {
    const second = Number(clock[1]) * 3600 + Number(clock[2]) * 60 + Number(clock[3] ?? 0);
    return told(clock, second, clock[3] === undefined ? "minute" : "clock");
  }
  const of_class = CLASS.exec(rest);
  if (of_class !== null) return told(of_class, Number(of_class[1]), "class");
  const percentile = PERCENTILE.exec(rest);
  return percentile === null ? null : told(percentile, Number(percentile[1] ?? percentile[2]), "percentile");
}

function readPlain(text: string, at: number, rest: string): ToldNumber | null {
  const digits = PLAIN.exec(rest)?.[0];
  // A zero before other digits is how ids are written, not numbers.
  if (digits === undefined || /^0\d/.test(digits)) return null;
  const multiplier = MULTIPLIER_AFTER.exec(rest.slice(digits.length));
  const many = MULTIPLIERS[multiplier?.[1] ?? multiplier?.[2] ?? ""] ?? 1;
  const number_end = at + digits.length + (multiplier?.[0].length ?? 0);
  const { scale, length } = scaleAfter(text.slice(number_end));
  const factor = many * (scale?.factor ?? 1);
  return {
    text: text.slice(at, number_end + length),
    value: Number(digits.replaceAll(",", "")) * factor,
    unit: scale?.unit ?? (isCode(text, at, number_end) ? "code" : "bare"),
    half: halfOf(digits, multiplier !== null || scale === SHARE) * factor,
    at,
    end: number_end + length,
  };
}

function isCode(text: string, at: number, end: number): boolean {
  return CODE_BEFORE.test(text.slice(0, at)) || CODE_AFTER.test(text.slice(end));
}

/** The unit that follows a number, and how long it stands there. */
export function scaleAfter(after: string): { scale: Scale | null; length: number } {
  const rate = RATE_AFTER.exec(after);
  if (rate !== null) {
    const per_s = RATE_SECONDS[rate[1] ?? rate[2] ?? ""] ?? 1;
    return { scale: { unit: "per_s", factor: 1 / per_s }, length: rate[0].length };
  }
  const unit = UNIT_AFTER.exec(after);
  return unit === null ? { scale: null, length: 0 } : { scale: SCALES[unit[1]!]!, length: unit[0].length };
}

/**
 * Half of the last digit that is told. Zeros at the end of a whole number may be rounding (`12,000` of 12,340), as long as two
 * digits are told; not where `exact`: `12k` has its own zeros, and `100 %` is all.
 */
function halfOf(digits: string, exact: boolean): number {
  const [whole = "", decimals = ""] = digits.replaceAll(",", "").split(".");
  if (decimals !== "") return 0.5 * 10 ** -decimals.length;
  if (exact) return 0.5;
  const zeros = /0*$/.exec(whole)?.[0].length ?? 0;
  return 0.5 * 10 ** Math.max(0, Math.min(zeros, whole.length - 2));
}

/** A bare number before a range's end has its unit. */
function withUnitsOfRanges(text: string, numbers: readonly ToldNumber[]): ToldNumber[] {
  return numbers.map((number, index) => {
    const next = numbers[index + 1];
    if (number.unit !== "bare" || next === undefined || !RANGE_UNITS.includes(next.unit)) return number;
    if (!RANGE_BETWEEN.test(text.slice(number.end, next.at))) return number;
    const factor = factorOf(next);
    return { ...number, value: number.value * factor, half: number.half * factor, unit: next.unit };
  });
}

/** By how much a number's digits were multiplied for its unit. */
function factorOf({ text, value }: ToldNumber): number {
  const digits = Number((PLAIN.exec(text)?.[0] ?? "0").replaceAll(",", ""));
  return digits === 0 ? 1 : value / digits;
}
