/** What detection has to reach, held against the scores: the worst cell decides, not an average that hides it. */
import { type FaultScore, type HealthyScore, pooledShare, type Score } from "./scoring.ts";

export interface Verdict {
  readonly text: string;
  /** What was measured, in words; null: the run did not cover it. */
  readonly measured: string | null;
  readonly isMet: boolean;
}

interface Criterion {
  readonly text: string;
  readonly judge: (scores: readonly FaultScore[], healthy: readonly HealthyScore[]) => Omit<Verdict, "text">;
}

interface Limits {
  readonly recall_min?: number;
  readonly median_s_max?: number;
  readonly p95_s_max?: number;
}

const UNKNOWN = { measured: null, isMet: false };

/** Every warm cell of a fault that `applies` must keep the limits. */
function timely(fault: string, applies: (score: FaultScore) => boolean, limits: Limits): Criterion["judge"] {
  return (scores) => {
    const cells = scores.filter(
      (score) => score.cell.fault === fault && score.cell.variant === "warm" && applies(score),
    );
    if (cells.length === 0) return UNKNOWN;
    const recall = Math.min(...cells.map((score) => score.recall ?? 0));
    const median = Math.max(...cells.map((score) => score.found_after_s_median ?? Infinity));
    const p95 = Math.max(...cells.map((score) => score.found_after_s_p95 ?? Infinity));
    const { recall_min = 0, median_s_max = Infinity, p95_s_max = Infinity } = limits;
    return {
      measured: [percent(recall), inSeconds(median), inSeconds(p95)].join(", "),
      isMet: recall >= recall_min && median <= median_s_max && p95 <= p95_s_max,
    };
  };
}

/** Over all faults found. */
function shareOf(
  of: (score: FaultScore) => number | null,
  min: number,
  applies: (score: FaultScore) => boolean,
): Criterion["judge"] {
  return (scores) => {
    const share = pooledShare(scores.filter(applies), of);
    return share === null ? UNKNOWN : { measured: percent(share), isMet: share >= min };
  };
}

/** Over all lives together, and no cell may be so far above the limit that chance does not explain it. */
function quiet(applies: (kind: string) => boolean, per_day_max: number): Criterion["judge"] {
  return (_, healthy) => {
    const cells = healthy.filter(({ cell }) => applies(cell.kind));
    const days = cells.reduce((sum, score) => sum + score.days, 0);
    if (days === 0) return UNKNOWN;
    const per_day = cells.reduce((sum, score) => sum + score.false_alarms, 0) / days;
    const worst = cells.reduce((a, b) => (b.false_alarms_per_day > a.false_alarms_per_day ? b : a));
    const { kind, rate, base_error } = worst.cell;
    const place = `${worst.false_alarms_per_day.toFixed(2)} in ${kind} ${rate}/s ${base_error}`;
    const isEven = cells.every((score) => poissonTail(score.false_alarms, per_day_max * score.days) >= SIGNIFICANCE);
    return {
      measured: `${per_day.toFixed(3)}${worst.false_alarms === 0 ? "" : `, ${place}`}`,
      isMet: per_day <= per_day_max && isEven,
    };
  };
}

const SIGNIFICANCE = 0.05;

/** Probability of at least `count` events where `mean` are expected. */
function poissonTail(count: number, mean: number): number {
  let [term, below] = [Math.exp(-mean), 0];
  for (let k = 0; k < count; k += 1) {
    below += term;
    term *= mean / (k + 1);
  }
  return Math.max(0, 1 - below);
}

/** Recall of some cells against that of others, over all runs. */
function keepsRecall(
  applies: (score: FaultScore) => boolean,
  against: (score: FaultScore) => boolean,
  part_min: number,
): Criterion["judge"] {
  return (scores) => {
    const [own, other] = [recallOf(scores.filter(applies)), recallOf(scores.filter(against))];
    if (own === null || other === null) return UNKNOWN;
    return { measured: `${percent(own)} against ${percent(other)}`, isMet: own >= part_min * other };
  };
}

function recallOf(scores: readonly FaultScore[]): number | null {
  const runs = scores.reduce((sum, score) => sum + score.runs, 0);
  return runs === 0 ? null : scores.reduce((sum, score) => sum + score.runs * (score.recall ?? 0), 0) / runs;
}

