/**
 * The SQL of subscriptions and silences. Tables and columns are documented in migrations/0007_subscriptions.sql
 * and 0010_audience_keys.sql.
 *
 * A change is made from what was read, in one transaction (worker/audience-store.ts), whose statements all write nothing once somebody
 * else's came between: HOLDS. Rows come many to a statement, as one JSON array, as in history-sql.ts.
 */
import type { Silence } from "../domain/silencing.ts";
import type { StoredSubscription } from "../domain/subscription.ts";

export const SELECT_AUDIENCE_REVISION = "SELECT revision FROM audience";

/** ?2 is the revision that was read. */
const HOLDS = "(SELECT revision FROM audience) = ?2";

export interface SubscriptionRow {
  readonly id: string;
  readonly revision: number;
  readonly wish: string;
  /** Empty where it was not asked for. */
  readonly sealed_target: string;
  readonly target: string;
  readonly created_at: string;
  readonly changed_at: string;
  readonly changed_by: string;
  readonly handed: 0 | 1;
}

const SUBSCRIPTION_COLUMNS = "id, revision, wish, target, created_at, changed_at, changed_by, handed";

/** Those that live, by name. The targets of those whose ids are the JSON array ?1, and of what was made under key ?2, come along; null: of all. */
export const SELECT_SUBSCRIPTIONS = `SELECT ${SUBSCRIPTION_COLUMNS},
    iif(?1 IS NULL OR id IN (SELECT value FROM json_each(?1) UNION SELECT id FROM audience_keys WHERE key = ?2), sealed_target,
      '') AS sealed_target
  FROM subscriptions WHERE deleted_at IS NULL ORDER BY name`;

/** Of those that live, by name: how their targets are doing, as their objects told it last. */
export const SELECT_SUBSCRIPTIONS_DOING = `SELECT subscriptions.id, subscriptions.revision, name, wish ->> '$.enabled' AS enabled, health
  FROM subscriptions LEFT JOIN subscription_health USING (id) WHERE deleted_at IS NULL ORDER BY name`;
export const SELECT_HEALTHS = "SELECT id, health FROM subscription_health";
/** Of the ids of the JSON array ?1. */
export const SELECT_SEALED =
  "SELECT id, revision, sealed_target FROM subscriptions WHERE id IN (SELECT value FROM json_each(?1))";

/** Of what is no more. */
export const FORGET_HEALTHS = "DELETE FROM subscription_health WHERE id NOT IN (SELECT id FROM subscriptions)";

/** Deleted ones of which the Fleet has yet to hear. */
export const SELECT_DELETED = "SELECT id FROM subscriptions WHERE deleted_at IS NOT NULL";

/** Stores the subscriptions of the JSON array ?1, which the Fleet has yet to hear of. */
export const PUT_SUBSCRIPTIONS = `INSERT INTO subscriptions
    (id, name, revision, wish, sealed_target, target, created_at, changed_at, changed_by, handed)
  SELECT entry.value ->> '$.id', entry.value ->> '$.wish.name', entry.value ->> '$.revision', entry.value -> '$.wish',
    entry.value ->> '$.sealed_target', entry.value -> '$.target', entry.value ->> '$.created_at',
    entry.value ->> '$.changed_at', entry.value ->> '$.changed_by', 0
  FROM json_each(?1) AS entry WHERE ${HOLDS}
  ON CONFLICT (id) DO UPDATE SET name = excluded.name, revision = excluded.revision, wish = excluded.wish,
    sealed_target = excluded.sealed_target, target = excluded.target, changed_at = excluded.changed_at,
    changed_by = excluded.changed_by, handed = 0`;

/** Deletes those of the JSON array ?1 of {id, revision, at}; the rows stay until the Fleet has heard of it, but for what is secret. */
export const DELETE_SUBSCRIPTIONS = `UPDATE subscriptions SET deleted_at = entry.value ->> '$.at',
    revision = entry.value ->> '$.revision', sealed_target = '', handed = 0
  FROM json_each(?1) AS entry WHERE subscriptions.id = entry.value ->> '$.id' AND ${HOLDS}`;

/** What was made under key ?1. */
export const SELECT_KEYED = "SELECT id FROM audience_keys WHERE key = ?1";

/** The JSON array ?1 of {key, id, at}: what is made by this change. */
export const PUT_KEYS = `INSERT INTO audience_keys (key, id, at)
  SELECT entry.value ->> '$.key', entry.value ->> '$.id', entry.value ->> '$.at' FROM json_each(?1) AS entry WHERE ${HOLDS}
  ON CONFLICT (key) DO UPDATE SET id = excluded.id, at = excluded.at`;

/** Forgets keys of before ?1. */
export const FORGET_KEYS = `DELETE FROM audience_keys WHERE at < ?1 AND ${HOLDS}`;

