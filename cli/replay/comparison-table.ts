/** What two settings told of one stream, side by side, for people. */
import { countChanges } from "../../domain/replay-compare.ts";
import type { ComparedIncident, ToldIncident } from "../../domain/replay-line.ts";
import { dateAndTime } from "../plain-text.ts";
import { tableLines } from "../text-table.ts";

const HEADERS = ["", "SERVICE", "BEFORE", "AFTER", "REASON"] as const;
const MARKS = { gained: "+", lost: "-", moved: "~", same: " " } as const;

/** A row for each incident that either told; the marks say which side has it. */
export function comparisonLines(compared: readonly ComparedIncident[]): string[] {
  if (compared.length === 0) return ["Neither settings tell of an incident."];
  const { gained, lost, moved, same } = countChanges(compared);
  const rows = compared.map(({ change, before, after }) => {
    const { service, reason } = (after ?? before)!;
    return [MARKS[change], service, cellOf(before), cellOf(after), reason];
  });
  const lines = tableLines(HEADERS, rows);
  return [...lines, "", `${gained} gained (+), ${lost} lost (-), ${moved} moved (~), ${same} told alike`];
}

function cellOf(told: ToldIncident | null): string {
  return told === null ? "-" : `${dateAndTime(told.at)} ${told.severity}`;
}
