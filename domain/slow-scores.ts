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
const UNHEARD_OF = 10 * ANYWHERE;
/** The slowest of a thousand requests of a healthy service, and what is slower yet, is as slow as it gets. */
const SLOWEST_SHARE = 0.001;

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
  // Plain loops throughout: a service makes its tables anew every few minutes, and with `from` and `map` they took a tenth of all
  // the time that detection takes.
  const raw = new Float64Array(BIN_COUNT);
  for (let bin = normal.low; bin <= normal.high; bin += 1) raw[bin] = normal.at(bin) / normal.total;
  const width = Math.round(WIDTH_MIN * (WIDTH_REQUESTS / requests) ** (1 / 3));
  const smooth = triangle(raw, Math.min(WIDTH_MAX, Math.max(WIDTH_MIN, width)));
  const spread = triangle(raw, SPREAD_WIDTH);
  const part = SPREAD_SHARE + SPREAD_REQUESTS / (SPREAD_REQUESTS * 10 + requests);
  for (let bin = 0; bin < BIN_COUNT; bin += 1) smooth[bin] = (1 - part) * smooth[bin]! + part * spread[bin]! + ANYWHERE;
  return smooth;
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
  // Places of the window whose values descend: each is the largest once those before it have left.
  const places = new Uint16Array(BIN_COUNT);
  let [head, tail, next] = [0, 0, 0];
  for (let bin = 0; bin < BIN_COUNT; bin += 1) {
    for (; next < BIN_COUNT && next <= bin - from; next += 1) {
      while (tail > head && values[places[tail - 1]!]! <= values[next]!) tail -= 1;
      places[tail++] = next;
    }
    while (head < tail && places[head]! < bin - to) head += 1;
    largest[bin] = head < tail ? Math.max(ANYWHERE, values[places[head]!]!) : ANYWHERE;
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
  neverFallBeyond(scores, Math.max(lastHealthy(healthy, slow), lastOrdinary(density)));
  const steps = stepsOf(scores);
  const scale = Math.min(...wanders.map((shift) => largestScale(density, steps, shift)));
  for (let bin = 0; bin < BIN_COUNT; bin += 1) scores[bin] = scores[bin]! * scale * size.weight;
  // Where latency hardly varies, anything above normal is as unheard of as a fault: then less is made of all of it.
  const excess = Math.max(0, expectedScore(density, scores, binsOfFactor(size.benign)));
  for (let bin = 0; bin < BIN_COUNT; bin += 1) scores[bin]! -= excess;
  return scores;
}

/** The last bin that is likelier while all is well than under the fault. */
function lastHealthy(healthy: Float64Array, slow: Float64Array): number {
  let bin = BIN_COUNT - 1;
  while (bin >= 0 && (healthy[bin]! < UNHEARD_OF || slow[bin]! > healthy[bin]!)) bin -= 1;
  return bin;
}

/** The last bin that requests still reach while all is well, but for the slowest. */
function lastOrdinary(density: Float64Array): number {
  let total = 0;
  for (let bin = 0; bin < BIN_COUNT; bin += 1) total += density[bin]!;
  let bin = BIN_COUNT - 1;
  for (let beyond = density[bin]!; bin > 0 && beyond <= SLOWEST_SHARE * total; beyond += density[bin]!) bin -= 1;
  return bin;
}

/**
 * A fault may be worse than its largest factor: a request that hangs for half a minute says no less than one that is as slow as
 * that. Almost nothing of what is normal may lie beyond, so that the expectation keeps its bound. Where some requests miss a
 * cache, the fault is likelier already in the gap between the two modes: from there on every miss would be as slow as the gap.
 */
function neverFallBeyond(scores: Float32Array, last: number): void {
  for (let bin = last + 2; bin < BIN_COUNT; bin += 1) scores[bin] = Math.max(scores[bin]!, scores[bin - 1]!);
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

/** e^score of the steps by scale, of which the halvings meet at most a thousand and mostly the same few. */
const exponentials = new Map<number, Float64Array>();

function exponentialsOf(scale: number): Float64Array {
  let own = exponentials.get(scale);
  if (own === undefined) {
    own = Float64Array.from({ length: STEPS + 1 }, (_, step) => Math.exp(scale * SCORE_MAX * ((2 * step) / STEPS - 1)));
    exponentials.set(scale, own);
  }
  return own;
}

/** Scores rounded up to a few steps: exponentials of those are few. */
function stepsOf(scores: Float32Array): Uint8Array {
  const steps = new Uint8Array(BIN_COUNT);
  for (let bin = 0; bin < BIN_COUNT; bin += 1)
    steps[bin] = Math.ceil(((scores[bin]! + SCORE_MAX) / (2 * SCORE_MAX)) * STEPS);
  return steps;
}

/** The largest factor on the scores, 1 to SCALE_MAX, under which e^score is expected to be at most 1 after `shift`. */
function largestScale(density: Float64Array, steps: Uint8Array, shift: number): number {
  const mass = new Float64Array(STEPS + 1);
  for (let bin = 0; bin < BIN_COUNT; bin += 1) mass[steps[Math.min(BIN_COUNT - 1, bin + shift)]!]! += density[bin]!;
  let total = 0;
  for (let step = 0; step <= STEPS; step += 1) total += mass[step]!;
  let [low, high] = [1, SCALE_MAX];
  for (let n = 0; n < HALVINGS; n += 1) {
    const scale = (low + high) / 2;
    const grown = exponentialsOf(scale);
    let expected = 0;
    for (let step = 0; step <= STEPS; step += 1) expected += mass[step]! * grown[step]!;
    if (expected <= total) low = scale;
    else high = scale;
  }
  return low;
}
