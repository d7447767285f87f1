import { describe, expect, it } from "vitest";
import { randomFor } from "../../generator/random.ts";
import { drawBinomial, drawDispersed, drawGamma, drawPoisson } from "./draws.ts";

const N = 40_000;

/** Mean and variance of `N` draws. */
function moments(draw: () => number): { mean: number; variance: number } {
  let [sum, squares] = [0, 0];
  for (let i = 0; i < N; i += 1) {
    const value = draw();
    sum += value;
    squares += value * value;
  }
  return { mean: sum / N, variance: squares / N - (sum / N) ** 2 };
}

/** Five standard errors: the seeds are fixed, so a pass stays a pass. */
function expectMean(measured: number, mean: number, variance: number): void {
  expect(Math.abs(measured - mean)).toBeLessThan(5 * Math.sqrt(variance / N));
}

describe("draws", () => {
  it.each([0.05, 0.8, 9.9, 10.1, 47, 900])("Poisson: mean and variance are %d", (mean) => {
    const random = randomFor(1, mean * 100);
    const measured = moments(() => drawPoisson(random, mean));
    expectMean(measured.mean, mean, mean);
    expect(measured.variance / mean).toBeCloseTo(1, 1);
  });

  it("Poisson by rejection: each value is as frequent as it should be", () => {
    const random = randomFor(2);
    const counts = new Map<number, number>();
    for (let i = 0; i < N; i += 1) {
      const k = drawPoisson(random, 12);
      counts.set(k, (counts.get(k) ?? 0) + 1);
    }
    let probability = Math.exp(-12);
    for (let k = 0; k < 30; k += 1) {
      const error = Math.sqrt((probability * (1 - probability)) / N);
      expect(Math.abs((counts.get(k) ?? 0) / N - probability)).toBeLessThan(5 * error + 1e-4);
      probability *= 12 / (k + 1);
    }
  });

  it.each([
    [8, 0.3],
    [200, 0.02],
    [200, 0.3],
    [1000, 0.97],
    [5, 1],
    [5, 0],
  ])("binomial of %d and %d: mean n p, variance n p (1 - p), never outside 0 to n", (n, p) => {
    const random = randomFor(3, n);
    const measured = moments(() => {
      const k = drawBinomial(random, n, p);
      expect(k >= 0 && k <= n && Number.isInteger(k)).toBe(true);
      return k;
    });
    const variance = n * p * (1 - p);
    expect(Math.abs(measured.mean - n * p)).toBeLessThanOrEqual(5 * Math.sqrt(variance / N));
    expect(Math.abs(measured.variance - variance)).toBeLessThanOrEqual(0.05 * variance);
  });

  it.each([0.3, 1, 7])("gamma of shape %d: mean 1, variance 1/shape", (shape) => {
    const random = randomFor(4, shape * 10);
    const measured = moments(() => drawGamma(random, shape));
    expectMean(measured.mean, 1, 1 / shape);
    expect(measured.variance * shape).toBeCloseTo(1, 0.9);
  });

  it.each([
    [0.5, 1.5],
    [8, 4],
    [300, 2],
  ])("a count of mean %d and dispersion %d has that variance", (mean, dispersion) => {
    const random = randomFor(5, mean * 10);
    const measured = moments(() => drawDispersed(random, mean, dispersion));
    expectMean(measured.mean, mean, mean * dispersion);
    expect(measured.variance / (mean * dispersion)).toBeCloseTo(1, 0.9);
  });
});
