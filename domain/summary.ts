/** The fleet's figures over a span: the answer of `GET /v1/summary?from&to`. */
export interface FleetSummary {
  /** RFC 3339, cut to whole minutes. */
  readonly from: string;
  readonly to: string;
  /** The end of the newest minute in the sums: what is newer is not in history yet. Null where there is none. */
  readonly until: string | null;
  readonly request_count: number;
  readonly error_count: number;
  /** 0 to 1; null without requests. */
  readonly error_rate: number | null;
  /** What the baselines of the same windows expected; null while none is learned. */
  readonly normal_request_count: number | null;
  readonly normal_error_rate: number | null;
  /** Findings detected in the span. */
  readonly anomaly_count: number;
  /** In an average span of the same length over the seven days before; null where history is shorter than a day. */
  readonly usual_anomaly_count: number | null;
  /** Findings that were not over at the end of the span, and the incidents they belong to. */
  readonly active_anomaly_count: number;
  readonly active_incident_count: number;
}
