/** What the Fleet tells of the pipeline, from what it holds: no service is asked for it. */
import { BRIDGES_TOLD_MAX, type FleetPipeline, PIPELINE_ASKED_MAX } from "../domain/pipeline.ts";
import type { FleetBridges } from "./fleet-bridges.ts";
import type { FleetEntry } from "./fleet-sql.ts";

/** A service reports with each closed minute at least: one that missed two has nothing to tell of now. */
const HEARD_MS = 120_000;

export function fleetPipeline(
  entries: readonly FleetEntry[],
  bridges: Pick<FleetBridges, "seen" | "standing" | "waiting">,
  now_ms: number,
): Omit<FleetPipeline, "rejections" | "heartbeat" | "readings"> {
  const heard = entries.filter(({ heard_ms }) => heard_ms !== null && now_ms - heard_ms <= HEARD_MS);
  const busiest = heard.toSorted((a, b) => b.live.request_rate - a.live.request_rate).slice(0, PIPELINE_ASKED_MAX);
  const quarantined = entries.flatMap(({ service, quarantined_ms }) =>
    quarantined_ms === null ? [] : [{ service, since: new Date(quarantined_ms).toISOString() }],
  );
  const seen = bridges.seen().slice(0, BRIDGES_TOLD_MAX);
  const sources = [...new Set(seen.map(({ source }) => source))].toSorted();
  return {
    services: entries.length,
    request_rate: heard.reduce((sum, { live }) => sum + live.request_rate, 0),
    busiest: busiest.map(({ service }) => service),
    quarantined: quarantined.toSorted((a, b) => (a.since < b.since ? -1 : 1)).slice(0, PIPELINE_ASKED_MAX),
    sources: sources.map((source) => ({ source, standing: bridges.standing(source, now_ms) })),
    bridges: seen,
    waiting: bridges.waiting(),
  };
}
