/** Slow wandering of load, latency and errors: autoregressive, and correlated, since a busy service is a slower one. */
import type { Random } from "../../generator/random.ts";

export interface NoiseProfile {
  /** Standard deviations of the logarithms. */
  readonly rate_sigma: number;
  readonly latency_sigma: number;
  readonly error_sigma: number;
  /** Of the share of each endpoint, which shifts the service's latency though no endpoint changes. */
  readonly mix_sigma: number;
  /** Time in s after which the correlation has fallen to 1/e. */
  readonly memory_s: number;
  /** Correlation of latency and errors with the rate, 0 to 1. */
  readonly coupling: number;
}

export const USUAL_NOISE: NoiseProfile = {
  rate_sigma: 0.1,
  latency_sigma: 0.05,
  error_sigma: 0.25,
  mix_sigma: 0.1,
  memory_s: 300,
  coupling: 0.5,
};

/** The mix moves slowly, and each endpoint of it costs a draw. */
const MIX_STEP_S = 10;

/** One service's noise, moved a second at a time. Factors have a mean of 1. */
export class Noise {
  rate_factor = 1;
  error_factor = 1;
  /** Natural logarithm of the factor on latency. */
  latency_log = 0;
  readonly mix: Float64Array;
  readonly #profile: NoiseProfile;
  readonly #random: Random;
  readonly #mix_log: Float64Array;
  readonly #keep: number;
  #rate = 0;
  #latency = 0;
  #error = 0;

  constructor(profile: NoiseProfile, endpoint_count: number, random: Random) {
    this.#profile = profile;
    this.#random = random;
    this.#keep = Math.exp(-1 / profile.memory_s);
    this.#rate = random.normal();
    this.#latency = random.normal();
    this.#error = random.normal();
    this.#mix_log = Float64Array.from({ length: endpoint_count }, () => random.normal());
    this.mix = new Float64Array(endpoint_count).fill(1);
    this.#moveMix(1, 0);
  }

  step(second: number): void {
    const { rate_sigma, latency_sigma, error_sigma, coupling } = this.#profile;
    const keep = this.#keep;
    const fresh = Math.sqrt(1 - keep * keep);
    const own = Math.sqrt(1 - coupling * coupling);
    const shared = this.#random.normal();
    this.#rate = keep * this.#rate + fresh * shared;
    this.#latency = keep * this.#latency + fresh * (coupling * shared + own * this.#random.normal());
    this.#error = keep * this.#error + fresh * (coupling * shared + own * this.#random.normal());
    this.rate_factor = Math.exp(rate_sigma * this.#rate - rate_sigma ** 2 / 2);
    this.error_factor = Math.exp(error_sigma * this.#error - error_sigma ** 2 / 2);
    this.latency_log = latency_sigma * this.#latency;
    if (second % MIX_STEP_S === 0) {
      const mix_keep = keep ** MIX_STEP_S;
      this.#moveMix(mix_keep, Math.sqrt(1 - mix_keep * mix_keep));
    }
  }

  #moveMix(keep: number, fresh: number): void {
    const sigma = this.#profile.mix_sigma;
    for (let i = 0; i < this.mix.length; i += 1) {
      this.#mix_log[i] = keep * this.#mix_log[i]! + (fresh === 0 ? 0 : fresh * this.#random.normal());
      this.mix[i] = Math.exp(sigma * this.#mix_log[i]! - sigma ** 2 / 2);
    }
  }
}
