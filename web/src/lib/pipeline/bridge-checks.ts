/** Whether events get here: bridges, their lag, how fresh what is judged is, and who is kept out. */
import { formatNumber } from "../format/number.ts";
import { formatSpan } from "../format/time.ts";
import { isOutside } from "../../../../domain/pipeline-normal.ts";
import { normalWords, outsideSince, rangeOf } from "./pipeline-hour.ts";
import { newest, sinceSeen, timeOf } from "./readings.ts";
import { usualTimeCheck } from "./usual-check.ts";
import type { PipelineItem } from "../../../../domain/pipeline.ts";
import type { PipelineCheck, PipelineHour, Readings } from "./pipeline-check.ts";

/** Three heartbeats: who is not heard for longer is gone (fleet-bridges.ts). */
export const BEAT_MISSED_MS = 15_000;
/** A lag that was seen to grow for so long is not the chance of a moment. */
const GROWING_MS = 15_000;

export function bridgeChecks(hour: PipelineHour): PipelineCheck[] {
  return [
    fleetCheck(hour),
    heartbeatCheck(hour.readings),
    lagCheck(hour),
    ingestCheck(hour),
    freshnessCheck(hour),
    quarantineCheck(hour.readings),
  ];
}

/** When something began: as the minutes tell, which all who look are told alike, or else as this page saw it. */
function earlier(minutes_ms: number | null, seen_ms: number | null): number | null {
  const known = [minutes_ms, seen_ms].filter((at) => at !== null);
  return known.length === 0 ? null : Math.min(...known);
}

function fleetCheck(hour: PipelineHour): PipelineCheck {
  const { readings } = hour;
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
    figure: "unanswered",
    value: missing,
    text: formatNumber(missing),
    unit: "",
    normal: "0",
    range: { low: 0, high: 0 },
    state: missing > 0 ? "outside" : "normal",
    since_ms: missing > 0 ? earlier(outsideSince(hour, "unanswered"), sinceSeen(readings, silent)) : null,
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
    figure: null,
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

function growingSources(reading: PipelineItem): string[] {
  const silent = new Set(silentSources(reading).map(({ source }) => source));
  const stalled = (reading.fleet?.sources ?? []).filter(({ standing }) => standing === "stalled");
  return stalled.map(({ source }) => source).filter((source) => !silent.has(source));
}

/**
 * The Fleet compares 15 s with the 15 s before. By chance alone one time in twenty of a lag that goes up and down looks like
 * growth; growth that lasts does so in each reading.
 */
function lagCheck(hour: PipelineHour): PipelineCheck {
  const { readings, live } = hour;
  const reading = newest(readings);
  const { lag } = live;
  const range = rangeOf(reading, "lag");
  const seen_ms = sinceSeen(readings, (one) => growingSources(one).length > 0);
  const grows = seen_ms !== null && timeOf(reading) - seen_ms >= GROWING_MS;
  const isMuch = isOutside("lag", lag, range);
  const outside = grows || isMuch;
  const much_ms = isMuch ? outsideSince(hour, "lag") : null;
  const growing_ms = grows ? earlier(outsideSince(hour, "stalled"), seen_ms) : null;
  const growing = `More and more waits in ${growingSources(reading).join(", ")}: the lag grows.`;
  return {
    name: "Lag",
    about: "messages that wait in the topics",
    figure: "lag",
    value: lag,
    text: formatNumber(lag),
    unit: lag === null ? "" : "events",
    normal: normalWords(range, formatNumber, "up and down, not growing on and on"),
    range,
    state: outside ? "outside" : lag === null ? "unknown" : "normal",
    since_ms: outside ? earlier(much_ms, growing_ms) : null,
    wrong: grows ? growing : isMuch ? `${formatNumber(lag)} events wait in the topics.` : "",
    advice: outside ? "The bridge's log says what its batches are answered; more bridges share the partitions." : "",
  };
}

function ingestCheck(hour: PipelineHour): PipelineCheck {
  return usualTimeCheck(hour, {
    name: "Ingest",
    about: "an answer to a batch, p99",
    figure: "answer_p99_ms",
    // In a minute that has just begun nothing may have been answered yet.
    value: hour.live.answer_p99_ms ?? hour.minutes.at(-1)?.answer_p99_ms ?? null,
    unit: "ms",
    format: formatNumber,
    wrong: (time) => `A batch is answered after ${time}.`,
    advice: "An object or the Fleet answers slowly: the Worker's log says which; batches wait their turn.",
  });
}

function freshnessCheck(hour: PipelineHour): PipelineCheck {
  const range = rangeOf(newest(hour.readings), "behind_s");
  const { behind_s } = hour.live;
  const outside = isOutside("behind_s", behind_s, range);
  return {
    name: "Freshness",
    about: "how far what is judged is behind the clock, half of the services less",
    figure: "behind_s",
    value: behind_s,
    text: formatNumber(behind_s, 1),
    unit: behind_s === null ? "" : "s",
    normal: normalWords(range, (value) => formatNumber(value, 1), "at most 10"),
    range,
    state: behind_s === null ? "unknown" : outside ? "outside" : "normal",
    since_ms: outside ? outsideSince(hour, "behind_s") : null,
    wrong: outside ? `What is judged is ${formatSpan((behind_s ?? 0) * 1000)} behind.` : "",
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
    figure: null,
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
