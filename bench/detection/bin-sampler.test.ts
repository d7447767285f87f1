import { describe, expect, it } from "vitest";
import { randomFor } from "../../generator/random.ts";
import { quantileMs, sketchOfBins } from "../../domain/sketch.ts";
import { BinSampler } from "./bin-sampler.ts";
import { type Cdf, drawLatency, LATENCY_SHAPES, logNormal, pareto, uniform } from "./latency-shape.ts";

const N = 60_000;

function sketchOf(cdf: Cdf): ReturnType<typeof sketchOfBins> {
  const sampler = new BinSampler(cdf);
  const random = randomFor(1);
  return sketchOfBins(Uint16Array.from({ length: N }, () => sampler.draw(random)));
}

describe("latency drawn as bins of the sketch", () => {
  it("has the quantiles of the distribution it comes from", () => {
    const sketch = sketchOf(logNormal(100, 0.5));
    // Those of a log-normal: the median times e to the power of the deviate times sigma.
    for (const [q, deviate] of [
      [0.5, 0],
      [0.95, 1.645],
      [0.99, 2.326],
    ] as const) {
      expect(quantileMs(sketch, q)! / (100 * Math.exp(0.5 * deviate))).toBeCloseTo(1, 1);
    }
  });

  it("has the mean of the distribution it comes from", () => {
    expect(new BinSampler(logNormal(100, 0.5)).mean_us / 1000).toBeCloseTo(100 * Math.exp(0.125), 0);
    expect(new BinSampler(uniform(100, 300)).mean_us / 1000).toBeCloseTo(200, 0);
  });

  it("keeps a heavy tail up to its cut", () => {
    const sketch = sketchOf(pareto(100, 1.5, 60_000));
    expect(quantileMs(sketch, 0.99)! / (100 * 0.01 ** (-1 / 1.5))).toBeCloseTo(1, 0.8);
    expect(quantileMs(sketch, 1)).toBeLessThan(61_000);
  });

  it.each(LATENCY_SHAPES)("%s: probabilities add up to 1 and draws follow them", (shape) => {
    const sampler = new BinSampler(drawLatency(randomFor(7), shape, 80));
    expect(sampler.probabilities.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 9);
    const counts = new Float64Array(sampler.probabilities.length);
    const random = randomFor(8);
    for (let i = 0; i < N; i += 1) counts[sampler.draw(random) - sampler.first]! += 1;
    for (const [i, probability] of sampler.probabilities.entries()) {
      const error = Math.sqrt((probability * (1 - probability)) / N);
      expect(Math.abs(counts[i]! / N - probability)).toBeLessThan(5 * error + 1e-4);
    }
  });
});
