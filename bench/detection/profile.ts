/** The services that are simulated: what is normal for each. */
import { type Random, randomFor } from "../../generator/random.ts";
import { BinSampler } from "./bin-sampler.ts";
import type { Cycle } from "./cycle.ts";
import { drawLatency, type LatencyShape } from "./latency-shape.ts";
import { type NoiseProfile, USUAL_NOISE } from "./noise.ts";

export interface EndpointProfile {
  readonly name: string;
  /** Share of the service's requests, 0 to 1; those of a service add up to 1. */
  readonly share: number;
  /** Share of its requests that fail while all is well. */
  readonly error_rate: number;
  readonly latency: BinSampler;
}

export interface ServiceProfile {
  readonly name: string;
  /** Requests a second on average over a weekday. */
  readonly rate: number;
  readonly endpoints: readonly EndpointProfile[];
  readonly cycle: Cycle;
  readonly noise: NoiseProfile;
  /** Variance of a second's requests, and of its errors, as a multiple of the mean: 1 is Poisson. */
  readonly arrival_dispersion: number;
  readonly error_dispersion: number;
}

/** Half of the services are as bursty as retries, batches and page loads make them. */
const DISPERSIONS = [
  { arrival_dispersion: 1, error_dispersion: 1 },
  { arrival_dispersion: 1.5, error_dispersion: 1 },
  { arrival_dispersion: 2, error_dispersion: 1.5 },
  { arrival_dispersion: 4, error_dispersion: 2.5 },
] as const;

const SHARE_MIN = 0.04;

/** A service of the given traffic; all else of it depends on the seed. Runs of consecutive `index` take turns in burstiness. */
export function ordinaryService(
  seed: number,
  index: number,
  traffic: { readonly rate: number; readonly base_error: number; readonly shape: LatencyShape },
): ServiceProfile {
  const random = randomFor(seed, index);
  const dispersion = DISPERSIONS[Math.floor(index / 3) % DISPERSIONS.length]!;
  return {
    name: `service-${index}`,
    rate: traffic.rate,
    endpoints: drawEndpoints(random, traffic.base_error, traffic.shape),
    cycle: {
      day_amplitude: random.between(0.3, 0.6),
      peak_s: random.between(0, 86_400),
      weekend_factor: random.between(0.5, 1.1),
    },
    noise: USUAL_NOISE,
    ...dispersion,
  };
}

/** 4 to 8 endpoints, the heaviest with several times the traffic of the lightest. */
function drawEndpoints(random: Random, base_error: number, shape: LatencyShape): EndpointProfile[] {
  const count = 4 + random.index(5);
  const weights = Array.from({ length: count }, (_, i) => random.between(0.6, 1.4) / (i + 1));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const shares = weights.map((weight) => SHARE_MIN + (1 - SHARE_MIN * count) * (weight / total));
  const proneness = shares.map(() => random.between(0.5, 1.5));
  const mean = proneness.reduce((sum, value, i) => sum + value * shares[i]!, 0);
  return shares.map((share, i) => ({
    name: `/endpoint-${i + 1}`,
    share,
    error_rate: (base_error * proneness[i]!) / mean,
    latency: new BinSampler(drawLatency(random, shape, 20 * 20 ** random.unit())),
  }));
}

/** Adds an endpoint with `requests_per_s` of its own, the rest of the service staying as it is. */
export function withEndpoint(
  profile: ServiceProfile,
  requests_per_s: number,
  endpoint: Omit<EndpointProfile, "share">,
): ServiceProfile {
  const rate = profile.rate + requests_per_s;
  const others = profile.endpoints.map((own) => ({ ...own, share: (own.share * profile.rate) / rate }));
  return { ...profile, rate, endpoints: [...others, { ...endpoint, share: requests_per_s / rate }] };
}

/** Mean latency in ms while all is well. */
export function meanLatencyMs(profile: ServiceProfile): number {
  return profile.endpoints.reduce((sum, { share, latency }) => sum + (share * latency.mean_us) / 1000, 0);
}

/** The bin above which a request of this service is slow: 1.25 times its true p95. */
export function slowBinOf(profile: ServiceProfile, slow_shift: number): number {
  const mass = new Map<number, number>();
  for (const { share, latency } of profile.endpoints) {
    for (const [i, probability] of latency.probabilities.entries()) {
      const bin = latency.first + i;
      mass.set(bin, (mass.get(bin) ?? 0) + share * probability);
    }
  }
  let seen = 0;
  for (const bin of [...mass.keys()].sort((a, b) => a - b)) {
    seen += mass.get(bin)!;
    if (seen >= 0.95) return Math.round(bin + slow_shift);
  }
  throw new Error("the bins of a service's latency do not add up to 1");
}
