-- What is set, and who did what. Times and revision, change_id as in 0001_history.sql.

-- Every version of the settings document; the one with the highest version is in force.
--   version     from 1, without gaps
--   document    JSON as it was given (faultline.schema.json)
--   changed_by  who stored it: admin by token, or admin by session
CREATE TABLE settings (
  version INTEGER NOT NULL PRIMARY KEY,
  document TEXT NOT NULL,
  changed_at TEXT NOT NULL,
  changed_by TEXT NOT NULL
) STRICT;

-- One row an act, written once; nothing is ever deleted.
--   id       action, subject and number of the act: a repetition of the same act is no second row
--   actor    who did it: admin by token, admin by session, or object (a service's object took it over by itself)
--   action   settings.stored: a new version of the document; settings.in_force: a service's object judges by it from now on
--   subject  what it was done to: a service's name, or * for all of Faultline
--   detail   JSON: for settings.stored {version}, for settings.in_force {version, changed: {field: [before, after]}}
CREATE TABLE audit_log (
  id TEXT NOT NULL PRIMARY KEY,
  at TEXT NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  subject TEXT NOT NULL,
  detail TEXT NOT NULL,
  revision INTEGER NOT NULL,
  change_id INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
