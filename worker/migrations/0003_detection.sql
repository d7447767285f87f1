-- What sequential detection says beside its numbers. Rows from before have the defaults.

-- detector: sequential, reference or slo.
ALTER TABLE anomalies ADD COLUMN detector TEXT NOT NULL DEFAULT 'reference';

-- Requests since the onset that were slow, and the 95 % interval of excess_count.
ALTER TABLE incidents ADD COLUMN slow_count INTEGER NOT NULL DEFAULT 0;
ALTER TABLE incidents ADD COLUMN excess_low INTEGER NOT NULL DEFAULT 0;
ALTER TABLE incidents ADD COLUMN excess_high INTEGER NOT NULL DEFAULT 0;
-- 1: it came and went.
ALTER TABLE incidents ADD COLUMN flapping INTEGER NOT NULL DEFAULT 0;
-- How it ended: recovered, manual, retired.
ALTER TABLE incidents ADD COLUMN resolution TEXT;
-- The newest change of the deployed version in the ten minutes before the onset.
ALTER TABLE incidents ADD COLUMN deployed_version TEXT;
ALTER TABLE incidents ADD COLUMN previous_version TEXT;
ALTER TABLE incidents ADD COLUMN deployed_at TEXT;
-- Time of day (UTC), as in 06:00, at which the same has happened on at least three of the last days.
ALTER TABLE incidents ADD COLUMN usual_at TEXT;
-- false_positive or useful.
ALTER TABLE incidents ADD COLUMN feedback TEXT;
