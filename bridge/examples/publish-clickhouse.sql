-- What publish-clickhouse.yaml writes into, ClickHouse 22 or newer. Run it once:
--
--   clickhouse-client --queries-file bridge/examples/publish-clickhouse.sql
--
-- The columns are those of Faultline's own history: worker/migrations/ says what each holds. Every revision of a row is inserted;
-- merges keep the highest. Read with FINAL, or argMax over revision, to see each row once before they have merged.

CREATE DATABASE IF NOT EXISTS faultline;

CREATE TABLE IF NOT EXISTS faultline.aggregated_metrics (
  service LowCardinality(String),
  window_start DateTime64(3, 'UTC'),
  window_end DateTime64(3, 'UTC'),
  request_count UInt64,
  error_count UInt64,
  error_rate Float64,
  latency_sum_us UInt64,
  avg_latency_ms Nullable(Float64),
  p50_latency_ms Nullable(Float64),
  p95_latency_ms Nullable(Float64),
  p99_latency_ms Nullable(Float64),
  baseline_request_rate Nullable(Float64),
  baseline_error_rate Nullable(Float64),
  baseline_p95_ms Nullable(Float64),
  revision UInt64
) ENGINE = ReplacingMergeTree(revision)
PARTITION BY toYYYYMM(window_start)
ORDER BY (service, window_start);

CREATE TABLE IF NOT EXISTS faultline.anomalies (
  service LowCardinality(String),
  detected_at DateTime64(3, 'UTC'),
  metric_name LowCardinality(String),
  incident_id String,
  window_start DateTime64(3, 'UTC'),
  window_end DateTime64(3, 'UTC'),
  endpoint Nullable(String),
  anomaly_type LowCardinality(String),
  detector LowCardinality(String),
  severity LowCardinality(String),
  metric_value Float64,
  baseline_value Nullable(Float64),
  threshold_value Float64,
  score Float64,
  description String,
  resolved Bool,
  resolved_at Nullable(DateTime64(3, 'UTC')),
  revision UInt64
) ENGINE = ReplacingMergeTree(revision)
PARTITION BY toYYYYMM(detected_at)
ORDER BY (service, detected_at, metric_name);

CREATE TABLE IF NOT EXISTS faultline.incidents (
  id String,
  service LowCardinality(String),
  status LowCardinality(String),
  severity LowCardinality(String),
  metric_name LowCardinality(String),
  anomaly_type LowCardinality(String),
  endpoint Nullable(String),
  endpoint_share Nullable(Float64),
  onset_at DateTime64(3, 'UTC'),
  opened_at DateTime64(3, 'UTC'),
  updated_at DateTime64(3, 'UTC'),
  resolved_at Nullable(DateTime64(3, 'UTC')),
  metric_value Float64,
  baseline_value Nullable(Float64),
  threshold_value Float64,
  score Float64,
  description String,
  request_count UInt64,
  failed_count UInt64,
  slow_count UInt64,
  excess_count Float64,
  excess_low Float64,
  excess_high Float64,
  reopened_count UInt64,
  flapping Bool,
  resolution LowCardinality(Nullable(String)),
  deployed_version Nullable(String),
  previous_version Nullable(String),
  deployed_at Nullable(DateTime64(3, 'UTC')),
  usual_at Nullable(String),
  feedback LowCardinality(Nullable(String)),
  historical Bool,
  acknowledged_at Nullable(DateTime64(3, 'UTC')),
  acknowledged_by Nullable(String),
  revision UInt64
) ENGINE = ReplacingMergeTree(revision)
ORDER BY id;
