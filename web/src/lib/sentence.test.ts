import { describe, expect, test } from "vitest";
import { anIncident } from "./testing/incident.ts";
import type { Incident } from "../../../domain/incident.ts";
import {
  calmFleetSentence,
  calmServiceSentence,
  incidentSentence,
  lingeringSentence,
  sentenceText,
  silentServiceSentence,
  stalledServiceSentence,
  type Figures,
} from "./sentence.ts";

const NOW = Date.parse("2026-11-24T10:06:14Z");
const figures = (wanted: Partial<Figures>): Figures => ({
  request_rate: 318,
  error_rate: 0.31,
  p95_latency_ms: 410,
  baseline: { request_rate: 312, error_rate: 0.004, p95_latency_ms: 190 },
  ...wanted,
});

describe("the sentence of an incident", () => {
  test("given errors above the threshold, then it tells what is now, what is normal, since when and the driver", () => {
    expect(sentenceText(incidentSentence(anIncident({}), figures({}), NOW))).toBe(
      "checkout is failing: 31 % errors, normally 0.4 %, since 10:04:12 (2 min). /cart/pay carries 92 % of the excess.",
    );
  });

  describe("given what the page shows endpoints to carry", () => {
    const shares = [
      { endpoint: "/cart/pay", share: 0.99 },
      { endpoint: "/items", share: 0.01 },
    ];
    const told = (incident: Incident, now: Figures | null = figures({})) =>
      sentenceText(incidentSentence(incident, now, NOW, null, shares)).replace(/.* min\)\./, "");

    test("then the sentence has the same number; of an endpoint that is not shown the incident's own", () => {
      expect(told(anIncident({ endpoint_share: 0.96 }))).toBe(" /cart/pay carries 99 % of the excess.");
      expect(told(anIncident({ endpoint: "/else", endpoint_share: 0.6 }))).toBe(" /else carries 60 % of the excess.");
      expect(told(anIncident({ endpoint: null, endpoint_share: null }))).toBe("");
    });

    test("and that the worst of two harms is over, then the share of that one is not said of the other", () => {
      const over = { ...anIncident({ score: 90 }).anomalies[0]!, resolved: true };
      const slow = { metric_name: "p95_latency_ms", metric_value: 600, threshold_value: 300, score: 70 } as const;
      const slowness = { ...over, ...slow, anomaly_type: "latency", resolved: false } as const;
      const both = anIncident({ endpoint_share: 0.96, anomalies: [over, slowness] });
      const text = sentenceText(incidentSentence(both, figures({ error_rate: 0 }), NOW, null, shares));
      expect(text).toContain("checkout is slow");
      expect(text).not.toContain("carries");
    });
  });

  test("given another one that the page tells before it, then it tells which of the two came first", () => {
    const worst = anIncident({ service: "gateway" });
    const since = (onset_at: string) => sentenceText(incidentSentence(anIncident({ onset_at }), null, NOW, worst));
    expect(since("2026-11-24T10:03:58Z")).toContain("since 10:03:58, 14 s before gateway. /cart/pay carries");
    expect(since("2026-11-24T10:05:12Z")).toContain("since 10:05:12, 1 min after gateway. ");
    expect(since("2026-11-24T10:04:12Z")).toContain("since 10:04:12, together with gateway. ");
    // What began long before has its own age.
    expect(since("2026-11-24T09:04:12Z")).toContain("since 09:04:12 (1 h 2 min). ");
  });

  test("given errors back under the threshold, then it does not claim that the service is failing", () => {
    const text = sentenceText(incidentSentence(anIncident({}), figures({ error_rate: 0.006 }), NOW));
    expect(text).toContain("checkout is recovering: 0.6 % errors now, 33 % at worst, normally 0.4 %");
  });

  test("given that it comes and goes, then a pause of it is no recovery", () => {
    const flapping = anIncident({ flapping: true });
    expect(sentenceText(incidentSentence(flapping, figures({ error_rate: 0 }), NOW))).toContain(
      "checkout is flapping: 0 % errors now, 33 % at worst, normally 0.4 %",
    );
    expect(sentenceText(incidentSentence(flapping, figures({ error_rate: 0.3 }), NOW))).toContain(
      "checkout is failing",
    );
  });

  test("given nothing known of now, then it tells the worst", () => {
    expect(sentenceText(incidentSentence(anIncident({}), null, NOW))).toContain("is failing: 33 % errors at worst");
  });

  test("given slowness, then it speaks of p95, the figure that stands everywhere", () => {
    const slow = anIncident({
      metric_name: "avg_latency_ms",
      metric_value: 690,
      baseline_value: 150,
      threshold_value: 300,
      endpoint: null,
      endpoint_share: null,
    });
    expect(sentenceText(incidentSentence(slow, figures({}), NOW))).toBe(
      "checkout is slow: p95 410 ms, normally 190 ms, since 10:04:12 (2 min).",
    );
  });

  const traffic = {
    metric_name: "request_rate",
    metric_value: 0,
    baseline_value: 312,
    threshold_value: 150,
    endpoint: null,
    endpoint_share: null,
  } as const;

  test.each([
    ["down", 0, "checkout is down: no requests, normally 312/s, since 10:04:12 (2 min)."],
    ["down", 40, "checkout has far fewer requests: 40/s, normally 312/s, since 10:04:12 (2 min)."],
    ["traffic", 40, "checkout has far fewer requests: 40/s, normally 312/s, since 10:04:12 (2 min)."],
    ["traffic", 290, "checkout is recovering: 290 requests/s now, normally 312/s, since 10:04:12 (2 min)."],
  ] as const)("given %s and %i requests/s, then it speaks of requests", (anomaly_type, request_rate, text) => {
    const incident = anIncident({ ...traffic, anomaly_type });
    expect(sentenceText(incidentSentence(incident, figures({ request_rate }), NOW))).toBe(text);
  });

  test("given a service that is down and so silent that nothing of it is of now, then it is still said to be down", () => {
    const incident = anIncident({ ...traffic, anomaly_type: "down" });
    expect(sentenceText(incidentSentence(incident, null, NOW))).toContain("checkout is down: no requests");
  });

  describe("given that it was down and is slow since", () => {
    const down = anIncident({ ...traffic, anomaly_type: "down", endpoint: null, endpoint_share: null });
    const [silence] = down.anomalies;
    const slowness = {
      ...silence!,
      metric_name: "p95_latency_ms" as const,
      anomaly_type: "latency" as const,
      metric_value: 389,
      baseline_value: 96,
      threshold_value: 120,
      score: 80,
    };
    const normal = { request_rate: 312, error_rate: 0.004, p95_latency_ms: 96 };
    const slow = figures({ request_rate: 300, p95_latency_ms: 310, baseline: normal });

    test.each([true, false])("and the silence is over (resolved: %s), then it is slow, not recovering", (resolved) => {
      const incident = { ...down, anomalies: [{ ...silence!, resolved }, slowness] };
      expect(sentenceText(incidentSentence(incident, slow, NOW))).toBe(
        "checkout is slow: p95 310 ms, normally 96 ms, since 10:04:12 (2 min).",
      );
    });

    test("and all of it is over, then it was down, which is the worst of it", () => {
      const over = { ...down, status: "resolved" as const, resolved_at: "2026-11-24T10:06:00Z" };
      const anomalies = [silence!, slowness].map((finding) => ({ ...finding, resolved: true }));
      expect(sentenceText(incidentSentence({ ...over, anomalies }, slow, NOW))).toContain("was down");
    });
  });

  test("given an error budget that burns, then it tells how much faster than allowed", () => {
    const burning = anIncident({
      metric_name: "burn_rate",
      anomaly_type: "slo",
      metric_value: 14.6,
      threshold_value: 14.4,
    });
    expect(sentenceText(incidentSentence(burning, figures({}), NOW))).toContain(
      "checkout spends its error budget 15 times as fast as allowed at worst",
    );
  });

  test("given a p95 that was judged, then it is not called an average", () => {
    const slow = anIncident({
      metric_name: "p95_latency_ms",
      metric_value: 690,
      baseline_value: 190,
      threshold_value: 400,
    });
    expect(sentenceText(incidentSentence(slow, null, NOW))).toContain("is slow: 690 ms p95 at worst, normally 190 ms");
  });

  test("given one that opened for latency and is worst in errors, then its numbers are told as what they are", () => {
    const finding = anIncident({}).anomalies[0]!;
    const slow = {
      metric_name: "p95_latency_ms",
      metric_value: 568,
      baseline_value: 92,
      threshold_value: 115,
    } as const;
    const anomalies = [{ ...finding, ...slow, anomaly_type: "latency" } as const, finding];
    const mixed = anIncident({ metric_name: "p95_latency_ms", anomaly_type: "latency", anomalies });
    expect(sentenceText(incidentSentence(mixed, null, NOW))).toContain(
      "is failing: 33 % errors at worst, normally 0.4 %",
    );
  });

  test("given one whose worst finding is too old to be among its anomalies, then it is told by the metric that opened it", () => {
    const forgotten = anIncident({ anomalies: [] });
    expect(sentenceText(incidentSentence(forgotten, null, NOW))).toContain("is failing: 33 % errors at worst");
  });

  test("given an incident that is over, then it is told in the past and without severity", () => {
    const over = incidentSentence(anIncident({ status: "resolved", resolved_at: "2026-11-24T10:05:20Z" }), null, NOW);
    expect(sentenceText(over)).toContain(
      "checkout was failing: 33 % errors at worst, normally 0.4 %, from 10:04:12 for 1 min.",
    );
    expect(over.severity).toBeNull();
  });

  test("given no baseline yet, then nothing is claimed to be normal", () => {
    expect(sentenceText(incidentSentence(anIncident({ baseline_value: null }), figures({}), NOW))).not.toContain(
      "normally",
    );
  });

  test("given markup in an endpoint's name, then it stays one run of text", () => {
    const sentence = incidentSentence(anIncident({ endpoint: "/<b>pay</b>" }), null, NOW);
    expect(sentence.phrases.find((phrase) => phrase.text === "/<b>pay</b>")?.tone).toBe("name");
  });
});

