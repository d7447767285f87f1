-- What people do. Times and revision, change_id as in 0001_history.sql.
--
-- Further words of audit_log.action, with their subject and detail:
--   incident.acknowledged, incident.resolved, incident.feedback
--                    the incident's service; {incident_id} and what was said: {by}, {verdict}
--   service.deleted  the service; {}
--   ingest_token.shown
--                    *; {}: the ingest token was shown to an administrator

-- When an administrator deleted the service; null while it lives. Its windows and incidents stay.
ALTER TABLE services ADD COLUMN deleted_at TEXT;

-- One row an incident that somebody judged.
--   metric_name  of the detection that opened it
--   verdict      false_positive or useful; null: taken back
--   actor        as in audit_log
--   revision     of the incident with this verdict
CREATE TABLE feedback (
  incident_id TEXT NOT NULL PRIMARY KEY,
  service TEXT NOT NULL,
  metric_name TEXT NOT NULL,
  verdict TEXT,
  at TEXT NOT NULL,
  actor TEXT NOT NULL,
  revision INTEGER NOT NULL,
  change_id INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
