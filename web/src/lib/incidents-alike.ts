/** Earlier incidents like one: of the same service, told under the same metric. */
import { formatMilliseconds, formatRate, formatSpokenPercent } from "./format/number.ts";
import { asTold } from "./leading-finding.ts";
import type { Incident } from "../../../domain/incident.ts";

const SHOWN_MAX = 5;

/** Those that began before it, newest first; of more than five the newest. */
export function incidentsAlike(incident: Incident, known: Iterable<Incident>): Incident[] {
  return [...known]
    .filter(({ id, metric_name, onset_at }) => {
      return id !== incident.id && metric_name === incident.metric_name && onset_at < incident.onset_at;
    })
    .toSorted((a, b) => b.onset_at.localeCompare(a.onset_at))
    .slice(0, SHOWN_MAX);
}

/** How bad it was at worst: "18 % errors", "p95 690 ms", "no requests". */
export function alikeWords(incident: Incident): string {
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
