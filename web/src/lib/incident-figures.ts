/** The figures of an incident that is over: what its service did from the onset to the end. */
import type { Figures } from "./sentence.ts";
import type { Point } from "./point.ts";
import type { Incident } from "../../../domain/incident.ts";
import type { BaselinePoint } from "../../../domain/message.ts";

const NO_BASELINE: BaselinePoint = { request_rate: null, error_rate: null, p95_latency_ms: null };

/**
 * Rates over the whole span; p95 of the slowest point, since a quantile is never averaged. `baseline`: what was normal at the
 * onset. Null where no point lies within it.
 */
export function incidentFigures(incident: Incident, points: readonly Point[]): Figures | null {
  if (incident.resolved_at === null) return null;
  const [from, until] = [Date.parse(incident.onset_at) / 1000, Date.parse(incident.resolved_at) / 1000];
  const within = points.filter((point) => point.at + point.covered_s > from && point.at < until);
  if (within.length === 0) return null;
  const sum = (value: (point: Point) => number) => within.reduce((total, point) => total + value(point), 0);
  const requests = sum((point) => point.request_count);
  const quantiles = within.map((point) => point.p95_latency_ms).filter((p95) => p95 !== null);
  return {
    request_rate: requests / sum((point) => point.covered_s),
    error_rate: requests === 0 ? 0 : sum((point) => point.error_count) / requests,
    p95_latency_ms: quantiles.length === 0 ? null : Math.max(...quantiles),
    baseline: within.find((point) => point.baseline !== null)?.baseline ?? NO_BASELINE,
  };
}
