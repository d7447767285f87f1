/** The benchmark cut into pieces that a worker takes one at a time. */
import { FAULTS, type FaultKind } from "./faults.ts";
import { type FaultCell, type FaultOutcome, runFault } from "./fault-run.ts";
import { type HealthyCell, type HealthyOutcome, runHealthyLife } from "./healthy-life.ts";
import { COMPLAINTS } from "./complaints.ts";
import type { DetectionOptions } from "./options.ts";

export type Task =
  | { readonly kind: "fault"; readonly cell: FaultCell; readonly index: number; readonly count: number }
  | { readonly kind: "healthy"; readonly cell: HealthyCell; readonly index: number; readonly days: number };

export type TaskResult =
  /** An entry a run, and in it one a contender. */
  | {
      readonly kind: "fault";
      readonly cell: FaultCell;
      readonly index: number;
      readonly runs: readonly FaultOutcome[][];
    }
  | { readonly kind: "healthy"; readonly cell: HealthyCell; readonly outcomes: readonly HealthyOutcome[] };

/** Runs a task: small enough to show progress, large enough to be worth handing over. */
const RUNS_PER_TASK = 5;
/** A week, so that what a service learns of days and of weekends can show. */
const LIFE_DAYS_MAX = 7;
/** Where the first days do not count, so many must follow. */
const DAYS_BEYOND_KNOWN = 2;

export function tasksOf(options: DetectionOptions): Task[] {
  // The long ones first, so that at the end no worker waits for another.
  return [...healthyTasks(options), ...faultTasks(options)];
}

/** Variants are held against the warm runs with all cells together: a part of the runs is enough for that. */
const VARIANT_PART = 1 / 4;
/** A fault at the usual hour is as expensive as days of life: one cell, and a part of the runs. */
const USUAL_HOUR_CELL = { variant: "warm", rate: 10, base_error: 0.001 } as const;

function faultTasks({ faults, variants, rates, base_errors, runs, first }: DetectionOptions): Task[] {
  const cells = variants.flatMap((variant) =>
    rates.flatMap((rate) => base_errors.map((base_error) => ({ variant, rate, base_error }))),
  );
  return faults.flatMap((fault) => {
    const atUsualHour = faultKind(fault).atUsualHour === true;
    return (atUsualHour ? [USUAL_HOUR_CELL] : cells).flatMap((cell) => {
      const isPart = atUsualHour || cell.variant !== "warm";
      const own_runs = isPart ? Math.ceil(runs * VARIANT_PART) : runs;
      return runsOf({ fault, ...cell }, first, own_runs, atUsualHour ? 1 : RUNS_PER_TASK);
    });
  });
}

function runsOf(cell: FaultCell, first: number, runs: number, runs_per_task: number): Task[] {
  return Array.from({ length: Math.ceil(runs / runs_per_task) }, (_, piece) => {
    const before = piece * runs_per_task;
    return { kind: "fault", cell, index: first + before, count: Math.min(runs_per_task, runs - before) };
  });
}

/** How the service-days are shared out: two fifths each to quiet and benign lives, the rest to the complaints evenly. */
function weightOf(kind: string): number {
  return COMPLAINTS.some(({ name }) => name === kind) ? 0.2 / COMPLAINTS.length : 0.4;
}

function healthyTasks({ healthy, rates, base_errors, days, first }: DetectionOptions): Task[] {
  const cells = rates.flatMap((rate) => base_errors.map((base_error) => ({ rate, base_error })));
  const weight_sum = healthy.reduce((sum, kind) => sum + weightOf(kind), 0);
  return healthy.flatMap((kind) => {
    const own_days = (days * weightOf(kind)) / weight_sum;
    const complaint = COMPLAINTS.find(({ name }) => name === kind);
    if (complaint === undefined)
      return cells.flatMap((cell) => lives({ kind, ...cell }, first, own_days / cells.length));
    const { rate, base_error, known_after_days = 0 } = complaint;
    const days_min = known_after_days === 0 ? 0 : Math.ceil(known_after_days) + DAYS_BEYOND_KNOWN;
    return lives({ kind, rate, base_error }, first, Math.max(days_min, own_days));
  });
}

/** As few lives as possible, all of the same length. */
function lives(cell: HealthyCell, first: number, days: number): Task[] {
  const count = Math.ceil(days / LIFE_DAYS_MAX);
  return Array.from({ length: count }, (_, index) => ({
    kind: "healthy",
    cell,
    index: first + index,
    days: days / count,
  }));
}

export function runTask(options: Pick<DetectionOptions, "seeds" | "contenders">, task: Task): TaskResult {
  const { seeds, contenders } = options;
  if (task.kind === "healthy") {
    const { cell, index, days } = task;
    return { kind: "healthy", cell, outcomes: runHealthyLife(seeds, cell, index, days, contenders) };
  }
  const { cell, index, count } = task;
  const kind = faultKind(cell.fault);
  const runs = Array.from({ length: count }, (_, i) => runFault(seeds, kind, cell, index + i, contenders));
  return { kind: "fault", cell, index, runs };
}

function faultKind(name: string): FaultKind {
  const kind = FAULTS.find((candidate) => candidate.name === name);
  if (kind === undefined) throw new Error(`there is no fault "${name}"`);
  return kind;
}
