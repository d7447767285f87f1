import { describe, expect, test } from "vitest";
import { formatMilliseconds, formatNumber, formatPercent, formatRate, formatSpokenPercent } from "./number.ts";
import { formatClock, formatLastData, formatMoment, formatSince, formatSpan } from "./time.ts";

describe("numbers", () => {
  test.each([
    [1789, "1,789"],
    [318.4, "318"],
    [9.94, "9.9"],
    [9.96, "10"],
    [0.25, "0.3"],
    [0, "0"],
    [null, "–"],
  ])("a rate of %s reads %s", (rate, text) => {
    expect(formatRate(rate)).toBe(text);
  });

  test("a share has one decimal in a column and as many digits as one would say in a sentence", () => {
    expect([formatPercent(0.31), formatPercent(0), formatPercent(null)]).toEqual(["31.0", "0.0", "–"]);
    expect([formatSpokenPercent(0.31), formatSpokenPercent(0.004), formatSpokenPercent(0)]).toEqual(["31", "0.4", "0"]);
  });

  test("milliseconds have a decimal only where they are few", () => {
    expect([formatMilliseconds(1590.4), formatMilliseconds(0.83), formatNumber(1234.5, 1)]).toEqual([
      "1,590",
      "0.8",
      "1,234.5",
    ]);
  });
});

describe("time", () => {
  test.each([
    [-5, "0 s"],
    [14_900, "14 s"],
    [125_000, "2 min"],
    [3_900_000, "1 h 5 min"],
    [7_200_000, "2 h"],
    [86_400_000, "1 day"],
    [273_600_000, "3 days 4 h"],
  ])("%i ms read %s", (span, text) => {
    expect(formatSpan(span)).toBe(text);
  });

  test("a moment has its zone, and a day where today is not meant", () => {
    const at = Date.parse("2026-11-24T10:04:12.900Z");
    expect([formatClock(at), formatMoment(at)]).toEqual(["10:04:12", "2026-11-24 10:04:12 UTC"]);
    expect(formatSince(at, at + 60_000)).toBe("10:04:12");
    expect(formatSince(at, at + 3 * 86_400_000)).toBe("24 Nov 10:04:12");
  });

  test("given when data last came, then its minute suffices, and its day where it is long ago", () => {
    const at = Date.parse("2026-11-24T10:04:12Z");
    expect(formatLastData(at, at + 90_000)).toBe("10:04");
    expect(formatLastData(at, at + 3 * 86_400_000)).toBe("24 Nov");
  });
});
