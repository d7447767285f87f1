import { describe, expect, test } from "vitest";
import type { IncidentLine, SummaryLine } from "../../domain/replay-line.ts";
import { duration, IncidentTable, summaryLines } from "./incident-table.ts";

const opened: IncidentLine = {
  type: "incident",
  action: "opened",
  id: "checkout-1795514400-error_rate",
  service: "checkout",
  at: "2026-11-24T10:00:03.250Z",
  onset: "2026-11-24T09:59:58Z",
  anomaly_type: "error_rate",
  metric_name: "error_rate",
  endpoint: "/pay",
  severity: "medium",
  score: 60,
  reason: "6.0 % of requests failed.",
};

describe("the table of incidents", () => {
  test("has a row for each, with its first moment, its newest numbers and its end", () => {
    const table = new IncidentTable();
    table.add(opened);
    table.add({ ...opened, action: "updated", at: "2026-11-24T10:00:09Z", severity: "critical", reason: "Worse." });
    table.add({ ...opened, id: "other", service: "search", endpoint: null });
    const resolved = { at: "2026-11-24T10:05:03.250Z", severity: "critical", reason: "Worse." } as const;
    table.add({ ...opened, action: "resolved", ...resolved });
    expect(table.lines()).toEqual([
      "TOLD AT (UTC)        AFTER  SERVICE   SEVERITY  OVER AFTER  ENDPOINT  REASON",
      "2026-11-24 10:00:03  5 s    checkout  critical  5 min       /pay      Worse.",
      "2026-11-24 10:00:03  5 s    search    medium    open        -         6.0 % of requests failed.",
    ]);
  });

  test("of nothing says so", () => {
    expect(new IncidentTable().lines()).toEqual(["No incident."]);
  });

  test.each([
    [0, "0 s"],
    [119_400, "119 s"],
    [119_600, "2 min"],
    [7_100_000, "118 min"],
    [7_260_000, "2 h 1 min"],
  ])("%i ms are %s", (length_ms, text) => {
    expect(duration(length_ms)).toBe(text);
  });
});

describe("the sum of a replay", () => {
  const summary: SummaryLine = {
    type: "summary",
    events: 1_234_567,
    late: 0,
    dropped: 0,
    wrong_lines: 3,
    wrong_by_reason: { invalid_json: 3 },
    wrong_first: [],
    services: 2,
    windows: 9,
    incidents: { medium: 1, high: 0, critical: 2 },
    event_time_s: 7200,
    wall_s: 1.26,
    events_per_s: 979_815,
  };

  test("names what matters in two lines, and late events only where there are any", () => {
    expect(summaryLines(summary)).toEqual([
      "3 incidents (2 critical, 0 high, 1 medium) of 2 services in 2 h 0 min of event time",
      "1,234,567 events in 1.3 s, 979,815/s; 3 wrong lines",
    ]);
    expect(summaryLines({ ...summary, late: 5 })[2]).toBe(
      "5 late events corrected their window only; 0 came too late even for that",
    );
  });
});
