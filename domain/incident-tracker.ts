/**
 * From findings to incidents: one fault is one incident, opened at once, updated when it grows worse or another metric joins,
 * and with its counts at each minute's end; resolved once every anomaly has been quiet for 30 s. A re-fire within five minutes
 * reopens the same incident; what comes and goes is held open as flapping.
 */
import type { Detectors } from "./detectors.ts";
import { type DriverWatch, watchDriver, watchedDriver } from "./driver-watch.ts";
import type { Finding } from "./finding.ts";
import { addTotals, type ImpactBasis, NO_TOTALS, type Totals } from "./impact.ts";
import {
  driven,
  driverOf,
  ended,
  endOf,
  isBeyond,
  joined,
  onsetSecond,
  opened,
  type Proof,
  withExcess,
  worsened,
} from "./incident-change.ts";
import {
  type Feedback,
  type Incident,
  METRIC_NAMES,
  type MetricName,
  type Resolution,
  SEVERITIES,
} from "./incident.ts";
import { MINUTE_S } from "./minute.ts";
import { RING_S } from "./second-ring.ts";
import { countAbove, type Sketch } from "./sketch.ts";
import type { Deploy } from "./version-table.ts";

/** An anomaly is over after this long below its release level; one that flaps after as long as it could have reopened. */
export const RELEASE_S = 30;
/** A re-fire within this time of the end is the same incident. */
export const REOPEN_S = 300;
/** Firing again after this much quiet is a return; two returns (three times there) within half an hour are flapping. */
const RETURN_QUIET_S = 10;
const FLAPPING_SPAN_S = 1800;
const FLAPPING_RETURNS = 2;

/** JSON-serialisable; immutable. */
export interface TrackerState {
  readonly incident: Incident | null;
  /** By metric: the first second of the present quiet, or null while it is above its release level. Only active anomalies. */
  readonly quiet_since: Readonly<Partial<Record<MetricName, number | null>>>;
  /** By metric: which endpoint its newest anomaly is said to be of. Absent in what was stored before it was kept. */
  readonly drivers?: Readonly<Partial<Record<MetricName, DriverWatch>>>;
  /** What was normal when the incident opened: its excess is counted beyond it. */
  readonly basis: ImpactBasis | null;
  /** When `incident` was resolved, epoch seconds. */
  readonly resolved_second: number | null;
  /** Seconds at which it fired again after a quiet, newest last. */
  readonly returns: readonly number[];
  /** Metrics of an incident that was resolved by hand: they say nothing until they have been quiet. */
  readonly muted: readonly MetricName[];
  /** `incident` has grown since it was last told: its counts, or its worst values within the same severity. */
  readonly untold: boolean;
}

export const INITIAL_TRACKER: TrackerState = {
  incident: null,
  quiet_since: {},
  basis: null,
  resolved_second: null,
  returns: [],
  muted: [],
  untold: false,
};

const UNSEEN = { acknowledged_at: null, acknowledged_by: null, feedback: null } as const;

export interface IncidentChange {
  readonly action: "opened" | "updated" | "resolved";
  readonly incident: Incident;
}

/** A second with what can be asked about it. */
export interface Moment {
  readonly service: string;
  readonly second: number;
  readonly detectors: Pick<Detectors, "onset" | "driver" | "totalsSince" | "impactBasis" | "usualAt">;
  /** The newest change of version shortly before a second. */
  readonly deployBefore: (second: number) => Deploy | null;
  /** The clock, only to tell whether an incident is historical. */
  readonly now_ms: number;
}

/** What a closed second brings to the tracker. */
export interface TrackerInput extends Moment {
  /** At most one a metric. */
  readonly findings: readonly Finding[];
  readonly closed: { readonly request_count: number; readonly error_count: number };
  readonly sketch: Sketch;
}

type Action = IncidentChange["action"] | null;
interface Step {
  readonly state: TrackerState;
  readonly action: Action;
}

