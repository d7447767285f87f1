/** What became of events: late, dropped, seen again, refused. */
import { formatNumber } from "../format/number.ts";
import { counted, grewLast, growth, newest, timeOf } from "./readings.ts";
import type { PipelineItem } from "../../../../domain/pipeline.ts";
import type { Rejection } from "../../../../domain/rejection.ts";
import type { PipelineCheck, Readings } from "./pipeline-check.ts";

/** More than this share behind the watermark, and detection misses what it should have seen. */
const LATE_MAX = 0.01;
/** A bridge that starts again sends its last batches again; more is a partition that goes in circles. */
const DUPLICATES_MAX = 0.05;
/** Refused within this long counts as of now. */
const REJECTED_MS = 300_000;

export function countChecks(readings: Readings): PipelineCheck[] {
  return [
    shareCheck(readings, {
      name: "Late",
      about: "older than the watermark, still counted, of all since the objects exist",
      counter: "late",
      max: LATE_MAX,
      normal: "at most 1 %",
      wrong: "of what comes is late: it corrects its minutes, but is not judged.",
      advice: "Raise disorder_s in the settings, or look which partition lags.",
    }),
    droppedCheck(readings),
    shareCheck(readings, {
      name: "Duplicates",
      about: "seen again and counted once, beside all since the objects exist",
      counter: "duplicates",
      max: DUPLICATES_MAX,
      normal: "at most 5 %",
      wrong: "as many come again as are new: nothing is counted twice, but work is.",
      advice: "A bridge that repeats itself has a reason in its log: an answer that it does not get.",
    }),
    rejectedCheck(readings),
  ];
}

interface ShareRule {
  readonly name: string;
  readonly about: string;
  readonly counter: "late" | "duplicates";
  readonly max: number;
  readonly normal: string;
  readonly wrong: string;
  readonly advice: string;
}

/** The number is of since the objects exist; whether it is normal is judged by what came while the page looked. */
function shareCheck(readings: Readings, { counter, max, ...rule }: ShareRule): PipelineCheck {
  const now = newest(readings);
  const accepted = counted(now, "accepted");
  const none = accepted === 0;
  const share = none ? null : counted(now, counter) / accepted;
  const lately = growth(readings, counter) / Math.max(1, growth(readings, "accepted"));
  const outside = lately > max;
  return {
    name: rule.name,
    about: rule.about,
    value: share === null ? null : share * 100,
    text: share === null ? "–" : formatNumber(share * 100, 2),
    unit: share === null ? "" : "%",
    normal: rule.normal,
    range: { low: 0, high: max * 100 },
    state: outside ? "outside" : none ? "unknown" : "normal",
    since_ms: outside ? timeOf(readings[0]!) : null,
    wrong: outside ? `${formatNumber(lately * 100, 1)} % ${rule.wrong}` : "",
    advice: outside ? rule.advice : "",
  };
}

function droppedCheck(readings: Readings): PipelineCheck {
  const now = newest(readings);
  const none = now.asked.length === 0;
  const dropped = counted(now, "dropped");
  const last_ms = grewLast(readings, "dropped");
  const lately = growth(readings, "dropped");
  return {
    name: "Dropped",
    about: "more than 24 h late, counted but in no minute, since the objects exist",
    value: none ? null : dropped,
    text: none ? "–" : formatNumber(dropped),
    unit: none ? "" : "events",
    normal: "none more",
    range: null,
    state: last_ms !== null ? "outside" : none ? "unknown" : "normal",
    since_ms: last_ms,
    wrong: last_ms === null ? "" : `${formatNumber(lately)} events came too late to be counted while this page looked.`,
    advice: last_ms === null ? "" : "Their minutes are no longer held: what sends them is a day behind.",
  };
}

function rejectedNow(reading: PipelineItem): readonly Rejection[] {
  const from_ms = timeOf(reading) - REJECTED_MS;
  return (reading.fleet?.rejections ?? []).filter(({ at }) => Date.parse(at) > from_ms);
}

/** The Fleet keeps the last 20: as many within five minutes are 20 or more. */
function rejectedCheck(readings: Readings): PipelineCheck {
  const { fleet } = newest(readings);
  const now = rejectedNow(newest(readings));
  const all = now.length > 0 && now.length === fleet?.rejections.length;
  const oldest = now.at(-1);
  const reason = now[0]?.reason ?? "";
  return {
    name: "Rejected",
    about: "in the last 5 min, of the newest 20 that are kept",
    value: fleet === null ? null : now.length,
    text: fleet === null ? "–" : `${formatNumber(now.length)}${all && now.length >= 20 ? "+" : ""}`,
    unit: fleet === null ? "" : "events",
    normal: "0",
    range: { low: 0, high: 0 },
    state: fleet === null ? "unknown" : now.length > 0 ? "outside" : "normal",
    since_ms: oldest === undefined ? null : Date.parse(oldest.at),
    wrong:
      now.length === 0
        ? ""
        : `${formatNumber(now.length)} ${now.length === 1 ? "event was" : "events were"} refused in the last 5 min, the newest as ${reason}.`,
    advice: now.length === 0 ? "" : "Each is below with its reason; what came by Kafka is in the dead letters too.",
  };
}
