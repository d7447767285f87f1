/** What happened to an incident, seen from its successive states. */
import type { ChangeRef, IncidentState } from "./delivery-rules-state.ts";
import type { DeliveredChange } from "./delivery.ts";
import type { ServiceIncidentEvent, ServiceNarrativeEvent } from "./fleet.ts";
import { type Incident, SEVERITIES, type Severity } from "./incident.ts";

/** From 0 for the mildest. */
export function rank(severity: Severity): number {
  return SEVERITIES.indexOf(severity);
}

/**
 * The weightiest thing that an event tells against what was known (null: nothing); null where it tells of mere growth, or of what
 * people note on an incident that is over.
 */
export function changeOf(before: IncidentState | null, event: ServiceIncidentEvent): ChangeRef | null {
  const change = before === null ? firstChange(event) : nextChange(before, event.incident);
  return change === null ? null : { seq: event.seq, change, event_at: timeOf(change, event.incident) };
}

function firstChange({ action, incident }: ServiceIncidentEvent): DeliveredChange | null {
  if (incident.status === "open") return "opened";
  return action === "resolved" ? "resolved" : null;
}

function nextChange(before: IncidentState, after: Incident): DeliveredChange | null {
  if (after.status === "resolved") return before.status === "open" ? "resolved" : null;
  if (after.flapping && !before.flapping) return "flapping";
  if (before.status === "resolved" || after.reopened_count > before.reopened_count) return "reopened";
  if (rank(after.severity) > rank(before.severity)) return "escalated";
  return after.acknowledged_at !== null && after.acknowledged_at !== before.acknowledged_at ? "acknowledged" : null;
}

function timeOf(change: DeliveredChange, incident: Incident): string {
  if (change === "opened") return incident.opened_at;
  if (change === "acknowledged") return incident.acknowledged_at ?? incident.updated_at;
  return incident.updated_at;
}

/** Words that are still in the making are none. */
export function narratedOf({ seq, narrative }: ServiceNarrativeEvent): ChangeRef | null {
  if (narrative.reason === "waiting" || narrative.reason === "writing") return null;
  return { seq, change: "narrated", event_at: narrative.window_end };
}

/** The row of an incident after an event, before it is decided what becomes of the change. */
export function stateAfter(before: IncidentState | null, event: ServiceIncidentEvent, now_ms: number): IncidentState {
  const { seq, incident } = event;
  const { service, status, severity, endpoint, historical, reopened_count, flapping, acknowledged_at } = incident;
  const is_open = status === "open";
  const known = before ?? newState(incident, event.service);
  const is_taken_on = acknowledged_at !== null && acknowledged_at !== known.acknowledged_at;
  return {
    ...known,
    service,
    seq,
    status,
    severity,
    endpoint,
    event_at: incident.updated_at,
    historical,
    reopened_count,
    flapping,
    acknowledged_at,
    acknowledged: is_open && acknowledged_at !== null && (known.acknowledged || is_taken_on),
    resolved_ms: is_open ? null : (known.resolved_ms ?? now_ms),
  };
}

/** Of an incident that nobody was told of; the stand holds until its first change is judged, or for good where it is over already. */
function newState({ id, status, severity }: Incident, service: string): IncidentState {
  return {
    incident_id: id,
    service,
    seq: 0,
    status,
    severity,
    endpoint: null,
    event_at: "",
    historical: false,
    reopened_count: 0,
    flapping: false,
    flapping_told: false,
    acknowledged_at: null,
    acknowledged: false,
    stand: { kind: "withheld", reason: "change", detail: "It had opened before this subscription heard of it." },
    told_by: null,
    group_key: null,
    kept_back: null,
    unsent: 0,
    repeats: 0,
    repeat_withheld: null,
    digest_id: null,
    caught_up_id: null,
    resolved_ms: null,
    due_ms: null,
  };
}
