/** What is still to be told of a service that an administrator deletes: then its object knows nothing of it any more. */
import { ADMISSION_REMEMBERED_MS } from "../domain/fleet.ts";
import { auditRow, type HistoryRow } from "../domain/history.ts";
import { endIncident } from "../domain/incident-act.ts";
import type { MonitorDraft } from "../domain/monitor-draft.ts";
import type { MonitorState } from "../domain/monitor-state.ts";
import { formatRfc3339 } from "../domain/rfc3339.ts";
import { type FirstWords, numberRows, type Told } from "./number-rows.ts";
import { type PastService, UnreadableState } from "./service-monitor-sql.ts";
import { serviceRecord } from "./service-view.ts";

/** Nobody is asked for better words: there is nobody any more to take them. */
export interface Farewell {
  readonly told: Told & { readonly requests: readonly [] };
  readonly numbers: PastService["numbers"];
}

/** Whoever remembers that the name is admitted may not know yet that the service was deleted since. */
export function isJustForgotten(past: PastService | null, now_ms: number): boolean {
  return past !== null && now_ms - past.forgotten_ms < ADMISSION_REMEMBERED_MS;
}

/** `load`: reads the state, with a draft of it. What cannot be read is deleted as it is. */
export function farewell(
  service: string,
  actor: string,
  now_ms: number,
  load: () => { readonly state: MonitorState; readonly draft: MonitorDraft; readonly firstWords: FirstWords },
): Farewell {
  try {
    const { state, draft, firstWords } = load();
    return lastWords(draft, state, actor, now_ms, firstWords);
  } catch (error) {
    if (!(error instanceof UnreadableState)) throw error;
    console.error(`the state of ${service} cannot be read and is deleted as it is`, error);
    // No number before can have been as large as the clock.
    const numbers = { seq: now_ms, outbox_position: now_ms, record_revision: now_ms, window_revision: now_ms };
    return {
      told: { events: [], rows: [deletionAudit(service, actor, now_ms, now_ms)], requests: [], notices: [] },
      numbers,
    };
  }
}

/** Its open windows as they are, the end of its open incident, its row in history, and who did it. */
function lastWords(
  draft: MonitorDraft,
  before: MonitorState,
  actor: string,
  now_ms: number,
  firstWords: FirstWords,
): Farewell {
  const { service } = before;
  const { incident } = before.tracker;
  draft.projectOpen();
  if (incident?.status === "open") endIncident(draft, incident, "manual", now_ms);
  const { events, rows, notices } = numberRows(draft, before, now_ms, firstWords);
  const record_revision = draft.state.record_revision + 1;
  const record = { ...serviceRecord(draft.state), deleted_at: formatRfc3339(now_ms), revision: record_revision };
  const last: HistoryRow[] = [
    { table: "services", row: record },
    deletionAudit(service, actor, record_revision, now_ms),
  ];
  const { seq, outbox_position, window_revision } = draft.state;
  const numbers = { seq, outbox_position, record_revision, window_revision };
  return { told: { events, rows: [...rows, ...last], requests: [], notices }, numbers };
}

/** `number` tells this deletion from others of the name. */
function deletionAudit(service: string, actor: string, number: number, now_ms: number): HistoryRow {
  const act = { actor, action: "service.deleted", subject: service };
  return auditRow(act, `${service} ${number}`, {}, formatRfc3339(now_ms));
}
