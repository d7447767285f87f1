/** What history must hold for produced events: a plain recomputation from their JSON. */
import type { MetricsWindow } from "../../domain/history.ts";
import type { ServiceEventJson } from "../../generator/stream.ts";

export interface MinuteTotals {
  readonly window_start_ms: number;
  readonly request_count: number;
  readonly error_count: number;
  readonly latency_sum_us: number;
}

export function expectedMinutes(events: readonly ServiceEventJson[], service: string): MinuteTotals[] {
  const own = events.filter((event) => event.service === service);
  const byMinute = Map.groupBy(own, (event) => Math.floor(Date.parse(event.event_time) / 60_000));
  const totals = [...byMinute].map(([minute, list]) => ({
    window_start_ms: minute * 60_000,
    request_count: list.length,
    error_count: list.filter((event) => event.status_code >= 500).length,
    latency_sum_us: list.reduce((sum, event) => sum + Math.round(event.latency_ms * 1000), 0),
  }));
  return totals.sort((a, b) => a.window_start_ms - b.window_start_ms);
}

export function totalsOf(windows: readonly MetricsWindow[]): MinuteTotals[] {
  return windows.map(({ window_start, request_count, error_count, latency_sum_us }) => ({
    window_start_ms: Date.parse(window_start),
    request_count,
    error_count,
    latency_sum_us,
  }));
}