/** False alarms with marks against those without, in the same lives. */
function learnsFromMarks(part_max: number): Criterion["judge"] {
  return (_, healthy) => {
    const perDay = (kind: string): number | undefined =>
      healthy.find(({ cell }) => cell.kind === kind)?.false_alarms_per_day;
    const [before, after] = [perDay("gc-storms"), perDay("gc-storms-marked")];
    // Where nothing was told of, there is nothing to cut.
    if (before === undefined || after === undefined || before === 0) return UNKNOWN;
    const measured = `${after.toFixed(1)} a day instead of ${before.toFixed(1)}`;
    return { measured, isMet: after <= part_max * before };
  };
}

const isBusy = ({ cell }: FaultScore): boolean => cell.rate >= 10;
const isStrong = ({ cell }: FaultScore): boolean =>
  ["errors-20-40", "endpoint-out", "latency-x5-10", "down"].includes(cell.fault) &&
  cell.rate >= 10 &&
  cell.variant === "warm";

const CRITERIA: readonly Criterion[] = [
  {
    text: "errors 20-40 %, >= 10/s: all found, median <= 6 s, p95 <= 15 s",
    judge: timely("errors-20-40", isBusy, { recall_min: 1, median_s_max: 6, p95_s_max: 15 }),
  },
  {
    text: "latency x5-10, >= 10/s: all found, median <= 6 s, p95 <= 15 s",
    judge: timely("latency-x5-10", isBusy, { recall_min: 1, median_s_max: 6, p95_s_max: 15 }),
  },
  { text: "latency x2, >= 10/s: p95 <= 20 s", judge: timely("latency-x2", isBusy, { p95_s_max: 20 }) },
  { text: "endpoint out, >= 10/s: p95 <= 30 s", judge: timely("endpoint-out", isBusy, { p95_s_max: 30 }) },
  { text: "down, >= 10/s: p95 <= 25 s", judge: timely("down", isBusy, { p95_s_max: 25 }) },
  {
    text: "+2 points, 100/s, 0.1 %: found >= 95 %, p95 <= 120 s",
    judge: timely("errors-plus-2", ({ cell }) => cell.rate === 100 && cell.base_error < 0.01, {
      recall_min: 0.95,
      p95_s_max: 120,
    }),
  },
  {
    text: "+2 points, 100/s, 2 %: found >= 60 %",
    judge: timely("errors-plus-2", ({ cell }) => cell.rate === 100 && cell.base_error > 0.01, { recall_min: 0.6 }),
  },
  { text: "quiet: <= 0.02 false alarms a day", judge: quiet((kind) => kind === "quiet", 0.02) },
  {
    text: "benign and complaints: <= 0.2 false alarms a day",
    judge: quiet((kind) => kind !== "quiet" && !kind.startsWith("gc-storms"), 0.2),
  },
  {
    text: "at the hour of a failing job: >= 95 % of the recall elsewhere",
    judge: keepsRecall(
      ({ cell }) => cell.fault === "usual-hour",
      ({ cell }) =>
        cell.fault === "errors-20-40" && cell.variant === "warm" && cell.rate === 10 && cell.base_error < 0.01,
      0.95,
    ),
  },
  { text: "three marks cut the alarms of GC storms by >= 80 %", judge: learnsFromMarks(0.2) },
  {
    text: "after three marks: >= 97 % of the recall",
    judge: keepsRecall(
      ({ cell }) => cell.variant === "marked" && cell.fault !== "nothing",
      ({ cell }) => cell.variant === "warm" && cell.fault !== "nothing" && cell.fault !== "usual-hour",
      0.97,
    ),
  },
  {
    text: "one fault, one incident: >= 97 %",
    judge: shareOf(
      (score) => score.one_incident,
      0.97,
      ({ cell }) => cell.fault !== "nothing",
    ),
  },
  {
    text: "onset within 10 s, strong faults: >= 90 %",
    judge: shareOf((score) => score.onset_within_10_s, 0.9, isStrong),
  },
  {
    text: "impact within its interval: >= 95 %",
    judge: shareOf(
      (score) => score.impact_covered,
      0.95,
      () => true,
    ),
  },
];

/** In the order of the list; "recall, median, p95" of the worst cell where times are judged. */
export function judgeCriteria(scores: readonly Score[], contender: string): Verdict[] {
  const own = scores.filter((score) => score.contender === contender);
  const faults = own.filter((score) => score.type === "fault");
  const healthy = own.filter((score) => score.type === "healthy");
  return CRITERIA.map(({ text, judge }) => ({ text, ...judge(faults, healthy) }));
}

function inSeconds(time_s: number): string {
  return time_s === Infinity ? "never" : `${time_s} s`;
}

function percent(share: number): string {
  return `${Math.floor(share * 1000) / 10} %`;
}
