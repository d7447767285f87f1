import { describe, expect, test } from "vitest";
import { BinaryReader, encoded } from "./binary.ts";
import { type Level, LevelBank } from "./level-bank.ts";

const SMALL = 0;
const LARGE = 1;
const LEVELS: readonly Level[] = [
  { ramp_s: 8, ramp_requests: 0 },
  { ramp_s: 4, ramp_requests: 0, leaves: 1 },
];
const RATE = 10;

/** The verdicts of seconds with this evidence for each size. */
function judged(bank: LevelBank, seconds: readonly (readonly [small: number, large: number])[]): string[] {
  return seconds.map(([small, large]) => {
    bank.add(SMALL, small, RATE);
    bank.add(LARGE, large, RATE);
    return bank.judge(RATE);
  });
}

/** So many of the same second. */
function times(count: number, small: number, large: number): (readonly [number, number])[] {
  return Array.from({ length: count }, () => [small, large] as const);
}

/** The large size is proven; of the ramp of the small one are 4 s gone. */
function proven(): LevelBank {
  const bank = new LevelBank(LEVELS);
  expect(judged(bank, times(4, 9, 9)).at(-1)).toBe("above_threshold");
  return bank;
}

describe("a size of fault that is disproven", () => {
  test("leaves what speaks for a smaller one: it is proven as soon as its own ramp is at its end", () => {
    const bank = proven();
    expect(judged(bank, [[9, -20]])).toEqual(["below_threshold"]);
    expect(bank.isProven).toBe(false);
    expect(judged(bank, times(3, 9, -20))).toEqual(["below_threshold", "below_threshold", "above_threshold"]);
    // It began when the large one seemed to.
    expect(bank.since_s).toBe(8);
  });

  test("is over at once where requests are normal again, and nothing stays of it", () => {
    const bank = proven();
    expect(new Set(judged(bank, times(4, -2, -20)))).toEqual(new Set(["below_threshold"]));
    expect(bank.isQuiet).toBe(true);
  });

  test("takes larger ones with it, which would have to be proven anew", () => {
    const bank = new LevelBank(LEVELS);
    judged(bank, times(10, 9, -1));
    judged(bank, times(3, 9, 9));
    // The small one falls to 0 alone, as it never would of the same requests.
    expect(judged(bank, [[-20, 0]])).toEqual(["below_threshold"]);
    expect(bank.isQuiet).toBe(true);
  });

  test("leaves the same after an eviction", () => {
    const bank = proven();
    judged(bank, [[9, -20]]);
    const stored = encoded((writer) => bank.encode(writer));
    const again = LevelBank.decode(new BinaryReader(stored), LEVELS);
    expect(judged(again, times(3, 9, -20)).at(-1)).toBe("above_threshold");
  });

  test("leaves as many of the next smaller ones as it says", () => {
    const evidence = (leaves: number | undefined): number => {
      const small = { ramp_s: 8, ramp_requests: 0 };
      const bank = new LevelBank([
        small,
        small,
        { ramp_s: 4, ramp_requests: 0, ...(leaves === undefined ? {} : { leaves }) },
      ]);
      for (let second = 0; second < 5; second += 1) {
        bank.add(0, 9, RATE);
        bank.add(1, second < 4 ? 4 : 0, RATE);
        bank.add(2, second < 4 ? 9 : -20, RATE);
        bank.judge(RATE);
      }
      expect(bank.isProven).toBe(false);
      return bank.evidence;
    };
    expect(evidence(undefined)).toBe(0);
    // Of 5 s of its ramp; the next one has no more than 4 s.
    expect(evidence(1)).toBeCloseTo(4 / 8);
    expect(evidence(2)).toBeCloseTo(5 / 8);
  });
});
