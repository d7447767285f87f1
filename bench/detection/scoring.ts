/** From single runs to figures of a cell. */
import type { FaultCell, FaultOutcome } from "./fault-run.ts";
import type { HealthyCell, HealthyOutcome } from "./healthy-life.ts";
import type { TaskResult } from "./task.ts";

export interface FaultScore {
  readonly type: "fault";
  readonly cell: FaultCell;
  readonly contender: string;
  readonly runs: number;
  /** Shares are 0 to 1, and null where nothing can be said. */
  readonly recall: number | null;
  /** Over the runs in which the fault was found, s. */
  readonly found_after_s_median: number | null;
  readonly found_after_s_p95: number | null;
  /** Shares of the found ones: told as one incident; onset within 10 s; endpoint named; impact within its interval. */
  readonly one_incident: number | null;
  readonly onset_within_10_s: number | null;
  readonly endpoint_named: number | null;
  readonly impact_covered: number | null;
  readonly resolved_after_s_median: number | null;
}

export interface HealthyScore {
  readonly type: "healthy";
  readonly cell: HealthyCell;
  readonly contender: string;
  readonly days: number;
  readonly false_alarms: number;
  readonly false_alarms_per_day: number;
  /** Of raising an alarm within ten minutes in which nothing happens, 0 to 1. */
  readonly chance_per_10_min: number;
  /** Share of the time in which an alarm was on, 0 to 1. */
  readonly open_share: number;
  readonly opened_for: Readonly<Record<string, number>>;
}

export type Score = FaultScore | HealthyScore;

const ONSET_ERROR_S_MAX = 10;
const STRETCHES_PER_DAY = 144;

/** One score a cell and contender, in the order in which the cells were run. */
export function scoresOf(results: readonly TaskResult[]): Score[] {
  const groups = Map.groupBy(results, (result) => JSON.stringify(result.cell));
  return [...groups.values()].flatMap((group): Score[] => {
    const faults = group.flatMap((result) => (result.kind === "fault" ? result.runs.flat() : []));
    const lives = group.flatMap((result) => (result.kind === "healthy" ? result.outcomes : []));
    const cell = group[0]!.cell;
    return "fault" in cell
      ? byContender(faults, (contender, outcomes) => scoreFaults(cell, contender, outcomes))
      : byContender(lives, (contender, outcomes) => scoreHealthy(cell, contender, outcomes));
  });
}

function byContender<T extends { readonly contender: string }, S>(
  outcomes: readonly T[],
  score: (contender: string, own: readonly T[]) => S,
): S[] {
  return [...Map.groupBy(outcomes, ({ contender }) => contender)].map(([contender, own]) => score(contender, own));
}

export function scoreFaults(cell: FaultCell, contender: string, outcomes: readonly FaultOutcome[]): FaultScore {
  const found = outcomes.filter((outcome) => outcome.found_after_s !== null);
  const times = present(found.map((outcome) => outcome.found_after_s));
  const onsets = present(found.map((outcome) => outcome.onset_error_s));
  return {
    type: "fault",
    cell,
    contender,
    runs: outcomes.length,
    recall: share(outcomes.map((outcome) => outcome.found_after_s !== null)),
    found_after_s_median: quantile(times, 0.5),
    found_after_s_p95: quantile(times, 0.95),
    one_incident: share(found.map((outcome) => outcome.incident_count === 1)),
    onset_within_10_s: share(onsets.map((error_s) => Math.abs(error_s) <= ONSET_ERROR_S_MAX)),
    endpoint_named: share(present(found.map((outcome) => outcome.isNamed))),
    impact_covered: share(present(found.map((outcome) => outcome.isImpactCovered))),
    resolved_after_s_median: quantile(present(found.map((outcome) => outcome.resolved_after_s)), 0.5),
  };
}

export function scoreHealthy(cell: HealthyCell, contender: string, outcomes: readonly HealthyOutcome[]): HealthyScore {
  const sum = (of: (outcome: HealthyOutcome) => number): number => outcomes.reduce((total, own) => total + of(own), 0);
  const days = sum((outcome) => outcome.days);
  const false_alarms = sum((outcome) => outcome.incident_count);
  const opened_for: Record<string, number> = {};
  for (const [key, count] of outcomes.flatMap((outcome) => Object.entries(outcome.opened_for))) {
    opened_for[key] = (opened_for[key] ?? 0) + count;
  }
  return {
    type: "healthy",
    cell,
    contender,
    days,
    false_alarms,
    false_alarms_per_day: false_alarms / days,
    chance_per_10_min: sum((outcome) => outcome.hit_stretch_count) / (days * STRETCHES_PER_DAY),
    open_share: sum((outcome) => outcome.open_share * outcome.days) / days,
    opened_for,
  };
}

/** A share over several cells, each weighted by the faults found in it; null where no cell can say. */
export function pooledShare(scores: readonly FaultScore[], of: (score: FaultScore) => number | null): number | null {
  let [sum, weight_sum] = [0, 0];
  for (const score of scores) {
    const own = of(score);
    if (own === null) continue;
    const weight = score.runs * (score.recall ?? 0);
    sum += own * weight;
    weight_sum += weight;
  }
  return weight_sum === 0 ? null : sum / weight_sum;
}

function present<T>(values: readonly (T | null)[]): T[] {
  return values.filter((value) => value !== null);
}

function share(values: readonly boolean[]): number | null {
  return values.length === 0 ? null : values.filter(Boolean).length / values.length;
}

/** The smallest value that at least a share `q` of the values does not exceed. */
export function quantile(values: readonly number[], q: number): number | null {
  return values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(q * values.length) - 1)] ?? null;
}
