/** Whether those who want to hear of incidents do: the targets of subscriptions, and the heartbeat by which our own end is heard of. */
import { formatNumber } from "../format/number.ts";
import { isOutside } from "../../../../domain/pipeline-normal.ts";
import { normalWords, outsideSince, rangeOf } from "./pipeline-hour.ts";
import { newest } from "./readings.ts";
import type { PipelineCheck, PipelineHour, Readings } from "./pipeline-check.ts";

const NONE = {
  figure: null,
  unit: "",
  range: null,
  value: null,
  text: "–",
  since_ms: null,
  wrong: "",
  advice: "",
} as const;

export function deliveryChecks(hour: PipelineHour): PipelineCheck[] {
  return [subscriptionsCheck(hour.readings), answersCheck(hour), ...heartbeatCheck(hour.readings)];
}

function answersCheck(hour: PipelineHour): PipelineCheck {
  const now = newest(hour.readings);
  const range = rangeOf(now, "delivery_p99_ms");
  const value = hour.live.delivery_p99_ms;
  const outside = isOutside("delivery_p99_ms", value, range);
  const waiting = now.subscriptions === null ? "" : `; ${formatNumber(now.subscriptions.waiting)} messages wait`;
  return {
    name: "Deliveries",
    about: `answers of subscriptions' targets in the last 10 min, p99${waiting}`,
    figure: "delivery_p99_ms",
    value,
    text: formatNumber(value),
    unit: value === null ? "" : "ms",
    normal: normalWords(range, formatNumber, "not known yet"),
    range,
    state: outside ? "outside" : value === null ? "unknown" : "normal",
    since_ms: outside ? outsideSince(hour, "delivery_p99_ms") : null,
    wrong: outside ? `Targets of subscriptions answer after ${formatNumber(value)} ms.` : "",
    advice: outside ? "The page of subscriptions has each attempt; what is not answered in time is tried again." : "",
  };
}

function subscriptionsCheck(readings: Readings): PipelineCheck {
  const { subscriptions } = newest(readings);
  const rule = { ...NONE, name: "Subscriptions", about: "those whose target fails", normal: "0" };
  if (subscriptions === null) return { ...rule, state: "unknown" };
  const { total, unhealthy } = subscriptions;
  const bad = unhealthy.length;
  const since = unhealthy.flatMap(({ since: at }) => (at === null ? [] : [Date.parse(at)]));
  const [first] = unhealthy;
  const others = bad > 1 ? `, and ${formatNumber(bad - 1)} more` : "";
  return {
    ...rule,
    about: `those whose target fails, of ${formatNumber(total)}`,
    value: bad,
    text: formatNumber(bad),
    range: { low: 0, high: 0 },
    state: bad > 0 ? "outside" : "normal",
    since_ms: since.length === 0 ? null : Math.min(...since),
    wrong:
      first === undefined
        ? ""
        : `Messages of ${first.name} do not arrive: ${first.reason ?? `it is ${first.state}`}${others}.`,
    advice:
      bad === 0
        ? ""
        : "Messages are tried again for three days. The page of subscriptions has each attempt, and sends a test.",
  };
}

/** Only where one is set up: without it there is nothing to be well or not. */
function heartbeatCheck(readings: Readings): PipelineCheck[] {
  const heartbeat = newest(readings).fleet?.heartbeat ?? null;
  if (heartbeat === null) return [];
  const { at, sent_at, reason } = heartbeat;
  const sent_ms = sent_at === null ? null : Date.parse(sent_at);
  return [
    {
      ...NONE,
      name: "Heartbeat",
      about: "a request each minute while all of this works, for whoever waits for it",
      text: reason !== null ? "held back" : at === null ? "–" : "sent",
      normal: "sent",
      state: reason !== null ? "outside" : at === null ? "unknown" : "normal",
      since_ms: reason === null ? null : sent_ms,
      wrong: reason === null ? "" : `No heartbeat is sent: ${reason}.`,
      advice: reason === null ? "" : "Whoever waits for it raises the alarm, until all works again.",
    },
  ];
}
