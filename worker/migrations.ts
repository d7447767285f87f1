/** The migrations that the Worker's SQL relies on, in order: the files of worker/migrations (a test compares). */
export const MIGRATIONS = [
  "0001_history.sql",
  "0002_settings.sql",
  "0003_detection.sql",
  "0004_acts.sql",
  "0005_changes.sql",
  "0006_narratives.sql",
  "0007_subscriptions.sql",
  "0008_named_silences.sql",
  "0009_pipeline.sql",
  "0010_audience_keys.sql",
  "0011_subscription_health.sql",
] as const;
