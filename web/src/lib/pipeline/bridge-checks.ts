/** Whether events get here: bridges, their lag, how fresh what is judged is, and who is kept out. */
import { formatNumber } from "../format/number.ts";
import { formatSpan } from "../format/time.ts";
import { newest, sinceSeen, timeOf } from "./readings.ts";
import type { PipelineItem } from "../../../../domain/pipeline.ts";
import type { PipelineCheck, Readings } from "./pipeline-check.ts";

/** Three heartbeats: who is not heard for longer is gone (fleet-bridges.ts). */
export const BEAT_MISSED_MS = 15_000;
/** A lag that was seen to grow for so long is not the chance of a moment. */
const GROWING_MS = 15_000;
/** 2 s of disorder, the batches' own wait, and a second that has to be over before it is closed. */
const FRESH_MS = 10_000;
/** A service with less seldom has a second to close. */
const RATE_MIN = 1;

export function bridgeChecks(readings: Readings): PipelineCheck[] {
  return [
    fleetCheck(readings),
    heartbeatCheck(readings),
    lagCheck(readings),
    freshnessCheck(readings),
    quarantineCheck(readings),
  ];
}

function fleetCheck(readings: Readings): PipelineCheck {
  const { fleet, unanswered, asked } = newest(readings);
  const silent = (reading: PipelineItem): boolean => reading.fleet === null || reading.unanswered.length > 0;
  const missing = fleet === null ? 1 : unanswered.length;
  const wrong =
    fleet === null
      ? "The Fleet does not answer: new services wait, and the overview stands still."
      : `No answer comes from the object of ${unanswered.join(", ")}: its events wait in their topic.`;
  return {
    name: "Objects",
    about: `that do not answer, of the Fleet and ${asked.length + unanswered.length} asked`,
    value: missing,
    text: formatNumber(missing),
    unit: "",
    normal: "0",
    range: { low: 0, high: 0 },
    state: missing > 0 ? "outside" : "normal",
    since_ms: sinceSeen(readings, silent),
    wrong: missing > 0 ? wrong : "",
    advice: missing > 0 ? "The Worker's log has the error. Nothing that was acknowledged is lost." : "",
  };
}

function heardOf(reading: PipelineItem): { readonly known: number; readonly heard: number } {
  const bridges = reading.fleet?.bridges ?? [];
  const now_ms = timeOf(reading);
  return {
    known: bridges.length,
    heard: bridges.filter(({ seen_at }) => now_ms - Date.parse(seen_at) <= BEAT_MISSED_MS).length,
  };
}

/** Sources none of whose bridges is heard, with when the last one was. */
function silentSources(reading: PipelineItem): { readonly source: string; readonly last_ms: number }[] {
  const { fleet } = reading;
  if (fleet === null) return [];
  return fleet.sources.flatMap(({ source }) => {
    const beats = fleet.bridges.filter((bridge) => bridge.source === source).map(({ seen_at }) => Date.parse(seen_at));
    const last_ms = Math.max(...beats);
    return timeOf(reading) - last_ms > BEAT_MISSED_MS ? [{ source, last_ms }] : [];
  });
}

function heartbeatCheck(readings: Readings): PipelineCheck {
  const reading = newest(readings);
  const { known, heard } = heardOf(reading);
  const silent = silentSources(reading);
  const none = known === 0;
  return {
    name: "Bridges",
    about: none ? "none was ever heard; events by plain HTTP need none" : "heard in the last 15 s",
    value: none ? null : heard,
    text: none ? "–" : formatNumber(heard),
    unit: none ? "" : `of ${known}`,
    normal: "one of each source at least",
    range: null,
    state: silent.length > 0 ? "outside" : none ? "unknown" : "normal",
    since_ms: silent.length > 0 ? Math.min(...silent.map(({ last_ms }) => last_ms)) : null,
    wrong: silent.length === 0 ? "" : `No bridge of ${silent.map(({ source }) => source).join(", ")} is heard.`,
    advice:
      silent.length === 0
        ? ""
        : "Look whether the bridge runs and reaches this address; its events wait in their topic.",
  };
}

