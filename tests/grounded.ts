/** Whether a fact says only numbers that it has: read from its text anew, not by the code that wrote it. */
import type { Fact, Unit } from "../domain/evidence.ts";

/** What stands behind a number, with its unit and how many of that unit are one of a value's. */
const MEASURES: readonly (readonly [pattern: RegExp, unit: Unit, scale: number])[] = [
  [/^ %/, "share", 0.01],
  [/^ ms/, "ms", 1],
  [/^ s\b/, "s", 1],
  [/^ s\b/, "ms", 1000],
  [/^ min\b/, "s", 60],
  [/^ h\b/, "s", 3600],
  [/^\/s/, "per_s", 1],
  [/^ times (?!after)/, "times", 1],
  [/^xx/, "code", 1],
  [/^(?! %| ms| s\b| min\b| h\b|\/s|xx)/, "count", 1],
];

/** Names that may stand without quotation marks, those of services, as far as digits in them could be taken for numbers. */
const PLAIN_NAME = /^(?=.*[a-z])(?=.*\d)[a-z0-9][a-z0-9._-]*$/;

/** The numbers of its text that no value of it stands for. What stands in quotation marks, and names, are not its words. */
export function ungrounded({ text, values, names }: Fact): string[] {
  const plain = names.filter((name) => PLAIN_NAME.test(name));
  const words = plain.reduce((rest, name) => rest.replaceAll(name, ""), text.replaceAll(/“[^”]*”/gu, ""));
  const isTime = ([time]: RegExpMatchArray): boolean => {
    const [hour, minute, second] = time.split(":").map(Number) as [number, number, number];
    const of_day = hour * 3600 + minute * 60 + second;
    return values.some(({ unit, value }) => unit === "at" && value % 86_400 === of_day);
  };
  const clocks = [...words.matchAll(/\d\d:\d\d:\d\d/g)];
  const rest = words.replaceAll(/\d\d:\d\d:\d\d/g, "");
  const numbers = [...rest.matchAll(/\d[\d,]*(?:\.\d+)?/g)];
  return [
    ...clocks.filter((match) => !isTime(match)).map(([time]) => time),
    ...numbers.filter((match) => !isValue(match, rest, values)).map(([number]) => number),
  ];
}

function isValue(match: RegExpMatchArray, text: string, values: Fact["values"]): boolean {
  const [number] = match;
  const told = Number(number.replaceAll(",", ""));
  const behind = text.slice(match.index! + number.length);
  const decimals = number.split(".")[1]?.length ?? 0;
  return MEASURES.some(([pattern, unit, scale]) => {
    if (!pattern.test(behind)) return false;
    const error = 0.5001 * 10 ** -decimals * scale;
    return values.some((value) => value.unit === unit && Math.abs(value.value - told * scale) <= error);
  });
}
