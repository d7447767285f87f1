import { describe, expect, it } from "vitest";
import { randomFor } from "../../generator/random.ts";
import { Noise, USUAL_NOISE } from "./noise.ts";

/** A long walk with a short memory, so that its averages settle. */
const PROFILE = { ...USUAL_NOISE, memory_s: 20 };
const SECONDS = 200_000;

function walk(): { rate: number[]; latency: number[]; error: number[]; mix: number[] } {
  const noise = new Noise(PROFILE, 2, randomFor(1));
  const series = { rate: [] as number[], latency: [] as number[], error: [] as number[], mix: [] as number[] };
  for (let second = 0; second < SECONDS; second += 1) {
    noise.step(second);
    series.rate.push(noise.rate_factor);
    series.latency.push(noise.latency_log);
    series.error.push(noise.error_factor);
    series.mix.push(noise.mix[0]!);
  }
  return series;
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

function correlation(a: readonly number[], b: readonly number[]): number {
  const [mean_a, mean_b] = [mean(a), mean(b)];
  const product = (x: readonly number[], mx: number, y: readonly number[], my: number): number =>
    mean(x.map((value, i) => (value - mx) * (y[i]! - my)));
  const spread = product(a, mean_a, a, mean_a) * product(b, mean_b, b, mean_b);
  return product(a, mean_a, b, mean_b) / Math.sqrt(spread);
}

describe("noise", () => {
  const { rate, latency, error, mix } = walk();

  it("leaves the means where they were", () => {
    for (const factors of [rate, error, mix]) expect(mean(factors)).toBeCloseTo(1, 1);
    expect(mean(latency)).toBeCloseTo(0, 2);
  });

  it("has the spread that the profile says", () => {
    const logs = rate.map((factor) => Math.log(factor));
    const centre = mean(logs);
    expect(Math.sqrt(mean(logs.map((log) => (log - centre) ** 2)))).toBeCloseTo(PROFILE.rate_sigma, 2);
  });

  it("forgets to 1/e within its memory", () => {
    expect(correlation(latency.slice(PROFILE.memory_s), latency.slice(0, -PROFILE.memory_s))).toBeCloseTo(
      1 / Math.E,
      1,
    );
  });

  it("slows a busy service down, as far as the coupling says", () => {
    expect(correlation(rate, latency)).toBeCloseTo(PROFILE.coupling, 1);
    expect(correlation(mix, latency)).toBeCloseTo(0, 1);
  });
});
