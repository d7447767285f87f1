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
/** A job must have recurred for three days before an alarm about it is a false one. */
const MORNING_JOB_DAYS_MIN = 5;

export function tasksOf(options: DetectionOptions): Task[] {
  return [...faultTasks(options), ...healthyTasks(options)];
}

function faultTasks({ faults, variants, rates, base_errors, runs }: DetectionOptions): Task[] {
  const tasks: Task[] = [];
  for (const fault of faults) {
    for (const variant of variants) {
      for (const rate of rates) {
        for (const base_error of base_errors) {
          const cell = { fault, variant, rate, base_error };
          for (let index = 0; index < runs; index += RUNS_PER_TASK) {
            tasks.push({ kind: "fault", cell, index, count: Math.min(RUNS_PER_TASK, runs - index) });
          }
        }
      }
    }
  }
  return tasks;
}

function healthyTasks({ healthy, rates, base_errors, days }: DetectionOptions): Task[] {
  const cells = rates.flatMap((rate) => base_errors.map((base_error) => ({ rate, base_error })));
  return healthy.flatMap((kind) => {
    const complaint = COMPLAINTS.find(({ name }) => name === kind);
    if (complaint === undefined) return cells.flatMap((cell) => lives({ kind, ...cell }, days / cells.length));
    const { rate, base_error, known_after_days = 0 } = complaint;
    const share = days / COMPLAINTS.length;
    return lives({ kind, rate, base_error }, known_after_days > 0 ? Math.max(MORNING_JOB_DAYS_MIN, share) : share);
  });
}

/** As few lives as possible, all of the same length. */
function lives(cell: HealthyCell, days: number): Task[] {
  const count = Math.ceil(days / LIFE_DAYS_MAX);
  return Array.from({ length: count }, (_, index) => ({ kind: "healthy", cell, index, days: days / count }));
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
