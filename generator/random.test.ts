import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { keyOf, Random, randomFor } from "./random.ts";

describe("Random", () => {
  it("is xoshiro128**: the reference's first outputs for the state 1, 2, 3, 4", () => {
    const random = new Random(1, 2, 3, 4);
    const outputs = Array.from({ length: 10 }, () => random.bits());
    expect(outputs).toEqual([
      11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
    ]);
  });

  it("draws uniform, exponential and normal numbers with the mean and spread they should have", () => {
    const random = randomFor(7);
    const moments = (draw: () => number) => {
      const draws = Array.from({ length: 100_000 }, draw);
      const mean = draws.reduce((sum, value) => sum + value, 0) / draws.length;
      return { mean, deviation: Math.sqrt(draws.reduce((sum, value) => sum + (value - mean) ** 2, 0) / draws.length) };
    };
    // Five standard errors of the mean of 100,000 draws are 0.016 deviations.
    const unit = moments(() => random.unit());
    expect(unit.mean).toBeCloseTo(0.5, 1.7);
    expect(unit.deviation).toBeCloseTo(Math.sqrt(1 / 12), 1.7);
    const exponential = moments(() => random.exponential(1));
    expect(exponential.mean).toBeCloseTo(1, 1.5);
    expect(exponential.deviation).toBeCloseTo(1, 1.3);
    const normal = moments(() => random.normal());
    expect(normal.mean).toBeCloseTo(0, 1.5);
    expect(normal.deviation).toBeCloseTo(1, 1.5);
  });
});

describe("randomFor", () => {
  it("depends on every key, beyond 32 bits and below 0 too", () => {
    const key = fc.integer({ min: -(2 ** 40), max: 2 ** 40 });
    const draws = (...keys: number[]) => {
      const random = randomFor(...keys);
      return [random.bits(), random.bits(), random.bits()];
    };
    fc.assert(
      fc.property(key, key, key, (a, b, c) => {
        expect(draws(a, b)).toEqual(draws(a, b));
        if (c !== b) expect(draws(a, c)).not.toEqual(draws(a, b));
        if (c !== a) expect(draws(c, b)).not.toEqual(draws(a, b));
      }),
    );
    const outputs = new Set(Array.from({ length: 1000 }, (_, at) => randomFor(1, at * 2 ** 32).bits()));
    expect(outputs.size).toBe(1000);
  });

  it("gives neighbouring keys unrelated first draws", () => {
    const draws = Array.from({ length: 10_000 }, (_, at) => randomFor(1, at).unit());
    const below = draws.filter((unit) => unit < 0.05).length;
    // Binomial: 500 +- 5 x 22.
    expect(below).toBeGreaterThan(390);
    expect(below).toBeLessThan(610);
  });
});

describe("keyOf", () => {
  it("is 32-bit FNV-1a", () => {
    expect(keyOf("")).toBe(0x811c9dc5);
    expect(keyOf("a")).toBe(0xe40c292c);
    expect(keyOf("foobar")).toBe(0xbf9cf968);
  });
});
