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

type Measured = Exclude<MetricName, "burn_rate">;

const WORDS: Readonly<Record<Measured, { readonly number: (value: number) => string; readonly what: string }>> = {
  error_rate: { number: percent, what: "of requests failed" },
  avg_latency_ms: { number: milliseconds, what: "was the average latency" },
  p95_latency_ms: { number: milliseconds, what: "was the latency of the slowest twentieth" },
  request_rate: { number: perSecond, what: "requests came" },
};

function ofEndpoint(what: string, endpoint: string): string {
  return what.includes("requests") ? what.replace("requests", `requests to ${endpoint}`) : `${what} of ${endpoint}`;
}

/** One plain sentence or two: what was measured, what is normal, what the rule allows, and which endpoint drives it. */
export function describeFinding(finding: Finding, driver: Driver): string {
  const { metric_name } = finding;
  const first = metric_name === "burn_rate" ? ofBudget(finding) : measured({ ...finding, metric_name });
  return `${first}${carrying(driver)}`;
}

/** A description with its last sentence as of another driver. */
export function withDriver(description: string, before: Driver, after: Driver): string {
  const said = carrying(before);
  const isSaid = said !== "" && description.includes(said);
  // Names are data: a `$` in one is a dollar.
  return isSaid ? description.replace(said, () => carrying(after)) : `${description}${carrying(after)}`;
}

/** With the blank before it; empty where no endpoint stands out. */
function carrying({ endpoint, endpoint_share }: Driver): string {
  if (endpoint === null || endpoint_share === null) return "";
  return ` ${endpoint} carries ${Math.round(endpoint_share * 100)} % of the excess.`;
}

/** A budget has no normal, and "allowed" is what the rate is a multiple of: beside a threshold the word would mean two things. */
function ofBudget({ metric_value, threshold_value, window_s }: Finding): string {
  return `The error budget was spent ${times(metric_value)} as fast as allowed${over(window_s)} (told from ${times(threshold_value)}).`;
}

function over(window_s: number | undefined): string {
  return window_s === undefined ? "" : ` over ${duration(window_s)}`;
}

function measured(finding: Finding & { readonly metric_name: Measured }): string {
  const { number, what: everywhere } = WORDS[finding.metric_name];
  const what = finding.endpoint === undefined ? everywhere : ofEndpoint(everywhere, finding.endpoint);
  const normally =
    finding.baseline_value === null ? "normal not known yet" : `normally ${number(finding.baseline_value)}`;
  const allowed = `allowed ${finding.metric_name === "request_rate" ? "down to " : ""}${number(finding.threshold_value)}`;
  const isNone = finding.metric_name === "request_rate" && finding.metric_value === 0;
  const said = isNone ? "No request came" : `${number(finding.metric_value)} ${what}`;
  return `${said}${over(finding.window_s)} (${normally}, ${allowed}).`;
}
