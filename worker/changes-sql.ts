/** SQL of the readers of changes. Table and columns are documented in migrations/0005_changes.sql; the changes' own SQL is history-sql.ts. */
import type { ChangingTable } from "./history-sql.ts";

export const SELECT_READER = "SELECT cursor FROM change_readers WHERE reader = ?1";

export const SELECT_READERS = "SELECT reader, cursor, acknowledged_at FROM change_readers ORDER BY reader";

/**
 * Moves the cursor of reader ?1 to ?2 at the time ?3, forward only. Changes nothing where ?2 was never given out, or where a new
 * reader would be one more than ?4.
 */
export const ACKNOWLEDGE = `INSERT INTO change_readers (reader, cursor, acknowledged_at)
  SELECT ?1, ?2, ?3
  WHERE ?2 <= (SELECT value FROM change_sequence WHERE name = 'history')
    AND (EXISTS (SELECT 1 FROM change_readers WHERE reader = ?1) OR (SELECT COUNT(*) FROM change_readers) < ?4)
  ON CONFLICT (reader) DO UPDATE SET cursor = excluded.cursor, acknowledged_at = excluded.acknowledged_at
  WHERE excluded.cursor > change_readers.cursor`;

export const SELECT_NEWEST = "SELECT value FROM change_sequence WHERE name = 'history'";

/** Which topics (JSON ?2) reader ?1 asks for; a row is written only where it asks for others than before. */
export const NOTE_TOPICS = "UPDATE change_readers SET topics = ?2 WHERE reader = ?1 AND topics IS NOT ?2";

const countAfter = (table: ChangingTable): string =>
  `(SELECT COUNT(*) FROM (SELECT 1 FROM ${table} WHERE change_id > own.cursor LIMIT ?1))`;

/** How many changes of each topic come after each reader's cursor, ?1 of each at most, and which topics (JSON) it asks for. */
export const SELECT_WAITING = `SELECT reader, acknowledged_at, COALESCE(topics, '["aggregated_metrics","anomalies"]') AS topics,
    ${countAfter("service_metrics")} AS aggregated_metrics, ${countAfter("anomalies")} AS anomalies,
    ${countAfter("incidents")} AS incidents
  FROM change_readers AS own ORDER BY reader`;

export const DELETE_READER = "DELETE FROM change_readers WHERE reader = ?1";
