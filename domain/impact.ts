/** What an incident costs: requests that failed or were slow since its onset, and how many of them are more than normal. */
import type { NormalShare } from "./share-baseline.ts";

/** How many requests fail, and how many are slow, while all is well. JSON-serialisable. */
export interface ImpactBasis {
  readonly errors: NormalShare;
  /** `bin`: requests in higher bins of the sketch are slow. Null while latency is not learned. */
  readonly slow: (NormalShare & { readonly bin: number }) | null;
}

/** Requests of some seconds, and the failed and slow ones among them. */
export interface Totals {
  readonly request_count: number;
  readonly failed_count: number;
  readonly slow_count: number;
}

export const NO_TOTALS: Totals = { request_count: 0, failed_count: 0, slow_count: 0 };

export function addTotals(a: Totals, b: Totals): Totals {
  return {
    request_count: a.request_count + b.request_count,
    failed_count: a.failed_count + b.failed_count,
    slow_count: a.slow_count + b.slow_count,
  };
}

/** Which kinds of harm belong to an incident. */
export interface Harm {
  readonly failed: boolean;
  readonly slow: boolean;
}

export interface Excess {
  readonly excess_count: number;
  /** Its 95 % interval. */
  readonly excess_low: number;
  readonly excess_high: number;
}

/** Of a fault so far, s: how long it has lasted, and how long after its estimated onset it was proven. */
export interface FaultAge {
  readonly lasted_s: number;
  readonly proven_after_s: number;
}
/** Two-sided 95 % of a normal distribution. */
const Z = 1.96;
/**
 * The onset is an estimate: it may be so many seconds off, at the fault's own strength; or by as many as it took to prove it,
 * since a small or a creeping fault has no sharp beginning.
 */
const ONSET_ERROR_S = 4;

/** Standard deviation by which what is normal wanders for hours (error rates and loads do), as a part of itself. */
const WANDER = 0.3;
/**
 * Standard deviation, as a part of what was slow, of where the bound lies: latency as a whole wanders by some percent, and with it
 * the share of a fault's requests above a fixed bound, the less the more of them are above it.
 */
const BOUND_ERROR = 0.04;
const BOUND_ERROR_PARTLY = 0.05;
/** What of the relative error of the normal share is one of the bound: a bound from few requests lies anywhere near. */
const BOUND_LEARNED_PART = 0.4;
/**
 * A fault that took so long (s) to be proven grew slowly, or was there unseen: it was learned as normal for a while, so that the
 * bound lies too high and the count is short of the truth, by up to this part of itself. Measured on latency that grows to three
 * times within an hour: 12 % on average with a deviation of 9 %, a good part of which the error of the bound holds.
 */
const UNSEEN_S = 30;
const UNSEEN_PART = 0.25;

/**
 * A request that failed and was slow counts once: as if one were no hint of the other, while the interval allows for all of the
 * fewer having been both, and for none.
 */
export function excessOf(totals: Totals, basis: ImpactBasis, harm: Harm, age: FaultAge): Excess {
  const failed = harm.failed ? beyond(totals.request_count, totals.failed_count, basis.errors) : NOTHING;
  const slow = harm.slow && basis.slow !== null ? beyond(totals.request_count, totals.slow_count, basis.slow) : NOTHING;
  const bound = boundError(slow.count / Math.max(1, totals.request_count), basis) * slow.count;
  const well = totals.request_count === 0 ? 1 : 1 - Math.min(1, Math.max(0, failed.count) / totals.request_count);
  const count = failed.count + slow.count * well;
  const onset_error_s = Math.max(ONSET_ERROR_S, age.proven_after_s);
  const onset = (Math.max(0, count) / Math.max(1, age.lasted_s)) * onset_error_s;
  const error = Z * Math.sqrt(failed.variance + slow.variance + bound ** 2) + onset;
  const unseen = age.proven_after_s >= UNSEEN_S ? UNSEEN_PART * Math.max(0, slow.count) : 0;
  const [fewest, most] = [Math.max(failed.count, slow.count), failed.count + slow.count];
  return {
    excess_count: Math.max(0, Math.round(count)),
    excess_low: Math.max(0, Math.floor(Math.min(count, fewest) - error)),
    excess_high: Math.min(totals.request_count, Math.max(0, Math.ceil(Math.max(count, most) + error + unseen))),
  };
}

/** As a part of what was slow; `slow_part`: of all requests, 0 to 1. */
function boundError(slow_part: number, { slow }: ImpactBasis): number {
  const wandering = BOUND_ERROR + BOUND_ERROR_PARTLY * (1 - Math.min(1, Math.max(0, slow_part)));
  const learned = slow === null || slow.share === 0 ? 0 : (BOUND_LEARNED_PART * slow.error) / slow.share;
  return Math.hypot(wandering, Math.min(1, learned));
}

const NOTHING = { count: 0, variance: 0 };

/** What exceeds a normal share, with the variance of what is normal: of the counts, of the share's estimate, and of its wandering. */
function beyond(requests: number, hits: number, normal: NormalShare): { count: number; variance: number } {
  const { share, error, dispersion } = normal;
  return {
    count: hits - requests * share,
    variance: requests * share * (1 - share) * dispersion + (requests * error) ** 2 + (WANDER * requests * share) ** 2,
  };
}
