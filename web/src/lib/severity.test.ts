import { describe, expect, test } from "vitest";
import { anIncident } from "./testing/incident.ts";
import { activeFinding, compareWorstFirst, driverSeverity, newerIncident, openIncidents } from "./severity.ts";

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

describe("the endpoint that drives an incident", () => {
  test("given slowness, then its latency is wrong and its errors are not", () => {
    const slow = anIncident({ metric_name: "p95_latency_ms", severity: "high" });
    expect(driverSeverity(slow, 0.9)).toBe("high");
    expect(driverSeverity(slow, 0.9, "latency")).toBe("high");
    expect(driverSeverity(slow, 0.9, "errors")).toBeNull();
  });

  test("given less than half of the excess or no open incident, then it drives nothing", () => {
    expect(driverSeverity(anIncident({}), 0.49)).toBeNull();
    expect(driverSeverity(anIncident({}), null)).toBeNull();
    expect(driverSeverity(null, 1, "errors")).toBeNull();
  });
});
