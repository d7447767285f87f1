/** The bins of domain/sketch.ts seen from the other side: a latency is drawn as a bin, and a factor on it is a shift. */
import { latencyBin, quantileMs, SKETCH_RELATIVE_ERROR } from "../../domain/sketch.ts";

const GAMMA = (1 + SKETCH_RELATIVE_ERROR) / (1 - SKETCH_RELATIVE_ERROR);
const LOG_GAMMA = Math.log(GAMMA);

export const BIN_MAX = latencyBin(3_600_000_000);

/** The latency that stands for a bin, whole microseconds. */
export const BIN_VALUE_US = Float64Array.from({ length: BIN_MAX + 1 }, (_, bin) => {
  const value_ms = quantileMs({ bins: Uint16Array.of(bin), counts: Float64Array.of(1) }, 0.5);
  return Math.round(value_ms! * 1000);
});

/** Largest latency of a bin in microseconds. */
export function binUpperUs(bin: number): number {
  return bin === 0 ? 0 : GAMMA ** (bin - 1);
}

/** By how many bins, with a fraction, a latency moves when it is multiplied by `factor`. */
export function shiftOf(factor: number): number {
  return Math.log(factor) / LOG_GAMMA;
}
