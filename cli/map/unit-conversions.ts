/** Times and durations by their units. */
import { AS_IS, AS_NUMBER, type Conversion, numberOf } from "./conversion.ts";

export type Unit = "s" | "ms" | "us" | "ns";
export const UNITS: readonly Unit[] = ["s", "ms", "us", "ns"];

const NAMES: Readonly<Record<Unit, string>> = {
  s: "seconds",
  ms: "milliseconds",
  us: "microseconds",
  ns: "nanoseconds",
};

/** To milliseconds: the operator and its operand, said alike in both languages. */
const TO_MS: Readonly<Record<Unit, { readonly operation: string; readonly apply: (value: number) => number }>> = {
  s: { operation: " * 1000", apply: (value) => value * 1000 },
  ms: { operation: "", apply: (value) => value },
  us: { operation: " / 1000", apply: (value) => value / 1000 },
  ns: { operation: " / 1000000", apply: (value) => value / 1_000_000 },
};

const TIME_MS_MAX = 253_402_300_799_999;

/** RFC 3339 of a time since 1970, to the millisecond. */
export function epochTime(unit: Unit): Conversion {
  const { operation, apply } = TO_MS[unit];
  return {
    says: `${NAMES[unit]} since 1970`,
    apply: (value) => {
      const number = numberOf(value);
      const ms = number === null ? Number.NaN : Math.round(apply(number));
      return ms >= 0 && ms <= TIME_MS_MAX ? new Date(ms).toISOString() : null;
    },
    bloblang: (value) => `(${value}.apply("number_of")${operation}).apply("time_of_ms").catch(null)`,
    helpers: ["number_of", "time_of_ms"],
  };
}

/** Milliseconds of a duration in the unit. */
export function durationIn(unit: Unit, isText: boolean): Conversion {
  if (unit === "ms") return isText ? AS_NUMBER : { ...AS_IS, says: "milliseconds" };
  const { operation, apply } = TO_MS[unit];
  return {
    says: `${NAMES[unit]}, made milliseconds`,
    apply: (value) => {
      const number = numberOf(value);
      return number === null ? null : apply(number);
    },
    bloblang: (value) => `(${value}.apply("number_of")${operation}).catch(null)`,
    helpers: ["number_of"],
  };
}

const FACTORS: Readonly<Record<string, number>> = { ns: 0.000001, us: 0.001, µs: 0.001, ms: 1, s: 1000, m: 60_000 };

/** A duration with its unit, such as `12.5ms`. */
export const DURATION_TEXT: Conversion = {
  says: "a duration with its unit",
  apply: (value) => {
    const [, number, , unit] =
      /^([0-9]{1,20}(\.[0-9]{1,20})?) ?(ns|us|µs|ms|s|m)$/.exec(typeof value === "string" ? value : "") ?? [];
    return unit === undefined ? null : Number(number) * (FACTORS[unit] ?? Number.NaN);
  },
  bloblang: (value) => `${value}.apply("ms_of_text").catch(null)`,
  helpers: ["ms_of_text"],
};

/**
 * RFC 3339 of what is nearly that: a space for the T, a comma before the fraction, an offset without its colon; without an
 * offset it is taken as UTC.
 */
export const LOOSE_TIME: Conversion = {
  says: "a date and time; without an offset, UTC",
  apply: (value) =>
    typeof value === "string"
      ? value
          .replace(/^([0-9-]{10}) /, "$1T")
          .replace(/^([0-9T:-]{19}),/, "$1.")
          .replace(/ ?([+-][0-9]{2})([0-9]{2})$/, "$1:$2")
          .replace(/^([0-9T:-]{19}([.][0-9]+)?)$/, "$1Z")
      : null,
  bloblang: (value) =>
    [
      value,
      `re_replace_all("^([0-9-]{10}) ", "\${1}T")`,
      `re_replace_all("^([0-9T:-]{19}),", "\${1}.")`,
      `re_replace_all(" ?([+-][0-9]{2})([0-9]{2})$", "\${1}:\${2}")`,
      `re_replace_all("^([0-9T:-]{19}([.][0-9]+)?)$", "\${1}Z")`,
      "catch(null)",
    ].join("."),
  helpers: [],
};