describe("the sentence of health", () => {
  test("given health, then no phrase carries a value in colour", () => {
    const sentence = calmServiceSentence("checkout", figures({ error_rate: 0.004 }));
    expect(sentenceText(sentence)).toBe("checkout is as usual: 318 requests/s, 0.4 % errors, p95 410 ms.");
    expect(sentence.phrases.some((phrase) => phrase.tone === "value")).toBe(false);
  });

  test("given a new service, then it is not said to be as usual", () => {
    const unknown = { request_rate: null, error_rate: null, p95_latency_ms: null };
    expect(sentenceText(calmServiceSentence("checkout", figures({ baseline: unknown })))).toContain(
      "its normal is being learned",
    );
  });

  test.each([
    [1, 0, "The one service is as usual."],
    [14, 0, "All 14 services are as usual."],
    [14, 2, "12 of 14 services are as usual. Nothing comes from 2."],
    [2, 1, "1 of 2 services is as usual. Nothing comes from 1."],
    [1, 1, "Nothing comes from the one service."],
    [3, 3, "Nothing comes from any of the 3 services."],
  ])("given %i services of which %i are silent", (count, silent, text) => {
    expect(sentenceText(calmFleetSentence(count, silent))).toBe(text);
  });

  test("given a service that stopped, then it is not said to be as usual but since when nothing has come", () => {
    const last_ms = Date.parse("2026-11-24T10:01:10Z");
    expect(sentenceText(silentServiceSentence("checkout", last_ms, NOW))).toBe(
      "Nothing has come from checkout since 10:01:10 (5 min).",
    );
  });

  test("given a pipeline that is known to be broken, then it is not said that the service stopped", () => {
    const last_ms = Date.parse("2026-11-24T10:01:10Z");
    expect(sentenceText(stalledServiceSentence("checkout", last_ms, NOW))).toBe(
      "Nothing is known of checkout since 10:01:10 (5 min): the pipeline that brings its events is silent.",
    );
  });
});

