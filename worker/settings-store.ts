/** The versions of the settings document in the history database. */
import type { SettingsVersion } from "../domain/resource.ts";
import { formatRfc3339 } from "../domain/rfc3339.ts";
import type { SettingsDocument } from "../domain/settings-document.ts";
import { ADVANCE_SEQUENCE, storedTime } from "./history-sql.ts";
import { asked } from "./history.ts";
import {
  AUDIT_SETTINGS,
  INSERT_SETTINGS,
  SELECT_NEWEST_SETTINGS,
  SELECT_SETTINGS,
  type SettingsRow,
} from "./settings-sql.ts";

/** What holds while no document was ever stored. */
const NO_SETTINGS: SettingsVersion = { version: 0, document: {}, changed_at: null, changed_by: null };

export interface SettingsWish {
  readonly document: SettingsDocument;
  readonly now_ms: number;
  readonly changed_by: string;
  /** The version that the document was made from, 0 for none; null: whatever is there is replaced. */
  readonly expected: number | null;
}

/** `stored`: the document is the newest version, be it that it was so before. `outdated`: another was stored meanwhile. */
export interface SettingsOutcome {
  readonly kind: "stored" | "outdated";
  readonly newest: SettingsVersion;
}

/** Stores a version that differs from the newest one, with its row in the audit log. @throws HistoryUnavailable */
export async function storeSettings(db: D1Database, wish: SettingsWish): Promise<SettingsOutcome> {
  const document = JSON.stringify(wish.document);
  const insert = db.prepare(INSERT_SETTINGS).bind(document, storedTime(wish.now_ms), wish.changed_by, wish.expected);
  const statements = [insert, db.prepare(AUDIT_SETTINGS), db.prepare(ADVANCE_SEQUENCE).bind(1)];
  const answers = await asked(db.batch<SettingsRow>([...statements, db.prepare(SELECT_NEWEST_SETTINGS)]));
  const row = answers.at(-1)?.results[0];
  const newest = row === undefined ? NO_SETTINGS : parseRow(row);
  return { kind: row?.document === document ? "stored" : "outdated", newest };
}

/** The version in force. @throws HistoryUnavailable */
export async function newestSettings(db: D1Database): Promise<SettingsVersion> {
  const row = await asked(db.prepare(SELECT_NEWEST_SETTINGS).first<SettingsRow>());
  return row === null ? NO_SETTINGS : parseRow(row);
}

/** At most `limit` versions below `before`, newest first. @throws HistoryUnavailable */
export async function settingsBefore(db: D1Database, before: number, limit: number): Promise<SettingsVersion[]> {
  const { results } = await asked(db.prepare(SELECT_SETTINGS).bind(before, limit).all<SettingsRow>());
  return results.map(parseRow);
}

function parseRow({ version, document, changed_at, changed_by }: SettingsRow): SettingsVersion {
  return {
    version,
    document: JSON.parse(document) as SettingsDocument,
    changed_at: formatRfc3339(Date.parse(changed_at)),
    changed_by,
  };
}
