/** The shortened table, in Markdown: services of 10 requests/s and more, both base errors together. */
import type { DetectionOptions } from "./options.ts";
import { type FaultScore, type HealthyScore, type Score } from "./scoring.ts";

/** Below it, hardly any fault can be told from chance within seconds; the full table has them. */
const RATE_MIN = 10;

export function shortTables(scores: readonly Score[], options: DetectionOptions): string {
  const { contenders } = options;
  const faults = scores.filter((score) => score.type === "fault" && score.cell.variant === "warm");
  const shown = faults.filter((score): score is FaultScore => score.type === "fault" && score.cell.rate >= RATE_MIN);
  const healthy = scores.filter((score) => score.type === "healthy");
  const parts: string[] = [];
  if (shown.length > 0) {
    const rows = [...Map.groupBy(shown, ({ cell }) => cell.fault)].map(([fault, group]) => [
      fault,
      ...contenders.map((name) => faultCell(group.filter(({ contender }) => contender === name))),
    ]);
    parts.push(markdown(["Fault: found, median (worst p95)", ...contenders], rows));
  }
  if (healthy.length > 0) {
    const rows = [...Map.groupBy(healthy, ({ cell }) => cell.kind)].map(([kind, group]) => [
      kind,
      ...contenders.map((name) => healthyCell(group.filter(({ contender }) => contender === name))),
    ]);
    parts.push(markdown(["False alarms a service-day", ...contenders], rows));
  }
  return parts.join("\n");
}

/** Recall over all runs, the median of the cells' medians, the largest p95 of a cell. */
function faultCell(scores: readonly FaultScore[]): string {
  const runs = scores.reduce((sum, score) => sum + score.runs, 0);
  const found = scores.reduce((sum, score) => sum + (score.recall ?? 0) * score.runs, 0);
  const medians = scores.flatMap(({ found_after_s_median: median }) => (median === null ? [] : [median]));
  const worst = Math.max(...scores.map((score) => score.found_after_s_p95 ?? 0));
  if (medians.length === 0) return "0 %";
  const middle = medians.toSorted((a, b) => a - b)[Math.floor(medians.length / 2)]!;
  return `${Math.floor((100 * found) / runs)} %, ${middle} s (${worst} s)`;
}

function healthyCell(scores: readonly HealthyScore[]): string {
  const days = scores.reduce((sum, score) => sum + score.days, 0);
  const alarms = scores.reduce((sum, score) => sum + score.false_alarms, 0);
  return `${(alarms / days).toFixed(3)} (${alarms} in ${days.toFixed(days < 10 ? 1 : 0)} d)`;
}

function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |\n`;
  return line(head) + line(head.map(() => "---")) + rows.map(line).join("");
}
