import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BinaryReader, BinaryWriter } from "./binary.ts";
import { METRIC_NAMES } from "./incident.ts";
import { UsualHours } from "./usual-hours.ts";

const DAY_S = 86_400;
/** A midnight. */
const MIDNIGHT = 1_793_577_600;
const SIX = 6 * 3600;

/** A job of four minutes on these days, some seconds or minutes late, of which `share` of ten requests a second fail. */
function jobs(days: readonly (readonly [day: number, share: number])[], at = SIX): UsualHours {
  const hours = new UsualHours();
  for (const [day, share] of days) {
    const from = MIDNIGHT + day * DAY_S + at + (day % 3) * 100;
    for (let second = from; second < from + 240; second += 1) hours.observe(second, "error_rate", null, 10, 10 * share);
  }
  return hours;
}

const usual = (hours: UsualHours, day: number, at = SIX): ReturnType<UsualHours["usualAt"]> =>
  hours.usualAt(MIDNIGHT + day * DAY_S + at, "error_rate");

describe("what recurs", () => {
  test("is usual from the fourth day on, with its size and its time", () => {
    const three = jobs([
      [0, 0.1],
      [1, 0.12],
      [2, 0.08],
    ]);
    expect(usual(three, 2)).toBeNull();
    expect(usual(three, 3)).toEqual({ share: expect.closeTo(0.1, 5), label: "06:00", days: 3 });
  });

  test("need not come every day, but on three of the last eight", () => {
    const hours = jobs([
      [0, 0.1],
      [3, 0.1],
      [6, 0.1],
    ]);
    expect(usual(hours, 8)?.days).toBe(3);
    expect(usual(hours, 9)).toBeNull();
  });

  test("is usual from a quarter of an hour before to a quarter of an hour after, not at other times", () => {
    const hours = jobs([0, 1, 2].map((day) => [day, 0.1]));
    const minutes = [-30, -13, 0, 14, 17, 40, 720].map((minute) => usual(hours, 3, SIX + minute * 60) !== null);
    expect(minutes).toEqual([false, true, true, true, true, false, false]);
  });

  test("keeps its size when one day was far worse: a fault at that hour does not become usual", () => {
    const hours = jobs([
      [0, 0.1],
      [1, 0.1],
      [2, 0.1],
      [3, 0.6],
    ]);
    expect(usual(hours, 4)?.share).toBeCloseTo(0.1, 5);
  });

  test("around midnight is one a night", () => {
    const hours = new UsualHours();
    for (let day = 0; day < 3; day += 1)
      for (const late of day % 2 === 0 ? [-200, -100] : [100, 200])
        hours.observe(MIDNIGHT + day * DAY_S + late, "error_rate", null, 1, 1);
    expect(hours.usualAt(MIDNIGHT + 3 * DAY_S, "error_rate")).toMatchObject({ days: 3 });
    expect(hours.usualAt(MIDNIGHT + 3 * DAY_S - 300, "error_rate")).toMatchObject({ days: 3 });
    expect(hours.usualAt(MIDNIGHT + 2 * DAY_S + 300, "error_rate")).toBeNull();
  });

  test("is told apart by metric and by endpoint", () => {
    const hours = new UsualHours();
    for (let day = 0; day < 3; day += 1) {
      hours.observe(MIDNIGHT + day * DAY_S + SIX, "error_rate", "/job", 10, 5);
      hours.observe(MIDNIGHT + day * DAY_S + SIX, "p95_latency_ms", null);
    }
    const now = MIDNIGHT + 3 * DAY_S + SIX;
    expect(hours.usualAt(now, "error_rate", "/job")).toEqual({ share: 0.5, label: "06:00", days: 3 });
    expect(hours.usualAt(now, "p95_latency_ms")).toEqual({ share: 0, label: "06:00", days: 3 });
    expect(hours.usualAt(now, "error_rate")).toBeNull();
    expect(hours.usualAt(now, "error_rate", "/other")).toBeNull();
    expect([hours.recurs(now, "error_rate"), hours.recurs(now, "request_rate")]).toEqual([true, false]);
  });

  test("is not what lasts for days", () => {
    const hours = new UsualHours();
    for (let second = MIDNIGHT; second < MIDNIGHT + 3 * DAY_S; second += 60)
      hours.observe(second, "error_rate", null, 10, 1);
    expect(usual(hours, 3)).toBeNull();
  });
});

describe("its state", () => {
  test("survives its encoding, is bounded, and forgets the rarest first", () => {
    const seconds = fc.array(fc.tuple(fc.nat(7200), fc.constantFrom(...METRIC_NAMES), fc.nat(200), fc.nat(9)), {
      maxLength: 400,
    });
    fc.assert(
      fc.property(seconds, (observed) => {
        const hours = jobs([0, 1, 2].map((day) => [day, 0.1]));
        let second = MIDNIGHT + 2 * DAY_S + 12 * 3600;
        for (const [wait_s, metric, endpoint, hits] of observed) {
          second = Math.min(second + wait_s, MIDNIGHT + 3 * DAY_S);
          hours.observe(second, metric, `/e${endpoint}`, 10, hits);
        }
        const bytes = bytesOf(hours);
        expect(bytes.length).toBeLessThanOrEqual(8192);
        const decoded = UsualHours.decode(new BinaryReader(bytes));
        expect(bytesOf(decoded)).toEqual(bytes);
        expect(usual(decoded, 3)).toEqual(usual(hours, 3));
        expect(usual(decoded, 3)).not.toBeNull();
      }),
    );
  });
});

function bytesOf(hours: UsualHours): Uint8Array {
  const writer = new BinaryWriter();
  hours.encode(writer);
  return writer.finish();
}
