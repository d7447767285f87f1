-- What was made by a request with an Idempotency-Key, one row a key, so that whoever sends it again makes no second one. A key is forgotten
-- with the first change that comes a day later.
--   key  subscription or silence, a blank, and the key as it was sent
--   id   of the subscription or silence
--   at   when it was made
CREATE TABLE audience_keys (
  key TEXT NOT NULL PRIMARY KEY,
  id TEXT NOT NULL,
  at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
