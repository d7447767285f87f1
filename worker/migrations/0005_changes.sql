-- Who reads what changed (GET /v1/changes), and how far each has come. Times and change_id as in 0001_history.sql.

-- One row a reader that has acknowledged something; there are at most 32 (worker/changes.ts).
--   reader           the name that it gives itself, as in kafka
--   cursor           the change_id up to which it has put everything away; only ever grows
--   acknowledged_at  when it last grew, by the clock
CREATE TABLE change_readers (
  reader TEXT NOT NULL PRIMARY KEY,
  cursor INTEGER NOT NULL,
  acknowledged_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Changes are read in the order of change_id, a few at a time, for ever: without an index each read would walk through all of
-- history. Each costs one more row a projected row, about one a service and minute, where a service's object writes sixty.
CREATE INDEX service_metrics_by_change ON service_metrics (change_id);
CREATE INDEX anomalies_by_change ON anomalies (change_id);
CREATE INDEX incidents_by_change ON incidents (change_id);