/** The next state, and what happened to the incident in this second, if anything. */
export function track(
  state: TrackerState,
  input: TrackerInput,
): { state: TrackerState; change: IncidentChange | null } {
  let next = unmuted(state, input.findings);
  let action: Action = null;
  if (next.incident?.status === "open") next = countSecond(next, input);
  for (const finding of input.findings) {
    if (finding.reason !== "above_threshold" || next.muted.includes(finding.metric_name)) continue;
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
  return told(next, action, endOf(input.second));
}

/**
 * The next state after a finding that the clock brought, in a second that is not closed: it opens, joins or reopens an incident
 * as any other does, and says nothing of the other metrics.
 */
export function declare(
  state: TrackerState,
  moment: Moment,
  finding: Finding,
): { state: TrackerState; change: IncidentChange | null } {
  const { state: next, action } = fire(state, moment, finding);
  return action === null ? { state: next, change: null } : told(next, action, endOf(moment.second));
}

/** An incident that the clock opened may be told of seconds before it later: its times never go back. */
function told(
  state: TrackerState,
  action: IncidentChange["action"],
  at: string,
): { state: TrackerState; change: IncidentChange } {
  const before = state.incident!;
  const updated_at = Date.parse(at) > Date.parse(before.updated_at) ? at : before.updated_at;
  const resolved_at = before.status === "resolved" ? updated_at : null;
  const incident = { ...before, revision: before.revision + 1, updated_at, resolved_at };
  return { state: { ...state, incident, untold: false }, change: { action, incident } };
}

function unmuted(state: TrackerState, findings: readonly Finding[]): TrackerState {
  if (state.muted.length === 0) return state;
  const muted = state.muted.filter((metric) => !isQuiet(metric, findings));
  return muted.length === state.muted.length ? state : { ...state, muted };
}

/** A detector that no longer judges the metric speaks for nothing. */
function isQuiet(metric: MetricName, findings: readonly Finding[]): boolean {
  const reason = findings.find((finding) => finding.metric_name === metric)?.reason;
  return reason === undefined || reason === "below_threshold" || reason === "too_few_requests";
}

function countSecond(state: TrackerState, { closed, sketch, second }: TrackerInput): TrackerState {
  if (closed.request_count === 0) return state;
  const basis = state.basis!;
  const before = state.incident!;
  const incident = {
    ...before,
    request_count: before.request_count + closed.request_count,
    failed_count: before.failed_count + closed.error_count,
    slow_count: before.slow_count + (basis.slow === null ? 0 : countAbove(sketch, basis.slow.bin)),
  };
  return { ...state, incident: withExcess(incident, basis, second) };
}

function proofOf(input: Moment, finding: Finding, onset: number, since = onset): Proof {
  const { service, second, detectors } = input;
  const driver = detectors.driver(since, second, finding);
  return { service, second, finding, driver, onset, usual_at: detectors.usualAt(onset, finding) };
}

function fire(state: TrackerState, input: Moment, finding: Finding): Step {
  const { metric_name } = finding;
  const returned = withReturn(state, input.second, metric_name);
  const quiet_since = { ...state.quiet_since, [metric_name]: null };
  const isOpen = state.incident?.status === "open";
  if (isOpen && metric_name in state.quiet_since) return worsen({ ...returned, quiet_since }, input, finding);
  const onset = input.detectors.onset(input.second, finding);
  const proof = proofOf(input, finding, onset);
  const reopens =
    !isOpen &&
    state.incident !== null &&
    state.resolved_second !== null &&
    input.second - state.resolved_second <= REOPEN_S;
  if (!isOpen && !reopens) return { state: open(proof, input), action: "opened" };
  const before = returned.incident!;
  const missed = reopens ? input.detectors.totalsSince(Math.max(onset, state.resolved_second + 1)) : NO_TOTALS;
  const reopened_count = before.reopened_count + (reopens ? 1 : 0);
  const wider = {
    ...joined(before, proof),
    ...addTotals(before, missed),
    status: "open" as const,
    resolved_at: null,
    resolution: null,
    reopened_count,
    // Whoever had it in hand saw it end, and what was said of it was of what had ended: it is for somebody to take on and to judge anew.
    ...(reopens ? UNSEEN : {}),
  };
  const incident = withExcess(wider, returned.basis!, input.second);
  const drivers = { ...state.drivers, [metric_name]: watchDriver(proof.driver, state.drivers?.[metric_name]) };
  return { state: { ...returned, incident, quiet_since, drivers, resolved_second: null }, action: "updated" };
}

/** Notes that it came back after a quiet, and whether that is flapping by now. */
function withReturn(state: TrackerState, second: number, metric: MetricName): TrackerState {
  const { incident } = state;
  if (incident === null) return state;
  const since = incident.status === "open" ? state.quiet_since[metric] : state.resolved_second;
  if (since === undefined || since === null || second - since < RETURN_QUIET_S) return state;
  const returns = [...state.returns, second].filter((at) => at > second - FLAPPING_SPAN_S).slice(-FLAPPING_RETURNS);
  const flapping = incident.flapping || returns.length >= FLAPPING_RETURNS;
  return { ...state, returns, incident: flapping === incident.flapping ? incident : { ...incident, flapping } };
}

function open(proof: Proof, input: Moment): TrackerState {
  const { detectors, deployBefore, now_ms } = input;
  const basis = detectors.impactBasis;
  const totals: Totals = detectors.totalsSince(proof.onset);
  return {
    ...INITIAL_TRACKER,
    incident: opened(proof, { totals, basis, deploy: deployBefore(proof.onset), now_ms }),
    quiet_since: { [proof.finding.metric_name]: null },
    drivers: { [proof.finding.metric_name]: watchDriver(proof.driver) },
    basis,
    untold: true,
  };
}

/** The numbers follow the worst; only a higher severity, that it flaps, or who drives it is news at once. */
function worsen(state: TrackerState, input: Moment, finding: Finding): Step {
  const before = state.incident!;
  const { metric_name } = finding;
  const watch = state.drivers?.[metric_name] ?? watchDriver(driverOf(before, metric_name));
  const isWorse = isBeyond(before, finding);
  const onset = onsetSecond(before);
  // Later what is normal for its endpoints has more and more of the fault in it.
  const isFresh = input.second - onset < RING_S;
  if (!isWorse && !isFresh && watch.rival === null) return { state, action: null };
  const found = proofOf(input, finding, onset, Math.max(input.second - RING_S + 1, onset));
  const watched = watchedDriver(watch, found.driver, input.second, onset);
  const isOther = watched.said.endpoint !== watch.said.endpoint;
  const named = isOther ? driven(before, metric_name, watch.said, watched.said) : before;
  const said = isWorse && found.driver.endpoint === watched.said.endpoint ? found.driver : watched.said;
  const incident = isWorse ? worsened(named, { ...found, driver: said }) : named;
  const drivers = { ...state.drivers, [metric_name]: { ...watched, said } };
  const isNews = isOther || SEVERITIES.indexOf(incident.severity) > SEVERITIES.indexOf(before.severity);
  return { state: { ...state, incident, drivers }, action: isNews ? "updated" : null };
}

/** Ends anomalies that have been quiet for long enough, and the incident with the last of them. */
function release(state: TrackerState, input: TrackerInput): Step {
  if (state.incident?.status !== "open") return { state, action: null };
  const quiet_since: Partial<Record<MetricName, number | null>> = {};
  const over: MetricName[] = [];
  const release_s = state.incident.flapping ? REOPEN_S : RELEASE_S;
  for (const metric of METRIC_NAMES) {
    const before = state.quiet_since[metric];
    if (before === undefined) continue;
    const since = isQuiet(metric, input.findings) ? (before ?? input.second) : null;
    if (since !== null && input.second - since + 1 >= release_s) over.push(metric);
    else quiet_since[metric] = since;
  }
  if (over.length === 0) return { state: { ...state, quiet_since }, action: null };
  const incident = ended(state.incident, over, endOf(input.second));
  if (Object.keys(quiet_since).length > 0) return { state: { ...state, incident, quiet_since }, action: "updated" };
  return { state: closing({ ...state, incident }, "recovered", input.second), action: "resolved" };
}

function closing(state: TrackerState, resolution: Resolution, second: number): TrackerState {
  const incident: Incident = { ...state.incident!, status: "resolved", resolution, resolved_at: endOf(second) };
  return { ...state, incident, quiet_since: {}, resolved_second: second };
}

/** Ends the open incident by hand, or because its service is taken for retired; null where none is open. */
export function resolve(
  state: TrackerState,
  resolution: "manual" | "retired",
  second: number,
): { state: TrackerState; change: IncidentChange } | null {
  if (state.incident?.status !== "open") return null;
  const metrics = METRIC_NAMES.filter((metric) => metric in state.quiet_since);
  const incident = ended(state.incident, metrics, endOf(second));
  const { state: next, change } = told(closing({ ...state, incident }, resolution, second), "resolved", endOf(second));
  return { state: { ...next, muted: metrics }, change };
}

/** What people add to an incident. */
export type Mark = Pick<Incident, "acknowledged_at" | "acknowledged_by"> | { readonly feedback: Feedback | null };

/** Adds it to the incident with this id; null where the tracker does not hold it any more. */
export function mark(
  state: TrackerState,
  incident_id: string,
  change: Mark,
): { state: TrackerState; change: IncidentChange } | null {
  if (state.incident?.id !== incident_id) return null;
  const incident = { ...state.incident, ...change, revision: state.incident.revision + 1 };
  return { state: { ...state, incident, untold: false }, change: { action: "updated", incident } };
}
