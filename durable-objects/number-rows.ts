/**
 * What a change of a service's state tells: durable events with their numbers, history rows with their revisions, evidence for the
 * Narrator, and notices for those who are to be told.
 */
import type { Evidence } from "../domain/evidence.ts";
import type { HistoryRow } from "../domain/history.ts";
import type { Severity } from "../domain/incident.ts";
import type { DurableEvent, NarrativeEvent } from "../domain/message.ts";
import type { EvidentChange, MonitorDraft } from "../domain/monitor-draft.ts";
import { type MonitorState, statusOf } from "../domain/monitor-state.ts";
import type { NarrationRequest, NarrativeDraft } from "../domain/narrator.ts";
import type { Notice } from "../domain/subscriber.ts";
import { settingsAudit } from "./monitor-settings.ts";
import { noticesOf } from "./notices.ts";
import { serviceRecord } from "./service-view.ts";

/** What goes out with a change; all of it is stored with the change. */
export interface Told {
  readonly events: readonly DurableEvent[];
  readonly rows: readonly HistoryRow[];
  readonly requests: readonly NarrationRequest[];
  /** One an event. */
  readonly notices: readonly Notice[];
}

/** The words that an incident gets at once, those of the template; null where it has none for this evidence. */
export type FirstWords = (evidence: Evidence, now_ms: number) => NarrativeDraft | null;

/** Numbers go on from the state before; the draft takes over how far they came. */
export function numberRows(draft: MonitorDraft, before: MonitorState, now_ms: number, firstWords: FirstWords): Told {
  const { service } = before;
  const events = durableEvents(draft.changes, before.seq, now_ms, firstWords);
  const rows: HistoryRow[] = draft.windows.map(({ table, row }) => ({ table, row }));
  let known = new Set(before.tracker.incident?.anomalies);
  for (const event of events) {
    if (event.type === "narrative") {
      rows.push({ table: "incident_summaries", row: event.narrative });
      continue;
    }
    const { incident } = event;
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
  const requests = draft.changes.flatMap(({ evidence }) => (evidence === null ? [] : [{ service, evidence }]));
  const notices = noticesOf(events, { state: draft.state, minuteOf: (minute) => draft.minute(minute) });
  return { events, rows, requests, notices };
}

/** Each change, and after it its narrative, where one is due. */
function durableEvents(
  changes: readonly EvidentChange[],
  seq: number,
  now_ms: number,
  firstWords: FirstWords,
): DurableEvent[] {
  const events: DurableEvent[] = [];
  const next = (): number => seq + events.length + 1;
  for (const { action, incident, evidence } of changes) {
    events.push({ type: "incident", seq: next(), action, incident });
    const words = evidence === null ? null : firstWords(evidence, now_ms);
    if (words !== null) events.push(narrativeEvent(words, incident.severity, next()));
  }
  return events;
}

/**
 * Words get their event's number for a revision: it grows over all versions of an incident, also where the words before are not kept any
 * more, and over a deletion of the service.
 */
export function narrativeEvent(draft: NarrativeDraft, severity: Severity, seq: number): NarrativeEvent {
  return { type: "narrative", seq, severity, narrative: { ...draft, revision: seq } };
}
