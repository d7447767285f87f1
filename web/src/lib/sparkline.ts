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

interface Dot {
  readonly x: number;
  readonly y: number;
  readonly at: number;
  readonly value: number;
}

export function layoutSparkline(samples: readonly SparkSample[], normal: Range | null, axis: SparkAxis): SparkLayout {
  const y = verticalScale(samples, normal);
  const x = (at: number) => ((at - axis.from) / (axis.until - axis.from)) * WIDTH;
  const runs = connectedRuns(samples, axis.from).map((run) =>
    run.map(({ at, value }): Dot => ({ x: x(at), y: y(value), at, value })),
  );
  const isOutside = (dot: Dot) =>
    axis.since !== null &&
    dot.at >= axis.since &&
    normal !== null &&
    (dot.value > normal.high || dot.value < normal.low);
  const outside = runs.flatMap((run) => outsideRuns(run, isOutside));
  return {
    band: normal === null ? null : bandBox(normal, y),
    line: runs.map(pathOf).join(""),
    outside: outside.map(pathOf).join(""),
    excess: normal === null ? "" : outside.map((run) => areaOf(run, y(normal.high))).join(""),
  };
}

function verticalScale(samples: readonly SparkSample[], normal: Range | null): (value: number) => number {
  const values = samples.map((sample) => sample.value).filter((value): value is number => value !== null);
  if (normal !== null) values.push(normal.low, normal.high);
  const low = Math.min(...values);
  const high = Math.max(...values);
  // A quiet line without room above and below would wriggle over the whole height and look like a storm.
  const room = normal === null ? (high - low) * 0.5 : (normal.high - normal.low) * 0.5;
  const [bottom, top] = [Math.max(0, low - room), high + Math.min(room, high)];
  const span = top - bottom;
  if (!(span > 0)) return () => HEIGHT - PAD;
  return (value) => HEIGHT - PAD - ((value - bottom) / span) * (HEIGHT - 2 * PAD);
}

function connectedRuns(samples: readonly SparkSample[], from: number): { at: number; value: number }[][] {
  const runs: { at: number; value: number }[][] = [];
  let before = Number.NEGATIVE_INFINITY;
  for (const { at, value } of samples) {
    if (value === null || at < from) continue;
    if (at - before > GAP_S) runs.push([]);
    runs.at(-1)!.push({ at, value });
    before = at;
  }
  return runs;
}

/** The stretches outside normal, each with the dot before it, so that the line leaves the band where it left it. */
function outsideRuns(run: readonly Dot[], isOutside: (dot: Dot) => boolean): Dot[][] {
  const stretches: Dot[][] = [];
  run.forEach((dot, index) => {
    if (!isOutside(dot)) return;
    const before = run[index - 1];
    const goes_on = before !== undefined && isOutside(before);
    if (goes_on) stretches.at(-1)!.push(dot);
    else stretches.push(before === undefined ? [dot] : [before, dot]);
  });
  return stretches;
}

function bandBox(normal: Range, y: (value: number) => number): { top: number; height: number } {
  const top = Math.round(y(normal.high));
  const height = Math.max(BAND_HEIGHT_MIN, Math.round(y(normal.low)) - top);
  return { top: Math.min(top, HEIGHT - height), height };
}

function pathOf(run: readonly Dot[]): string {
  const first = run[0];
  if (first === undefined) return "";
  // A lone dot is a line of no length, which a round cap makes visible.
  if (run.length === 1) return `M${placeOf(first)}h0.1`;
  return `M${run.map(placeOf).join("L")}`;
}

function areaOf(run: readonly Dot[], edge: number): string {
  if (run.length < 2) return "";
  const ground = Math.round(edge);
  return `M${Math.round(run[0]!.x)} ${ground}L${run.map(placeOf).join("L")}L${Math.round(run.at(-1)!.x)} ${ground}Z`;
}

function placeOf({ x, y }: Dot): string {
  return `${Math.round(x)} ${Math.round(y)}`;
}
