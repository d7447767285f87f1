import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatRfc3339, parseRfc3339 } from "./rfc3339.ts";

const NOON = Date.UTC(2026, 10, 24, 12, 0, 0);

describe("parseRfc3339", () => {
  it.each([
    ["2026-11-24T12:00:00Z", NOON],
    ["2026-11-24t12:00:00z", NOON],
    ["2026-11-24T12:00:00.5Z", NOON + 500],
    ["2026-11-24T12:00:00.123Z", NOON + 123],
    ["2026-11-24T12:00:00.123999999Z", NOON + 123],
    ["2026-11-24T12:00:00.000000000000000000001Z", NOON],
    ["2026-11-24T13:30:00+01:30", NOON],
    ["2026-11-24T00:01:00-11:59", NOON],
    ["2026-11-24T12:00:00-00:00", NOON],
    ["2026-11-25T11:59:00+23:59", NOON],
    ["1969-12-31T23:59:59.999Z", -1],
    ["0000-01-01T00:00:00Z", -62_167_219_200_000],
    ["0099-12-31T23:59:59Z", Date.parse("0099-12-31T23:59:59Z")],
    ["9999-12-31T23:59:59.999Z", 253_402_300_799_999],
    ["2024-02-29T00:00:00Z", Date.UTC(2024, 1, 29)],
    ["2000-02-29T00:00:00Z", Date.UTC(2000, 1, 29)],
  ])("reads %s", (text, time_ms) => {
    expect(parseRfc3339(text)).toBe(time_ms);
  });

  it.each([
    ["", "nothing"],
    ["2026-11-24", "a date alone"],
    ["2026-11-24T12:00:00", "no offset"],
    ["2026-11-24 12:00:00Z", "a space for the T"],
    ["2026-11-24T12:00Z", "no seconds"],
    ["2026-11-24T12:00:00.Z", "a point without digits"],
    ["2026-11-24T12:00:00,5Z", "a comma for the point"],
    ["2026-11-24T12:00:00Z ", "something after it"],
    [" 2026-11-24T12:00:00Z", "something before it"],
    ["2026-11-24T12:00:00ZZ", "two offsets"],
    ["2026-11-24T12:00:00+01", "an offset without minutes"],
    ["2026-11-24T12:00:00+0100", "an offset without its colon"],
    ["2026-11-24T12:00:00+24:00", "an offset of 24 hours"],
    ["2026-11-24T12:00:00+01:60", "an offset of 60 minutes"],
    ["2026-11-24T24:00:00Z", "hour 24"],
    ["2026-11-24T12:60:00Z", "minute 60"],
    ["2026-11-24T12:00:61Z", "second 61"],
    ["2026-00-24T12:00:00Z", "month 0"],
    ["2026-13-24T12:00:00Z", "month 13"],
    ["2026-11-00T12:00:00Z", "day 0"],
    ["2026-11-31T12:00:00Z", "November 31st"],
    ["2026-02-29T12:00:00Z", "a leap day in a common year"],
    ["1900-02-29T12:00:00Z", "a leap day in 1900"],
    ["226-11-24T12:00:00Z", "a year of three digits"],
    ["+2026-11-24T12:00:00Z", "a signed year"],
    ["2026-1１-24T12:00:00Z", "a digit beyond ASCII"],
    ["2026/11/24T12:00:00Z", "slashes"],
  ])("refuses %j: %s", (text) => {
    expect(parseRfc3339(text)).toBeNaN();
  });

  it("takes a leap second for the last millisecond before it, in the last minute of a month in UTC only", () => {
    const before_2017_ms = Date.UTC(2017, 0, 1) - 1;
    expect(parseRfc3339("2016-12-31T23:59:60Z")).toBe(before_2017_ms);
    expect(parseRfc3339("2016-12-31T23:59:60.7Z")).toBe(before_2017_ms);
    expect(parseRfc3339("2017-01-01T00:59:60+01:00")).toBe(before_2017_ms);
    expect(parseRfc3339("2016-12-31T23:59:60+01:00")).toBeNaN();
    expect(parseRfc3339("2016-12-30T23:59:60Z")).toBeNaN();
    expect(parseRfc3339("2016-12-31T23:58:60Z")).toBeNaN();
  });

  it("reads whatever formatRfc3339 writes, exactly", () => {
    fc.assert(
      fc.property(fc.integer({ min: -62_167_219_200_000, max: 253_402_300_799_999 }), (time_ms) => {
        expect(parseRfc3339(formatRfc3339(time_ms))).toBe(time_ms);
      }),
    );
  });

  it("is linear in the digits of a fraction", () => {
    expect(parseRfc3339(`2026-11-24T12:00:00.9${"0".repeat(1_000_000)}Z`)).toBe(NOON + 900);
  });
});

describe("formatRfc3339", () => {
  it("writes milliseconds only where there are any", () => {
    expect(formatRfc3339(NOON)).toBe("2026-11-24T12:00:00Z");
    expect(formatRfc3339(NOON + 120)).toBe("2026-11-24T12:00:00.120Z");
  });

  it("refuses what RFC 3339 cannot write", () => {
    for (const time_ms of [Number.NaN, Infinity, -62_167_219_200_001, 253_402_300_800_000]) {
      expect(() => formatRfc3339(time_ms)).toThrow(RangeError);
    }
  });
});
