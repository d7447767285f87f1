/**
 * Whether each number of a sentence is one of the evidence. A number is right to its last digit told, whatever unit it is told
 * in: 0.314 is `31 %` and `31.4 %`, not `30 %` nor `about a third`; 1,530 ms are `1.5 s`; 12,340 are `12k`. Never more than a
 * tenth off: 2.4 times are not `2 times`. What could be computed of it, as a difference or the other part of a share, is not in the evidence.
 */
import type { Evidence, Fact, FactValue } from "./evidence.ts";
import { parseRfc3339 } from "./rfc3339.ts";
import { toldNumbers, type ToldNumber } from "./told-number.ts";
import { type Quantity, toldWords, type WordNumber } from "./told-words.ts";

const OFF_MAX = 0.1;
/** Facts' own texts are rounded once already: 31.45 % was told as 31.5 %, which is 32 % to whoever rounds again. */
const ROUNDED_TWICE = 1.1;
/** What a share may be to be told as none, and lack to be told as all. */
const NONE_SHARE_MAX = 0.0005;
const ALL_SHARE_MIN = 0.995;
const DAY_S = 86_400;

/** What a p95 is of. */
const SLOWEST_PERCENT = /\bslowest (?:5 ?%|(?:5|five) percent)(?![A-Za-z])/gi;

export interface Grounding {
  /** Facts that the numbers come from, beside those cited: one for each number that none of the cited ones has. */
  readonly facts: readonly string[];
  readonly violations: readonly string[];
}

/** @param shown NFKC-normalised, without names. @param cited ids of the facts that the sentence says it rests on */
export function groundNumbers(shown: string, evidence: Evidence, cited: readonly string[]): Grounding {
  const text = shown.replaceAll(SLOWEST_PERCENT, "slowest twentieth");
  const digits = toldNumbers(text);
  const words = toldWords(text);
  const facts = new Set<string>();
  const violations = [
    ...digits.unreadable.map((chunk) => `"${chunk}" is no plain number: write it as the evidence does`),
    ...words.vague.map((word) => `"${word}" tells an amount in words: write the number of the evidence in digits`),
  ];
  for (const told of [...digits.numbers, ...words.numbers]) {
    const of_facts = evidence.facts.filter((fact) => isOf(told, fact));
    const known = of_facts.find((fact) => cited.includes(fact.id)) ?? of_facts[0];
    if (known !== undefined) facts.add(known.id);
    else if (!isOfSubject(told, evidence)) violations.push(`"${told.text}" is not in the evidence: ${remedy(told)}`);
  }
  return { facts: [...facts], violations };
}

function remedy(told: WordNumber): string {
  if (told.unit === "clock" || told.unit === "minute") return "times are those of the facts, in UTC";
  return "tell a number of a fact, rounded to its own last digit, or none";
}

function isOf(told: WordNumber, fact: Fact): boolean {
  if (told.unit === "percentile") return told.value === 95 || fact.text.includes(`p${told.value}`);
  if (told.quantity === "endpoint" || told.quantity === "neighbour") return fact.kind === told.quantity;
  return fact.values.some((value) => isValue(told, value));
}

function isOfSubject(told: ToldNumber, { subject }: Evidence): boolean {
  const times = [subject.onset_at, subject.opened_at, subject.updated_at, subject.resolved_at];
  return times.some((time) => {
    return time !== null && isAt(told, Math.floor(parseRfc3339(time) / 1000));
  });
}

function isValue(told: WordNumber, { value, unit }: FactValue): boolean {
  if (told.quantity !== undefined) return isQuantity(told.quantity, value, unit);
  switch (unit) {
    case "share":
      return told.unit === "share" && (isNear(told, value) || (told.value === 0 && value <= NONE_SHARE_MAX));
    case "ms":
      return told.unit === "s" && isNear(told, value / 1000);
    case "s":
      return told.unit === "s" && isNear(told, value);
    case "per_s":
      return told.unit === "per_s" && isNear(told, value);
    case "times":
      return told.unit === "times" && isNear(told, value);
    case "count":
      return isCount(told) && isNear(told, value);
    case "at":
      return isAt(told, value);
    case "code":
      return isStatus(told, value);
  }
}

function isCount({ unit, text }: ToldNumber): boolean {
  return unit === "bare" || unit === "code" || (unit === "times" && /times$/i.test(text));
}

function isNear(told: ToldNumber, value: number): boolean {
  const off = Math.abs(told.value - value);
  if (told.value === 0) return off <= (told.half < 0.5 ? told.half : 0);
  return off <= told.half * ROUNDED_TWICE + value * 1e-9 && off <= Math.abs(value) * OFF_MAX;
}

function isQuantity(quantity: Quantity, value: number, unit: FactValue["unit"]): boolean {
  if (quantity === "none") return unit === "share" ? value <= NONE_SHARE_MAX : isMeasure(unit) && value === 0;
  if (unit !== "share") return false;
  return quantity === "all" ? value >= ALL_SHARE_MIN : value > 0.5;
}

function isMeasure(unit: FactValue["unit"]): boolean {
  return unit === "per_s" || unit === "count";
}

/** @param value epoch seconds */
function isAt({ unit, value: told }: ToldNumber, value: number): boolean {
  const second = Math.floor(value) % DAY_S;
  if (unit === "clock") return told === second;
  // 14:02:40 is told as 14:02 by whoever cuts, as 14:03 by whoever rounds.
  if (unit === "minute") return told === second - (second % 60) || told === (Math.round(second / 60) * 60) % DAY_S;
  return unit === "date" && told === dateOf(value);
}

/** `YYYYMMDD` as a number. */
function dateOf(second: number): number {
  return Number(new Date(second * 1000).toISOString().slice(0, 10).replaceAll("-", ""));
}

/** `5xx` may be told of 503 too; not 503 of a class. */
function isStatus({ unit, value: told }: ToldNumber, value: number): boolean {
  if (unit === "class") return told === (value < 10 ? value : Math.floor(value / 100));
  return unit === "code" && value >= 100 && told === value;
}
