/** What endpoints can carry a part of: shares of failed requests and shares of lost time are of different wholes. */
import type { Fact } from "./evidence.ts";
import type { Anomaly, Incident, MetricName } from "./incident.ts";

export type Harm = "errors" | "latency";

const HARM_OF: Readonly<Record<MetricName, Harm | null>> = {
  error_rate: "errors",
  burn_rate: "errors",
  p95_latency_ms: "latency",
  avg_latency_ms: "latency",
  // Requests that did not come belong to no endpoint.
  request_rate: null,
};

/** The harm that a metric tells of; null where no endpoint can carry it. */
export function harmOfMetric(metric: MetricName): Harm | null {
  return HARM_OF[metric];
}

/** The harms of an incident, each with the anomaly that tells of it, the worst first: that one is what "the excess" is of. */
export function harmsOf(incident: Incident): readonly (readonly [Harm, Anomaly])[] {
  const found = (harm: Harm, ...metrics: MetricName[]): (readonly [Harm, Anomaly])[] => {
    const own = metrics.flatMap((metric) => newestOf(incident, metric) ?? []);
    return own.slice(0, 1).map((anomaly) => [harm, anomaly]);
  };
  return [
    ...found("errors", "error_rate", "burn_rate"),
    ...found("latency", "p95_latency_ms", "avg_latency_ms"),
  ].toSorted(([, a], [, b]) => b.score - a.score);
}

/** The anomaly of a metric that lasts, or the last one that did; null where none belongs to the incident. */
export function newestOf({ anomalies }: Incident, metric: MetricName): Anomaly | null {
  const own = anomalies.filter((anomaly) => anomaly.metric_name === metric);
  return own.find((anomaly) => !anomaly.resolved) ?? own.at(-1) ?? null;
}

/** The first and those that tell of the same harm: what they carry is then at most all of it. `endpoints`: the worst first. */
export function ofOneHarm(endpoints: readonly Fact[]): readonly Fact[] {
  const [first, ...others] = endpoints;
  if (first === undefined) return [];
  const harm = unitOf(first);
  return [first, ...others.filter((fact) => harm !== undefined && unitOf(fact) === harm)];
}

/** Of its own numbers: a share of its requests failed, or they took so long. */
function unitOf(fact: Fact): string | undefined {
  return fact.values.find(({ name }) => name === "actual")?.unit;
}
