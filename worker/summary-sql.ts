/**
 * The SQL of the fleet's figures over a span. Both tables are keyed by service and then time, so that each service's span is one
 * range: rows read are the services, their windows in the span, and their findings of the span and of the days before it.
 */

/** Counted findings at most; a fleet with more in a week needs no exact number. */
const ANOMALIES_MAX = 100_000;

/**
 * Windows of `table` that start at or after ?1 and before ?2, summed; ?3: seconds a window. What a window's baseline expected counts
 * as normal, and what happened where there was none yet.
 */
export function selectWindowSums(table: "service_metrics" | "service_metrics_hourly"): string {
  const usual = "coalesce(metrics.baseline_request_rate * ?3, metrics.request_count)";
  return `SELECT coalesce(sum(metrics.request_count), 0) AS request_count,
      coalesce(sum(metrics.error_count), 0) AS error_count,
      coalesce(sum(${usual}), 0) AS normal_request_count,
      coalesce(sum(${usual} * coalesce(metrics.baseline_error_rate, metrics.error_rate)), 0) AS normal_error_count,
      count(metrics.baseline_request_rate) AS judged_windows,
      max(metrics.window_end) AS newest_end
    FROM services CROSS JOIN ${table} AS metrics
      ON metrics.service = services.service AND metrics.window_start >= ?1 AND metrics.window_start < ?2`;
}

/**
 * Findings detected at or after ?1 (some days before the span) and before ?3, of which those at or after ?2 are the span's. Active
 * are those that were not over at ?3.
 */
export const SELECT_ANOMALY_COUNTS = `SELECT coalesce(sum(detected_at >= ?2), 0) AS anomaly_count,
    coalesce(sum(detected_at < ?2), 0) AS earlier_count,
    coalesce(sum(is_active), 0) AS active_count,
    count(DISTINCT CASE WHEN is_active THEN incident_id END) AS active_incident_count
  FROM (
    SELECT found.detected_at, found.incident_id, found.resolved = 0 OR found.resolved_at > ?3 AS is_active
    FROM services CROSS JOIN anomalies AS found
      ON found.service = services.service AND found.detected_at >= ?1 AND found.detected_at < ?3
    LIMIT ${ANOMALIES_MAX}
  )`;

/** How far back history goes; null without a service. */
export const SELECT_FIRST_EVENT = "SELECT min(first_event_at) AS first_event_at FROM services";

export interface WindowSums {
  readonly request_count: number;
  readonly error_count: number;
  readonly normal_request_count: number;
  readonly normal_error_count: number;
  readonly judged_windows: number;
  readonly newest_end: string | null;
}

export interface AnomalyCounts {
  readonly anomaly_count: number;
  readonly earlier_count: number;
  readonly active_count: number;
  readonly active_incident_count: number;
}
