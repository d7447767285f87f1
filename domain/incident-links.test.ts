import { describe, expect, it } from "vitest";
import { DetectionStream } from "../tests/detection-stream.ts";
import { incidentLinks } from "./incident-links.ts";
import type { Incident } from "./incident.ts";

const START = 1_764_000_000;
const TRACES = "https://traces.example/{service}?at={endpoint}&from={from}&to={to}";

function incidentOn(endpoint: string): Incident {
  const stream = new DetectionStream(START).run(300, { name: endpoint, requests: 20 });
  return stream.run(10, { name: endpoint, requests: 20, errors: 10 }).changes[0]!.incident;
}

describe("the links of an incident", () => {
  it("have its times filled in, from five minutes before the onset on", () => {
    const { runbook, traces } = incidentLinks(incidentOn("/pay"), {
      runbook: "https://wiki.example/pay",
      traces: TRACES,
    });
    expect(runbook).toBe("https://wiki.example/pay");
    expect(traces).toBe(
      "https://traces.example/checkout?at=%2Fpay&from=2025-11-24T16%3A00%3A00Z&to=2025-11-24T16%3A05%3A03Z",
    );
  });

  it("lead nowhere else, whatever an endpoint is called", () => {
    const hostile = "/x&to=2020#@evil.example/?{from}";
    const url = new URL(incidentLinks(incidentOn(hostile), { runbook: null, traces: TRACES }).traces!);
    expect([url.host, url.pathname, url.hash]).toEqual(["traces.example", "/checkout", ""]);
    expect(url.searchParams.get("at")).toBe(hostile);
    expect(url.searchParams.getAll("to")).toHaveLength(1);
  });

  it("are none where none are set, and name no endpoint where none stands out", () => {
    const incident = { ...incidentOn("/pay"), endpoint: null };
    expect(incidentLinks(incident, { runbook: null, traces: null })).toEqual({ runbook: null, traces: null });
    expect(incidentLinks(incident, { runbook: null, traces: TRACES }).traces).toContain("?at=&from=");
  });
});
