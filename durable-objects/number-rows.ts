/** What a change of a service's state tells: incident events with their numbers, history rows with their revisions. */
import type { HistoryRow } from "../domain/history.ts";
import type { IncidentEvent } from "../domain/message.ts";
import type { MonitorDraft } from "../domain/monitor-draft.ts";
import { type MonitorState, statusOf } from "../domain/monitor-state.ts";
import { settingsAudit } from "./monitor-settings.ts";
import { incidentEvents, serviceRecord } from "./service-view.ts";

/** Numbers go on from the state before; the draft takes over how far they came. */
export function numberRows(
  draft: MonitorDraft,
  before: MonitorState,
  now_ms: number,
): { readonly events: IncidentEvent[]; readonly rows: HistoryRow[] } {
  const events = incidentEvents(draft.changes, before.seq);
  const rows: HistoryRow[] = draft.windows.map(({ table, row }) => ({ table, row }));
  let known = new Set(before.tracker.incident?.anomalies);
  for (const { incident } of events) {
    rows.push({ table: "incidents", row: incident });
    // What is over changes no more: it was written when it ended.
    const changed = incident.anomalies.filter((anomaly) => !anomaly.resolved || !known.has(anomaly));
    for (const anomaly of changed) rows.push({ table: "anomalies", row: { ...anomaly, revision: incident.revision } });
    known = new Set(incident.anomalies);
  }
  draft.set({ seq: before.seq + events.length });
  // Only a service that is just made has had no event.
  const isNew = before.first_event_ms === null;
  const hasHour = draft.windows.some((window) => window.table === "service_metrics_hourly");
  if (isNew || hasHour || statusOf(before.tracker) !== statusOf(draft.state.tracker) || events.length > 0) {
    draft.set({ record_revision: before.record_revision + 1 });
    rows.push({ table: "services", row: serviceRecord(draft.state) });
  }
  const audit = settingsAudit(before, draft.state, now_ms);
  if (audit !== null) rows.push(audit);
  rows.push(...draft.notes);
  return { events, rows };
}
