/** What two settings told of one stream, side by side, for people. */
import { countChanges } from "../../domain/replay-compare.ts";
import type { ComparedIncident, ToldIncident } from "../../domain/replay-line.ts";

const MARKS = { gained: "+", lost: "-", moved: "~", same: " " } as const;

/** A row for each incident that either told; the marks say which side has it. */
export function comparisonLines(compared: readonly ComparedIncident[]): string[] {
  if (compared.length === 0) return ["Neither settings tell of an incident."];
  const { gained, lost, moved, same } = countChanges(compared);
  const rows = compared.map(({ change, before, after }) => {
    const { service, reason } = (after ?? before)!;
    return [MARKS[change], service, cellOf(before), cellOf(after), reason] as const;
  });
  const cells = [["", "SERVICE", "BEFORE", "AFTER", "REASON"] as const, ...rows];
  const widths = cells[0]!.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  const lines = cells.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join("  ")
      .trimEnd(),
  );
  return [...lines, "", `${gained} gained (+), ${lost} lost (-), ${moved} moved (~), ${same} told alike`];
}

function cellOf(told: ToldIncident | null): string {
  return told === null ? "-" : `${told.at.slice(0, 19).replace("T", " ")} ${told.severity}`;
}
