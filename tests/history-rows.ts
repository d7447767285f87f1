/** Rows of history as the objects project them, for tests: whole, plausible, and each changed where a test needs it. */
import type { MetricsWindow, ServiceRecord } from "../domain/history.ts";
import type { Anomaly, Incident } from "../domain/incident.ts";
import type { Narrative } from "../domain/narrative.ts";
import { formatRfc3339 } from "../domain/rfc3339.ts";

/** 2026-11-24T10:00:00Z, the first minute of these tests. */
export const START_MS = 1_795_514_400_000;

export function minuteAt(index: number): string {
  return formatRfc3339(START_MS + index * 60_000);
}

export function windowRow(change: Partial<MetricsWindow> = {}): MetricsWindow {
  return {
    service: "checkout",
    window_start: minuteAt(0),
    window_end: minuteAt(1),
    request_count: 200,
    error_count: 3,
    error_rate: 0.015,
    latency_sum_us: 30_000_000,
    avg_latency_ms: 150,
    p50_latency_ms: 148.5,
    p95_latency_ms: 301,
    p99_latency_ms: 412.25,
    latency_sketch: btoa("\u0000\u0001sketch\u00ff"),
    baseline_request_rate: 3.5,
    baseline_error_rate: 0.02,
    baseline_p95_ms: null,
    revision: 1,
    ...change,
  };
}

export function serviceRow(change: Partial<ServiceRecord> = {}): ServiceRecord {
  return {
    service: "checkout",
    status: "healthy",
    incident_id: null,
    first_event_at: minuteAt(0),
    last_event_at: formatRfc3339(START_MS + 123),
    deleted_at: null,
    revision: 1,
    ...change,
  };
}

/** A finding of `incidentRow()`. */
export function anomalyRow(change: Partial<Anomaly & { revision: number }> = {}): Anomaly & { revision: number } {
  return {
    service: "checkout",
    incident_id: `checkout-${START_MS / 1000}-error_rate`,
    detected_at: minuteAt(0),
    window_start: minuteAt(-1),
    window_end: minuteAt(0),
    endpoint: "/cart/pay",
    anomaly_type: "error_rate",
    detector: "sequential",
    severity: "high",
    metric_name: "error_rate",
    metric_value: 0.12,
    baseline_value: null,
    threshold_value: 0.06,
    score: 75,
    description: "12 % of requests failed.",
    resolved: false,
    resolved_at: null,
    revision: 1,
    ...change,
  };
}

export function incidentRow(change: Partial<Incident> = {}): Incident {
  return {
    id: `checkout-${START_MS / 1000}-error_rate`,
    service: "checkout",
    status: "open",
    severity: "high",
    metric_name: "error_rate",
    anomaly_type: "error_rate",
    endpoint: "/cart/pay",
    endpoint_share: 0.9,
    onset_at: formatRfc3339(START_MS - 20_000),
    opened_at: minuteAt(0),
    updated_at: minuteAt(0),
    resolved_at: null,
    metric_value: 0.12,
    baseline_value: 0.02,
    threshold_value: 0.06,
    score: 75,
    description: "12 % of requests failed.",
    request_count: 400,
    failed_count: 48,
    excess_count: 40,
    slow_count: 0,
    excess_low: 40,
    excess_high: 40,
    flapping: false,
    resolution: null,
    deployed_version: null,
    previous_version: null,
    deployed_at: null,
    usual_at: null,
    feedback: null,
    reopened_count: 0,
    historical: false,
    acknowledged_at: null,
    acknowledged_by: null,
    revision: 1,
    anomalies: [],
    ...change,
  };
}

/** The words of `incidentRow()`. */
export function narrativeRow(change: Partial<Narrative> = {}): Narrative {
  const evidence = {
    id: "errors",
    kind: "errors",
    text: "12 % of requests failed.",
    values: [{ name: "actual", value: 0.12, unit: "share" }],
    names: [],
  } as const;
  return {
    incident_id: `checkout-${START_MS / 1000}-error_rate`,
    service: "checkout",
    version: 1,
    window_start: formatRfc3339(START_MS - 20_000),
    window_end: minuteAt(0),
    summary: [{ text: "12 % of the requests of checkout fail.", facts: ["errors"] }],
    possible_causes: [
      { cause: "unknown", certainty: "INCONCLUSIVE", text: "The facts do not tell.", facts: ["errors"] },
    ],
    recommended_actions: [{ text: "Read the logs of checkout.", facts: ["errors"], url: null }],
    affected_metrics: ["error_rate"],
    evidence: [evidence],
    source: "template",
    reason: "waiting",
    llm_model: null,
    latency_ms: null,
    written_at: formatRfc3339(START_MS + 345),
    revision: 2,
    ...change,
  } as Narrative;
}
