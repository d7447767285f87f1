/**
 * The plain rules over windows of a minute: what can be said of days of which no seconds are held. A window is judged on its
 * own, against what was normal when it closed; the burn rate over all windows before it.
 */
import { BurnRate, burnFinding } from "./burn-rate.ts";
import type { MetricsWindow } from "./history.ts";
import type { ToldIncident } from "./replay-line.ts";
import { judgeErrorRate, judgeLatency } from "./reference-detector.ts";
import { type Finding, scoreOf, severityOf } from "./finding.ts";
import { SEVERITIES } from "./incident.ts";
import { describeFinding } from "./sentence.ts";
import type { ServiceSettings } from "./settings.ts";

/** Wrong windows of one metric that lie no further apart belong together, as an incident that reopens. */
const APART_MS_MAX = 300_000;
const NO_DRIVER = { endpoint: null, endpoint_share: null };

/** What the plain rules would have told of a service's windows, in ascending order, if `settings` turn them on. */
export function judgeMinutes(windows: readonly MetricsWindow[], settings: ServiceSettings): ToldIncident[] {
  const told: ToldIncident[] = [];
  const burn = new BurnRate();
  for (const window of windows) {
    const findings = settings.detectors.includes("reference") ? judgeWindow(window, settings) : [];
    if (settings.slo !== null) {
      const second = Math.floor(Date.parse(window.window_start) / 1000);
      const { request_count, error_count } = window;
      const burning = burn.step(second, request_count, error_count, settings.slo.availability);
      findings.push(burnFinding(second, burning, request_count));
    }
    for (const finding of findings) if (finding.reason === "above_threshold") add(told, window, finding);
  }
  return told;
}

function judgeWindow(window: MetricsWindow, { sla_ms }: ServiceSettings): Finding[] {
  const { request_count, error_count, latency_sum_us } = window;
  const sums = { request_count, error_count, latency_sum_us };
  const errors = judgeErrorRate(sums, window.baseline_error_rate);
  return sla_ms === null ? [errors] : [errors, judgeLatency(sums, sla_ms, null)];
}

function add(told: ToldIncident[], window: MetricsWindow, finding: Finding): void {
  const last = told.findLast(({ metric_name }) => metric_name === finding.metric_name);
  const severity = severityOf(finding);
  const isSame = last !== undefined && Date.parse(window.window_start) - Date.parse(last.resolved_at!) <= APART_MS_MAX;
  if (isSame) {
    const worst = Math.max(SEVERITIES.indexOf(severity), SEVERITIES.indexOf(last.severity));
    told[told.indexOf(last)] = { ...last, severity: SEVERITIES[worst]!, resolved_at: window.window_end };
    return;
  }
  const { metric_name } = finding;
  told.push({
    id: `${window.service}-${Date.parse(window.window_end) / 1000 - 1}-${metric_name}`,
    service: window.service,
    metric_name,
    endpoint: null,
    at: window.window_end,
    onset: window.window_start,
    resolved_at: window.window_end,
    severity,
    score: scoreOf(finding),
    reason: describeFinding(finding, NO_DRIVER),
  });
}
