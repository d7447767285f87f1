/** How an incident changes: opened by a finding, joined by another one, worse than before. All pure; nothing here decides when. */
import { type Finding, scoreOf, severityOf, strengthOf } from "./finding.ts";
import { excessOf, type ImpactBasis, type Totals } from "./impact.ts";
import {
  type Anomaly,
  type AnomalyType,
  type Incident,
  METRIC_NAMES,
  type MetricName,
  type Resolution,
  SEVERITIES,
  type Severity,
} from "./incident.ts";
import type { Driver } from "./reference-detector.ts";
import { formatRfc3339 } from "./rfc3339.ts";
import { RING_S } from "./second-ring.ts";
import { describeFinding, withDriver } from "./sentence.ts";
import type { Deploy } from "./version-table.ts";

/** An incident whose onset lies further behind the clock when it opens is historical. */
const HISTORICAL_MS = 600_000;
/** An incident that reopens for days keeps its newest anomalies; history has them all. */
const ANOMALIES_MAX = 50;
/** What happens at its usual time weighs half as much. */
const USUAL_FACTOR = 0.5;

/** A finding with what the tracker asked the detectors about it. */
export interface Proof {
  readonly service: string;
  readonly second: number;
  readonly finding: Finding;
  readonly driver: Driver;
  readonly onset: number;
  /** Time of day at which the same happens on other days too, as in `06:00`. */
  readonly usual_at: string | null;
}

/** What only matters when an incident opens. */
export interface Opening {
  readonly totals: Totals;
  readonly basis: ImpactBasis;
  readonly deploy: Deploy | null;
  readonly now_ms: number;
}

/** The end of a closed second: when it could be known. */
export function endOf(second: number): string {
  return formatRfc3339((second + 1) * 1000);
}

export function onsetSecond(incident: Incident): number {
  return Math.floor(Date.parse(incident.onset_at) / 1000);
}

export function opened(proof: Proof, opening: Opening): Incident {
  const { service, second, onset } = proof;
  const id = `${service}-${second}-${proof.finding.metric_name}`;
  const anomaly = anomalyOf(id, proof);
  const { metric_name, anomaly_type, severity, metric_value, baseline_value, threshold_value, score, description } =
    anomaly;
  const incident: Incident = {
    id,
    service,
    status: "open",
    severity,
    metric_name,
    anomaly_type,
    ...proof.driver,
    onset_at: formatRfc3339(onset * 1000),
    opened_at: endOf(second),
    updated_at: endOf(second),
    resolved_at: null,
    metric_value,
    baseline_value,
    threshold_value,
    score,
    description,
    ...opening.totals,
    excess_count: 0,
    excess_low: 0,
    excess_high: 0,
    reopened_count: 0,
    flapping: false,
    resolution: null,
    deployed_version: opening.deploy?.to ?? null,
    previous_version: opening.deploy?.from ?? null,
    deployed_at: opening.deploy === null ? null : formatRfc3339(opening.deploy.second * 1000),
    usual_at: proof.usual_at,
    feedback: null,
    historical: opening.now_ms - onset * 1000 > HISTORICAL_MS,
    acknowledged_at: null,
    acknowledged_by: null,
    revision: 0,
    anomalies: [anomaly],
  };
  return withExcess(incident, opening.basis, second);
}

/** Its excess anew, after a change of its counts or its anomalies. */
export function withExcess(incident: Incident, basis: ImpactBasis, second: number): Incident {
  const types = new Set(incident.anomalies.map((anomaly) => anomaly.anomaly_type));
  const harm = { failed: types.has("error_rate") || types.has("slo"), slow: types.has("latency") };
  const onset = onsetSecond(incident);
  const age = { lasted_s: second + 1 - onset, proven_after_s: Date.parse(incident.opened_at) / 1000 - onset };
  return { ...incident, ...excessOf(incident, basis, harm, age) };
}

const ANOMALY_TYPE_OF: Readonly<Record<MetricName, AnomalyType>> = {
  error_rate: "error_rate",
  avg_latency_ms: "latency",
  p95_latency_ms: "latency",
  request_rate: "traffic",
  burn_rate: "slo",
};

function typeOf({ metric_name, metric_value }: Finding): AnomalyType {
  return metric_name === "request_rate" && metric_value === 0 ? "down" : ANOMALY_TYPE_OF[metric_name];
}

function anomalyOf(incident_id: string, proof: Proof): Anomaly {
  const { service, second, finding, driver, onset, usual_at } = proof;
  // The plain rules look at the last minute; a detector that knows the onset measured from there on.
  const window_start = finding.onset === undefined ? second - RING_S + 1 : onset;
  const usually = usual_at === null ? { factor: 1, steps: 0, words: "" } : usualAt(usual_at);
  return {
    service,
    incident_id,
    detected_at: endOf(second),
    window_start: formatRfc3339(window_start * 1000),
    window_end: endOf(second),
    endpoint: driver.endpoint,
    anomaly_type: typeOf(finding),
    detector: finding.detector ?? "reference",
    severity: lowered(severityOf(finding), usually.steps),
    metric_name: finding.metric_name,
    metric_value: finding.metric_value,
    baseline_value: finding.baseline_value,
    threshold_value: finding.threshold_value,
    score: Math.round(scoreOf(finding) * usually.factor),
    description: `${describeFinding(finding, driver)}${usually.words}`,
    resolved: false,
    resolved_at: null,
  };
}

