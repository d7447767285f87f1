import { describe, expect, test } from "vitest";
import type { ToldIncident } from "../../domain/replay-line.ts";
import { comparisonLines } from "./comparison-table.ts";

const told: ToldIncident = {
  id: "checkout-1",
  service: "checkout",
  at: "2026-11-24T10:00:03.250Z",
  onset: "2026-11-24T10:00:00Z",
  resolved_at: null,
  metric_name: "error_rate",
  endpoint: null,
  severity: "high",
  score: 80,
  reason: "Many failed.",
};

describe("the comparison of two settings", () => {
  test("has a row for each incident, marked by what became of it, and the counts", () => {
    const lines = comparisonLines([
      { change: "moved", before: told, after: { ...told, at: "2026-11-24T10:00:09Z", severity: "critical" } },
      { change: "lost", before: { ...told, service: "search", reason: "Slow." }, after: null },
      { change: "gained", before: null, after: told },
    ]);
    expect(lines).toEqual([
      "   SERVICE   BEFORE                    AFTER                         REASON",
      "~  checkout  2026-11-24 10:00:03 high  2026-11-24 10:00:09 critical  Many failed.",
      "-  search    2026-11-24 10:00:03 high  -                             Slow.",
      "+  checkout  -                         2026-11-24 10:00:03 high      Many failed.",
      "",
      "1 gained (+), 1 lost (-), 1 moved (~), 0 told alike",
    ]);
  });

  test("of nothing says so", () => {
    expect(comparisonLines([])).toEqual(["Neither settings tell of an incident."]);
  });
});