describe("the sentence of a fault that outlasts its incident", () => {
  const by_hand = anIncident({ status: "resolved", resolution: "manual", resolved_at: "2026-11-24T10:05:20Z" });

  test("given an incident resolved by hand while its fault lasts, then the service is not said to be as usual", () => {
    const sentence = lingeringSentence(by_hand, figures({}), NOW);
    expect(sentence === null ? null : sentenceText(sentence)).toBe(
      "checkout is failing: 31 % errors, normally 0.4 %. Its incident was resolved by hand at 10:05:20.",
    );
    expect(sentence?.severity).toBeNull();
  });

  test.each([
    ["the fault is over", by_hand, figures({ error_rate: 0.004 })],
    ["nothing is known of now", by_hand, null],
    ["it recovered by itself", anIncident({ ...by_hand, resolution: "recovered" }), figures({})],
  ])("given that %s, then nothing outlasts it", (_, incident, now) => {
    expect(lingeringSentence(incident, now, NOW)).toBeNull();
  });

  test.each([
    ["request_rate", 150, figures({ request_rate: 40 }), "has far fewer requests: 40/s"],
    ["p95_latency_ms", 300, figures({}), "is slow: p95 410 ms"],
    ["avg_latency_ms", 300, figures({}), "is slow: p95 410 ms"],
  ] as const)("given %s, then it is told of that figure", (metric_name, threshold_value, now, text) => {
    const incident = anIncident({ ...by_hand, metric_name, threshold_value });
    const sentence = lingeringSentence(incident, now, NOW);
    expect(sentence === null ? null : sentenceText(sentence)).toContain(text);
  });

  test("given a p95 that is always above the average's threshold, then that alone is no fault", () => {
    const incident = anIncident({ ...by_hand, metric_name: "avg_latency_ms", threshold_value: 150 });
    expect(lingeringSentence(incident, figures({ p95_latency_ms: 195 }), NOW)).toBeNull();
  });
});
