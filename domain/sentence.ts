/** Numbers and findings in words. Event text (endpoint names) is quoted as it is: whoever shows it must show it as text. */
import type { Driver } from "./reference-detector.ts";
import type { Finding } from "./finding.ts";

/** A ratio as a percentage with one decimal, as in `31.0 %`. */
function percent(ratio: number): string {
  return `${(ratio * 100).toFixed(1)} %`;
}

/** Milliseconds as whole `410 ms`, or `1.9 s` from a second on. */
function milliseconds(value_ms: number): string {
  return value_ms < 1000 ? `${Math.round(value_ms)} ms` : `${(value_ms / 1000).toFixed(1)} s`;
}

/** One plain sentence or two: what was measured, what is normal, what the rule allows, and which endpoint drives it. */
export function describeFinding(finding: Finding, driver: Driver): string {
  const number = finding.metric_name === "error_rate" ? percent : milliseconds;
  const what = finding.metric_name === "error_rate" ? "of requests failed" : "was the average latency";
  const normally =
    finding.baseline_value === null ? "normal not known yet" : `normally ${number(finding.baseline_value)}`;
  const first = `${number(finding.metric_value)} ${what} over 60 s (${normally}, allowed ${number(finding.threshold_value)}).`;
  if (driver.endpoint === null || driver.endpoint_share === null) return first;
  return `${first} ${driver.endpoint} carries ${Math.round(driver.endpoint_share * 100)} % of the excess.`;
}
