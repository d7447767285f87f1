/** The newest values of an incident's metric, for a line of them in a message. */
import type { Bucket } from "./bucket.ts";
import type { MetricName } from "./incident.ts";
import { type Minute, MINUTE_S, summarize } from "./minute.ts";
import { quantileMs } from "./sketch.ts";
import type { Spark } from "./subscriber.ts";

/** Thirty points over a minute: a fault and what was before it show side by side. */
const POINTS = 30;
const STEP_S = 2;

/** The minutes that a line up to `end_s` (epoch seconds, not included) is made of. */
export function sparkMinutes(end_s: number): number[] {
  const newest = Math.floor((end_s - 1) / MINUTE_S);
  return [newest - 1, newest];
}

/**
 * Over the 60 seconds before `end_s` (epoch seconds). `minutes`: those of sparkMinutes that are held, by number; `availability`: what
 * the service promises, null: nothing, and then a burn rate has no values.
 */
export function sparkOf(
  metric_name: MetricName,
  end_s: number,
  minutes: ReadonlyMap<number, Minute | undefined>,
  availability: number | null,
): Spark | null {
  if (metric_name === "burn_rate" && availability === null) return null;
  const bucketOf = (second: number): Bucket | undefined =>
    minutes.get(Math.floor(second / MINUTE_S))?.buckets[second % MINUTE_S];
  const values = Array.from({ length: POINTS }, (_, point) => {
    const from = end_s - (POINTS - point) * STEP_S;
    const buckets = Array.from({ length: STEP_S }, (__, i) => bucketOf(from + i));
    return valueOf(metric_name, buckets, 1 - (availability ?? 0));
  });
  return { metric_name, step_s: STEP_S, values };
}

/** `budget`: the share of requests that may fail. */
function valueOf(metric: MetricName, buckets: readonly (Bucket | undefined)[], budget: number): number | null {
  const { request_count, error_count, latency_sum_us, sketch } = summarize(buckets);
  if (metric === "request_rate") return request_count / buckets.length;
  if (request_count === 0) return null;
  switch (metric) {
    case "error_rate":
      return error_count / request_count;
    case "burn_rate":
      return error_count / request_count / budget;
    case "avg_latency_ms":
      return latency_sum_us / request_count / 1000;
    case "p95_latency_ms":
      return quantileMs(sketch, 0.95);
  }
}
