-- What incidents were told in words. Times and revision, change_id as in 0001_history.sql.

-- One row a version of an incident that was put into words: what people read first.
--   version              the incident's revision that the words are of
--   window_start, window_end
--                        from the onset to the newest second that the evidence knew, event time
--   summary              JSON: [{text, facts}], sentences with the ids of the facts that they rest on
--   possible_causes      JSON: [{text, facts, cause, certainty}], the likeliest first (domain/narrative.ts)
--   recommended_actions  JSON: [{text, facts, url}]
--   affected_metrics     JSON: names of metrics, in the order in which they joined
--   evidence             JSON: [{id, kind, text, values, names}], the facts. Event text in all of these is data, never markup
--   source               llm or template
--   source_reason        why the words are the template's; null where a model wrote them
--   llm_model            the model that was asked; null where none was
--   latency_ms           of the call whose answer this is; null for the template's
--   written_at           the clock when it was written
--   revision             grows with each change of the incident's words, over all its versions
CREATE TABLE incident_summaries (
  incident_id TEXT NOT NULL,
  version INTEGER NOT NULL,
  service TEXT NOT NULL,
  window_start TEXT NOT NULL,
  window_end TEXT NOT NULL,
  summary TEXT NOT NULL,
  possible_causes TEXT NOT NULL,
  recommended_actions TEXT NOT NULL,
  affected_metrics TEXT NOT NULL,
  evidence TEXT NOT NULL,
  source TEXT NOT NULL,
  source_reason TEXT,
  llm_model TEXT,
  latency_ms REAL,
  written_at TEXT NOT NULL,
  revision INTEGER NOT NULL,
  change_id INTEGER NOT NULL,
  PRIMARY KEY (incident_id, version)
) STRICT, WITHOUT ROWID;
