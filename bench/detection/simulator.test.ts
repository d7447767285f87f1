import { describe, expect, it } from "vitest";
import { mergeAllSketches, quantileMs, type Sketch, sketchCount } from "../../domain/sketch.ts";
import { BinSampler } from "./bin-sampler.ts";
import { FLAT } from "./cycle.ts";
import type { Effect } from "./effect.ts";
import { logNormal } from "./latency-shape.ts";
import { USUAL_NOISE } from "./noise.ts";
import { ordinaryService, type ServiceProfile } from "./profile.ts";
import { Simulator, type Traffic } from "./simulator.ts";

const START_S = 1_793_577_600;
const SILENT = { ...USUAL_NOISE, rate_sigma: 0, latency_sigma: 0, error_sigma: 0, mix_sigma: 0 };

/** Two endpoints of 3:1, without cycle and noise, so that its statistics are those of the draws. */
function plainService(rate: number, changes: Partial<ServiceProfile> = {}): ServiceProfile {
  const latency = new BinSampler(logNormal(100, 0.4));
  return {
    name: "plain",
    rate,
    endpoints: [
      { name: "/often", share: 0.75, error_rate: 0.02, latency },
      { name: "/seldom", share: 0.25, error_rate: 0.02, latency },
    ],
    cycle: FLAT,
    noise: SILENT,
    arrival_dispersion: 1,
    error_dispersion: 1,
    ...changes,
  };
}

function run(profile: ServiceProfile, seconds: number, effects: readonly Effect[] = [], seed = 1): Traffic[] {
  const simulator = new Simulator({ seed, profile, effects });
  return Array.from({ length: seconds }, (_, i) => simulator.next(START_S + i));
}

const lasting = (effect: Omit<Effect, "from_s" | "to_s">): Effect[] => [{ ...effect, from_s: 0, to_s: Infinity }];
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const requests = (traffic: readonly Traffic[]): number[] => traffic.map(({ closed }) => closed.request_count);
const errors = (traffic: readonly Traffic[]): number[] => traffic.map(({ closed }) => closed.error_count);
const sketchesOf = (traffic: readonly Traffic[]): Sketch => mergeAllSketches(traffic.map(({ sketch }) => sketch));

function dispersion(counts: readonly number[]): number {
  const mean = sum(counts) / counts.length;
  return sum(counts.map((count) => (count - mean) ** 2)) / counts.length / mean;
}

describe("simulated traffic", () => {
  it.each([0.2, 1, 10, 100, 1000])("comes at %d requests/s, as Poisson arrivals", (rate) => {
    const seconds = rate >= 100 ? 3000 : 20_000;
    const counts = requests(run(plainService(rate), seconds));
    expect(Math.abs(sum(counts) / seconds - rate)).toBeLessThan(5 * Math.sqrt(rate / seconds));
    expect(dispersion(counts)).toBeCloseTo(1, 0.8);
  });

  it.each([1.5, 4])("is bursty where the profile says so: variance over mean %d", (arrival_dispersion) => {
    const counts = requests(run(plainService(20, { arrival_dispersion }), 20_000));
    expect(dispersion(counts) / arrival_dispersion).toBeCloseTo(1, 0.8);
  });

  it.each([
    [10, 1],
    [1000, 1],
    [1000, 2.5],
  ])("fails as often as it should, at %d requests/s and error dispersion %d", (rate, error_dispersion) => {
    const traffic = run(plainService(rate, { error_dispersion }), rate > 100 ? 3000 : 20_000);
    const total = sum(requests(traffic));
    expect(Math.abs(sum(errors(traffic)) / total - 0.02)).toBeLessThan(
      5 * Math.sqrt((0.02 * error_dispersion) / total),
    );
    // Errors of independent requests scatter a little less than Poisson ones: by the share that does not fail.
    if (rate > 100) expect(dispersion(errors(traffic)) / error_dispersion).toBeCloseTo(1, 0.8);
  });

  it("spreads over the endpoints by their shares, and adds up", () => {
    const traffic = run(plainService(50), 2000);
    for (const { closed, sketch } of traffic) {
      expect(closed.request_count).toBe(sum(closed.endpoints.map((own) => own.request_count)));
      expect(closed.error_count).toBe(sum(closed.endpoints.map((own) => own.error_count)));
      expect(closed.latency_sum_us).toBe(sum(closed.endpoints.map((own) => own.latency_sum_us)));
      expect(sketchCount(sketch)).toBe(closed.request_count);
    }
    const often = sum(
      traffic.flatMap(({ closed }) =>
        closed.endpoints.filter(({ name }) => name === "/often").map((own) => own.request_count),
      ),
    );
    expect(often / sum(requests(traffic))).toBeCloseTo(0.75, 2);
  });

  it("has the quantiles and the mean of its latency, at few and at many requests", () => {
    for (const rate of [5, 500]) {
      const traffic = run(plainService(rate), 20_000 / rate);
      const sketch = sketchesOf(traffic);
      expect(quantileMs(sketch, 0.5)! / 100).toBeCloseTo(1, 1);
      expect(quantileMs(sketch, 0.95)! / (100 * Math.exp(0.4 * 1.645))).toBeCloseTo(1, 1);
      const mean_ms = sum(traffic.map(({ closed }) => closed.latency_sum_us)) / sum(requests(traffic)) / 1000;
      expect(mean_ms / (100 * Math.exp(0.08))).toBeCloseTo(1, 1);
    }
  });

  it.each([2, 30])("counts the slow requests of each endpoint, at %d requests/s", (rate) => {
    const simulator = new Simulator({ seed: 1, profile: plainService(rate), effects: [] });
    for (let second = START_S; second < START_S + 50; second += 1) {
      const { closed, sketch, slow } = simulator.next(second);
      const above = sum([...sketch.bins].map((bin, i) => (bin > 580 ? sketch.counts[i]! : 0)));
      expect(sum([...slow(580)])).toBe(above);
      expect([...slow(0)]).toEqual(closed.endpoints.map((own) => own.request_count));
    }
  });

  it("is the same for the same seed, another for another", () => {
    const profile = ordinaryService(5, 3, { rate: 10, base_error: 0.02, shape: "bimodal" });
    const seen = (seed: number): unknown => run(profile, 500, [], seed).map(({ closed, sketch }) => [closed, sketch]);
    expect(seen(1)).toEqual(seen(1));
    expect(seen(1)).not.toEqual(seen(2));
  });
});

