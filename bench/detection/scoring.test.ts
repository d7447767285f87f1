import { describe, expect, it } from "vitest";
import { judgeCriteria } from "./criteria.ts";
import type { FaultCell, FaultOutcome } from "./fault-run.ts";
import { type HealthyScore, quantile, scoreFaults, scoreHealthy } from "./scoring.ts";

const CELL: FaultCell = { fault: "errors-20-40", variant: "warm", rate: 10, base_error: 0.001 };

function outcome(found_after_s: number | null, changes: Partial<FaultOutcome> = {}): FaultOutcome {
  const isFound = found_after_s !== null;
  return {
    contender: "c",
    found_after_s,
    incident_count: isFound ? 1 : 0,
    onset_error_s: isFound ? 0 : null,
    isNamed: null,
    isImpactCovered: null,
    resolved_after_s: isFound ? 60 : null,
    told: [],
    ...changes,
  };
}

function healthy(kind: string, days: number, false_alarms: number): HealthyScore {
  const outcomes = [
    { contender: "c", days, incident_count: false_alarms, opened_for: {}, hit_stretch_count: 0, open_share: 0 },
  ];
  return scoreHealthy({ kind, rate: 10, base_error: 0.001 }, "c", outcomes);
}

describe("quantiles", () => {
  it("are values that were seen, the smallest that enough do not exceed", () => {
    const twenty = Array.from({ length: 20 }, (_, i) => 20 - i);
    expect(quantile(twenty, 0.5)).toBe(10);
    expect(quantile(twenty, 0.95)).toBe(19);
    expect(quantile([7], 0.95)).toBe(7);
    expect(quantile([], 0.5)).toBeNull();
  });
});

describe("the score of a cell", () => {
  it("takes times and shares over the faults found", () => {
    const outcomes = [outcome(5), outcome(9, { incident_count: 2, onset_error_s: -11 }), outcome(null), outcome(6)];
    expect(scoreFaults(CELL, "c", outcomes)).toMatchObject({
      runs: 4,
      recall: 0.75,
      found_after_s_median: 6,
      found_after_s_p95: 9,
      one_incident: 2 / 3,
      onset_within_10_s: 2 / 3,
      endpoint_named: null,
    });
  });

  it("adds up lives of different lengths", () => {
    const life = { contender: "c", opened_for: { "error_rate during blip": 1 }, hit_stretch_count: 1 };
    const score = scoreHealthy({ kind: "benign", rate: 10, base_error: 0.02 }, "c", [
      { ...life, days: 3, incident_count: 1, open_share: 0 },
      { ...life, days: 1, incident_count: 1, open_share: 0.4 },
    ]);
    expect(score).toMatchObject({ days: 4, false_alarms: 2, false_alarms_per_day: 0.5, open_share: 0.1 });
    expect(score.opened_for).toEqual({ "error_rate during blip": 2 });
    expect(score.chance_per_10_min).toBeCloseTo(2 / (4 * 144));
  });
});

describe("the criteria", () => {
  const verdict = (words: string, ...scores: Parameters<typeof judgeCriteria>[0]) =>
    judgeCriteria(scores, "c").find(({ text }) => text.startsWith(words))!;

  it("are judged by the worst cell", () => {
    const good = scoreFaults(CELL, "c", [outcome(5), outcome(6)]);
    const bad = scoreFaults({ ...CELL, rate: 1000 }, "c", [outcome(5), outcome(16)]);
    expect(verdict("errors 20-40 %", good)).toMatchObject({ isMet: true });
    expect(verdict("errors 20-40 %", good, bad)).toMatchObject({ isMet: false });
  });

  it("leave out the rates that they do not speak of", () => {
    const slow = scoreFaults({ ...CELL, rate: 1 }, "c", [outcome(50)]);
    expect(verdict("errors 20-40 %", slow)).toMatchObject({ measured: null });
  });

  it("excuse an alarm that chance explains, not a cell that is loud", () => {
    const calm = Array.from({ length: 7 }, () => healthy("quiet", 25, 0));
    expect(verdict("quiet", ...calm, healthy("quiet", 25, 1))).toMatchObject({ isMet: true });
    expect(verdict("quiet", ...calm, healthy("quiet", 25, 3))).toMatchObject({ isMet: false });
    expect(verdict("quiet", healthy("quiet", 25, 1))).toMatchObject({ isMet: false });
  });

  it("hold marks as false positives to what they cut", () => {
    const storms = healthy("gc-storms", 2, 40);
    expect(verdict("three marks cut", storms, healthy("gc-storms-marked", 2, 8))).toMatchObject({ isMet: true });
    expect(verdict("three marks cut", storms, healthy("gc-storms-marked", 2, 9))).toMatchObject({ isMet: false });
  });
});
