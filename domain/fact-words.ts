/**
 * Values of facts in words, so that they read alike in every sentence: rounded, with a unit. Names are text of events: they
 * appear in quotation marks, shortened, and nothing else of them matters.
 */
import type { FactValue } from "./evidence.ts";

const NAME_LENGTH_MAX = 80;

/** A name of at most 80 characters in “quotation marks”; what looks like one inside it becomes a plain one. */
export function quoted(name: string): string {
  const characters = Array.from(name.replaceAll(/[“”]/gu, '"'));
  const text =
    characters.length <= NAME_LENGTH_MAX
      ? characters.join("")
      : `${characters.slice(0, NAME_LENGTH_MAX - 1).join("")}…`;
  return `“${text}”`;
}

/** `31 %`; one decimal below 10 %, two below 1 %, since 0.04 % and 0.4 % are far apart. */
export function percent(share: number): string {
  const value = share * 100;
  return `${rounded(value)} %`;
}

/** Whole from 10 on, else two figures, four decimals at most: more is noise in a sentence. */
export function rounded(value: number): string {
  const size = Math.abs(value);
  const digits =
    size >= 10 || Number.isInteger(value) ? 0 : size >= 1 ? 1 : Math.min(4, 1 - Math.floor(Math.log10(size)));
  return trimmed(value.toFixed(digits));
}

function trimmed(text: string): string {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

/** `410 ms`, or `1.9 s` from a second on. */
export function milliseconds(value_ms: number): string {
  return value_ms < 999.5 ? `${rounded(value_ms)} ms` : `${rounded(value_ms / 1000)} s`;
}

function perSecond(rate: number): string {
  return `${rounded(rate)}/s`;
}

/** `48 s` up to two minutes, `9.8 min` up to two hours, else hours. */
export function duration(length_s: number): string {
  if (length_s <= 120) return `${rounded(length_s)} s`;
  return length_s <= 7200 ? `${rounded(length_s / 60)} min` : `${rounded(length_s / 3600)} h`;
}

/** `10:00:05 UTC` of epoch seconds: whoever is woken within the day knows it. */
export function timeOfDay(second: number): string {
  const clock = [3600, 60, 1].map((unit) => Math.floor(second / unit) % (unit === 3600 ? 24 : 60));
  return `${clock.map((part) => String(part).padStart(2, "0")).join(":")} UTC`;
}

/** `2026-11-24 10:00:05 UTC` of epoch seconds. */
export function timeOfDate(second: number): string {
  return `${new Date(second * 1000).toISOString().slice(0, 10)} ${timeOfDay(second)}`;
}

/** `1 request`, `1,200 requests`. */
export function counted(count: number, noun: string): string {
  return `${whole(count)} ${noun}${Math.round(count) === 1 ? "" : "s"}`;
}

/** `12,340`. */
export function whole(count: number): string {
  return String(Math.round(count)).replaceAll(/\B(?=(?:\d{3})+$)/g, ",");
}

/** A value by its unit. */
export function inWords({ value, unit }: Pick<FactValue, "value" | "unit">): string {
  switch (unit) {
    case "share":
      return percent(value);
    case "ms":
      return milliseconds(value);
    case "per_s":
      return perSecond(value);
    case "count":
      return whole(value);
    case "times":
      return `${rounded(value)} times`;
    case "s":
      return duration(value);
    case "at":
      return timeOfDay(value);
    case "code":
      return value < 10 ? `${value}xx` : String(value);
  }
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(parts: readonly string[]): string {
  const last = parts.at(-1) ?? "";
  return parts.length < 2 ? last : `${parts.slice(0, -1).join(", ")} and ${last}`;
}
