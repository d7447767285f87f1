/** The geometry of a sparkline. Its coordinates are whole numbers: thousands of them are written at once, and these are so soonest. */
import type { Range } from "./normal-band.ts";

export interface SparkSample {
  /** Epoch seconds. */
  readonly at: number;
  readonly value: number | null;
}

export interface SparkAxis {
  /** Epoch seconds of the left and right edge. */
  readonly from: number;
  readonly until: number;
  /** From here on what is outside normal is drawn in the finding's colour; null without a finding. */
  readonly since: number | null;
}

export interface SparkLayout {
  readonly band: { readonly top: number; readonly height: number } | null;
  /** SVG path data; empty where there is nothing to draw. */
  readonly line: string;
  readonly outside: string;
  readonly excess: string;
}

/** The box, as fine as can be seen: a sparkline is 24 px high and less than a thousand wide. */
export const SPARK_BOX = { width: 1000, height: 240 } as const;
const { height: HEIGHT, width: WIDTH } = SPARK_BOX;
const PAD = 20;
/** A band thinner than this could not be seen. */
const BAND_HEIGHT_MIN = 15;
/** Two samples further apart than this have a gap between them: a minute is missing. */
const GAP_S = 90;

interface Measured extends SparkSample {
  readonly value: number;
}

/** Where a sample stands in the box, as path data has it. */
type Place = (sample: Measured) => string;

/** Values at the lower and upper edge of the box; none above the other where there is nothing to tell apart. */
export interface SparkScale {
  readonly bottom: number;
  readonly top: number;
}

/** The scale on which samples and their band of normal are seen whole. */
export function sparkScale(samples: readonly SparkSample[], normal: Range | null): SparkScale {
  let [low, high] = normal === null ? [Infinity, -Infinity] : [normal.low, normal.high];
  for (const { value } of samples) {
    if (value === null) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  // A quiet line without room above and below would wriggle over the whole height and look like a storm.
  const room = normal === null ? (high - low) * 0.5 : (normal.high - normal.low) * 0.5;
  return { bottom: Math.max(0, low - room), top: high + Math.min(room, high) };
}

/**
 * The scale on which one more sample is seen too. What has been drawn stays as it is wherever that is possible, and else changes
 * in steps: a newest sample comes often, and what it does not move need neither jump nor be drawn again.
 */
export function stretchScale(scale: SparkScale, { value }: SparkSample): SparkScale {
  const { bottom, top } = scale;
  if (value === null || (value >= bottom && value <= top)) return scale;
  const step = (top - bottom) / 4;
  // What has no height yet has no steps.
  if (!(step > 0)) return { bottom: Math.min(bottom, value), top: Math.max(top, value) };
  if (value > top) return { bottom, top: top + Math.ceil((value - top) / step) * step };
  return { bottom: Math.max(0, bottom - Math.ceil((bottom - value) / step) * step), top };
}

// Fifty services draw some thousand samples a second: none is copied on its way, since what is left to collect is felt.
export function layoutSparkline(
  samples: readonly SparkSample[],
  normal: Range | null,
  axis: SparkAxis,
  scale = sparkScale(samples, normal),
): SparkLayout {
  const [x, y] = [horizontal(axis), vertical(scale)];
  const place: Place = ({ at, value }) => `${x(at)} ${y(value)}`;
  const runs = connectedRuns(samples, axis.from);
  const line = runs.map((run) => pathOf(run, place)).join("");
  if (normal === null) return { band: null, line, outside: "", excess: "" };
  const band = bandBox(normal, y);
  const { since } = axis;
  if (since === null) return { band, line, outside: "", excess: "" };
  const isOutside = ({ at, value }: Measured) => at >= since && (value > normal.high || value < normal.low);
  const outside = runs.flatMap((run) => outsideRuns(run, isOutside));
  return {
    band,
    line,
    outside: outside.map((run) => pathOf(run, place)).join(""),
    excess: outside.map((run) => areaOf(run, { x, place, ground: y(normal.high) })).join(""),
  };
}

/**
 * How a line that has been drawn goes on to one more sample: the points of a polyline, which unlike path data are no style, so that
 * none is resolved anew. Empty where there is nothing to draw.
 */
export function layoutTail(
  last: SparkSample | undefined,
  newest: SparkSample,
  axis: Pick<SparkAxis, "from" | "until">,
  scale: SparkScale,
): string {
  if (newest.value === null || newest.at < axis.from) return "";
  const [x, y] = [horizontal(axis), vertical(scale)];
  const [end_x, end_y] = [x(newest.at), y(newest.value)];
  const joined = last !== undefined && last.at >= axis.from && newest.at - last.at <= GAP_S ? last.value : null;
  // A lone sample is a line of no length, which a round cap makes visible.
  return joined === null ? `${end_x} ${end_y} ${end_x}.1 ${end_y}` : `${x(last!.at)} ${y(joined)} ${end_x} ${end_y}`;
}

/** Where a moment stands in the box, from its left. */
function horizontal({ from, until }: Pick<SparkAxis, "from" | "until">): (at: number) => number {
  return (at) => Math.round(((at - from) / (until - from)) * WIDTH);
}

/** Where a value stands in the box, from its top. */
function vertical({ bottom, top }: SparkScale): (value: number) => number {
  const span = top - bottom;
  if (!(span > 0)) return () => HEIGHT - PAD;
  return (value) => Math.round(HEIGHT - PAD - ((value - bottom) / span) * (HEIGHT - 2 * PAD));
}

function connectedRuns(samples: readonly SparkSample[], from: number): Measured[][] {
  const runs: Measured[][] = [];
  let before = Number.NEGATIVE_INFINITY;
  for (const sample of samples) {
    if (!isMeasured(sample) || sample.at < from) continue;
    if (sample.at - before > GAP_S) runs.push([]);
    runs.at(-1)!.push(sample);
    before = sample.at;
  }
  return runs;
}

function isMeasured(sample: SparkSample): sample is Measured {
  return sample.value !== null;
}

/** The stretches outside normal, each with the sample before it, so that the line leaves the band where it left it. */
function outsideRuns(run: readonly Measured[], isOutside: (sample: Measured) => boolean): Measured[][] {
  const stretches: Measured[][] = [];
  run.forEach((sample, index) => {
    if (!isOutside(sample)) return;
    const before = run[index - 1];
    const goes_on = before !== undefined && isOutside(before);
    if (goes_on) stretches.at(-1)!.push(sample);
    else stretches.push(before === undefined ? [sample] : [before, sample]);
  });
  return stretches;
}

function bandBox(normal: Range, y: (value: number) => number): { top: number; height: number } {
  const top = y(normal.high);
  const height = Math.max(BAND_HEIGHT_MIN, y(normal.low) - top);
  return { top: Math.min(top, HEIGHT - height), height };
}

function pathOf(run: readonly Measured[], place: Place): string {
  const first = run[0];
  if (first === undefined) return "";
  // A lone sample is a line of no length, which a round cap makes visible.
  if (run.length === 1) return `M${place(first)}h0.1`;
  return `M${run.map(place).join("L")}`;
}

function areaOf(
  run: readonly Measured[],
  { x, place, ground }: { readonly x: (at: number) => number; readonly place: Place; readonly ground: number },
): string {
  if (run.length < 2) return "";
  return `M${x(run[0]!.at)} ${ground}L${run.map(place).join("L")}L${x(run.at(-1)!.at)} ${ground}Z`;
}
