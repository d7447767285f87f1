/** What a detector says of one metric at one closed second: never a bare boolean, always the numbers and the reason. */
import type { DetectorName, MetricName, Severity } from "./incident.ts";

export type FindingReason =
  | "above_threshold"
  | "below_threshold"
  /** Above the level at which an anomaly ends, below the one at which it starts. */
  | "between"
  | "too_few_requests";

export interface Finding {
  readonly metric_name: MetricName;
  /** Absent: the plain rules. */
  readonly detector?: DetectorName;
  readonly reason: FindingReason;
  /** Over the window; 0 without requests. */
  readonly metric_value: number;
  /** Null while too little has been seen. */
  readonly baseline_value: number | null;
  readonly threshold_value: number;
  readonly request_count: number;
  /** The seconds that the value was computed over, where they are not those since the onset. */
  readonly window_s?: number;
  /** The estimated first second of the fault, how bad it is, and the endpoint, where the detector says so itself. */
  readonly onset?: number;
  readonly severity?: Severity;
  readonly endpoint?: string;
}

/** From harmless to proven. */
const REASON_RANK: Readonly<Record<FindingReason, number>> = {
  too_few_requests: 0,
  below_threshold: 1,
  between: 2,
  above_threshold: 3,
};

export function isWorse(a: FindingReason, b: FindingReason): boolean {
  return REASON_RANK[a] > REASON_RANK[b];
}

/** One finding a metric: where several detectors judge the same one, what the worst of them says, the first of equals. */
export function worstByMetric(findings: readonly Finding[]): Finding[] {
  const worst = new Map<MetricName, Finding>();
  for (const finding of findings) {
    const before = worst.get(finding.metric_name);
    if (before === undefined || isWorse(finding.reason, before.reason)) worst.set(finding.metric_name, finding);
  }
  return [...worst.values()];
}

/** A strength this large says as much as any larger one. */
const STRENGTH_MAX = 1_000;

/** By how many times the value is beyond its threshold: 1 at the threshold. Requests are beyond it when they are fewer. */
export function strengthOf(value: Pick<Finding, "metric_name" | "metric_value" | "threshold_value">): number {
  const { metric_name, metric_value, threshold_value } = value;
  const [large, small] =
    metric_name === "request_rate" ? [threshold_value, metric_value] : [metric_value, threshold_value];
  return Math.min(STRENGTH_MAX, large / Math.max(small, Number.MIN_VALUE));
}

/** As the detector graded it, else at 1, 1.5 and 2 times the threshold. */
export function severityOf(finding: Finding): Severity {
  if (finding.severity !== undefined) return finding.severity;
  const strength = strengthOf(finding);
  if (strength >= 2) return "critical";
  return strength >= 1.5 ? "high" : "medium";
}

/** 0 to 100: 50 at the threshold, 75 at twice of it, towards 100 far above. */
export function scoreOf(finding: Finding): number {
  return Math.round(Math.max(0, 100 - 50 / Math.max(strengthOf(finding), 0.5)));
}
