/** What a detector says of one metric at one closed second: never a bare boolean, always the numbers and the reason. */
import type { MetricName, Severity } from "./incident.ts";

export type FindingReason =
  | "above_threshold"
  | "below_threshold"
  /** Above the level at which an anomaly ends, below the one at which it starts. */
  | "between"
  | "too_few_requests";

export interface Finding {
  readonly metric_name: MetricName;
  readonly reason: FindingReason;
  /** Over the window; 0 without requests. */
  readonly metric_value: number;
  /** Null while too little has been seen. */
  readonly baseline_value: number | null;
  readonly threshold_value: number;
  readonly request_count: number;
  /** The estimated first second of the fault, and how bad it is, where the detector says so itself. */
  readonly onset?: number;
  readonly severity?: Severity;
}

/** As the detector graded it, else at 1, 1.5 and 2 times the threshold. */
export function severityOf(finding: Finding): Severity {
  if (finding.severity !== undefined) return finding.severity;
  const ratio = finding.metric_value / finding.threshold_value;
  if (ratio >= 2) return "critical";
  return ratio >= 1.5 ? "high" : "medium";
}

/** 0 to 100: 50 at the threshold, 75 at twice of it, towards 100 far above. */
export function scoreOf(finding: Finding): number {
  return Math.round(
    Math.max(0, 100 - (50 * finding.threshold_value) / Math.max(finding.metric_value, Number.MIN_VALUE)),
  );
}
