/**
 * The band of normal behind a line: the baseline, as wide as nine in ten quiet points lie around it. The server tells where
 * normal is; how far healthy points stray from it depends on traffic and on the span of a point, and is taken from the points
 * on the page themselves, those of incidents excepted.
 */

export interface Sample {
  /** Null where nothing was measured. */
  readonly value: number | null;
  readonly baseline: number | null;
  /** False during an incident and while provisional: such a point says nothing of what is normal. */
  readonly quiet: boolean;
}

/** How far normal reaches below and above the baseline; `below` is 0 or negative. In the unit of the samples. */
export interface Spread {
  readonly below: number;
  readonly above: number;
}

export interface Range {
  readonly low: number;
  readonly high: number;
}

/** Fewer quiet points than this cannot say how wide normal is: no band is drawn. */
export const BAND_SAMPLES_MIN = 12;

const LOW_SHARE = 0.05;
const HIGH_SHARE = 0.95;

export function measureSpread(samples: readonly Sample[]): Spread | null {
  const distances: number[] = [];
  for (const { value, baseline, quiet } of samples) {
    if (quiet && value !== null && baseline !== null) distances.push(value - baseline);
  }
  if (distances.length < BAND_SAMPLES_MIN) return null;
  distances.sort((a, b) => a - b);
  return { below: Math.min(0, ranked(distances, LOW_SHARE)), above: Math.max(0, ranked(distances, HIGH_SHARE)) };
}

/** The normal range around a baseline; never below zero, since neither counts nor latencies are. */
export function normalRange(baseline: number | null, spread: Spread | null): Range | null {
  if (baseline === null || spread === null) return null;
  return { low: Math.max(0, baseline + spread.below), high: baseline + spread.above };
}

function ranked(ascending: readonly number[], share: number): number {
  return ascending[Math.round(share * (ascending.length - 1))] ?? 0;
}
