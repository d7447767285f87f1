/**
 * From findings to incidents: one fault is one incident, opened at once, updated when it grows worse or another metric joins,
 * and with its counts at each minute's end; resolved once every anomaly has been quiet for 30 s. A re-fire within five minutes
 * reopens the same incident.
 */
import { type Finding, scoreOf, severityOf } from "./finding.ts";
import {
  type Anomaly,
  type AnomalyType,
  type Incident,
  METRIC_NAMES,
  type MetricName,
  SEVERITIES,
  type Severity,
} from "./incident.ts";
import { MINUTE_S } from "./minute.ts";
import type { Driver, ReferenceDetector } from "./reference-detector.ts";
import { formatRfc3339 } from "./rfc3339.ts";
import { RING_S, type Sums } from "./second-ring.ts";
import { describeFinding } from "./sentence.ts";

/** An anomaly is over after this long below its release level. */
const RELEASE_S = 30;
/** A re-fire within this time of the end is the same incident. */
const REOPEN_S = 300;
/** An incident whose onset lies further behind the clock when it opens is historical. */
const HISTORICAL_MS = 600_000;
/** An incident that reopens for days keeps its newest anomalies; history has them all. */
const ANOMALIES_MAX = 50;

const ANOMALY_TYPE_OF: Readonly<Record<MetricName, AnomalyType>> = {
  error_rate: "error_rate",
  avg_latency_ms: "latency",
  p95_latency_ms: "latency",
  request_rate: "traffic",
};

/** JSON-serialisable; immutable. */
export interface TrackerState {
  readonly incident: Incident | null;
  /** By metric: the first second of the present quiet, or null while it is above its release level. Only active anomalies. */
  readonly quiet_since: Readonly<Partial<Record<MetricName, number | null>>>;
  /** Normal errors per request when the incident opened. */
  readonly normal_error_rate: number;
  /** When `incident` was resolved, epoch seconds. */
  readonly resolved_second: number | null;
  /** `incident` has grown since it was last told: its counts, or its worst values within the same severity. */
  readonly untold: boolean;
}

export const INITIAL_TRACKER: TrackerState = {
  incident: null,
  quiet_since: {},
  normal_error_rate: 0,
  resolved_second: null,
  untold: false,
};

export interface IncidentChange {
  readonly action: "opened" | "updated" | "resolved";
  readonly incident: Incident;
}

/** What a closed second brings to the tracker. */
export interface TrackerInput {
  readonly service: string;
  readonly second: number;
  readonly findings: readonly Finding[];
  readonly closed: Sums;
  readonly detector: Pick<ReferenceDetector, "onset" | "driver" | "ring">;
  /** The clock, only to tell whether an incident is historical. */
  readonly now_ms: number;
}

/** The next state, and what happened to the incident in this second, if anything. */
export function track(
  state: TrackerState,
  input: TrackerInput,
): { state: TrackerState; change: IncidentChange | null } {
  let next = state;
  let action: IncidentChange["action"] | null = null;
  if (next.incident?.status === "open") next = countSecond(next, input.closed);
  for (const finding of input.findings) {
    if (finding.reason !== "above_threshold") continue;
    const fired = fire(next, input, finding);
    next = fired.state;
    action ??= fired.action;
  }
  const released = release(next, input);
  next = released.state;
  action = released.action ?? action;
  const untold = next.untold || next.incident !== state.incident;
  // Growth alone is told once a minute: often enough to follow, and a long incident stays cheap to store and to send.
  if (untold && (input.second + 1) % MINUTE_S === 0) action ??= "updated";
  if (action === null || next.incident === null)
    return { state: untold === next.untold ? next : { ...next, untold }, change: null };
  const incident = { ...next.incident, revision: next.incident.revision + 1, updated_at: endOf(input.second) };
  return { state: { ...next, incident, untold: false }, change: { action, incident } };
}

/** The end of a closed second: when it could be known. */
function endOf(second: number): string {
  return formatRfc3339((second + 1) * 1000);
}

