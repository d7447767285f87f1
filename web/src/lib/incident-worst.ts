/** How bad an incident was at worst, in a few words. */
import { formatMilliseconds, formatRate, formatSpokenPercent } from "./format/number.ts";
import { asTold } from "./leading-finding.ts";
import type { Incident } from "../../../domain/incident.ts";

/** "18 % errors", "p95 690 ms", "no requests". */
export function worstWords(incident: Incident): string {
  const told = asTold(incident, () => false);
  switch (told.metric_name) {
    case "error_rate":
      return `${formatSpokenPercent(told.metric_value)} % errors`;
    case "avg_latency_ms":
      return `${formatMilliseconds(told.metric_value)} ms on average`;
    case "p95_latency_ms":
      return `p95 ${formatMilliseconds(told.metric_value)} ms`;
    case "request_rate":
      return told.anomaly_type === "down" ? "no requests" : `${formatRate(told.metric_value)} requests/s`;
    case "burn_rate":
      return `error budget spent ${formatRate(told.metric_value)} times as fast as allowed`;
  }
}

/** What was normal, in the unit of the worst: "0.4 %", "240 ms", "41 /s"; null where nothing is known or promised instead. */
export function normalWords(incident: Incident): string | null {
  const { metric_name, baseline_value } = asTold(incident, () => false);
  if (baseline_value === null) return null;
  switch (metric_name) {
    case "error_rate":
      return `${formatSpokenPercent(baseline_value)} %`;
    case "avg_latency_ms":
    case "p95_latency_ms":
      return `${formatMilliseconds(baseline_value)} ms`;
    case "request_rate":
      return `${formatRate(baseline_value)}/s`;
    case "burn_rate":
      return null;
  }
}
