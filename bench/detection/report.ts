/** The scores as tables for a person and as JSON lines for a program. */
import { judgeCriteria, type Verdict } from "./criteria.ts";
import type { DetectionOptions } from "./options.ts";
import { type FaultScore, type HealthyScore, pooledShare, type Score } from "./scoring.ts";
import { SEEDS } from "./seeds.ts";

/** The first line says what was run; each further one is a cell with the scores of all contenders. */
export function jsonLines(options: DetectionOptions, scores: readonly Score[]): string {
  const { seeds, runs, days, contenders } = options;
  const setting = { type: "setting", bench: "detection", seeds, seed: SEEDS[seeds], runs, days, contenders };
  const cells = [...Map.groupBy(scores, ({ cell }) => JSON.stringify(cell)).values()].map((group) => ({
    type: group[0]!.type,
    ...group[0]!.cell,
    contenders: Object.fromEntries(group.map(({ type: _type, cell: _cell, contender, ...own }) => [contender, own])),
  }));
  return [setting, ...cells].map((line) => `${JSON.stringify(line, brief)}\n`).join("");
}

/** What is not known is left out; four digits are more than the runs bear. */
function brief(_key: string, value: unknown): unknown {
  if (value === null) return undefined;
  return typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value;
}

/** What a contender made of the faults of a cell: recall, then median and p95 of the time to tell. */
function faultText(score: FaultScore | undefined): string {
  if (score === undefined) return "";
  const { found_after_s_median: median, found_after_s_p95: p95 } = score;
  return median === null ? "0 %" : `${percent(score.recall)} ${seconds(median)}/${seconds(p95)}`;
}

function healthyText(score: HealthyScore | undefined): string {
  return score === undefined ? "" : `${score.false_alarms_per_day.toFixed(2)} (${score.false_alarms})`;
}

function percent(share: number | null): string {
  return share === null ? "-" : `${Math.floor(share * 100)} %`;
}

function seconds(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return "-";
  return value < 100 ? `${value}s` : `${Math.round(value / 60)}m`;
}

/** All cells, a column for each contender. */
export function fullTables(scores: readonly Score[], contenders: readonly string[]): string {
  const faults = scores.filter((score) => score.type === "fault");
  const healthy = scores.filter((score) => score.type === "healthy");
  const parts: string[] = [];
  if (faults.length > 0) {
    const rows = [...Map.groupBy(faults, ({ cell }) => JSON.stringify(cell)).values()].map((group) => {
      const { fault, variant, rate, base_error } = group[0]!.cell;
      const texts = contenders.map((name) => faultText(group.find(({ contender }) => contender === name)));
      return [fault, variant, `${rate}/s`, percentOfBase(base_error), ...texts];
    });
    parts.push(
      "Faults: recall, median/p95 of the time to tell",
      table(["fault", "", "rate", "base", ...contenders], rows),
    );
    const first = contenders[0]!;
    const own = faults.filter(({ contender }) => contender === first);
    parts.push(`Of the faults that ${first} found (slowest median of the time to resolve)`, qualityTable(own));
  }
  if (healthy.length > 0) {
    const rows = [...Map.groupBy(healthy, ({ cell }) => JSON.stringify(cell)).values()].map((group) => {
      const { kind, rate, base_error } = group[0]!.cell;
      const days = group[0]!.days.toFixed(1);
      const texts = contenders.map((name) => healthyText(group.find(({ contender }) => contender === name)));
      return [kind, `${rate}/s`, percentOfBase(base_error), days, ...texts];
    });
    parts.push(
      "False alarms a service-day (and how many)",
      table(["life", "rate", "base", "days", ...contenders], rows),
    );
    parts.push("What they were raised for", causes(healthy, contenders));
  }
  parts.push("Criteria (worst cell: recall, median, p95)", criteriaTable(scores, contenders));
  return parts.join("\n");
}

/** One contender's finds, all rates and base errors of a fault together. */
function qualityTable(scores: readonly FaultScore[]): string {
  const groups = [...Map.groupBy(scores, ({ cell }) => `${cell.fault} ${cell.variant}`).values()];
  const rows = groups.map((group) => [
    group[0]!.cell.fault,
    group[0]!.cell.variant,
    percent(pooledShare(group, (score) => score.one_incident)),
    percent(pooledShare(group, (score) => score.onset_within_10_s)),
    percent(pooledShare(group, (score) => score.endpoint_named)),
    percent(pooledShare(group, (score) => score.impact_covered)),
    seconds(Math.max(...group.map((score) => score.resolved_after_s_median ?? -Infinity))),
  ]);
  return table(["fault", "", "one incident", "onset 10s", "endpoint", "impact", "resolved"], rows);
}

/** Columns are contenders. */
function criteriaTable(scores: readonly Score[], contenders: readonly string[]): string {
  const verdicts = contenders.map((name) => judgeCriteria(scores, name));
  const rows = verdicts[0]!.map(({ text }, i) => [text, ...verdicts.map((own) => verdictText(own[i]!))]);
  return table(["", ...contenders], rows);
}

function verdictText({ measured, isMet }: Verdict): string {
  return measured === null ? "-" : `${isMet ? "met" : "NOT"}: ${measured}`;
}

function causes(scores: readonly HealthyScore[], contenders: readonly string[]): string {
  const lines = contenders.map((name) => {
    const counts = new Map<string, number>();
    for (const { contender, cell, opened_for } of scores) {
      if (contender !== name) continue;
      for (const [key, count] of Object.entries(opened_for)) {
        const full = `${cell.kind}: ${key}`;
        counts.set(full, (counts.get(full) ?? 0) + count);
      }
    }
    const top = [...counts].sort((a, b) => b[1] - a[1]).slice(0, 12);
    return `  ${name}: ${top.map(([key, count]) => `${count} ${key}`).join("; ") || "none"}\n`;
  });
  return lines.join("");
}

function percentOfBase(base_error: number): string {
  return `${base_error * 100} %`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]!.length)));
  const line = (row: readonly string[]): string =>
    `  ${row.map((text, column) => text.padEnd(widths[column]!)).join("  ")}`.trimEnd();
  return `${[line(head), ...rows.map(line)].join("\n")}\n`;
}
