/** Latency distributions that services really have; log-normal alone would flatter every detector. */
import type { Random } from "../../generator/random.ts";

/** Probability (0 to 1) of a latency of at most `us` microseconds. */
export type Cdf = (us: number) => number;

export const LATENCY_SHAPES = ["log-normal", "bimodal", "heavy-tail"] as const;
export type LatencyShape = (typeof LATENCY_SHAPES)[number];

/** Median in ms, spread as the standard deviation of the logarithm. */
export function logNormal(median_ms: number, sigma: number): Cdf {
  const mu = Math.log(median_ms * 1000);
  return (us) => (us <= 0 ? 0 : normalCdf((Math.log(us) - mu) / sigma));
}

/** From `scale_ms` on, with tail index `alpha`: below 2 its variance is infinite. Cut at `max_ms`, as timeouts cut. */
export function pareto(scale_ms: number, alpha: number, max_ms: number): Cdf {
  const within = 1 - (scale_ms / max_ms) ** alpha;
  return (us) => {
    const ms = us / 1000;
    if (ms <= scale_ms) return 0;
    return ms >= max_ms ? 1 : (1 - (scale_ms / ms) ** alpha) / within;
  };
}

/** Evenly between the two. */
export function uniform(min_ms: number, max_ms: number): Cdf {
  return (us) => Math.min(1, Math.max(0, (us / 1000 - min_ms) / (max_ms - min_ms)));
}

/** Shares add up to 1. */
export function mixture(...parts: readonly (readonly [share: number, cdf: Cdf])[]): Cdf {
  return (us) => parts.reduce((sum, [share, cdf]) => sum + share * cdf(us), 0);
}

/** A distribution of the given shape around `typical_ms`, its parameters drawn within what is usual. */
export function drawLatency(random: Random, shape: LatencyShape, typical_ms: number): Cdf {
  const body = logNormal(typical_ms, random.between(0.25, 0.6));
  switch (shape) {
    case "log-normal":
      return body;
    case "bimodal": {
      // Cache hits, 5 to 20 times as fast, are 30 to 90 % of the requests.
      const hit = logNormal(typical_ms / random.between(5, 20), random.between(0.2, 0.4));
      const hit_share = random.between(0.3, 0.9);
      return mixture([hit_share, hit], [1 - hit_share, body]);
    }
    case "heavy-tail": {
      const tail_share = random.between(0.03, 0.12);
      const tail = pareto(2 * typical_ms, random.between(1.2, 2), 60_000);
      return mixture([1 - tail_share, body], [tail_share, tail]);
    }
  }
}

/** Abramowitz and Stegun 7.1.26, absolute error below 1.5e-7; beyond six deviations exactly 0 or 1. */
function normalCdf(z: number): number {
  if (z <= -6) return 0;
  if (z >= 6) return 1;
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * x);
  const series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const half = 0.5 * series * Math.exp(-x * x);
  return z > 0 ? 1 - half : half;
}
