/** What became of events: late, dropped, seen again, refused. Of all services, as the Workers count it. */
import { formatNumber } from "../format/number.ts";
import { isOutside } from "../../../../domain/pipeline-normal.ts";
import { latelyOf, latelyOutside, normalWords, rangeOf } from "./pipeline-hour.ts";
import { newest } from "./readings.ts";
import { reasonClause } from "./reason-words.ts";
import type { PipelineReading } from "../../../../domain/pipeline-reading.ts";
import type { PipelineCheck, PipelineHour } from "./pipeline-check.ts";

export function countChecks(hour: PipelineHour): PipelineCheck[] {
  return [
    shareCheck(hour, {
      name: "Late",
      about: "older than the watermark, still counted; of what came in the last 5 min",
      counter: "late",
      normal: "at most 1",
      wrong: "of what comes is late: it corrects its minutes, but is not judged.",
      advice: "Raise disorder_s in the settings, or look which partition lags.",
    }),
    droppedCheck(hour),
    shareCheck(hour, {
      name: "Duplicates",
      about: "seen again and counted once; beside what came in the last 5 min",
      counter: "duplicates",
      normal: "at most 5",
      wrong: "as many come again as are new: nothing is counted twice, but work is.",
      advice: "A bridge that repeats itself has a reason in its log: an answer that it does not get.",
    }),
    rejectedCheck(hour),
  ];
}

interface ShareRule {
  readonly name: string;
  readonly about: string;
  readonly counter: "late" | "duplicates";
  readonly normal: string;
  readonly wrong: string;
  readonly advice: string;
}

const sumOf = (minutes: readonly PipelineReading[], counter: "accepted" | "late" | "duplicates" | "dropped"): number =>
  minutes.reduce((sum, minute) => sum + minute[counter], 0);

function shareCheck(hour: PipelineHour, { counter, normal, wrong, advice, ...rule }: ShareRule): PipelineCheck {
  const now = newest(hour.readings);
  const lately = latelyOf(hour);
  const accepted = sumOf(lately, "accepted");
  const share = accepted === 0 ? null : (100 * sumOf(lately, counter)) / accepted;
  const range = rangeOf(now, counter);
  const outside = isOutside(counter, share, range);
  return {
    ...rule,
    figure: counter,
    value: share,
    text: formatNumber(share, 2),
    unit: share === null ? "" : "%",
    normal: normalWords(range, (value) => formatNumber(value, 2), normal),
    range,
    state: outside ? "outside" : share === null ? "unknown" : "normal",
    since_ms: outside ? latelyOutside(hour, counter) : null,
    wrong: outside ? `${formatNumber(share, 1)} % ${wrong}` : "",
    advice: outside ? advice : "",
  };
}

function droppedCheck(hour: PipelineHour): PipelineCheck {
  const now = newest(hour.readings);
  const none = now.fleet === null;
  const dropped = sumOf(latelyOf(hour), "dropped");
  const outside = !none && dropped > 0;
  return {
    name: "Dropped",
    about: "more than 24 h late, counted but in no minute; in the last 5 min",
    figure: "dropped",
    value: none ? null : hour.live.dropped,
    text: none ? "–" : formatNumber(dropped),
    unit: none ? "" : "events",
    normal: "0",
    range: { low: 0, high: 0 },
    state: outside ? "outside" : none ? "unknown" : "normal",
    since_ms: outside ? latelyOutside(hour, "dropped") : null,
    wrong: outside ? `${formatNumber(dropped)} events came too late to be counted.` : "",
    advice: outside ? "Their minutes are no longer held: what sends them is a day behind." : "",
  };
}

/** In one minute; a burst is news for five, and what is refused all day is none. */
function rejectedCheck(hour: PipelineHour): PipelineCheck {
  const { fleet } = newest(hour.readings);
  const none = fleet === null;
  const range = rangeOf(newest(hour.readings), "rejected");
  const lately = latelyOf(hour).map(({ rejected }) => Object.values(rejected).reduce((sum, count) => sum + count, 0));
  const all = lately.reduce((sum, count) => sum + count, 0);
  // A minute that has just begun says little: then the one before counts.
  const now = Math.max(...lately.slice(-2));
  const since_ms = latelyOutside(hour, "rejected");
  const outside = !none && since_ms !== null;
  const reason = fleet?.rejections[0]?.reason ?? "";
  const clause = reasonClause(reason);
  const newest_words = reason === "" ? "" : `, the newest ${clause === null ? `as ${reason}` : `because ${clause}`}`;
  const usual = range === null || range.high === 0 ? "" : `, more than the usual ${formatNumber(range.high)} a minute`;
  return {
    name: "Rejected",
    about: "with a reason; by Kafka sent to the dead-letter topic",
    figure: "rejected",
    value: none ? null : now,
    text: none ? "–" : formatNumber(now),
    unit: none ? "" : "/min",
    normal: normalWords(range, formatNumber, "0"),
    range: range ?? { low: 0, high: 0 },
    state: none ? "unknown" : outside ? "outside" : "normal",
    since_ms: outside ? since_ms : null,
    wrong: outside
      ? `${formatNumber(all)} ${all === 1 ? "event was" : "events were"} refused in the last 5 min${newest_words}${usual}.`
      : "",
    advice: outside ? "The newest are below with their reasons; what came by Kafka is in the dead letters too." : "",
  };
}
