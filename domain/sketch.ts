/**
 * A mergeable log-histogram of latency: fixed buckets whose bounds grow by a constant factor, so that every quantile has a
 * relative error of at most 1 % and merging is exactly associative and commutative (it adds counts, nothing is rebalanced).
 *
 * Source of the method: Masson, Rim, Lee, "DDSketch: A Fast and Fully-Mergeable Quantile Sketch with Relative-Error
 * Guarantees", VLDB 2019, without its collapsing of buckets: latency is bounded, so the buckets are too.
 */
import { BinaryReader, type BinaryWriter, encoded } from "./binary.ts";

/** Largest relative error of a quantile. */
export const SKETCH_RELATIVE_ERROR = 0.01;

/** One hour, the largest latency an event may have. */
const LATENCY_US_MAX = 3_600_000_000;

const GAMMA = (1 + SKETCH_RELATIVE_ERROR) / (1 - SKETCH_RELATIVE_ERROR);
const LOG_GAMMA = Math.log(GAMMA);

/** Bin 0 holds latency 0; bin i > 0 holds (GAMMA^(i-2), GAMMA^(i-1)] microseconds: 1,102 bins from 1 us to 1 h. */
export const BIN_COUNT = Math.ceil(Math.log(LATENCY_US_MAX) / LOG_GAMMA) + 2;
const BIN_UPPER_US = Float64Array.from({ length: BIN_COUNT }, (_, bin) => (bin === 0 ? 0 : GAMMA ** (bin - 1)));

/** Bins of whole milliseconds up to a second, since most producers send those. */
const BIN_OF_MS = Uint16Array.from({ length: 1001 }, (_, ms) => findBin(ms * 1000));

/** Counts by bin, both columns of the same length, bins strictly ascending. Immutable: share it freely. */
export interface Sketch {
  readonly bins: Uint16Array;
  readonly counts: Float64Array;
}

export const EMPTY_SKETCH: Sketch = { bins: new Uint16Array(0), counts: new Float64Array(0) };

/** The bin of a latency in whole microseconds, 0 to 3,600,000,000. */
export function latencyBin(latency_us: number): number {
  const ms = latency_us / 1000;
  return ms <= 1000 && Number.isInteger(ms) ? BIN_OF_MS[ms]! : findBin(latency_us);
}

function findBin(latency_us: number): number {
  if (latency_us <= 0) return 0;
  let bin = Math.ceil(Math.log(latency_us) / LOG_GAMMA) + 1;
  // The logarithm can be off by one unit in the last place: the table of bounds decides, so that every engine agrees.
  while (bin > 1 && latency_us <= BIN_UPPER_US[bin - 1]!) bin -= 1;
  while (bin < BIN_COUNT - 1 && latency_us > BIN_UPPER_US[bin]!) bin += 1;
  return bin;
}

/** Sketches of a single request by bin, made when one is met: where requests are few most sketches are such. */
const SINGLES: Sketch[] = [];

/** The sketch of bins in any order. Sorts `bins` in place. */
export function sketchOfBins(bins: Uint16Array): Sketch {
  bins.sort();
  return sketchOfRun(bins, 0, bins.length, BIN_COUNT_MASK);
}

/** The bits of a bin's number. */
const BIN_COUNT_MASK = 2 ** Math.ceil(Math.log2(BIN_COUNT)) - 1;

/** The sketch of the values from `start` to before `end`; the bits of `mask` of each are its bin, which must ascend. */
export function sketchOfRun(values: Uint16Array | Uint32Array, start: number, end: number, mask: number): Sketch {
  if (end - start === 1) return singleSketch(values[start]! & mask);
  let distinct = 0;
  for (let i = start; i < end; i += 1) if (i === start || values[i] !== values[i - 1]) distinct += 1;
  const bins = new Uint16Array(distinct);
  const counts = new Float64Array(distinct);
  let at = -1;
  for (let i = start; i < end; i += 1) {
    if (i === start || values[i] !== values[i - 1]) bins[++at] = values[i]! & mask;
    counts[at]! += 1;
  }
  return { bins, counts };
}

function singleSketch(bin: number): Sketch {
  return (SINGLES[bin] ??= { bins: Uint16Array.of(bin), counts: Float64Array.of(1) });
}

export function mergeSketches(a: Sketch, b: Sketch): Sketch {
  if (a.bins.length === 0) return b;
  if (b.bins.length === 0) return a;
  let both = 0;
  for (let i = 0, j = 0; i < a.bins.length && j < b.bins.length;) {
    const [left, right] = [a.bins[i]!, b.bins[j]!];
    if (left === right) both += 1;
    if (left <= right) i += 1;
    if (right <= left) j += 1;
  }
  const bins = new Uint16Array(a.bins.length + b.bins.length - both);
  const counts = new Float64Array(bins.length);
  for (let i = 0, j = 0, n = 0; n < bins.length; n += 1) {
    const left = i < a.bins.length ? a.bins[i]! : BIN_COUNT;
    const right = j < b.bins.length ? b.bins[j]! : BIN_COUNT;
    bins[n] = Math.min(left, right);
    if (left <= right) counts[n]! += a.counts[i++]!;
    if (right <= left) counts[n]! += b.counts[j++]!;
  }
  return { bins, counts };
}

/** All zeros between two calls of mergeAllSketches, which is where most of a busy second's memory would else go. */
const totals = new Float64Array(BIN_COUNT);

