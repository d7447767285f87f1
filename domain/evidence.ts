/**
 * Evidence: the facts that a narrative of an incident may use. They come from sums and from what others know of their incidents,
 * never from single events. Every fact has an id, every number of it a unit; names in it are text of events: data, never
 * markup or instruction.
 */
import type { AnomalyType, Incident, MetricName, Resolution, Severity } from "./incident.ts";

/**
 * - `errors`, `latency`, `traffic`, `down`, `budget`: what is wrong, its value against what is typical
 * - `steady`: what did not change, as traffic or latency while errors rise; `rising`: more traffic than usual
 * - `onset`: since when, and how long it took to be told
 * - `endpoint`: an endpoint's share of the excess; `spread`: no endpoint stands out
 * - `statuses`: classes of status codes that grew
 * - `impact`: requests that failed or were slow
 * - `deploy`: the version changed before the onset
 * - `neighbour`: an incident of another service near it in time
 * - `alike`: earlier incidents of the service like it
 * - `usual`: the same happens at this hour; `flapping`: it comes and goes
 * - `pipeline`: whether events would have been heard
 * - `resolved`: when and how it ended
 */
export const FACT_KINDS = [
  "errors",
  "latency",
  "traffic",
  "down",
  "budget",
  "steady",
  "rising",
  "onset",
  "endpoint",
  "spread",
  "statuses",
  "impact",
  "deploy",
  "neighbour",
  "alike",
  "usual",
  "flapping",
  "pipeline",
  "resolved",
] as const;
export type FactKind = (typeof FACT_KINDS)[number];

/**
 * `share`: 0 to 1, told in percent. `times`: a ratio of two values. `at`: epoch seconds, told as a time of day (UTC).
 * `code`: a status code or class, as 503 or 5 (for 5xx).
 */
export const UNITS = ["share", "ms", "per_s", "count", "times", "s", "at", "code"] as const;
export type Unit = (typeof UNITS)[number];

export interface FactValue {
  /** What it is of, as in `actual`, `typical`, `share`. */
  readonly name: string;
  readonly value: number;
  readonly unit: Unit;
}

export interface Fact {
  /** Its kind, and a number where there are several of it, as in `endpoint.2`: the same in every version of the incident's evidence. */
  readonly id: string;
  readonly kind: FactKind;
  /** One plain sentence. Every number in it is one of `values`, rounded; every name one of `names`. */
  readonly text: string;
  readonly values: readonly FactValue[];
  /** Services, endpoints, versions that it speaks of. */
  readonly names: readonly string[];
}

/** What the narrative is of. */
export type EvidenceSubject = Pick<
  Incident,
  | "status"
  | "severity"
  | "metric_name"
  | "anomaly_type"
  | "endpoint"
  | "onset_at"
  | "opened_at"
  | "updated_at"
  | "resolved_at"
  | "resolution"
  | "historical"
>;

export interface Evidence {
  readonly incident_id: string;
  readonly service: string;
  /** The incident's revision that it was taken at: which state of the incident a narrative is of. */
  readonly version: number;
  readonly subject: EvidenceSubject;
  /** Metrics of its anomalies, in the order in which they joined. */
  readonly affected_metrics: readonly MetricName[];
  readonly facts: readonly Fact[];
  /** Where the service's own people look first; set by them (settings). URLs with the incident's times filled in. */
  readonly links: { readonly runbook: string | null; readonly traces: string | null };
}

/** An incident of another service, as the Fleet knows it. */
export interface NeighbourIncident {
  readonly service: string;
  readonly incident_id: string;
  readonly anomaly_type: AnomalyType;
  readonly severity: Severity;
  readonly endpoint: string | null;
  readonly status: Incident["status"];
  readonly onset_at: string;
}

/** An earlier incident of the same service and kind, as history knows it. */
export interface PastIncident {
  readonly incident_id: string;
  readonly onset_at: string;
  readonly resolved_at: string | null;
  readonly resolution: Resolution | null;
  readonly endpoint: string | null;
  readonly severity: Severity;
  readonly deployed_version: string | null;
  readonly feedback: Incident["feedback"];
}

/** What the service's own object cannot know. Null: it could not be asked. */
export interface Surroundings {
  /** Nearest onset first, at most 8. */
  readonly neighbours: readonly NeighbourIncident[] | null;
  /** Newest first, at most 8. */
  readonly alike: readonly PastIncident[] | null;
}
