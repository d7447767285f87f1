/**
 * What a request's latency says for "slower by so much" against "as normal as it gets": a score for each bin of the sketch,
 * made from the histogram of what is normal. Bins are logarithmic, so a factor on latency is a shift of the histogram.
 *
 * The score is a log-likelihood ratio: the fault is the normal histogram shifted by a range of factors, evenly mixed; normal is,
 * at each bin, the largest of all shifts that a healthy service wanders by. So under each of those shifts the expectation of
 * e^score is at most 1, whatever the shape of the histogram (two modes, heavy tail), and independent requests raise a sum of
 * scores from 0 to h at most once in e^h requests (Shin, Ramdas, Rinaldo, "E-detectors: a nonparametric framework for sequential
 * change detection", 2024). The guard leaves room: the scores are multiplied by the largest factor that keeps that expectation
 * at most 1 for a service that wanders less.
 */
import type { LatencySum } from "./latency-sum.ts";
import { BIN_COUNT, binsOfFactor } from "./sketch.ts";

/** A size of slowness. */
export interface Slowness {
  /** Latency is multiplied by something in this range, */
  readonly factor: readonly [min: number, max: number];
  /** for this share (0 to 1) of the requests. */
  readonly share: number;
  /** Up to this factor on all requests nothing is wrong. */
  readonly guard: number;
  /** This factor on all requests is met now and then for longer than the ramp, and must not speak for a fault of this size. */
  readonly benign: number;
  /** Scores are raised by so much: less evidence is asked for where other sizes ask for more. */
  readonly weight: number;
}

/** Healthy services are a little faster or slower all the time. */
const WANDER_FACTOR = 1.05;
const FASTER_BINS = binsOfFactor(0.95);
/** No single request speaks louder than this, in nats: an outlier is one request. */
const SCORE_MAX = 3;
const SCALE_MAX = 2.5;
/** Half the width in bins of the triangle by which a histogram of many requests is smoothed, and at most of few. */
const WIDTH_MIN = 4;
const WIDTH_MAX = 14;
const WIDTH_REQUESTS = 2000;
/** A part of the histogram is spread out to three times as slow or fast: where nothing was seen yet nothing is known. */
const SPREAD_WIDTH = 55;
const SPREAD_SHARE = 0.03;
const SPREAD_REQUESTS = 10;
/** Beyond that, every latency is possible. */
const ANYWHERE = 1e-7;

/** `requests` (more than 0) is what `normal` holds in whole requests. One table of BIN_COUNT scores for each size. */
export function slowScores(normal: LatencySum, requests: number, sizes: readonly Slowness[]): Float32Array[] {
  const density = densityOf(normal, requests);
  const wanders = [0, binsOfFactor(WANDER_FACTOR)];
  const healthy = new Map<number, Float64Array>();
  return sizes.map((size) => {
    const guarded = healthy.get(size.guard) ?? largestShift(density, FASTER_BINS, binsOfFactor(size.guard));
    healthy.set(size.guard, guarded);
    return scoresOf(density, guarded, size, wanders);
  });
}

function densityOf(normal: LatencySum, requests: number): Float64Array {
  const raw = Float64Array.from({ length: BIN_COUNT }, (_, bin) => normal.at(bin) / normal.total);
  const width = Math.round(WIDTH_MIN * (WIDTH_REQUESTS / requests) ** (1 / 3));
  const smooth = triangle(raw, Math.min(WIDTH_MAX, Math.max(WIDTH_MIN, width)));
  const spread = triangle(raw, SPREAD_WIDTH);
  const part = SPREAD_SHARE + SPREAD_REQUESTS / (SPREAD_REQUESTS * 10 + requests);
  return smooth.map((value, bin) => (1 - part) * value + part * spread[bin]! + ANYWHERE);
}

/** Smoothed by a triangle, which is a box twice. */
function triangle(values: Float64Array, width: number): Float64Array {
  const low = Math.floor(width / 2);
  return mixShifts(mixShifts(values, -low, width - low), low - width, low);
}

