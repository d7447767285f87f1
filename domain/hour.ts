/** An hour of one service, merged from the sketches of its minutes: the row of `service_metrics_hourly`. */
import type { MetricsWindow } from "./history.ts";
import { metricsWindow, type Minute, NO_BASELINE, summarize } from "./minute.ts";

/** `hour` is counted since the epoch. `revision` must grow with each call for the same hour. */
export function hourWindow(service: string, hour: number, minutes: readonly Minute[], revision: number): MetricsWindow {
  const span = summarize(minutes.flatMap((minute) => minute.buckets));
  const baseline = minutes.findLast((minute) => minute.baseline.request_rate !== null)?.baseline ?? NO_BASELINE;
  return metricsWindow(service, hour * 3600, 3600, span, baseline, revision);
}