function countSecond(state: TrackerState, closed: Sums): TrackerState {
  if (closed.request_count === 0) return state;
  const incident = state.incident!;
  const request_count = incident.request_count + closed.request_count;
  const failed_count = incident.failed_count + closed.error_count;
  const excess_count = excessOf(request_count, failed_count, state.normal_error_rate);
  return { ...state, incident: { ...incident, request_count, failed_count, excess_count } };
}

function excessOf(request_count: number, failed_count: number, normal_error_rate: number): number {
  return Math.max(0, Math.round(failed_count - request_count * normal_error_rate));
}

function fire(
  state: TrackerState,
  input: TrackerInput,
  finding: Finding,
): { state: TrackerState; action: "opened" | "updated" | null } {
  const quiet_since = { ...state.quiet_since, [finding.metric_name]: null };
  const isOpen = state.incident?.status === "open";
  if (isOpen && finding.metric_name in state.quiet_since) return worsen({ ...state, quiet_since }, input, finding);
  const onset = finding.onset ?? input.detector.onset(input.second, finding);
  const driver = input.detector.driver(onset, input.second, finding);
  const reopens =
    !isOpen &&
    state.incident !== null &&
    state.resolved_second !== null &&
    input.second - state.resolved_second <= REOPEN_S;
  if (isOpen || reopens) {
    const joined = withAnomaly(state.incident, anomalyOf(state.incident.id, input, finding, driver), finding, driver);
    const reopened_count = joined.reopened_count + (reopens ? 1 : 0);
    const incident: Incident = { ...joined, status: "open", resolved_at: null, reopened_count };
    return { state: { ...state, incident, quiet_since, resolved_second: null }, action: "updated" };
  }
  return { state: open(input, finding, onset, driver), action: "opened" };
}

function open(input: TrackerInput, finding: Finding, onset: number, driver: Driver): TrackerState {
  const id = `${input.service}-${input.second}-${finding.metric_name}`;
  const normal_error_rate = finding.metric_name === "error_rate" ? (finding.baseline_value ?? 0) : 0;
  const since = input.detector.ring.since(onset, input.second);
  const request_count = since.reduce((sum, entry) => sum + entry.closed.request_count, 0);
  const failed_count = since.reduce((sum, entry) => sum + entry.closed.error_count, 0);
  const anomaly = anomalyOf(id, input, finding, driver);
  const { metric_name, anomaly_type, severity, metric_value, baseline_value, threshold_value, score, description } =
    anomaly;
  const incident: Incident = {
    id,
    service: input.service,
    status: "open",
    severity,
    metric_name,
    anomaly_type,
    ...driver,
    onset_at: formatRfc3339(onset * 1000),
    opened_at: endOf(input.second),
    updated_at: endOf(input.second),
    resolved_at: null,
    metric_value,
    baseline_value,
    threshold_value,
    score,
    description,
    request_count,
    failed_count,
    excess_count: excessOf(request_count, failed_count, normal_error_rate),
    reopened_count: 0,
    historical: input.now_ms - onset * 1000 > HISTORICAL_MS,
    acknowledged_at: null,
    acknowledged_by: null,
    revision: 0,
    anomalies: [anomaly],
  };
  return {
    incident,
    quiet_since: { [finding.metric_name]: null },
    normal_error_rate,
    resolved_second: null,
    untold: true,
  };
}

function anomalyOf(incident_id: string, input: TrackerInput, finding: Finding, driver: Driver): Anomaly {
  return {
    service: input.service,
    incident_id,
    detected_at: endOf(input.second),
    window_start: formatRfc3339((input.second - RING_S + 1) * 1000),
    window_end: endOf(input.second),
    endpoint: driver.endpoint,
    anomaly_type: ANOMALY_TYPE_OF[finding.metric_name],
    severity: severityOf(finding),
    metric_name: finding.metric_name,
    metric_value: finding.metric_value,
    baseline_value: finding.baseline_value,
    threshold_value: finding.threshold_value,
    score: scoreOf(finding),
    description: describeFinding(finding, driver),
    resolved: false,
    resolved_at: null,
  };
}

