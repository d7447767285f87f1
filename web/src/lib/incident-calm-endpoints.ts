/** The endpoints of a service that its open incident does not touch, by what each did over the newest closed seconds. */
import { figureOfMetric } from "./severity.ts";
import type { Incident } from "../../../domain/incident.ts";
import type { EndpointItem } from "../../../domain/resource.ts";

/** An endpoint as the incident would show in it. Its name is data: render it as text. */
export interface CalmEndpoint {
  readonly endpoint: string;
  readonly figure: "errors" | "latency";
  /** Share of failed requests (0 to 1), or average latency in ms: of an endpoint no quantile is known. */
  readonly value: number;
  readonly typical: number;
}

/** More would say no more. */
const SHOWN_MAX = 6;

/** Chance alone gives an endpoint so much of the excess of another. */
const SHARE_MAX = 0.05;

/** A figure is of at most so many seconds. */
const SPAN_S = 60;

/** How far chance leads errors and an average latency away from what is typical, in standard deviations of their counts. */
const DEVIATIONS = 3;
/** A quarter slower is what the domain calls slow; a few requests stray further, as latencies spread about as wide as they are long. */
const SLOW_FACTOR = 1.25;

/**
 * The busiest, by name: no line moves because another has become busier. Only of errors and latency, whose excess has endpoints; and only where it is known what is typical. Empty where
 * nothing is known of now.
 *
 * @param endpoints of the service while this incident is its open one, else null: what they did earlier is not held
 */
export function calmEndpoints(endpoints: readonly EndpointItem[] | null, incident: Incident): CalmEndpoint[] {
  const figure = figureOfMetric(incident.metric_name);
  if (endpoints === null || figure === "rate" || endpoints.every(({ excess_share }) => excess_share === null))
    return [];
  return endpoints
    .filter((item) => item.request_rate > 0 && (item.excess_share ?? 0) < SHARE_MAX && isCalm(item))
    .toSorted((a, b) => b.request_rate - a.request_rate || (a.endpoint < b.endpoint ? -1 : 1))
    .slice(0, SHOWN_MAX)
    .toSorted((a, b) => (a.endpoint < b.endpoint ? -1 : 1))
    .flatMap((item): CalmEndpoint[] => {
      const [value, typical] =
        figure === "errors"
          ? [item.error_rate, item.baseline_error_rate]
          : [item.avg_latency_ms, item.baseline_avg_latency_ms];
      return value === null || typical === null ? [] : [{ endpoint: item.endpoint, figure, value, typical }];
    });
}

/** In both: an endpoint that has no more errors than ever, and is slow, is affected. */
function isCalm(item: EndpointItem): boolean {
  const { baseline_error_rate: failing, baseline_avg_latency_ms: typical } = item;
  if (failing === null || typical === null) return false;
  const requests = Math.max(1, item.request_rate * SPAN_S);
  const errors_max = failing + DEVIATIONS * Math.sqrt(Math.max(failing, 1 / requests) / requests);
  return (
    item.error_rate <= errors_max && (item.avg_latency_ms ?? 0) <= typical * (SLOW_FACTOR + 1 / Math.sqrt(requests))
  );
}
