import { expect, test } from "vitest";
import { normalWords, worstWords } from "./incident-worst.ts";
import { anIncident } from "./testing/incident.ts";

test("each is told by its worst value in the words of its metric", () => {
  expect(worstWords(anIncident({}))).toBe("33 % errors");
  const of = (metric_name: "avg_latency_ms" | "p95_latency_ms" | "burn_rate", metric_value: number) =>
    worstWords(anIncident({ metric_name, metric_value }));
  expect(of("avg_latency_ms", 690)).toBe("690 ms on average");
  expect(of("p95_latency_ms", 690)).toBe("p95 690 ms");
  expect(of("burn_rate", 14.4)).toBe("error budget spent 14 times as fast as allowed");
  const traffic = { metric_name: "request_rate", metric_value: 3, anomaly_type: "traffic" } as const;
  expect(worstWords(anIncident(traffic))).toBe("3.0 requests/s");
  expect(worstWords(anIncident({ ...traffic, anomaly_type: "down" }))).toBe("no requests");
});

test("what was normal has the same unit, and none is told where none is known", () => {
  expect(normalWords(anIncident({}))).toBe("0.4 %");
  expect(normalWords(anIncident({ metric_name: "p95_latency_ms", baseline_value: 240 }))).toBe("240 ms");
  expect(normalWords(anIncident({ metric_name: "request_rate", baseline_value: 41 }))).toBe("41/s");
  expect(normalWords(anIncident({ metric_name: "burn_rate", baseline_value: 1 }))).toBeNull();
  expect(normalWords(anIncident({ baseline_value: null }))).toBeNull();
});
