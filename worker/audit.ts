/** Acts that happen in the Worker alone, in the audit log: no object stands behind them. */
import { type AuditRecord, auditRow } from "../domain/history.ts";
import { asked, d1History } from "./history.ts";

/** Resolves once the row is written. @throws HistoryUnavailable */
export async function writeAudit(
  db: D1Database,
  act: Pick<AuditRecord, "actor" | "action" | "subject">,
  key: string,
  detail: object,
  at: string,
): Promise<void> {
  await asked(d1History(db).write([auditRow(act, key, detail, at)]));
}
