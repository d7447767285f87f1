/** What people do to an incident: they take it on, end it by hand, or say that it was none. */
import { marksAfter } from "./feedback-guard.ts";
import { auditRow } from "./history.ts";
import type { Feedback, Incident } from "./incident.ts";
import { endedOlder } from "./incident-change.ts";
import { type IncidentChange, type Mark, mark as markNewest, resolve } from "./incident-tracker.ts";
import type { MonitorDraft } from "./monitor-draft.ts";
import { formatRfc3339 } from "./rfc3339.ts";

export type IncidentAct =
  | { readonly kind: "acknowledge"; readonly by: string }
  | { readonly kind: "resolve" }
  /** Null takes back what was said. */
  | { readonly kind: "feedback"; readonly verdict: Feedback | null };

/** What the Worker asks of the object of an incident's service. */
export interface IncidentCall {
  readonly incident_id: string;
  readonly act: IncidentAct;
  /** For the audit log: the role, and how it was shown. */
  readonly actor: string;
  /** The incident as history has it, where the object said that it does not know it; else null. */
  readonly known: Incident | null;
}

export type IncidentAnswer =
  | { readonly kind: "done"; readonly incident: Incident }
  | { readonly kind: "already_resolved"; readonly incident: Incident }
  /** The object does not hold the incident: the call may be repeated with what history has. */
  | { readonly kind: "unknown" }
  /** The service was deleted, or never was: nobody is there to number a change. */
  | { readonly kind: "no_service" };

/** Words of `audit_log.action` (worker/migrations/0004_acts.sql). */
const ACTIONS = {
  acknowledge: "incident.acknowledged",
  resolve: "incident.resolved",
  feedback: "incident.feedback",
} as const;

/**
 * Does it to `held`, the newest that is known of the incident, as changes and rows of the draft. What is so already changes
 * nothing and is answered alike; only an incident that is over cannot be ended.
 */
export function actOn(draft: MonitorDraft, held: Incident, call: IncidentCall, now_ms: number): IncidentAnswer {
  const { act } = call;
  const incident = changed(draft, held, act, now_ms);
  if (incident === "already_resolved") return { kind: "already_resolved", incident: held };
  if (incident === held) return { kind: "done", incident };
  const { service, metric_name, revision } = incident;
  const [at, incident_id] = [formatRfc3339(now_ms), incident.id];
  const { kind, ...said } = act;
  const done = { actor: call.actor, action: ACTIONS[kind], subject: service };
  draft.note(auditRow(done, `${incident_id} ${revision}`, { incident_id, ...said }, at));
  if (act.kind === "feedback") {
    const row = { incident_id, service, metric_name, verdict: act.verdict, at, actor: call.actor, revision };
    draft.note({ table: "feedback", row });
  }
  return { kind: "done", incident };
}

/** The incident afterwards; `held` itself where nothing changes. */
function changed(draft: MonitorDraft, held: Incident, act: IncidentAct, now_ms: number): Incident | "already_resolved" {
  switch (act.kind) {
    case "acknowledge":
      if (held.acknowledged_at !== null) return held;
      return mark(draft, held, { acknowledged_at: formatRfc3339(now_ms), acknowledged_by: act.by });
    case "feedback":
      return held.feedback === act.verdict ? held : judge(draft, held, act.verdict);
    case "resolve":
      return held.status === "resolved" ? "already_resolved" : endIncident(draft, held, "manual", now_ms);
  }
}

/** Adds what people say to an incident, be it the newest one or an older one, and gives it as it is then. */
function mark(draft: MonitorDraft, held: Incident, change: Mark): Incident {
  const { tracker } = draft.state;
  const older: IncidentChange = { action: "updated", incident: { ...held, ...change, revision: held.revision + 1 } };
  const marked = markNewest(tracker, held.id, change) ?? { state: tracker, change: older };
  draft.take(marked, held);
  return marked.change.incident;
}

/** A false positive makes the like of it wait on this service, until it is taken back. */
function judge(draft: MonitorDraft, held: Incident, feedback: Feedback | null): Incident {
  const { open_second, detectors } = draft.state;
  const false_positives = marksAfter(draft.state.false_positives, held, feedback, open_second ?? 0);
  detectors.guard.recount(false_positives);
  draft.set({ false_positives });
  return mark(draft, held, { feedback });
}

/** Ends an open incident by hand or because its service is given up, and gives it as it is then. */
export function endIncident(
  draft: MonitorDraft,
  held: Incident,
  resolution: "manual" | "retired",
  now_ms: number,
): Incident {
  const { tracker, silence, open_second } = draft.state;
  // While it is down no second closes; else its end is of the time that its counts are of.
  const second = silence.down_second === null ? (open_second ?? 1) - 1 : Math.floor(now_ms / 1000);
  const older: IncidentChange = { action: "resolved", incident: endedOlder(held, resolution, second) };
  const isNewest = tracker.incident?.id === held.id;
  const ended = (isNewest ? resolve(tracker, resolution, second) : null) ?? { state: tracker, change: older };
  draft.take(ended, held);
  return ended.change.incident;
}
