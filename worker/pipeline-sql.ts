/** SQL of what the page of the pipeline is told of history. Its indexes are in migrations/0009_pipeline.sql. */

/** Newest first; more than so many answers in ten minutes are a storm, of which these tell enough. */
const ANSWERS_MAX = 500;

/** Milliseconds of the model's answers since ?1. */
export const SELECT_NARRATOR_ANSWERS = `SELECT latency_ms FROM incident_summaries
  WHERE latency_ms IS NOT NULL AND written_at > ?1 ORDER BY written_at DESC LIMIT ${ANSWERS_MAX}`;

/** Milliseconds of the targets' answers since ?1. */
export const SELECT_DELIVERY_ANSWERS = `SELECT latency_ms FROM deliveries
  WHERE delivered_at IS NOT NULL AND delivered_at > ?1 AND latency_ms IS NOT NULL ORDER BY delivered_at DESC LIMIT ${ANSWERS_MAX}`;
