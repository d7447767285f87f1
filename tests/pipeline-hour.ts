/** The hour of a pipeline as its page knows it, for tests that change what they are about. */
import { type IngestCounts, NO_COUNTS } from "../domain/ingest-counts.ts";
import type { PipelineItem } from "../domain/pipeline.ts";
import { normalOf } from "../domain/pipeline-normal.ts";
import type { PipelineReading } from "../domain/pipeline-reading.ts";
import { FLEET, itemOf, pastReading } from "./pipeline-item.ts";
import type { PipelineCheck, PipelineHour } from "../web/src/lib/pipeline/pipeline-check.ts";
import { pipelineChecks } from "../web/src/lib/pipeline/pipeline-checks.ts";
import { hourOf } from "../web/src/lib/pipeline/pipeline-hour.ts";

/** Half an hour of minutes in which all was well, but for what the newest of them say, the oldest first. */
export function minutesOf(...newest: readonly Partial<PipelineReading>[]): PipelineReading[] {
  const calm = Array.from({ length: 30 }, (_, place) => pastReading(30 + newest.length - place));
  return [...calm, ...newest.map((change, place) => pastReading(newest.length - place, change))];
}

/** The hour as any page sees it that opens at NOW_MS: what is kept, and one reading. */
export function opened(
  minutes: readonly PipelineReading[],
  change: Partial<PipelineItem> = {},
  running: Partial<IngestCounts> = {},
): PipelineHour {
  const fleet = change.fleet === undefined || change.fleet === null ? FLEET : change.fleet;
  const newest = minutes.at(-1)?.minute ?? null;
  const counts = { ...NO_COUNTS, ...running };
  const readings = { newest, running: counts, running_since: null, normal: normalOf(minutes) };
  return hourOf([itemOf({ ...change, fleet: { ...fleet, readings } })], minutes);
}

export function checkIn(name: string, hour: PipelineHour): PipelineCheck {
  const found = pipelineChecks(hour).find((check) => check.name === name);
  if (found === undefined) throw new Error(`no check is called ${name}`);
  return found;
}
