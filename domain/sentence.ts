/** Numbers and findings in words. Event text (endpoint names) is quoted as it is: whoever shows it must show it as text. */
import type { Finding } from "./finding.ts";
import type { MetricName } from "./incident.ts";
import type { Driver } from "./reference-detector.ts";

/** A ratio as a percentage with one decimal, as in `31.0 %`. */
function percent(ratio: number): string {
  return `${(ratio * 100).toFixed(1)} %`;
}

/** Milliseconds as whole `410 ms`, or `1.9 s` from a second on. */
function milliseconds(value_ms: number): string {
  return value_ms < 1000 ? `${Math.round(value_ms)} ms` : `${(value_ms / 1000).toFixed(1)} s`;
}

function perSecond(rate: number): string {
  return `${rate.toFixed(1)}/s`;
}

function times(rate: number): string {
  return `${rate.toFixed(1)} times`;
}

/** Seconds up to two minutes, else hours or days. */
function duration(length_s: number): string {
  if (length_s <= 120) return `${length_s} s`;
  const hours = length_s / 3600;
  return hours < 48 ? `${hours} h` : `${hours / 24} d`;
}

const WORDS: Readonly<Record<MetricName, { readonly number: (value: number) => string; readonly what: string }>> = {
  error_rate: { number: percent, what: "of requests failed" },
  avg_latency_ms: { number: milliseconds, what: "was the average latency" },
  p95_latency_ms: { number: milliseconds, what: "was the latency of the slowest twentieth" },
  request_rate: { number: perSecond, what: "requests came" },
  burn_rate: { number: times, what: "as fast as allowed the error budget is spent" },
};

function ofEndpoint(what: string, endpoint: string): string {
  return what.includes("requests") ? what.replace("requests", `requests to ${endpoint}`) : `${what} of ${endpoint}`;
}

/** One plain sentence or two: what was measured, what is normal, what the rule allows, and which endpoint drives it. */
export function describeFinding(finding: Finding, driver: Driver): string {
  const { number, what: everywhere } = WORDS[finding.metric_name];
  const what = finding.endpoint === undefined ? everywhere : ofEndpoint(everywhere, finding.endpoint);
  const span = finding.window_s === undefined ? "" : ` over ${duration(finding.window_s)}`;
  const normally =
    finding.baseline_value === null ? "normal not known yet" : `normally ${number(finding.baseline_value)}`;
  const allowed = `allowed ${finding.metric_name === "request_rate" ? "down to " : ""}${number(finding.threshold_value)}`;
  const first = `${number(finding.metric_value)} ${what}${span} (${normally}, ${allowed}).`;
  if (driver.endpoint === null || driver.endpoint_share === null) return first;
  return `${first} ${driver.endpoint} carries ${Math.round(driver.endpoint_share * 100)} % of the excess.`;
}
