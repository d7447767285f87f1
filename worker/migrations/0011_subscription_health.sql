-- How the target of each subscription is doing, as its object told it last; no row: as one that was never tried.
--   health     JSON of SubscriptionHealth (domain/subscription.ts)
--   revision   the object's, which grows
CREATE TABLE subscription_health (
  id TEXT NOT NULL PRIMARY KEY,
  health TEXT NOT NULL,
  revision INTEGER NOT NULL,
  change_id INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
