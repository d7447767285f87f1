import { describe, expect, test } from "vitest";
import { anIncident } from "./testing/incident.ts";
import {
  activeFinding,
  compareWorstFirst,
  driverSeverity,
  figureSeverity,
  newerIncident,
  openIncidents,
  presentSeverity,
} from "./severity.ts";

const NOW = { request_rate: 100, error_rate: 0.3, p95_latency_ms: 2000 };

describe("the order of services", () => {
  test("given mixed statuses, then the worst come first and equals stand by name", () => {
    const services = [
      { service: "b", status: "healthy" },
      { service: "z", status: "critical" },
      { service: "a", status: "healthy" },
      { service: "m", status: "high" },
      { service: "c", status: "medium" },
    ] as const;
    expect(services.toSorted(compareWorstFirst).map((service) => service.service)).toEqual(["z", "m", "c", "a", "b"]);
  });
});

describe("open incidents", () => {
  test("given one that is resolved, then only the others are told, worst first, then the earlier", () => {
    const late = anIncident({ id: "late", severity: "high", onset_at: "2026-11-24T10:05:00Z" });
    const early = anIncident({ id: "early", severity: "high", onset_at: "2026-11-24T10:01:00Z" });
    const worst = anIncident({ id: "worst", severity: "critical", onset_at: "2026-11-24T10:09:00Z" });
    const over = anIncident({ id: "over", severity: "critical", status: "resolved" });
    expect(openIncidents([late, over, early, worst]).map((incident) => incident.id)).toEqual([
      "worst",
      "early",
      "late",
    ]);
  });

  test("given an older revision that arrives later, then the newer one is kept", () => {
    const newer = anIncident({ revision: 5 });
    expect(newerIncident(newer, anIncident({ revision: 4 }))).toBe(newer);
    expect(newerIncident(newer, anIncident({ revision: 6 })).revision).toBe(6);
  });
});

describe("the finding of one figure", () => {
  test("given an incident on errors alone, then latency bears no severity", () => {
    const incident = anIncident({ metric_name: "error_rate" });
    expect(activeFinding(incident, "errors")?.severity).toBe("critical");
    expect(activeFinding(incident, "latency")).toBeNull();
  });

  test("given a finding that is over or an incident that is resolved, then the figure is calm", () => {
    const incident = anIncident({});
    const over = { ...incident, anomalies: incident.anomalies.map((anomaly) => ({ ...anomaly, resolved: true })) };
    expect(activeFinding(over, "errors")).toBeNull();
    expect(activeFinding({ ...incident, status: "resolved" }, "errors")).toBeNull();
  });

  test.each([
    ["request_rate", "rate"],
    ["p95_latency_ms", "latency"],
    ["avg_latency_ms", "latency"],
    ["burn_rate", "errors"],
  ] as const)("given a finding on %s, then the figure of %s bears it", (metric_name, figure) => {
    expect(activeFinding(anIncident({ metric_name }), figure)?.metric_name).toBe(metric_name);
  });
});

describe("the severity of a figure", () => {
  test.each([
    ["error_rate", "errors", { error_rate: 0.06 }, { error_rate: 0.05 }],
    ["p95_latency_ms", "latency", { p95_latency_ms: 0.06 }, { p95_latency_ms: 0.05 }],
    ["avg_latency_ms", "latency", { p95_latency_ms: 0.06 }, { p95_latency_ms: 0.05 }],
    ["request_rate", "rate", { request_rate: 0.04 }, { request_rate: 0.05 }],
  ] as const)(
    "given %s beyond what is allowed, then it is borne until the value is back",
    (metric_name, figure, beyond, back) => {
      const incident = anIncident({ metric_name, threshold_value: 0.05 });
      expect(figureSeverity(incident, figure, { ...NOW, ...beyond })).toBe("critical");
      expect(figureSeverity(incident, figure, { ...NOW, ...back })).toBeNull();
    },
  );

  test("given a budget that is spent, then what fails now says nothing of it; without figures nothing is coloured", () => {
    expect(figureSeverity(anIncident({ metric_name: "burn_rate" }), "errors", { ...NOW, error_rate: 0 })).toBe(
      "critical",
    );
    expect(figureSeverity(anIncident({}), "errors", null)).toBeNull();
    expect(figureSeverity(anIncident({}), "latency", NOW)).toBeNull();
  });
});

describe("the endpoint that drives an incident", () => {
  test("given slowness, then its latency is wrong and its errors are not", () => {
    const slow = anIncident({ metric_name: "p95_latency_ms", severity: "high" });
    expect(driverSeverity(slow, 0.9, null, NOW)).toBe("high");
    expect(driverSeverity(slow, 0.9, "latency", NOW)).toBe("high");
    expect(driverSeverity(slow, 0.9, "errors", NOW)).toBeNull();
    // Back to what is usual it is not slow any more, and what it carried is told in ink.
    const usual = { ...NOW, p95_latency_ms: 0 };
    expect(driverSeverity(slow, 0.9, "latency", usual)).toBeNull();
    expect(driverSeverity(slow, 0.9, null, usual)).toBeNull();
  });

  test("given two harms of which one is back, then its share bears the incident's severity until both are", () => {
    const both = anIncident({ severity: "critical", threshold_value: 0.05 });
    const slow = { ...both.anomalies[0]!, metric_name: "p95_latency_ms", threshold_value: 300 } as const;
    const incident = { ...both, anomalies: [...both.anomalies, slow] };
    expect(presentSeverity(incident, { ...NOW, error_rate: 0 })).toBe("critical");
    expect(presentSeverity(incident, { ...NOW, error_rate: 0, p95_latency_ms: 200 })).toBeNull();
    expect(presentSeverity(incident, null)).toBeNull();
  });

  test("given less than half of the excess or no open incident, then it drives nothing", () => {
    expect(driverSeverity(anIncident({}), 0.49, null, NOW)).toBeNull();
    expect(driverSeverity(anIncident({}), null, null, NOW)).toBeNull();
    expect(driverSeverity(null, 1, "errors", NOW)).toBeNull();
  });
});
