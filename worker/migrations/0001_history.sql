-- History that outlives the 24 hours of the objects. The objects are the truth: every table is a projection of them, written by
-- worker/history.ts as upserts on the natural key that apply only a newer revision.
--
-- All times are text, RFC 3339 in UTC with three digits of milliseconds (2026-11-24T10:00:00.000Z): readable as they stand, and
-- because the form is fixed, text order is time order. Rates are 0 to 1.
--
-- Rows are the bill: each index entry written counts as a row. WITHOUT ROWID makes the primary key the table itself and spares
-- the hidden index beside it. Columns of an index (and no primary key) are never changed by an update, which spares its entry.
--
-- revision   grows with each change of the row in its object
-- change_id  place of the row's newest change in the order of all changes of all tables here (see change_sequence)

-- The one sequence that change_id is taken from. Its row is read and moved on in the transaction that writes the changes. D1 runs
-- one transaction at a time, so whoever has read up to a change_id never sees a smaller one appear later. Numbers that were set
-- aside for rows of no news stay unused.
--   name   always 'history'
--   value  the newest change_id that may be in use
CREATE TABLE change_sequence (
  name TEXT NOT NULL PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO change_sequence (name, value) VALUES ('history', 0);

-- One row a service.
--   status          healthy, medium, high or critical
--   incident_id     the open incident; null where there is none
--   first_event_at  event time of the oldest event seen
--   last_event_at   event time of the newest
CREATE TABLE services (
  service TEXT NOT NULL PRIMARY KEY,
  status TEXT NOT NULL,
  incident_id TEXT,
  first_event_at TEXT NOT NULL,
  last_event_at TEXT NOT NULL,
  revision INTEGER NOT NULL,
  change_id INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- One row a service and calendar minute that had events. window_end is exclusive.
--   error_rate             error_count / request_count; 0 without requests
--   latency_sum_us         sum of latencies in whole microseconds
--   avg_, p50_, ...        milliseconds; null without requests. Quantiles are the sketch's, within 1 %
--   latency_sketch         the encoded sketch (domain/sketch.ts): sketches merge, quantiles do not
--   baseline_request_rate  what was normal when the window was written, requests a second; null while too little had been seen
--   baseline_error_rate    likewise, 0 to 1
--   baseline_p95_ms        likewise, milliseconds
CREATE TABLE service_metrics (
  service TEXT NOT NULL,
  window_start TEXT NOT NULL,
  window_end TEXT NOT NULL,
  request_count INTEGER NOT NULL,
  error_count INTEGER NOT NULL,
  error_rate REAL NOT NULL,
  latency_sum_us INTEGER NOT NULL,
  avg_latency_ms REAL,
  p50_latency_ms REAL,
  p95_latency_ms REAL,
  p99_latency_ms REAL,
  latency_sketch BLOB NOT NULL,
  baseline_request_rate REAL,
  baseline_error_rate REAL,
  baseline_p95_ms REAL,
  revision INTEGER NOT NULL,
  change_id INTEGER NOT NULL,
  PRIMARY KEY (service, window_start)
) STRICT, WITHOUT ROWID;

-- The same for each calendar hour, merged by the object from its minutes' sketches. Columns as in service_metrics.
CREATE TABLE service_metrics_hourly (
  service TEXT NOT NULL,
  window_start TEXT NOT NULL,
  window_end TEXT NOT NULL,
  request_count INTEGER NOT NULL,
  error_count INTEGER NOT NULL,
  error_rate REAL NOT NULL,
  latency_sum_us INTEGER NOT NULL,
  avg_latency_ms REAL,
  p50_latency_ms REAL,
  p95_latency_ms REAL,
  p99_latency_ms REAL,
  latency_sketch BLOB NOT NULL,
  baseline_request_rate REAL,
  baseline_error_rate REAL,
  baseline_p95_ms REAL,
  revision INTEGER NOT NULL,
  change_id INTEGER NOT NULL,
  PRIMARY KEY (service, window_start)
) STRICT, WITHOUT ROWID;

-- One row a finding: one detector on one metric of one service.
--   detected_at               end of the closed second that proved it
--   metric_name               what was judged: error_rate (0 to 1) or avg_latency_ms
--   incident_id               the incident it belongs to
--   window_start, window_end  the span metric_value was computed over
--   endpoint                  the endpoint that carries the largest share of the excess; null when none stands out
--   anomaly_type              error_rate or latency
--   severity                  medium, high or critical: the worst it has been
--   metric_value, baseline_value, threshold_value
--                             in the unit of the metric; the baseline is null while too little had been seen
--   score                     0 to 100, 50 at the threshold
--   description               one sentence with the numbers; endpoint names in it are data, never markup
--   resolved                  0 or 1
--   resolved_at               null while it lasts
CREATE TABLE anomalies (
  service TEXT NOT NULL,
  detected_at TEXT NOT NULL,
  metric_name TEXT NOT NULL,
  incident_id TEXT NOT NULL,
  window_start TEXT NOT NULL,
  window_end TEXT NOT NULL,
  endpoint TEXT,
  anomaly_type TEXT NOT NULL,
  severity TEXT NOT NULL,
  metric_value REAL NOT NULL,
  baseline_value REAL,
  threshold_value REAL NOT NULL,
  score REAL NOT NULL,
  description TEXT NOT NULL,
  resolved INTEGER NOT NULL,
  resolved_at TEXT,
  revision INTEGER NOT NULL,
  change_id INTEGER NOT NULL,
  PRIMARY KEY (service, detected_at, metric_name)
) STRICT, WITHOUT ROWID;

-- An incident is read with its anomalies.
CREATE INDEX anomalies_by_incident ON anomalies (incident_id);

-- One row an incident: the anomalies of a service that belong together.
--   id              service-openingSecond-metric
--   status          open or resolved
--   severity        medium, high or critical: the worst so far
--   metric_name, anomaly_type
--                   of the anomaly that opened it
--   endpoint        the endpoint that drives it; null when none stands out
--   endpoint_share  share of the excess that it carries, 0 to 1
--   onset_at        estimated first second of the fault; then when it opened, last changed and ended (null while open)
--   metric_value, baseline_value, threshold_value, score, description
--                   of its most severe anomaly at its worst, as in anomalies
--   request_count   requests in closed seconds since the onset
--   failed_count    failed ones among them
--   excess_count    failures beyond what is normal
--   reopened_count  how often it fired again within five minutes of its end
--   historical      0 or 1: the onset was more than ten minutes behind the clock when it opened; never delivered
--   acknowledged_at, acknowledged_by
--                   when and by whom it was taken on; null before
CREATE TABLE incidents (
  id TEXT NOT NULL PRIMARY KEY,
  service TEXT NOT NULL,
  status TEXT NOT NULL,
  severity TEXT NOT NULL,
  metric_name TEXT NOT NULL,
  anomaly_type TEXT NOT NULL,
  endpoint TEXT,
  endpoint_share REAL,
  onset_at TEXT NOT NULL,
  opened_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  resolved_at TEXT,
  metric_value REAL NOT NULL,
  baseline_value REAL,
  threshold_value REAL NOT NULL,
  score REAL NOT NULL,
  description TEXT NOT NULL,
  request_count INTEGER NOT NULL,
  failed_count INTEGER NOT NULL,
  excess_count REAL NOT NULL,
  reopened_count INTEGER NOT NULL,
  historical INTEGER NOT NULL,
  acknowledged_at TEXT,
  acknowledged_by TEXT,
  revision INTEGER NOT NULL,
  change_id INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Lists are newest first, of all services or of one.
CREATE INDEX incidents_by_opening ON incidents (opened_at, id);
CREATE INDEX incidents_by_service ON incidents (service, opened_at, id);
