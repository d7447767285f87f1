/** The figures of the time that is shown, where that is not now: over all of it, never means of means. */
import { mergeAllSketches, quantileMs } from "../../../domain/sketch.ts";
import type { Point } from "./point.ts";
import type { Figures } from "./sentence.ts";
import type { BaselinePoint } from "../../../domain/message.ts";

const NO_BASELINE: BaselinePoint = { request_rate: null, error_rate: null, p95_latency_ms: null };

/** Null where no point with requests is held. p95 is that of all requests whose latencies were read. */
export function spanFigures(points: readonly Point[]): Figures | null {
  const read = points.filter((point) => !point.unread);
  const requests = read.reduce((sum, point) => sum + point.request_count, 0);
  if (requests === 0) return null;
  return {
    request_rate: requests / read.reduce((sum, point) => sum + point.covered_s, 0),
    error_rate: read.reduce((sum, point) => sum + point.error_count, 0) / requests,
    p95_latency_ms: quantileMs(mergeAllSketches(read.map((point) => point.sketch)), 0.95),
    baseline: read.findLast((point) => point.baseline !== null)?.baseline ?? NO_BASELINE,
  };
}
