/** Seconds of a service for tests, as the socket tells them and as history does. */
import { encodeSketch, latencyBin, sketchOfBins } from "../../../../domain/sketch.ts";
import type { SecondPoint } from "../../../../domain/message.ts";
import type { WindowItem } from "../../../../domain/resource.ts";

export const BASELINE = { request_rate: 10, error_rate: 0, p95_latency_ms: 100 };
/** Epoch seconds; a whole hour. */
export const T = 1_795_514_400;

export function tick(at: number, wanted: Partial<SecondPoint> = {}): SecondPoint {
  const numbers = { request_count: 10, error_count: 0, latency_sum_us: 1_000_000 };
  return {
    at,
    ...numbers,
    p50_latency_ms: 90,
    p95_latency_ms: 110,
    p99_latency_ms: 120,
    provisional: false,
    ...wanted,
  };
}

/** A window of history with these latencies, ms; of a second unless `wanted` says otherwise. */
export function window(at: number, latencies_ms: readonly number[], wanted: Partial<WindowItem> = {}): WindowItem {
  const sketch = sketchOfBins(Uint16Array.from(latencies_ms, (ms) => latencyBin(ms * 1000)));
  return {
    service: "checkout",
    window_start: new Date(at * 1000).toISOString(),
    window_end: new Date((at + 1) * 1000).toISOString(),
    request_count: latencies_ms.length,
    error_count: 0,
    error_rate: 0,
    latency_sum_us: latencies_ms.reduce((sum, ms) => sum + ms * 1000, 0),
    avg_latency_ms: 0,
    p50_latency_ms: 1,
    p95_latency_ms: 1,
    p99_latency_ms: 1,
    latency_sketch: btoa(String.fromCharCode(...encodeSketch(sketch))),
    baseline_request_rate: 10,
    baseline_error_rate: 0,
    baseline_p95_ms: 100,
    revision: 1,
    provisional: false,
    ...wanted,
  };
}
