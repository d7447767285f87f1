/** What several readings tell together: growth, and since when something is so. */
import type { PipelineItem } from "../../../../domain/pipeline.ts";
import type { ServiceCounters } from "../../../../domain/resource.ts";
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

/** Of the services that were asked, added up. */
export function counted({ asked }: PipelineItem, counter: keyof ServiceCounters): number {
  return asked.reduce((sum, { counters }) => sum + counters[counter], 0);
}

/**
 * By how much a counter grew over the readings, of services that are in two in a row: others have joined those that are asked, or
 * left them. An object that lost its counters counts from nothing.
 */
export function growth(readings: Readings, counter: keyof ServiceCounters): number {
  return steps(readings, counter).reduce((sum, { by }) => sum + by, 0);
}

/** When a counter grew last, epoch ms; null where it did not. */
export function grewLast(readings: Readings, counter: keyof ServiceCounters): number | null {
  return steps(readings, counter).findLast(({ by }) => by > 0)?.at_ms ?? null;
}

function steps(readings: Readings, counter: keyof ServiceCounters): { readonly at_ms: number; readonly by: number }[] {
  return readings.slice(1).map((reading, at) => {
    const before = new Map(readings[at]!.asked.map(({ service, counters }) => [service, counters[counter]]));
    const by = reading.asked.reduce((sum, { service, counters }) => {
      const was = before.get(service);
      return was === undefined ? sum : sum + Math.max(0, counters[counter] - was);
    }, 0);
    return { at_ms: timeOf(reading), by };
  });
}
