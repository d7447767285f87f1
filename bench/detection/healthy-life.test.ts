import { describe, expect, it } from "vitest";
import type { Alarm } from "./contender.ts";
import { openSeconds, runHealthyLife } from "./healthy-life.ts";

function alarm(kind: Alarm["kind"], at_s: number, id: string): Alarm {
  return { kind, at_s, id, onset_s: at_s, metric: "error_rate", endpoint: null, severity: "high" };
}

describe("the time in which an alarm was on", () => {
  it("counts overlapping incidents once", () => {
    const alarms = [
      alarm("opened", 10, "a"),
      alarm("opened", 15, "b"),
      alarm("resolved", 20, "a"),
      alarm("resolved", 30, "b"),
    ];
    expect(openSeconds(alarms, 0, 100)).toBe(20);
  });

  it("is cut at both ends", () => {
    expect(openSeconds([alarm("opened", 10, "a"), alarm("resolved", 60, "a")], 50, 100)).toBe(10);
    expect(openSeconds([alarm("opened", 90, "a")], 50, 100)).toBe(10);
    expect(openSeconds([alarm("opened", 10, "a"), alarm("resolved", 20, "a")], 50, 100)).toBe(0);
  });
});

describe("a healthy life", () => {
  const cell = { kind: "quiet", rate: 10, base_error: 0.02 };

  it("is the same each time, and one alarm that is always on is one false alarm", () => {
    const run = (): unknown => runHealthyLife("tuning", cell, 0, 0.05, ["burn-rate", "static-5m"]);
    const outcomes = runHealthyLife("tuning", cell, 0, 0.05, ["burn-rate", "static-5m"]);
    expect(run()).toEqual(run());
    // 2 % of errors burn a budget of 0.1 % twenty times too fast.
    expect(outcomes[0]).toMatchObject({ contender: "burn-rate", incident_count: 1, hit_stretch_count: 1 });
    expect(outcomes[0]!.open_share).toBeGreaterThan(0.8);
  });

  it("counts the days of a complaint from when it could be known", () => {
    const job = { kind: "morning-job", rate: 10, base_error: 0.001 };
    const [outcome] = runHealthyLife("tuning", job, 0, 4, ["static-5m"]);
    expect(outcome!.days).toBeCloseTo(1);
    // The job fails half of a fifth of the requests for minutes: a static rule cannot but tell.
    expect(outcome).toMatchObject({ incident_count: 1, opened_for: { "error_rate during job": 1 } });
  });
});