export interface SilenceRow {
  readonly id: string;
  readonly revision: number;
  readonly services: string;
  readonly endpoint: string | null;
  readonly severities: string | null;
  readonly incident_id: string | null;
  readonly starts_at: string;
  readonly ends_at: string;
  readonly weekly: string | null;
  readonly comment: string;
  readonly created_at: string;
  readonly created_by: string;
  readonly handed: 0 | 1;
}

const SILENCE_COLUMNS = `id, revision, services, endpoint, severities, incident_id, starts_at, ends_at, weekly, comment,
    created_at, created_by`;

/** All that are there, ended ones too; those made first come first. */
export const SELECT_SILENCES = `SELECT ${SILENCE_COLUMNS}, handed FROM silences ORDER BY created_at, id`;

/** Stores the silences of the JSON array ?1, likewise. */
export const PUT_SILENCES = `INSERT INTO silences (${SILENCE_COLUMNS}, handed)
  SELECT entry.value ->> '$.id', entry.value ->> '$.revision', entry.value -> '$.services', entry.value ->> '$.endpoint',
    nullif(entry.value -> '$.severities', 'null'), entry.value ->> '$.incident_id', entry.value ->> '$.starts_at',
    entry.value ->> '$.ends_at', nullif(entry.value -> '$.weekly', 'null'), entry.value ->> '$.comment',
    entry.value ->> '$.created_at', entry.value ->> '$.created_by', 0
  FROM json_each(?1) AS entry WHERE ${HOLDS}
  ON CONFLICT (id) DO UPDATE SET revision = excluded.revision, services = excluded.services, endpoint = excluded.endpoint,
    severities = excluded.severities, incident_id = excluded.incident_id, starts_at = excluded.starts_at,
    ends_at = excluded.ends_at, weekly = excluded.weekly, comment = excluded.comment, handed = 0`;

/** Forgets silences that ended before ?1 and of which the Fleet has heard. */
export const FORGET_SILENCES = `DELETE FROM silences WHERE ends_at < ?1 AND handed = 1 AND ${HOLDS}`;

/** Rows of the JSON array ?1 for the audit log; each takes its place in the order of changes. */
export const AUDIT_AUDIENCE = `INSERT INTO audit_log (id, at, actor, action, subject, detail, revision, change_id)
  SELECT entry.value ->> '$.id', entry.value ->> '$.at', entry.value ->> '$.actor', entry.value ->> '$.action',
    entry.value ->> '$.subject', entry.value ->> '$.detail', 1, sequence.value + entry.key + 1
  FROM json_each(?1) AS entry CROSS JOIN change_sequence AS sequence
  WHERE sequence.name = 'history' AND ${HOLDS}
  ON CONFLICT (id) DO NOTHING`;

/** ?1 rows were written to the audit log. */
export const ADVANCE_HISTORY = `UPDATE change_sequence SET value = value + ?1 WHERE name = 'history' AND ${HOLDS}`;

/** Last in the transaction; changes a row where all the others did. */
export const ADVANCE_AUDIENCE = "UPDATE audience SET revision = ?1 WHERE revision = ?2";

/** What the Fleet has yet to hear of; `wish` is empty where the subscription was deleted. */
export const SELECT_UNHANDED_SUBSCRIPTIONS = `SELECT ${SUBSCRIPTION_COLUMNS}, sealed_target, deleted_at FROM subscriptions
  WHERE handed = 0 ORDER BY revision LIMIT ?1`;
export const SELECT_UNHANDED_SILENCES = `SELECT ${SILENCE_COLUMNS}, handed FROM silences WHERE handed = 0 ORDER BY revision LIMIT ?1`;

/** The Fleet has the revisions of the JSON array ?1 of {id, revision}: a row that has changed since stays as it is. */
export const HAND_SUBSCRIPTIONS = `UPDATE subscriptions SET handed = 1 FROM json_each(?1) AS entry
  WHERE subscriptions.id = entry.value ->> '$.id' AND subscriptions.revision = entry.value ->> '$.revision'`;
export const HAND_SILENCES = `UPDATE silences SET handed = 1 FROM json_each(?1) AS entry
  WHERE silences.id = entry.value ->> '$.id' AND silences.revision = entry.value ->> '$.revision'`;
export const FORGET_SUBSCRIPTIONS = "DELETE FROM subscriptions WHERE deleted_at IS NOT NULL AND handed = 1";

export function parseSubscriptionRow(row: SubscriptionRow): StoredSubscription {
  return {
    id: row.id,
    revision: row.revision,
    wish: JSON.parse(row.wish),
    sealed_target: row.sealed_target,
    target: JSON.parse(row.target),
    created_at: row.created_at,
    changed_at: row.changed_at,
    changed_by: row.changed_by,
  };
}

export function parseSilenceRow({ handed: _handed, ...row }: SilenceRow): Silence {
  return {
    ...row,
    services: JSON.parse(row.services),
    severities: row.severities === null ? null : JSON.parse(row.severities),
    weekly: row.weekly === null ? null : JSON.parse(row.weekly),
  };
}
