import { expect, test } from "vitest";
import { FACTS } from "../testing/narrative.ts";
import { leadingValue, subjectOf, valueWords } from "./value-words.ts";
import type { Unit } from "../../../../domain/evidence.ts";

test.each([
  ["share", 0.31, "31.0 %"],
  ["ms", 1530, "1,530 ms"],
  ["per_s", 3.14, "3.1 /s"],
  ["count", 12_340, "12,340 "],
  ["times", 2.25, "2.3 times"],
  ["s", 125, "2 min "],
  ["at", 1_795_514_652, "2026-11-24 10:04:12 UTC "],
  ["code", 503, "503 "],
  ["code", 5, "5xx "],
] as const satisfies [Unit, number, string][])("a value in %s is told with its unit", (unit, value, words) => {
  const told = valueWords({ name: "actual", value, unit });
  expect(`${told.text} ${told.unit}`).toBe(words);
});

test("a fact's figure is what is, else the share; a fact without either has none", () => {
  expect(leadingValue(FACTS.errors)?.value).toBe(0.31);
  expect(leadingValue(FACTS.pay)?.value).toBe(0.92);
  expect(leadingValue(FACTS.payments)).toBeNull();
});

test("another service's onset is told as the other's", () => {
  expect(subjectOf(FACTS.payments, "checkout")).toBe("payments");
  expect(subjectOf(FACTS.pay, "checkout")).toBe("checkout");
});