/** An active anomaly above its worst so far: the numbers follow, its beginning stays; only a higher severity is news at once. */
function worsen(
  state: TrackerState,
  input: TrackerInput,
  finding: Finding,
): { state: TrackerState; action: "updated" | null } {
  const incident = state.incident!;
  const active = incident.anomalies.find(
    (anomaly) => anomaly.metric_name === finding.metric_name && !anomaly.resolved,
  )!;
  const ratio = (value: { metric_value: number; threshold_value: number }): number =>
    value.metric_value / value.threshold_value;
  if (ratio(finding) <= ratio(active)) return { state, action: null };
  const onset = Math.max(input.second - RING_S + 1, Math.floor(Date.parse(incident.onset_at) / 1000));
  const driver = input.detector.driver(onset, input.second, finding);
  const worst = anomalyOf(incident.id, input, finding, driver);
  const { detected_at, window_start } = active;
  const changed = withAnomaly(
    incident,
    { ...worst, detected_at, window_start, severity: max(worst.severity, active.severity) },
    finding,
    driver,
  );
  const isNews = max(changed.severity, incident.severity) !== incident.severity;
  return { state: { ...state, incident: changed }, action: isNews ? "updated" : null };
}

function max(a: Severity, b: Severity): Severity {
  return SEVERITIES.indexOf(a) >= SEVERITIES.indexOf(b) ? a : b;
}

/** The incident with this anomaly added or replaced (same metric and detection time); its headline follows the worst one. */
function withAnomaly(incident: Incident, anomaly: Anomaly, finding: Finding, driver: Driver): Incident {
  const isSame = (other: Anomaly): boolean =>
    other.metric_name === anomaly.metric_name && other.detected_at === anomaly.detected_at;
  const anomalies = incident.anomalies.some(isSame)
    ? incident.anomalies.map((other) => (isSame(other) ? anomaly : other))
    : withoutOldest([...incident.anomalies, anomaly]);
  const severity = max(incident.severity, anomaly.severity);
  if (scoreOf(finding) < incident.score) return { ...incident, anomalies, severity };
  const { metric_value, baseline_value, threshold_value, score, description } = anomaly;
  return {
    ...incident,
    ...driver,
    anomalies,
    severity,
    metric_value,
    baseline_value,
    threshold_value,
    score,
    description,
  };
}

/** An anomaly that lasts is never forgotten, or its next second would not find it. At most one a metric lasts. */
function withoutOldest(anomalies: readonly Anomaly[]): readonly Anomaly[] {
  if (anomalies.length <= ANOMALIES_MAX) return anomalies;
  return anomalies.toSpliced(
    anomalies.findIndex((anomaly) => anomaly.resolved),
    1,
  );
}

/** Ends anomalies that have been quiet for long enough, and the incident with the last of them. */
function release(
  state: TrackerState,
  input: TrackerInput,
): { state: TrackerState; action: "updated" | "resolved" | null } {
  if (state.incident?.status !== "open") return { state, action: null };
  const quiet_since: Partial<Record<MetricName, number | null>> = {};
  const ended: MetricName[] = [];
  for (const metric of METRIC_NAMES) {
    const before = state.quiet_since[metric];
    if (before === undefined) continue;
    const reason = input.findings.find((finding) => finding.metric_name === metric)?.reason;
    // A detector that no longer judges the metric speaks for nothing.
    const isQuiet = reason === undefined || reason === "below_threshold" || reason === "too_few_requests";
    const since = isQuiet ? (before ?? input.second) : null;
    if (since !== null && input.second - since + 1 >= RELEASE_S) ended.push(metric);
    else quiet_since[metric] = since;
  }
  if (ended.length === 0) return { state: { ...state, quiet_since }, action: null };
  const resolved_at = endOf(input.second);
  const anomalies = state.incident.anomalies.map((anomaly) =>
    ended.includes(anomaly.metric_name) && !anomaly.resolved ? { ...anomaly, resolved: true, resolved_at } : anomaly,
  );
  const isOver = Object.keys(quiet_since).length === 0;
  const incident: Incident = isOver
    ? { ...state.incident, anomalies, status: "resolved", resolved_at }
    : { ...state.incident, anomalies };
  return {
    state: { ...state, incident, quiet_since, resolved_second: isOver ? input.second : null },
    action: isOver ? "resolved" : "updated",
  };
}
