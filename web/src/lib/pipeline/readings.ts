/** What several readings of this page tell together: since when something is so. */
import type { PipelineItem } from "../../../../domain/pipeline.ts";
import type { Readings } from "./pipeline-check.ts";

export function newest(readings: Readings): PipelineItem {
  return readings.at(-1)!;
}

export function timeOf({ at }: PipelineItem): number {
  return Date.parse(at);
}

/** The time of the first of the newest readings in a row for which it holds; null where it does not hold now. */
export function sinceSeen(readings: Readings, holds: (reading: PipelineItem) => boolean): number | null {
  const first = readings.findLastIndex((reading) => !holds(reading)) + 1;
  const reading = readings[first];
  return reading === undefined ? null : timeOf(reading);
}
