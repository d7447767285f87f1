-- Who hears of incidents, when nobody does, and what became of each message. Times and revision, change_id as in 0001_history.sql.
--
-- Further words of audit_log.action, with their subject and detail. None of them ever has a member of a target that opens anything:
--   subscription.created, subscription.changed, subscription.deleted
--                    the subscription's name; {id, revision}, and for a change {changed: {member: [before, after]}}, where members
--                    of the target stand by name alone: {target: ["url"]}
--   subscription.tested, subscription.redelivered
--                    the subscription's name; {id} and what came of it: {delivered, http_status}, {message_id}
--   silence.created, silence.changed, silence.ended
--                    the silence's id; the silence, and for a change {changed: {member: [before, after]}}

-- The newest revision of any subscription or silence; one row. Whoever changes one has read it at this value, and writes only while it
-- holds: of two writers who have read the same one is too late, and reads again.
CREATE TABLE audience (
  id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
  revision INTEGER NOT NULL
) STRICT;

INSERT INTO audience (id, revision) VALUES (1, 0);

-- One row a subscription; at most 1,000 that are not deleted.
--   id             sub_ and 16 hex digits
--   name           of those that are not deleted no two have the same
--   revision       as in audience
--   wish           JSON of SubscriptionWish (domain/subscription.ts)
--   sealed_target  JSON of Target (domain/target.ts) under AES-256-GCM with a key from SUBSCRIPTION_KEY, in base64: no secret of a
--                  target stands anywhere else. Empty once it is deleted
--   target         JSON of TargetView: what may be shown of it
--   changed_by     who changed it last: admin by token, or admin by session
--   deleted_at     null while it lives; the row goes once the Fleet has heard of it
--   handed         1 once the Fleet has this revision; what it has not is handed on with the next change
CREATE TABLE subscriptions (
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  revision INTEGER NOT NULL,
  wish TEXT NOT NULL,
  sealed_target TEXT NOT NULL,
  target TEXT NOT NULL,
  created_at TEXT NOT NULL,
  changed_at TEXT NOT NULL,
  changed_by TEXT NOT NULL,
  deleted_at TEXT,
  handed INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX subscriptions_by_name ON subscriptions (name) WHERE deleted_at IS NULL;

-- One row a silence; at most 1,000 that have not ended. What ended a week ago is deleted with the next change.
--   id          sil_ and 16 hex digits
--   revision    as in audience
--   services    JSON: names of services and patterns
--   endpoint    a pattern over the endpoint that drives the incident; null: whichever
--   severities  JSON: medium, high, critical; null: whichever
--   incident_id only this incident; null: any
--   starts_at, ends_at
--               one that is ended by hand has its end then
--   weekly      JSON of WeeklySchedule (domain/silencing.ts); null: all the time
--   comment     why
--   created_by  admin by token, admin by session, or link of subscription NAME
--   handed      as in subscriptions
CREATE TABLE silences (
  id TEXT NOT NULL PRIMARY KEY,
  revision INTEGER NOT NULL,
  services TEXT NOT NULL,
  endpoint TEXT,
  severities TEXT,
  incident_id TEXT,
  starts_at TEXT NOT NULL,
  ends_at TEXT NOT NULL,
  weekly TEXT,
  comment TEXT NOT NULL,
  created_at TEXT NOT NULL,
  created_by TEXT NOT NULL,
  handed INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- One row a change of an incident and a subscription that its service belongs to: delivered, or withheld and why.
--   id                 subscription:incident:seq, and :repeated:N for a repetition
--   subscription_name  as it was then
--   change             opened, escalated, narrated, resolved, reopened, acknowledged, flapping or repeated
--   status             withheld, waiting, delivered or failed (given up after ten attempts)
--   reason             why it is withheld: severity, change, silence, acknowledged, grouped, flapping, historical, rate or disabled
--   detail             in words; null where there is nothing to say
--   message_id         webhook-id of the message that tells it; null where it is withheld for good
--   event_at           when the incident changed, event time
--   heard_at           when the subscription heard of it, the clock
--   delivered_at       when the target had it, the clock
--   attempts           how often it was sent
--   http_status        of the newest attempt; null: no answer
--   latency_ms         of the newest attempt
CREATE TABLE deliveries (
  id TEXT NOT NULL PRIMARY KEY,
  subscription_id TEXT NOT NULL,
  subscription_name TEXT NOT NULL,
  incident_id TEXT NOT NULL,
  service TEXT NOT NULL,
  change TEXT NOT NULL,
  status TEXT NOT NULL,
  reason TEXT,
  detail TEXT,
  message_id TEXT,
  event_at TEXT NOT NULL,
  heard_at TEXT NOT NULL,
  delivered_at TEXT,
  attempts INTEGER NOT NULL,
  http_status INTEGER,
  latency_ms REAL,
  revision INTEGER NOT NULL,
  change_id INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- An incident's ledger is read in the order in which things were heard.
CREATE INDEX deliveries_by_incident ON deliveries (incident_id, heard_at, id);
