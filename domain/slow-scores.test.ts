import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LatencySum } from "./latency-sum.ts";
import { BIN_COUNT, binsOfFactor, latencyBin } from "./sketch.ts";
import { slowScores, type Slowness } from "./slow-scores.ts";

const GUARD = 1.2;
const DOUBLED: Slowness = { factor: [1.8, 2.7], share: 1, guard: GUARD, benign: 1.5, weight: 1 };
const TAIL: Slowness = { factor: [4, 20], share: 0.12, guard: GUARD, benign: 1.5, weight: 1 };

/** Requests of each bin: a mode for each (median in ms, spread as standard deviation of the logarithm, share). */
function histogram(modes: readonly (readonly [ms: number, sigma: number, share: number])[]): Float64Array {
  const counts = new Float64Array(BIN_COUNT);
  for (const [ms, sigma, share] of modes) {
    for (let i = 0; i < 20_000; i += 1) {
      // Evenly spaced points of a logistic distribution: smooth, with heavier tails than a normal one.
      const place = (i + 0.5) / 20_000;
      const us = Math.min(3_600_000_000, ms * 1000 * Math.exp(sigma * 0.55 * Math.log(place / (1 - place))));
      counts[latencyBin(Math.round(us))]! += share;
    }
  }
  return counts;
}

const SHAPES = {
  "one mode": histogram([[100, 0.5, 1]]),
  "two modes, cache hits and misses": histogram([
    [5, 0.3, 0.7],
    [80, 0.4, 0.3],
  ]),
  "two narrow modes at a factor of two": histogram([
    [20, 0.03, 0.5],
    [40, 0.03, 0.5],
  ]),
  "a heavy tail": histogram([
    [50, 0.4, 0.9],
    [400, 1.5, 0.1],
  ]),
};

function sumOf(counts: Float64Array): LatencySum {
  const bins = Array.from(counts.keys()).filter((bin) => counts[bin]! > 0);
  const sum = new LatencySum();
  sum.add({ bins: Uint16Array.from(bins), counts: Float64Array.from(bins, (bin) => Math.ceil(counts[bin]! * 100)) });
  return sum;
}

/** The expectation of `f(score)` of a request whose latency is `factor` times normal. */
function expected(counts: Float64Array, scores: Float32Array, factor: number, f: (score: number) => number): number {
  const shift = binsOfFactor(factor);
  let [sum, total] = [0, 0];
  for (const [bin, count] of counts.entries()) {
    sum += count * f(scores[Math.max(0, Math.min(BIN_COUNT - 1, bin + shift))]!);
    total += count;
  }
  return sum / total;
}

describe.each(Object.entries(SHAPES))("scores of slowness, %s", (_, counts) => {
  const [doubled, tail] = slowScores(sumOf(counts), 20_000, [DOUBLED, TAIL]);

  test("grow on average in no healthy service, however it wanders up to the guard", () => {
    for (const factor of [0.96, 1, 1.05, 1.1, 1.15]) {
      expect(expected(counts, doubled!, factor, (score) => score)).toBeLessThan(0);
      expect(expected(counts, tail!, factor, (score) => score)).toBeLessThan(0);
    }
  });

  test("are a fair bet at most for a service that wanders as usual", () => {
    for (const factor of [1, 1.05]) {
      expect(expected(counts, doubled!, factor, Math.exp)).toBeLessThanOrEqual(1.01);
      expect(expected(counts, tail!, factor, Math.exp)).toBeLessThanOrEqual(1.01);
    }
  });

  test("speak for a fault at twice the latency", () => {
    expect(expected(counts, doubled!, 2, (score) => score)).toBeGreaterThan(0.1);
  });

  test("of a slow tail need only a tenth of the requests to be slow", () => {
    const normal = expected(counts, tail!, 1, (score) => score);
    const slow = expected(counts, tail!, 10, (score) => score);
    expect(0.85 * normal + 0.15 * slow).toBeGreaterThan(0);
  });

  test("still speak where requests are slower than any factor that the size knows", () => {
    // A hundred of them among a thousand would else say nothing: what hangs is far from all that was seen.
    for (const factor of [40, 200, 600]) expect(expected(counts, tail!, factor, (score) => score)).toBeGreaterThan(0.3);
  });

  test("let no request speak louder than the limit", () => {
    expect(Math.max(...doubled!, ...tail!)).toBeLessThanOrEqual(7.5);
    expect(Math.min(...doubled!, ...tail!)).toBeGreaterThanOrEqual(-7.5);
  });
});

/** Sizes that expect the slow ones of a service with two modes to be there under the fault: three to twenty times as slow. */
const FAR: readonly Slowness[] = [
  { factor: [4, 20], share: 0.12, guard: 1.2, benign: 1, weight: 1 },
  { factor: [3, 20], share: 0.35, guard: 1.2, benign: 1, weight: 1 },
  { factor: [3, 12], share: 1, guard: 1.2, benign: 1, weight: 1 },
  { factor: [5.5, 22], share: 1, guard: 1.3, benign: 1, weight: 1 },
];

test("scores of far slower requests are a fair bet at most, wherever the second mode of a healthy service lies", () => {
  fc.assert(
    fc.property(
      fc.double({ min: 2, max: 40, noNaN: true }),
      fc.double({ min: 0.02, max: 0.98, noNaN: true }),
      fc.double({ min: 0.1, max: 0.5, noNaN: true }),
      (gap, share, sigma) => {
        const counts = histogram([
          [10, sigma, 1 - share],
          [10 * gap, sigma, share],
        ]);
        for (const scores of slowScores(sumOf(counts), 20_000, FAR))
          for (const factor of [1, 1.05]) {
            expect(expected(counts, scores, factor, Math.exp)).toBeLessThanOrEqual(1.01);
            expect(expected(counts, scores, factor, (score) => score)).toBeLessThan(0);
          }
      },
    ),
    { numRuns: 40 },
  );
});

// Where latency hardly varies, half as much again is as unheard of as twice as much.
const { "two narrow modes at a factor of two": _narrow, ...BROAD } = SHAPES;

test.each(Object.entries(BROAD))("half as much again speaks against twice as much, %s", (_, counts) => {
  const [doubled] = slowScores(sumOf(counts), 20_000, [DOUBLED]);
  expect(expected(counts, doubled!, 1.5, (score) => score)).toBeLessThan(0);
});
