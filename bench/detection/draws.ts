/** Draws from the distributions that traffic is made of, exact and at a cost that does not grow with the mean. */
import type { Random } from "../../generator/random.ts";

/** Below this mean, walking up the distribution beats rejection. */
const WALK_MEAN_MAX = 10;

/** log(k!) less Stirling's main term; the table for small k, where the series is not exact enough. */
const STIRLING_TAIL = [
  0.0810614667953272, 0.0413406959554092, 0.0276779256849983, 0.020790672103765, 0.0166446911898211, 0.0138761288230707,
  0.0118967099458917, 0.010411265261972, 0.0092554621827127, 0.0083305634333631,
] as const;

function stirlingTail(k: number): number {
  const exact = STIRLING_TAIL[k];
  if (exact !== undefined) return exact;
  const square = (k + 1) ** 2;
  return (1 / 12 - (1 / 360 - 1 / 1260 / square) / square) / (k + 1);
}

function logFactorial(k: number): number {
  return 0.5 * Math.log(2 * Math.PI) + (k + 0.5) * Math.log(k + 1) - (k + 1) + stirlingTail(k);
}

/**
 * Poisson with the given mean (0 or more). Source of the method for large means: Hörmann, "The transformed rejection method for
 * generating Poisson random variables", 1993 (PTRS).
 */
export function drawPoisson(random: Random, mean: number): number {
  if (mean <= 0) return 0;
  if (mean >= WALK_MEAN_MAX) return rejectPoisson(random, mean);
  let probability = Math.exp(-mean);
  let rest = random.unit();
  let k = 0;
  while (rest > probability) {
    rest -= probability;
    k += 1;
    probability *= mean / k;
    // Rounding can leave a rest that no further term reaches.
    if (probability < 1e-16) break;
  }
  return k;
}

function rejectPoisson(random: Random, mean: number): number {
  const b = 0.931 + 2.53 * Math.sqrt(mean);
  const a = -0.059 + 0.02483 * b;
  const inverse_alpha = 1.1239 + 1.1328 / (b - 3.4);
  const squeeze = 0.9277 - 3.6224 / (b - 2);
  const log_mean = Math.log(mean);
  for (;;) {
    const u = random.unit() - 0.5;
    const v = random.unit();
    const us = 0.5 - Math.abs(u);
    const k = Math.floor(((2 * a) / us + b) * u + mean + 0.43);
    if (us >= 0.07 && v <= squeeze) return k;
    if (k < 0 || (us < 0.013 && v > us)) continue;
    const height = Math.log((v * inverse_alpha) / (a / (us * us) + b));
    if (height <= k * log_mean - mean - logFactorial(k)) return k;
  }
}

/**
 * Successes among `n` with probability `p` (0 to 1). Source of the method for large means: Hörmann, "The generation of binomial
 * random variates", 1993 (BTRS).
 */
export function drawBinomial(random: Random, n: number, p: number): number {
  if (n <= 0 || p <= 0) return 0;
  if (p >= 1) return n;
  if (p > 0.5) return n - drawBinomial(random, n, 1 - p);
  if (n <= 16) {
    let k = 0;
    for (let i = 0; i < n; i += 1) if (random.unit() < p) k += 1;
    return k;
  }
  return n * p < WALK_MEAN_MAX ? walkBinomial(random, n, p) : rejectBinomial(random, n, p);
}

function walkBinomial(random: Random, n: number, p: number): number {
  const odds = p / (1 - p);
  let probability = (1 - p) ** n;
  let rest = random.unit();
  let k = 0;
  while (rest > probability && k < n) {
    rest -= probability;
    k += 1;
    probability *= ((n - k + 1) / k) * odds;
    if (probability < 1e-16) break;
  }
  return k;
}

function rejectBinomial(random: Random, n: number, p: number): number {
  const spread = Math.sqrt(n * p * (1 - p));
  const b = 1.15 + 2.53 * spread;
  const a = -0.0873 + 0.0248 * b + 0.01 * p;
  const c = n * p + 0.5;
  const squeeze = 0.92 - 4.2 / b;
  const odds = p / (1 - p);
  const alpha = (2.83 + 5.1 / b) * spread;
  const mode = Math.floor((n + 1) * p);
  for (;;) {
    const u = random.unit() - 0.5;
    const v = random.unit();
    const us = 0.5 - Math.abs(u);
    const k = Math.floor(((2 * a) / us + b) * u + c);
    if (us >= 0.07 && v <= squeeze) return k;
    if (k < 0 || k > n) continue;
    const height = Math.log((v * alpha) / (a / (us * us) + b));
    const bound =
      (mode + 0.5) * Math.log((mode + 1) / (odds * (n - mode + 1))) +
      (n + 1) * Math.log((n - mode + 1) / (n - k + 1)) +
      (k + 0.5) * Math.log((odds * (n - k + 1)) / (k + 1)) +
      stirlingTail(mode) +
      stirlingTail(n - mode) -
      stirlingTail(k) -
      stirlingTail(n - k);
    if (height <= bound) return k;
  }
}

/**
 * Gamma with the given shape and mean 1. Source of the method: Marsaglia, Tsang, "A simple method for generating gamma
 * variables", ACM TOMS 2000.
 */
export function drawGamma(random: Random, shape: number): number {
  // Below shape 1 a draw of shape + 1 is shrunk by a power of a uniform one, as the same paper shows.
  const boost = shape < 1 ? (1 - random.unit()) ** (1 / shape) : 1;
  const d = (shape < 1 ? shape + 1 : shape) - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = random.normal();
    const v = (1 + c * x) ** 3;
    if (v <= 0) continue;
    const u = 1 - random.unit();
    if (Math.log(u) < 0.5 * x * x + d - d * v + d * Math.log(v)) return (boost * d * v) / shape;
  }
}

/** A count of the given mean whose variance is `dispersion` (1 or more) times its mean: Poisson at 1, else negative binomial. */
export function drawDispersed(random: Random, mean: number, dispersion: number): number {
  if (mean <= 0) return 0;
  if (dispersion <= 1) return drawPoisson(random, mean);
  return drawPoisson(random, mean * drawGamma(random, mean / (dispersion - 1)));
}
