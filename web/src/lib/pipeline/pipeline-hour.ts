/** What the kept minutes of the last hour say of a figure: its line, what is normal, and since when it is not. */
import type { SparkSample } from "../sparkline.ts";
import { NO_COUNTS } from "../../../../domain/ingest-counts.ts";
import type { PipelineItem } from "../../../../domain/pipeline.ts";
import { type FigureName, FIGURES, isOutside, type NormalRange } from "../../../../domain/pipeline-normal.ts";
import { MINUTE_MS, minuteOf, type PipelineReading } from "../../../../domain/pipeline-reading.ts";
import { readingOf } from "../../../../domain/take-reading.ts";
import { newest, timeOf } from "./readings.ts";
import type { PipelineHour, Readings } from "./pipeline-check.ts";

/** What became of events counts as of now for so many minutes: somebody who comes a minute later still has to see it. */
const LATELY_MINUTES = 5;

/** @param minutes those that are kept; what is older than an hour, or as old as the minute that is not over, is left out */
export function hourOf(readings: Readings, minutes: readonly PipelineReading[]): PipelineHour {
  const now = newest(readings);
  const { running = NO_COUNTS, running_since = null } = now.fleet?.readings ?? {};
  // Until the minute before is read, what was counted in it is told with this one's.
  const minute_ms = running_since === null ? minuteOf(timeOf(now)) : Date.parse(running_since);
  return {
    readings,
    minutes: minutes.filter(({ minute }) => {
      const begin_ms = Date.parse(minute);
      return begin_ms >= minute_ms - 60 * MINUTE_MS && begin_ms < minute_ms;
    }),
    live: readingOf(minute_ms, running, now),
  };
}

/** What is normal of a figure; null while too little is known. */
export function rangeOf(now: PipelineItem, figure: FigureName): NormalRange | null {
  return now.fleet?.readings.normal[figure].range ?? null;
}

/** The minutes that count as of now, the oldest first, the one that is not over among them. */
export function latelyOf({ minutes, live }: PipelineHour): readonly PipelineReading[] {
  const from_ms = Date.parse(live.minute) - LATELY_MINUTES * MINUTE_MS;
  return [...minutes.filter(({ minute }) => Date.parse(minute) > from_ms), live];
}

/** When the figure left what is normal, epoch ms, as the minutes tell; null where neither the newest of them nor the present one did. */
export function outsideSince(hour: PipelineHour, figure: FigureName): number | null {
  const now = newest(hour.readings);
  const since = now.fleet?.readings.normal[figure].outside_since ?? null;
  if (since !== null) return Date.parse(since);
  return isOutside(figure, FIGURES[figure](hour.live), rangeOf(now, figure)) ? Date.parse(hour.live.minute) : null;
}

/** The first of the minutes lately in which it was outside, epoch ms, or since when it is without a break; null where it was in none. */
export function latelyOutside(hour: PipelineHour, figure: FigureName): number | null {
  const range = rangeOf(newest(hour.readings), figure);
  const first = latelyOf(hour).find((reading) => isOutside(figure, FIGURES[figure](reading), range));
  const times = [outsideSince(hour, figure), first === undefined ? null : Date.parse(first.minute)];
  const known = times.filter((at) => at !== null);
  return known.length === 0 ? null : Math.min(...known);
}

/** A point for each minute at its end, and one for now. */
export function samplesOf(
  { minutes, readings }: PipelineHour,
  figure: FigureName,
  value: number | null,
): SparkSample[] {
  const past = minutes.map((reading) => ({
    at: (Date.parse(reading.minute) + MINUTE_MS) / 1000,
    value: FIGURES[figure](reading),
  }));
  return [...past, { at: timeOf(newest(readings)) / 1000, value }];
}

/** "0 to 40", "3" where it is always the same, and `otherwise` while too little is known. */
export function normalWords(range: NormalRange | null, format: (value: number) => string, otherwise: string): string {
  if (range === null) return otherwise;
  const [low, high] = [format(range.low), format(range.high)];
  return low === high ? low : `${low} to ${high}`;
}
