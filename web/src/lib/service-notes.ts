/** What is known of a service beside its incidents: what makes it quieter or busier than one would expect. */
import { formatNumber, formatRate, formatSpokenPercent } from "./format/number.ts";
import { formatDay, formatSince, formatSpan } from "./format/time.ts";
import type { Fact } from "./incident-facts.ts";
import type { MetricName } from "../../../domain/incident.ts";
import type { GuardItem, ServiceDetail } from "../../../domain/resource.ts";

/** "3 times as many requests as usual since 10:02:10": worth knowing, no alarm. Null without a surge. */
export function surgeFact(surge: ServiceDetail["surge"], now_ms: number): Fact | null {
  if (surge === null || surge.usual_rate <= 0) return null;
  const times = formatRate(surge.request_rate / surge.usual_rate);
  const text = `${times} times as many requests as usual since ${formatSince(Date.parse(surge.since), now_ms)}`;
  const rates = `${formatRate(surge.request_rate)}/s over the newest minute, usually ${formatRate(surge.usual_rate)}/s`;
  return { text, about: `${text}: ${rates}; for information, this is no incident` };
}

const WAITING: Readonly<Record<MetricName, string>> = {
  error_rate: "Errors are",
  avg_latency_ms: "Slowness on average is",
  p95_latency_ms: "Slowness is",
  request_rate: "Missing requests are",
  burn_rate: "A burning error budget is",
};

/** "Errors are told after 2 min without a break, at once from 40 %, since the like was marked as a false alarm." */
export function guardSentence(guard: GuardItem): string {
  const waits = `${WAITING[guard.metric_name]} told after ${formatSpan(guard.wait_s * 1000)} without a break`;
  const fades = `That fades by ${formatDay(Date.parse(guard.until))}.`;
  return `${waits}, ${toldAtOnce(guard)}, since the like was marked as a false alarm. ${fades}`;
}

function toldAtOnce({ metric_name, told_from }: GuardItem): string {
  switch (metric_name) {
    case "error_rate":
      // Twice a half and more is all there can be.
      return told_from > 1 ? "however many fail" : `at once from ${formatSpokenPercent(told_from)} %`;
    case "request_rate":
      return `at once where less than one in ${formatNumber(told_from)} comes`;
    case "avg_latency_ms":
    case "p95_latency_ms":
    case "burn_rate":
      return `at once from ${formatRate(told_from)} times normal`;
  }
}
