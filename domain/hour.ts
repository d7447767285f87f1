/** An hour of one service, merged from the sketches of its minutes: the row of `service_metrics_hourly`. */
import type { MetricsWindow } from "./history.ts";
import { metricsWindow, type Minute, NO_BASELINE, summarize } from "./minute.ts";

/** `hour` is counted since the epoch. Its revision is the sum of its minutes' ones: it grows when any of them does. */
export function hourWindow(service: string, hour: number, minutes: readonly Minute[]): MetricsWindow {
  const span = summarize(minutes.flatMap((minute) => minute.buckets));
  const revision = minutes.reduce((sum, minute) => sum + minute.revision, 0);
  const baseline = minutes.findLast((minute) => minute.baseline.request_rate !== null)?.baseline ?? NO_BASELINE;
  return metricsWindow(service, hour * 3600, 3600, span, baseline, revision);
}
