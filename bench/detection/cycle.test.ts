import { describe, expect, it } from "vitest";
import { type Cycle, cycleFactor, FLAT } from "./cycle.ts";
import { beginningAt } from "./life.ts";

const DAY_S = 86_400;
const CYCLE: Cycle = { day_amplitude: 0.5, peak_s: 15 * 3600, weekend_factor: 0.6 };

function meanOfDay(from_s: number): number {
  let sum = 0;
  for (let second = from_s; second < from_s + DAY_S; second += 60) sum += cycleFactor(CYCLE, second);
  return sum / (DAY_S / 60);
}

describe("the cycle of day and week", () => {
  const monday_s = beginningAt(0);

  it("begins on a Monday", () => {
    expect(new Date(monday_s * 1000).toUTCString()).toMatch(/^Mon.* 00:00:00/);
  });

  it("averages 1 over a weekday and less over a day of the weekend", () => {
    expect(meanOfDay(monday_s + DAY_S)).toBeCloseTo(1, 5);
    expect(meanOfDay(monday_s + 5 * DAY_S)).toBeCloseTo(0.6, 1);
    expect(meanOfDay(monday_s + 6 * DAY_S)).toBeCloseTo(0.6, 1);
  });

  it("is highest at its peak, and never jumps", () => {
    expect(cycleFactor(CYCLE, monday_s + DAY_S + CYCLE.peak_s)).toBeCloseTo(1.5, 5);
    for (let second = monday_s; second < monday_s + 7 * DAY_S; second += 60) {
      expect(Math.abs(cycleFactor(CYCLE, second + 60) / cycleFactor(CYCLE, second) - 1)).toBeLessThan(0.02);
    }
  });

  it("can be flat", () => {
    expect(cycleFactor(FLAT, monday_s + 5 * DAY_S + 1234)).toBe(1);
  });
});
