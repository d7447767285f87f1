/** The words of unhealthiness: an anomaly is one detector's finding on one metric, an incident is what people handle. */

/**
 * By effect: errors from 5 and 20 points above normal are high and critical, latency from 2 and 4 times the normal one, requests
 * that fail to come altogether are critical. The plain rules grade at 1, 1.5 and 2 times their threshold, an error budget's burn
 * rate by whether it is for a page (critical) or a ticket (medium).
 */
export const SEVERITIES = ["medium", "high", "critical"] as const;
export type Severity = (typeof SEVERITIES)[number];

/**
 * What a detector judged. `error_rate` is a ratio from 0 to 1, the latencies are in milliseconds, `request_rate` is a second's,
 * `burn_rate` is how many times as fast as it may the service spends its error budget.
 */
export const METRIC_NAMES = ["error_rate", "avg_latency_ms", "p95_latency_ms", "request_rate", "burn_rate"] as const;
export type MetricName = (typeof METRIC_NAMES)[number];

/** `traffic`: far fewer requests than normal; `down`: none at all. */
export const ANOMALY_TYPES = ["error_rate", "latency", "traffic", "down", "slo"] as const;
export type AnomalyType = (typeof ANOMALY_TYPES)[number];

export type DetectorName = "sequential" | "reference" | "slo";

/** How an incident ended: by itself, by an administrator, or because the service has been down for a day. */
export type Resolution = "recovered" | "manual" | "retired";

/** What a person said of an incident. A false positive raises the guard of its detectors on its service. */
export const FEEDBACKS = ["false_positive", "useful"] as const;
export type Feedback = (typeof FEEDBACKS)[number];

/**
 * One detector's finding on one metric of one service; field names are the columns of the D1 table `anomalies`.
 * Its natural key is (service, detected_at, metric_name). Times are RFC 3339 in event time.
 */
export interface Anomaly {
  readonly service: string;
  readonly incident_id: string;
  /** The end of the closed second that proved it. */
  readonly detected_at: string;
  /** From the start of the window that proved it to the end of the one that was worst. */
  readonly window_start: string;
  readonly window_end: string;
  /** The endpoint that carries the largest share of the excess; null when none stands out. */
  readonly endpoint: string | null;
  readonly anomaly_type: AnomalyType;
  readonly detector: DetectorName;
  /** The worst it has been. */
  readonly severity: Severity;
  readonly metric_name: MetricName;
  readonly metric_value: number;
  /** What is normal; null while too little has been seen to say. */
  readonly baseline_value: number | null;
  readonly threshold_value: number;
  /** 0 to 100: 50 at the threshold, 75 at twice of it. */
  readonly score: number;
  /** One plain sentence with the numbers. Event text in it is data: render it as text. */
  readonly description: string;
  readonly resolved: boolean;
  readonly resolved_at: string | null;
}

/** The anomalies of one service that belong together. Field names are the columns of the D1 table `incidents`. */
export interface Incident {
  /** service-openingSecond-metric, as in `checkout-1764020652-error_rate`; never random. */
  readonly id: string;
  readonly service: string;
  readonly status: "open" | "resolved";
  /** The worst severity of its anomalies so far. */
  readonly severity: Severity;
  /** The metric of the anomaly that opened it. */
  readonly metric_name: MetricName;
  readonly anomaly_type: AnomalyType;
  /** The endpoint that drives it, and the share (0 to 1) of the excess it carries; null when none stands out. */
  readonly endpoint: string | null;
  readonly endpoint_share: number | null;
  /** The estimated first second of the fault, then when the incident opened, last changed and ended: event time. */
  readonly onset_at: string;
  readonly opened_at: string;
  readonly updated_at: string;
  readonly resolved_at: string | null;
  /** The numbers of its most severe anomaly at its worst. */
  readonly metric_value: number;
  readonly baseline_value: number | null;
  readonly threshold_value: number;
  readonly score: number;
  readonly description: string;
  /**
   * Requests, and failed and slow ones among them, counted in closed seconds since the onset (at most ten minutes before it
   * opened). Slow: above 1.25 times the p95 that was normal when it opened.
   */
  readonly request_count: number;
  readonly failed_count: number;
  readonly slow_count: number;
  /** Failed or slow requests beyond what is normal, with its 95 % interval. Failed counts where errors belong to it, slow where latency does. */
  readonly excess_count: number;
  readonly excess_low: number;
  readonly excess_high: number;
  /** How often it fired again within five minutes of its end. */
  readonly reopened_count: number;
  /** It came and went three times within half an hour: it is held open until five minutes have been quiet. */
  readonly flapping: boolean;
  readonly resolution: Resolution | null;
  /** The newest change of the deployed version in the ten minutes before the onset; null without one. */
  readonly deployed_version: string | null;
  readonly previous_version: string | null;
  readonly deployed_at: string | null;
  /** Time of day (UTC), as in `06:00`, at which the same has happened on at least three of the last days: it weighs less. */
  readonly usual_at: string | null;
  /** Null again when it reopens. */
  readonly feedback: Feedback | null;
  /** Its onset was more than ten minutes behind the clock when it opened: recorded and shown, never delivered. */
  readonly historical: boolean;
  /** Who has it in hand, and since when; null again when it reopens. */
  readonly acknowledged_at: string | null;
  readonly acknowledged_by: string | null;
  /** Grows with each change; a reader keeps the newest. */
  readonly revision: number;
  readonly anomalies: readonly Anomaly[];
}
