import { describe, expect, test } from "vitest";
import type { MetricsWindow } from "./history.ts";
import { judgeMinutes } from "./minute-rules.ts";
import { formatRfc3339 } from "./rfc3339.ts";
import { defaultSettings } from "./settings.ts";

const START_MS = Date.parse("2026-11-20T10:00:00Z");
const RULES = { ...defaultSettings("checkout"), detectors: ["reference" as const] };

function window(minute: number, change: Partial<MetricsWindow> = {}): MetricsWindow {
  const at = (offset: number): string => formatRfc3339(START_MS + (minute + offset) * 60_000);
  return {
    service: "checkout",
    window_start: at(0),
    window_end: at(1),
    request_count: 600,
    error_count: 6,
    error_rate: 0.01,
    latency_sum_us: 60_000_000,
    avg_latency_ms: 100,
    p50_latency_ms: 90,
    p95_latency_ms: 200,
    p99_latency_ms: 300,
    latency_sketch: "",
    baseline_request_rate: 10,
    baseline_error_rate: 0.01,
    baseline_p95_ms: 200,
    revision: 1,
    ...change,
  };
}

describe("the plain rules over minutes", () => {
  test("tell of minutes beyond three times the baseline or twice the SLA, each metric as one incident", () => {
    const failing = { error_count: 90 };
    const slow = { latency_sum_us: 600 * 700_000 };
    const windows = [window(0), window(1, failing), window(2), window(3, { ...failing, ...slow }), window(4)];
    const told = judgeMinutes(windows, RULES);
    expect(told.map(({ metric_name, at, resolved_at, severity }) => [metric_name, at, resolved_at, severity])).toEqual([
      ["error_rate", "2026-11-20T10:02:00Z", "2026-11-20T10:04:00Z", "critical"],
      ["avg_latency_ms", "2026-11-20T10:04:00Z", "2026-11-20T10:04:00Z", "medium"],
    ]);
    expect(told[0]!.reason).toBe("15.0 % of requests failed over 60 s (normally 1.0 %, allowed 5.0 %).");
  });

  test("of two minutes more than five apart tell twice", () => {
    const failing = { error_count: 90 };
    expect(judgeMinutes([window(0, failing), window(7, failing)], RULES)).toHaveLength(2);
  });

  test("judge the error budget where there is an objective: a page within an hour's windows", () => {
    const settings = { ...RULES, detectors: ["sequential" as const], slo: { availability: 0.999 } };
    const windows = Array.from({ length: 120 }, (_, i) => window(i, { error_count: i < 60 ? 0 : 24 }));
    const [told, ...more] = judgeMinutes(windows, settings);
    expect(told).toMatchObject({ metric_name: "burn_rate", severity: "critical" });
    // 4 % of a budget of 0.1 % burn 40 times as fast; the hour is beyond 14.4 after the 23rd of them.
    expect(Date.parse(told!.at) - START_MS).toBe(83 * 60_000);
    expect(more).toEqual([]);
  });

  test("say nothing of latency without a promise, and nothing at all where they are off", () => {
    const slow = window(0, { latency_sum_us: 600 * 900_000 });
    expect(judgeMinutes([slow], { ...RULES, sla_ms: null })).toEqual([]);
    expect(judgeMinutes([slow], { ...RULES, detectors: ["sequential"] })).toEqual([]);
  });
});
