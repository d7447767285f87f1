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

/** It rounds to nothing: where the excess lies, the list beside it tells. */
const SHARE_MAX = 0.005;

/** What sixty seconds of a quiet endpoint stray from what is typical: errors in twice its share or a point, latency in a quarter. */
const ERRORS_FACTOR = 2;
const ERRORS_POINT = 0.01;
const LATENCY_FACTOR = 1.25;

/**
 * The busiest first. Only of errors and latency, whose excess has endpoints; and only where it is known what is typical. Empty where
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
    .flatMap((item): CalmEndpoint[] => {
      const [value, typical] =
        figure === "errors"
          ? [item.error_rate, item.baseline_error_rate]
          : [item.avg_latency_ms, item.baseline_avg_latency_ms];
      return value === null || typical === null ? [] : [{ endpoint: item.endpoint, figure, value, typical }];
    });
}

/** In both: an endpoint that has no more errors than ever, and is slow, is affected. */
function isCalm({ error_rate, baseline_error_rate, avg_latency_ms, baseline_avg_latency_ms }: EndpointItem): boolean {
  if (baseline_error_rate === null || baseline_avg_latency_ms === null) return false;
  const errors_max = Math.max(ERRORS_FACTOR * baseline_error_rate, baseline_error_rate + ERRORS_POINT);
  return error_rate <= errors_max && (avg_latency_ms ?? 0) <= LATENCY_FACTOR * baseline_avg_latency_ms;
}