/** Each instance tells the lag of its whole group, so that of each source the newest word counts. */
function lagOf({ fleet }: PipelineItem): number | null {
  const lags = (fleet?.sources ?? []).flatMap(({ source }) => {
    const told = fleet?.bridges.find((bridge) => bridge.source === source && bridge.lag !== null);
    return told?.lag ?? [];
  });
  return lags.length === 0 ? null : lags.reduce((sum, lag) => sum + lag, 0);
}

function growingSources(reading: PipelineItem): string[] {
  const silent = new Set(silentSources(reading).map(({ source }) => source));
  const stalled = (reading.fleet?.sources ?? []).filter(({ standing }) => standing === "stalled");
  return stalled.map(({ source }) => source).filter((source) => !silent.has(source));
}

/**
 * The Fleet compares 15 s with the 15 s before. By chance alone one time in twenty of a lag that goes up and down looks like
 * growth; growth that lasts does so in each reading.
 */
function lagCheck(readings: Readings): PipelineCheck {
  const reading = newest(readings);
  const lag = lagOf(reading);
  const since_ms = sinceSeen(readings, (one) => growingSources(one).length > 0);
  const outside = since_ms !== null && timeOf(reading) - since_ms >= GROWING_MS;
  return {
    name: "Lag",
    about: "messages that wait in the topics",
    value: lag,
    text: formatNumber(lag),
    unit: lag === null ? "" : "events",
    normal: "up and down, not growing on and on",
    range: null,
    state: outside ? "outside" : lag === null ? "unknown" : "normal",
    since_ms: outside ? since_ms : null,
    wrong: outside ? `More and more waits in ${growingSources(reading).join(", ")}: the lag grows.` : "",
    advice: outside ? "The bridge's log says what its batches are answered; more bridges share the partitions." : "",
  };
}

/** How far what is judged is behind, ms: of the services that send, half are fresher. One that falls silent alone is its own affair. */
function behindOf(reading: PipelineItem): number | null {
  const behind = reading.asked
    .filter(({ data, request_rate }) => data === "flowing" && request_rate >= RATE_MIN)
    .map(({ at }) => Math.max(0, timeOf(reading) - Date.parse(at) - 1000))
    .toSorted((a, b) => a - b);
  return behind[Math.floor(behind.length / 2)] ?? null;
}

function freshnessCheck(readings: Readings): PipelineCheck {
  const behind_ms = behindOf(newest(readings));
  const isOld = (reading: PipelineItem): boolean => (behindOf(reading) ?? 0) > FRESH_MS;
  const outside = isOld(newest(readings));
  return {
    name: "Freshness",
    about: "how far what is judged is behind the clock, half of the services less",
    value: behind_ms === null ? null : behind_ms / 1000,
    text: behind_ms === null ? "–" : formatNumber(behind_ms / 1000, 1),
    unit: behind_ms === null ? "" : "s",
    normal: "at most 10 s",
    range: { low: 0, high: FRESH_MS / 1000 },
    state: behind_ms === null ? "unknown" : outside ? "outside" : "normal",
    since_ms: sinceSeen(readings, isOld),
    wrong: outside ? `What is judged is ${formatSpan(behind_ms ?? 0)} behind.` : "",
    advice: outside ? "See lag and bridges: events come late, or a partition holds the others up." : "",
  };
}

function quarantineCheck(readings: Readings): PipelineCheck {
  const { fleet } = newest(readings);
  const kept = fleet?.quarantined ?? [];
  const names = kept.map(({ service }) => service).join(", ");
  return {
    name: "Quarantine",
    about: "services whose events are refused on purpose",
    value: fleet === null ? null : kept.length,
    text: fleet === null ? "–" : formatNumber(kept.length),
    unit: "",
    normal: "0",
    range: { low: 0, high: 0 },
    state: fleet === null ? "unknown" : kept.length > 0 ? "outside" : "normal",
    since_ms: kept[0] === undefined ? null : Date.parse(kept[0].since),
    wrong: kept.length === 0 ? "" : `${names} ${kept.length === 1 ? "is" : "are"} in quarantine.`,
    advice:
      kept.length === 0
        ? ""
        : "What is refused is in the dead letters. An admin lifts it by POST /v1/services/:service/quarantine.",
  };
}
