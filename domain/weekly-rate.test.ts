import { describe, expect, test } from "vitest";
import { BinaryReader, BinaryWriter } from "./binary.ts";
import { QUARTER_S, WeeklyRate } from "./weekly-rate.ts";

const DAY_S = 86_400;
/** A Monday, midnight. */
const MONDAY = 1_793_577_600;

/** Lives `days` from `MONDAY` on, with `rate` by second of life. */
function lived(days: number, rate: (second: number) => number, learn = true): WeeklyRate {
  const weekly = new WeeklyRate();
  for (let at = 0; at < days * DAY_S; at += 1) weekly.step(MONDAY + at, rate(at), learn);
  // A quarter of an hour is known once the one after it has ended.
  for (const quarter of [0, 1]) weekly.step(MONDAY + days * DAY_S + quarter * QUARTER_S, 0, learn);
  return weekly;
}

/** From 22:00 to 06:00 nobody calls. */
const nightly = (at: number): number => (at % DAY_S >= 22 * 3600 || at % DAY_S < 6 * 3600 ? 0 : 50);
const at = (day: number, hour: number): number => MONDAY + day * DAY_S + hour * 3600;

describe("the usual rate of a time of the week", () => {
  test("is known from two days at the same time, to one step of 9 %", () => {
    const weekly = lived(2, nightly);
    expect(weekly.usualAt(at(2, 23))).toBe(0);
    expect(weekly.usualAt(at(2, 12)) ?? 0).toBeGreaterThan(50 * 0.95);
    expect(weekly.usualAt(at(2, 12)) ?? 0).toBeLessThan(50 * 1.05);
  });

  test("is not known from fewer", () => {
    expect(lived(1, nightly).usualAt(at(1, 23))).toBeNull();
  });

  test("is no lower for a single outage, however long: one day of two or three, one week of two", () => {
    const outage = (day: number) => (second: number) => (Math.floor(second / DAY_S) === day ? 0 : 50);
    expect(lived(2, outage(1)).usualAt(at(2, 12)) ?? 0).toBeGreaterThan(45);
    expect(lived(3, outage(1)).usualAt(at(3, 12)) ?? 0).toBeGreaterThan(45);
    expect(lived(14, outage(8)).usualAt(at(15, 12)) ?? 0).toBeGreaterThan(45);
  });

  test("tells a weekend from other days after two weeks", () => {
    const weekly = lived(14, (second) => (Math.floor(second / DAY_S) % 7 >= 5 ? 0 : 50));
    expect(weekly.usualAt(at(14 + 5, 12))).toBe(0);
    expect(weekly.usualAt(at(14, 12)) ?? 0).toBeGreaterThan(45);
  });

  test("is not learned from seconds that something else speaks against", () => {
    expect(lived(3, nightly, false).usualAt(at(3, 12))).toBeNull();
  });

  test("knows rates from a request in a minute to a million a second", () => {
    for (const rate of [1 / 60, 1, 1000, 1_000_000]) {
      const weekly = lived(3, (second) => (rate < 1 ? Number(second % Math.round(1 / rate) === 0) : rate));
      expect(Math.abs((weekly.usualAt(at(3, 12)) ?? 0) / rate - 1)).toBeLessThan(0.1);
    }
  });

  test("is the same whether empty seconds are stepped through or skipped", () => {
    for (const [from, seconds] of [
      [10, 30],
      [800, 5000],
      [900, 900],
      [0, 3 * DAY_S + 17],
    ] as const) {
      const stepped = lived(3, nightly);
      const skipped = WeeklyRate.decode(new BinaryReader(bytesOf(stepped)));
      const first = at(3, 1) + from;
      for (let i = 0; i < seconds; i += 1) stepped.step(first + i, 0, true);
      skipped.leaveOut(first, seconds);
      expect(bytesOf(skipped)).toEqual(bytesOf(stepped));
    }
  });

  test("survives its encoding, in at most 2 KB, and each copy goes its own way", () => {
    const weekly = lived(14, nightly);
    const bytes = bytesOf(weekly);
    expect(bytes.length).toBeLessThanOrEqual(2048);
    const copies = [WeeklyRate.decode(new BinaryReader(bytes)), WeeklyRate.decode(new BinaryReader(bytes))];
    for (const copy of copies) {
      for (let i = 1; i < 3 * QUARTER_S; i += 1) copy.step(at(14, 0) + i, 7, true);
      expect(copy.usualAt(at(21, 0)) ?? 0).toBeGreaterThan(0);
      expect(bytesOf(copy)).not.toEqual(bytes);
    }
    expect(weekly.usualAt(at(21, 0))).toBe(0);
    expect(bytesOf(weekly)).toEqual(bytes);
  });
});

function bytesOf(weekly: WeeklyRate): Uint8Array {
  const writer = new BinaryWriter();
  weekly.encode(writer);
  return writer.finish();
}