/** Merges many at once, each bin touched once per sketch: for the endpoints of a second, the seconds of a minute. */
export function mergeAllSketches(sketches: readonly Sketch[]): Sketch {
  let [filled, low, high] = [0, BIN_COUNT, -1];
  let [first, second] = [EMPTY_SKETCH, EMPTY_SKETCH];
  for (const sketch of sketches) {
    const { bins } = sketch;
    if (bins.length === 0) continue;
    if (filled === 0) first = sketch;
    else if (filled === 1) second = sketch;
    filled += 1;
    if (bins[0]! < low) low = bins[0]!;
    if (bins[bins.length - 1]! > high) high = bins[bins.length - 1]!;
  }
  if (filled < 3) return mergeSketches(first, second);
  for (const { bins, counts } of sketches) {
    for (let i = 0; i < bins.length; i += 1) totals[bins[i]!]! += counts[i]!;
  }
  return takeTotals(low, high);
}

/** The sketch of the totals from `low` to `high`, which are zeros again afterwards. */
function takeTotals(low: number, high: number): Sketch {
  let distinct = 0;
  for (let bin = low; bin <= high; bin += 1) if (totals[bin]! > 0) distinct += 1;
  const bins = new Uint16Array(distinct);
  const counts = new Float64Array(distinct);
  for (let bin = low, at = 0; bin <= high; bin += 1) {
    if (totals[bin] === 0) continue;
    bins[at] = bin;
    counts[at] = totals[bin]!;
    totals[bin] = 0;
    at += 1;
  }
  return { bins, counts };
}

/**
 * The same counts in groups of 2^`shift` bins, each under its first bin: latencies read up to 2^`shift` times 2 % too low. What
 * was coarsened before may be merged with what was not and coarsened again.
 */
export function coarsenSketch(sketch: Sketch, shift: number): Sketch {
  const bins = new Uint16Array(sketch.bins.length);
  const counts = new Float64Array(sketch.bins.length);
  let n = 0;
  for (let i = 0; i < bins.length; i += 1) {
    const bin = (sketch.bins[i]! >> shift) << shift;
    if (n === 0 || bins[n - 1] !== bin) bins[n++] = bin;
    counts[n - 1]! += sketch.counts[i]!;
  }
  return { bins: bins.slice(0, n), counts: counts.slice(0, n) };
}

export function sketchCount(sketch: Sketch): number {
  let sum = 0;
  for (let i = 0; i < sketch.counts.length; i += 1) sum += sketch.counts[i]!;
  return sum;
}

/**
 * The `q` quantile (0 to 1) in milliseconds, at most 1 % from the exact one; null for an empty sketch.
 * The exact one is the element of rank floor(q (n - 1)) of the sorted values.
 */
export function quantileMs(sketch: Sketch, q: number): number | null {
  const total = sketchCount(sketch);
  if (total === 0) return null;
  const rank = Math.floor(q * (total - 1));
  let seen = 0;
  for (let i = 0; i < sketch.bins.length; i += 1) {
    seen += sketch.counts[i]!;
    if (seen > rank) return binValueMs(sketch.bins[i]!);
  }
  return binValueMs(sketch.bins.at(-1)!);
}

/** The value that is at most 1 % from both bounds of a bin. */
export function binValueMs(bin: number): number {
  return bin === 0 ? 0 : (2 * BIN_UPPER_US[bin]!) / (GAMMA + 1) / 1000;
}

/** Layout: number of bins, then for each the distance to the bin before and the count. About two bytes a bin. */
export function writeSketch(writer: BinaryWriter, sketch: Sketch): void {
  writer.uint(sketch.bins.length);
  let before = 0;
  for (let i = 0; i < sketch.bins.length; i += 1) {
    writer.uint(sketch.bins[i]! - before);
    writer.uint(sketch.counts[i]!);
    before = sketch.bins[i]!;
  }
}

/** Throws a RangeError for bytes that writeSketch did not write. */
export function readSketch(reader: BinaryReader): Sketch {
  const length = reader.uint();
  if (length > BIN_COUNT) throw new RangeError(`a sketch has at most ${BIN_COUNT} bins, not ${length}`);
  if (length === 0) return EMPTY_SKETCH;
  const sketch = { bins: new Uint16Array(length), counts: new Float64Array(length) };
  let bin = 0;
  for (let i = 0; i < length; i += 1) {
    bin += reader.uint();
    if (bin >= BIN_COUNT) throw new RangeError(`a sketch has no bin ${bin}`);
    sketch.bins[i] = bin;
    sketch.counts[i] = reader.uint();
  }
  return sketch;
}

/** A sketch as bytes of its own. */
export function encodeSketch(sketch: Sketch): Uint8Array {
  return encoded((writer) => writeSketch(writer, sketch));
}

/** Throws a RangeError for bytes that encodeSketch did not write. */
export function decodeSketch(bytes: Uint8Array): Sketch {
  return readSketch(new BinaryReader(bytes));
}

/** The last bin whose values are all at most `latency_ms`. */
export function binAtMost(latency_ms: number): number {
  return latencyBin(Math.floor(latency_ms * 1000));
}

/** How many of its latencies lie in bins above `bin`. */
export function countAbove(sketch: Sketch, bin: number): number {
  let count = 0;
  for (let i = sketch.bins.length - 1; i >= 0 && sketch.bins[i]! > bin; i -= 1) count += sketch.counts[i]!;
  return count;
}

/** By how many bins a latency moves when it is multiplied by `factor`, to the nearest bin. */
export function binsOfFactor(factor: number): number {
  return Math.round(Math.log(factor) / LOG_GAMMA);
}
