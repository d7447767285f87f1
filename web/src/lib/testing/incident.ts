/** An incident for tests: checkout failing since 10:04:12, with what a test wants otherwise. */
import type { Incident } from "../../../../domain/incident.ts";

export function anIncident(wanted: Partial<Incident>): Incident {
  const incident = {
    id: "checkout-1795514652-error_rate",
    service: "checkout",
    status: "open",
    severity: "critical",
    metric_name: "error_rate",
    anomaly_type: "error_rate",
    endpoint: "/cart/pay",
    endpoint_share: 0.92,
    onset_at: "2026-11-24T10:04:12Z",
    opened_at: "2026-11-24T10:04:18Z",
    updated_at: "2026-11-24T10:04:18Z",
    resolved_at: null,
    metric_value: 0.33,
    baseline_value: 0.004,
    threshold_value: 0.05,
    score: 90,
    description: "",
    request_count: 1000,
    failed_count: 310,
    excess_count: 306,
    reopened_count: 0,
    historical: false,
    acknowledged_at: null,
    acknowledged_by: null,
    revision: 1,
    ...wanted,
  } as const;
  const finding = {
    service: incident.service,
    incident_id: incident.id,
    detected_at: incident.opened_at,
    window_start: "2026-11-24T10:03:18Z",
    window_end: incident.opened_at,
    endpoint: incident.endpoint,
    anomaly_type: incident.anomaly_type,
    severity: incident.severity,
    metric_name: incident.metric_name,
    metric_value: incident.metric_value,
    baseline_value: incident.baseline_value,
    threshold_value: incident.threshold_value,
    score: incident.score,
    description: "",
    resolved: false,
    resolved_at: null,
  };
  return { ...incident, anomalies: wanted.anomalies ?? [finding] };
}
