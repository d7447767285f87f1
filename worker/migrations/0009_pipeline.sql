-- What the page of the pipeline is told of history: how soon models and targets answer, and how far readers of changes have come.

-- The newest answers are looked for once a minute, and each few seconds while somebody watches: without an index each look would walk
-- through all of the table. Each costs one more row an answer, of which an incident has a few.
CREATE INDEX incident_summaries_by_answer ON incident_summaries (written_at) WHERE latency_ms IS NOT NULL;
CREATE INDEX deliveries_by_delivered ON deliveries (delivered_at) WHERE delivered_at IS NOT NULL;

-- JSON of the topics that a reader asked for last; null until it has asked again since it acknowledged something. What it does not ask
-- for does not wait for it.
ALTER TABLE change_readers ADD COLUMN topics TEXT;