describe("a fault in simulated traffic", () => {
  it("fails the share that it says, and counts those as harmed", () => {
    const traffic = run(plainService(100), 1000, lasting({ error_share: 0.3, isFault: true }));
    const total = sum(requests(traffic));
    expect(sum(errors(traffic)) / total).toBeCloseTo(1 - 0.98 * 0.7, 2);
    expect(sum(traffic.map(({ harmed_count }) => harmed_count)) / total).toBeCloseTo(0.98 * 0.3, 2);
  });

  it("harms nobody where it is not a fault", () => {
    const traffic = run(plainService(100), 100, lasting({ error_share: 0.3, latency_factor: 3 }));
    expect(sum(traffic.map(({ harmed_count }) => harmed_count))).toBe(0);
  });

  it.each([1.5, 2, 7.3])("multiplies every quantile by %d", (latency_factor) => {
    const sketch = sketchesOf(run(plainService(100), 500, lasting({ latency_factor })));
    for (const [q, value_ms] of [
      [0.5, 100],
      [0.95, 100 * Math.exp(0.4 * 1.645)],
    ] as const) {
      expect(quantileMs(sketch, q)! / (value_ms * latency_factor)).toBeCloseTo(1, 1);
    }
  });

  it("slows a part of the requests alone where it says so", () => {
    const sketch = sketchesOf(run(plainService(100), 500, lasting({ latency_factor: 10, slow_share: 0.1 })));
    const slow = sum([...sketch.bins].map((bin, i) => (quantileOf(bin) > 400 ? sketch.counts[i]! : 0)));
    expect(slow / sketchCount(sketch)).toBeCloseTo(0.1, 1.5);
    expect(quantileMs(sketch, 0.45)! / 100).toBeCloseTo(1, 1);
  });

  it("harms those that only the fault made slow", () => {
    const traffic = run(plainService(100), 500, lasting({ latency_factor: 10, isFault: true }));
    const share = sum(traffic.map(({ harmed_count }) => harmed_count)) / sum(requests(traffic));
    // Nearly all are above 1.25 times the p95 now; about 2 % were before.
    expect(share).toBeGreaterThan(0.95);
    expect(share).toBeLessThan(0.99);
  });

  it("harms, of a fault on a part of the requests, none of the others that are slow anyway", () => {
    const effect = { latency_factor: 10, slow_share: 0.1, isFault: true };
    const share = (traffic: ReturnType<typeof run>): number =>
      sum(traffic.map(({ harmed_count }) => harmed_count)) / sum(requests(traffic));
    // A tenth is slowed; of that about 2 % would have been above the bound anyway, as of the rest.
    expect(share(run(plainService(100), 1000, lasting(effect)))).toBeCloseTo(0.098, 2);
    expect(share(run(plainService(100), 1000, lasting({ ...effect, slow_share: 0.01 })))).toBeLessThan(0.015);
  });

  it("stops the traffic, or a part of it", () => {
    expect(sum(requests(run(plainService(10), 100, lasting({ rate_factor: 0 }))))).toBe(0);
    expect(sum(requests(run(plainService(100), 500, lasting({ rate_factor: 0.3 })))) / 500).toBeCloseTo(30, -0.5);
  });
});

function quantileOf(bin: number): number {
  return quantileMs({ bins: Uint16Array.of(bin), counts: Float64Array.of(1) }, 0.5)!;
}
