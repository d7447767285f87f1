/** The SQL of the settings' versions. Tables and columns are documented in migrations/0002_settings.sql. */

/** A row of `settings`. */
export interface SettingsRow {
  readonly version: number;
  readonly document: string;
  readonly changed_at: string;
  readonly changed_by: string;
}

const COLUMNS = "version, document, changed_at, changed_by";
const NEWEST = "(SELECT coalesce(max(version), 0) FROM settings)";

/**
 * Stores ?1 as the next version, at ?2 by ?3, unless it is what the newest one says, or the newest is not number ?4 (null: any).
 * One statement looks and writes, so that of two writers who have seen the same version one is too late.
 */
export const INSERT_SETTINGS = `INSERT INTO settings (${COLUMNS})
  SELECT ${NEWEST} + 1, ?1, ?2, ?3
  WHERE (?4 IS NULL OR ?4 = ${NEWEST})
    AND NOT EXISTS (SELECT 1 FROM settings WHERE version = ${NEWEST} AND document = ?1)`;

/** In the same transaction: the newest version stands in the audit log, once. */
export const AUDIT_SETTINGS = `INSERT INTO audit_log (id, at, actor, action, subject, detail, revision, change_id)
  SELECT 'settings.stored * ' || newest.version, newest.changed_at, newest.changed_by, 'settings.stored', '*',
    json_object('version', newest.version), 1, sequence.value + 1
  FROM settings AS newest CROSS JOIN change_sequence AS sequence
  WHERE newest.version = ${NEWEST} AND sequence.name = 'history'
  ON CONFLICT (id) DO NOTHING`;

export const SELECT_NEWEST_SETTINGS = `SELECT ${COLUMNS} FROM settings WHERE version = ${NEWEST}`;

/** At most ?2 versions below ?1, newest first. */
export const SELECT_SETTINGS = `SELECT ${COLUMNS} FROM settings WHERE version < ?1 ORDER BY version DESC LIMIT ?2`;