function usualAt(time: string): { factor: number; steps: number; words: string } {
  return { factor: USUAL_FACTOR, steps: 1, words: ` Usual at ${time}.` };
}

function lowered(severity: Severity, steps: number): Severity {
  return SEVERITIES[Math.max(0, SEVERITIES.indexOf(severity) - steps)]!;
}

function max(a: Severity, b: Severity): Severity {
  return SEVERITIES.indexOf(a) >= SEVERITIES.indexOf(b) ? a : b;
}

/** Takes in a finding on a metric that it has no active anomaly of. */
export function joined(incident: Incident, proof: Proof): Incident {
  return withAnomaly(incident, anomalyOf(incident.id, proof), proof.driver);
}

/** Whether a finding is beyond the worst of its active anomaly. */
export function isBeyond(incident: Incident, finding: Finding): boolean {
  return strengthOf(finding) > strengthOf(activeOf(incident, finding.metric_name));
}

/** An active anomaly above its worst so far: the numbers follow, its beginning stays. */
export function worsened(incident: Incident, proof: Proof): Incident {
  const active = activeOf(incident, proof.finding.metric_name);
  const worst = anomalyOf(incident.id, proof);
  const { detected_at, window_start } = active;
  const severity = max(worst.severity, active.severity);
  return withAnomaly(incident, { ...worst, detected_at, window_start, severity }, proof.driver);
}

/** Which endpoint its active anomaly of `metric` is said to be of. */
export function driverOf(incident: Incident, metric: MetricName): Driver {
  const { endpoint } = activeOf(incident, metric);
  return { endpoint, endpoint_share: endpoint === incident.endpoint ? incident.endpoint_share : null };
}

/** An active anomaly of which now `driver` is said instead of `before`: its numbers stay. */
export function driven(incident: Incident, metric: MetricName, before: Driver, driver: Driver): Incident {
  const active = activeOf(incident, metric);
  const description = withDriver(active.description, before, driver);
  return withAnomaly(incident, { ...active, endpoint: driver.endpoint, description }, driver);
}

function activeOf(incident: Incident, metric: MetricName): Anomaly {
  return incident.anomalies.find((anomaly) => anomaly.metric_name === metric && !anomaly.resolved)!;
}

/** The incident with this anomaly added or replaced (same metric and detection time); its headline follows the worst one. */
function withAnomaly(incident: Incident, anomaly: Anomaly, driver: Driver): Incident {
  const isSame = (other: Anomaly): boolean =>
    other.metric_name === anomaly.metric_name && other.detected_at === anomaly.detected_at;
  const anomalies = incident.anomalies.some(isSame)
    ? incident.anomalies.map((other) => (isSame(other) ? anomaly : other))
    : withoutOldest([...incident.anomalies, anomaly]);
  const severity = max(incident.severity, anomaly.severity);
  if (anomaly.score < incident.score) return { ...incident, anomalies, severity };
  const { metric_value, baseline_value, threshold_value, score, description } = anomaly;
  const numbers = { metric_value, baseline_value, threshold_value, score, description };
  return { ...incident, ...driver, anomalies, severity, ...numbers };
}

/** An anomaly that lasts is never forgotten, or its next second would not find it. At most one a metric lasts. */
function withoutOldest(anomalies: readonly Anomaly[]): readonly Anomaly[] {
  if (anomalies.length <= ANOMALIES_MAX) return anomalies;
  return anomalies.toSpliced(
    anomalies.findIndex((anomaly) => anomaly.resolved),
    1,
  );
}

/** Ends the anomalies of `metrics`. */
export function ended(incident: Incident, metrics: readonly MetricName[], resolved_at: string): Incident {
  const anomalies = incident.anomalies.map((anomaly) =>
    metrics.includes(anomaly.metric_name) && !anomaly.resolved ? { ...anomaly, resolved: true, resolved_at } : anomaly,
  );
  return { ...incident, anomalies };
}

/** An incident that was left open though no detector watches it any more, ended with its anomalies. */
export function endedOlder(incident: Incident, resolution: Resolution, second: number): Incident {
  const now = endOf(second);
  const resolved_at = Date.parse(now) > Date.parse(incident.updated_at) ? now : incident.updated_at;
  const over = ended(incident, METRIC_NAMES, resolved_at);
  const revision = incident.revision + 1;
  return { ...over, status: "resolved", resolution, resolved_at, updated_at: resolved_at, revision };
}
