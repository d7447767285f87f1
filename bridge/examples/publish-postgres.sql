-- What publish-postgres.yaml writes into. Run it once:
--
--   psql "$PUBLISH_DSN" -f bridge/examples/publish-postgres.sql
--
-- The columns are those of Faultline's own history: worker/migrations/ says what each holds.

CREATE SCHEMA IF NOT EXISTS faultline;

CREATE TABLE IF NOT EXISTS faultline.aggregated_metrics (
  service text NOT NULL,
  window_start timestamptz NOT NULL,
  window_end timestamptz NOT NULL,
  request_count bigint NOT NULL,
  error_count bigint NOT NULL,
  error_rate double precision NOT NULL,
  latency_sum_us bigint NOT NULL,
  avg_latency_ms double precision,
  p50_latency_ms double precision,
  p95_latency_ms double precision,
  p99_latency_ms double precision,
  baseline_request_rate double precision,
  baseline_error_rate double precision,
  baseline_p95_ms double precision,
  revision bigint NOT NULL,
  PRIMARY KEY (service, window_start)
);

CREATE TABLE IF NOT EXISTS faultline.anomalies (
  service text NOT NULL,
  detected_at timestamptz NOT NULL,
  metric_name text NOT NULL,
  incident_id text NOT NULL,
  window_start timestamptz NOT NULL,
  window_end timestamptz NOT NULL,
  endpoint text,
  anomaly_type text NOT NULL,
  detector text NOT NULL,
  severity text NOT NULL,
  metric_value double precision NOT NULL,
  baseline_value double precision,
  threshold_value double precision NOT NULL,
  score double precision NOT NULL,
  description text NOT NULL,
  resolved boolean NOT NULL,
  resolved_at timestamptz,
  revision bigint NOT NULL,
  PRIMARY KEY (service, detected_at, metric_name)
);

CREATE TABLE IF NOT EXISTS faultline.incidents (
  id text NOT NULL PRIMARY KEY,
  service text NOT NULL,
  status text NOT NULL,
  severity text NOT NULL,
  metric_name text NOT NULL,
  anomaly_type text NOT NULL,
  endpoint text,
  endpoint_share double precision,
  onset_at timestamptz NOT NULL,
  opened_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  resolved_at timestamptz,
  metric_value double precision NOT NULL,
  baseline_value double precision,
  threshold_value double precision NOT NULL,
  score double precision NOT NULL,
  description text NOT NULL,
  request_count bigint NOT NULL,
  failed_count bigint NOT NULL,
  slow_count bigint NOT NULL,
  excess_count double precision NOT NULL,
  excess_low double precision NOT NULL,
  excess_high double precision NOT NULL,
  reopened_count bigint NOT NULL,
  flapping boolean NOT NULL,
  resolution text,
  deployed_version text,
  previous_version text,
  deployed_at timestamptz,
  usual_at text,
  feedback text,
  historical boolean NOT NULL,
  acknowledged_at timestamptz,
  acknowledged_by text,
  revision bigint NOT NULL
);

-- With TimescaleDB the two that grow with time can be hypertables; the keys already hold what they are cut by:
--
--   SELECT create_hypertable('faultline.aggregated_metrics', by_range('window_start'));
--   SELECT create_hypertable('faultline.anomalies', by_range('detected_at'));