/** The even mixture of `values` shifted up by `from` to `to` bins. */
function mixShifts(values: Float64Array, from: number, to: number): Float64Array {
  const sums = new Float64Array(BIN_COUNT + 1);
  for (let bin = 0; bin < BIN_COUNT; bin += 1) sums[bin + 1] = sums[bin]! + values[bin]!;
  const width = to - from + 1;
  const mixed = new Float64Array(BIN_COUNT);
  for (let bin = 0; bin < BIN_COUNT; bin += 1) {
    const first = Math.min(BIN_COUNT, Math.max(0, bin - to));
    const last = Math.min(BIN_COUNT, Math.max(0, bin - from + 1));
    mixed[bin] = Math.max(0, sums[last]! - sums[first]!) / width;
  }
  return mixed;
}

/** At each bin the largest of `values` shifted up by `from` to `to` bins. */
function largestShift(values: Float64Array, from: number, to: number): Float64Array {
  const largest = new Float64Array(BIN_COUNT);
  for (let bin = 0; bin < BIN_COUNT; bin += 1) {
    const [first, last] = [Math.max(0, bin - to), Math.min(BIN_COUNT - 1, bin - from)];
    let value = ANYWHERE;
    for (let at = first; at <= last; at += 1) if (values[at]! > value) value = values[at]!;
    largest[bin] = value;
  }
  return largest;
}

function scoresOf(
  density: Float64Array,
  healthy: Float64Array,
  size: Slowness,
  wanders: readonly number[],
): Float32Array {
  const [min, max] = size.factor;
  const slow = mixShifts(density, binsOfFactor(min), binsOfFactor(max));
  const scores = new Float32Array(BIN_COUNT);
  for (let bin = 0; bin < BIN_COUNT; bin += 1) {
    // What is not slow is as the largest shift has it: it says nothing, and the expectation stays at most 1.
    const ratio = (size.share * (slow[bin]! + ANYWHERE)) / healthy[bin]! + (1 - size.share);
    scores[bin] = Math.max(-SCORE_MAX, Math.min(SCORE_MAX, Math.log(ratio)));
  }
  const scale = Math.min(...wanders.map((shift) => largestScale(density, scores, shift)));
  const weighted = scores.map((score) => score * scale * size.weight);
  // Where latency hardly varies, anything above normal is as unheard of as a fault: then less is made of all of it.
  const excess = Math.max(0, expectedScore(density, weighted, binsOfFactor(size.benign)));
  return weighted.map((score) => score - excess);
}

/** Of a request whose latency is shifted by so many bins. */
function expectedScore(density: Float64Array, scores: Float32Array, shift: number): number {
  let [sum, total] = [0, 0];
  for (let bin = 0; bin < BIN_COUNT; bin += 1) {
    sum += density[bin]! * scores[Math.min(BIN_COUNT - 1, bin + shift)]!;
    total += density[bin]!;
  }
  return sum / total;
}

const STEPS = 96;
const HALVINGS = 10;

/** The largest factor on the scores, 1 to SCALE_MAX, under which e^score is expected to be at most 1 after `shift`. */
function largestScale(density: Float64Array, scores: Float32Array, shift: number): number {
  // Scores rounded up to a few steps: exponentials of those are few.
  const mass = new Float64Array(STEPS + 1);
  for (let bin = 0; bin < BIN_COUNT; bin += 1) {
    const score = scores[Math.min(BIN_COUNT - 1, bin + shift)]!;
    mass[Math.ceil(((score + SCORE_MAX) / (2 * SCORE_MAX)) * STEPS)]! += density[bin]!;
  }
  const total = mass.reduce((sum, value) => sum + value, 0);
  let [low, high] = [1, SCALE_MAX];
  for (let n = 0; n < HALVINGS; n += 1) {
    const scale = (low + high) / 2;
    let expected = 0;
    for (let step = 0; step <= STEPS; step += 1) {
      expected += mass[step]! * Math.exp(scale * SCORE_MAX * ((2 * step) / STEPS - 1));
    }
    if (expected <= total) low = scale;
    else high = scale;
  }
  return low;
}
