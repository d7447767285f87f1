import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { counted, duration, inWords, listed, milliseconds, percent, quoted, rounded, timeOfDay } from "./fact-words.ts";

describe("numbers in words", () => {
  test.each([
    [0, "0"],
    [0.00004, "0"],
    [0.0042, "0.0042"],
    [0.034, "0.034"],
    [0.1, "0.1"],
    [0.42, "0.42"],
    [0.999, "1"],
    [1, "1"],
    [9.84, "9.8"],
    [9.96, "10"],
    [31.4, "31"],
    [-2.55, "-2.5"],
  ])("%d is %s", (value, text) => expect(rounded(value)).toBe(text));

  test.each([
    [percent(0.314), "31 %"],
    [percent(0.0042), "0.42 %"],
    [percent(1), "100 %"],
    [milliseconds(410.4), "410 ms"],
    [milliseconds(999.6), "1 s"],
    [milliseconds(1530), "1.5 s"],
    [duration(48), "48 s"],
    [duration(120), "120 s"],
    [duration(589), "9.8 min"],
    [duration(7200), "120 min"],
    [duration(86_400 * 3), "72 h"],
    [timeOfDay(1_795_514_531), "10:02:11 UTC"],
    [timeOfDay(86_399), "23:59:59 UTC"],
    [counted(1, "request"), "1 request"],
    [counted(0, "request"), "0 requests"],
    [counted(12_340, "request"), "12,340 requests"],
    [counted(1_234_567, "request"), "1,234,567 requests"],
    [listed([]), ""],
    [listed(["a"]), "a"],
    [listed(["a", "b"]), "a and b"],
    [listed(["a", "b", "c"]), "a, b and c"],
    [inWords({ value: 5, unit: "code" }), "5xx"],
    [inWords({ value: 503, unit: "code" }), "503"],
    [inWords({ value: 3.14, unit: "times" }), "3.1 times"],
    [inWords({ value: 20.1, unit: "per_s" }), "20/s"],
    [inWords({ value: 1234, unit: "count" }), "1,234"],
  ])("%s is %s", (told, text) => expect(told).toBe(text));

  test("is off by half of its last figure at most", () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-4, max: 1e9, noNaN: true }), (value) => {
        expect(Math.abs(Number(rounded(value)) - value)).toBeLessThanOrEqual(value >= 10 ? 0.5 : value * 0.05 + 5e-5);
      }),
    );
  });
});

describe("names", () => {
  test("stand between quotation marks that nothing inside them closes, never longer than 80 characters", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 200 }), (name) => {
        const shown = quoted(name);
        expect(shown).toMatch(/^“[^“”]*”$/su);
        expect(Array.from(shown).length).toBeLessThanOrEqual(82);
      }),
    );
    expect(quoted("/cart/pay")).toBe("“/cart/pay”");
    expect(quoted("x".repeat(80))).toBe(`“${"x".repeat(80)}”`);
    expect(quoted("x".repeat(81))).toBe(`“${"x".repeat(79)}…”`);
  });

  test("given a character of two code units at the cut, keeps it whole", () => {
    expect(quoted("😀".repeat(81))).toBe(`“${"😀".repeat(79)}…”`);
  });
});
