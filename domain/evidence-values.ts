/** How values of facts are made: rounded to what is worth telling, so that text and value never disagree. */
import type { Fact, FactKind, FactValue, Unit } from "./evidence.ts";

/** More figures of a share or a rate than these would be noise. */
const FIGURES = 3;

/** Counts, times and seconds are whole; all else has three figures. */
export function valueOf(name: string, value: number, unit: Unit): FactValue {
  const isWhole = unit === "count" || unit === "at" || unit === "s" || unit === "code";
  return { name, value: isWhole ? Math.round(value) : Number(value.toPrecision(FIGURES)), unit };
}

export function share(name: string, value: number): FactValue {
  return valueOf(name, value, "share");
}

export function milliseconds(name: string, value_ms: number): FactValue {
  return valueOf(name, value_ms, "ms");
}

export function perSecond(name: string, rate: number): FactValue {
  return valueOf(name, rate, "per_s");
}

export function count(name: string, value: number): FactValue {
  return valueOf(name, value, "count");
}

export function times(name: string, ratio: number): FactValue {
  return valueOf(name, ratio, "times");
}

export function seconds(name: string, length_s: number): FactValue {
  return valueOf(name, length_s, "s");
}

/** `second`: epoch. */
export function at(name: string, second: number): FactValue {
  return valueOf(name, second, "at");
}

/** `part`: what tells it from others of its kind. */
export function fact(
  kind: FactKind,
  text: string,
  values: readonly (FactValue | null)[],
  names: readonly string[] = [],
  part?: number,
): Fact {
  const id = part === undefined ? kind : `${kind}.${part}`;
  return { id, kind, text, values: values.filter((value) => value !== null), names };
}
