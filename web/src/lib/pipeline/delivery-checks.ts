/** Whether those who want to hear of incidents do: the targets of subscriptions, and the heartbeat by which our own end is heard of. */
import { formatNumber } from "../format/number.ts";
import { newest } from "./readings.ts";
import { NO_FIGURE, usualTimeCheck } from "./usual-check.ts";
import type { PipelineCheck, PipelineHour, Readings } from "./pipeline-check.ts";

export function deliveryChecks(hour: PipelineHour): PipelineCheck[] {
  return [subscriptionsCheck(hour.readings), answersCheck(hour), ...heartbeatCheck(hour.readings)];
}

function answersCheck(hour: PipelineHour): PipelineCheck {
  const { subscriptions } = newest(hour.readings);
  const waiting = subscriptions === null ? "" : `; ${formatNumber(subscriptions.waiting)} messages wait`;
  return usualTimeCheck(hour, {
    name: "Deliveries",
    about: `answers of subscriptions' targets in the last 10 min, p99${waiting}`,
    figure: "delivery_p99_ms",
    value: hour.live.delivery_p99_ms,
    unit: "ms",
    format: formatNumber,
    wrong: (time) => `Targets of subscriptions answer after ${time}.`,
    advice: "The page of subscriptions has each attempt; what is not answered in time is tried again.",
  });
}

function subscriptionsCheck(readings: Readings): PipelineCheck {
  const { subscriptions } = newest(readings);
  const rule = { ...NO_FIGURE, name: "Subscriptions", about: "those whose target fails", normal: "0" };
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
      ...NO_FIGURE,
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
