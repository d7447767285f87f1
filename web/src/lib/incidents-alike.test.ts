import { expect, test } from "vitest";
import { alikeWords, incidentsAlike } from "./incidents-alike.ts";
import { anIncident } from "./testing/incident.ts";

const incident = anIncident({});
const earlier = (day: number, metric_name: "error_rate" | "request_rate" = "error_rate") =>
  anIncident({ id: `checkout-${day}-${metric_name}`, metric_name, onset_at: `2026-11-${day}T10:04:12Z` });

test("alike are earlier ones on the same metric, newest first and at most five", () => {
  const known = [earlier(20), incident, earlier(25), earlier(22, "request_rate"), earlier(23), earlier(21)];
  expect(incidentsAlike(incident, known).map(({ id }) => id)).toEqual([
    "checkout-23-error_rate",
    "checkout-21-error_rate",
    "checkout-20-error_rate",
  ]);
  const many = Array.from({ length: 9 }, (_none, i) => earlier(10 + i));
  expect(incidentsAlike(incident, many).map(({ onset_at }) => onset_at.slice(8, 10))).toEqual([
    "18",
    "17",
    "16",
    "15",
    "14",
  ]);
});

test("each is told by its worst value in the words of its metric", () => {
  expect(alikeWords(incident)).toBe("33 % errors");
  const of = (metric_name: "avg_latency_ms" | "p95_latency_ms" | "burn_rate", metric_value: number) =>
    alikeWords(anIncident({ metric_name, metric_value }));
  expect(of("avg_latency_ms", 690)).toBe("690 ms on average");
  expect(of("p95_latency_ms", 690)).toBe("p95 690 ms");
  expect(of("burn_rate", 14.4)).toBe("error budget spent 14 times as fast as allowed");
  const traffic = { metric_name: "request_rate", metric_value: 3, anomaly_type: "traffic" } as const;
  expect(alikeWords(anIncident(traffic))).toBe("3.0 requests/s");
  expect(alikeWords(anIncident({ ...traffic, anomaly_type: "down" }))).toBe("no requests");
});
