/** Turns values along the time axis into runs to draw: a line breaks at what is missing, and changes its look only where its meaning does. */
import type { Severity } from "../../../../domain/incident.ts";
import type { Range } from "../normal-band.ts";

/** A point on the page's axes. */
export interface Mark {
  /** Epoch seconds of the middle of what the point covers. */
  readonly at: number;
  /** Null breaks the line. */
  readonly value: number | null;
  readonly normal: Range | null;
  readonly provisional: boolean;
  /** The finding the point lies in, if any; `over` when it no longer holds. */
  readonly finding: { readonly severity: Severity; readonly over: boolean } | null;
}

export type RunLook = "plain" | "outside" | "past";

export interface Run {
  readonly look: RunLook;
  readonly severity: Severity | null;
  readonly provisional: boolean;
  /** The first repeats the last of the run before, so that the line stays whole; one mark alone has no neighbour. */
  readonly marks: readonly Mark[];
}

/** Outside normal and within a finding: only then does a line take colour. */
export function markLook(mark: Mark): RunLook {
  if (mark.finding === null || mark.value === null || mark.normal === null) return "plain";
  const inside = mark.value >= mark.normal.low && mark.value <= mark.normal.high;
  if (inside) return "plain";
  return mark.finding.over ? "past" : "outside";
}

export function splitRuns(marks: readonly Mark[]): Run[] {
  const runs: { look: RunLook; severity: Severity | null; provisional: boolean; marks: Mark[] }[] = [];
  let before: Mark | null = null;
  for (const mark of marks) {
    if (mark.value === null) {
      before = null;
      continue;
    }
    const look = markLook(mark);
    const severity = look === "plain" ? null : (mark.finding?.severity ?? null);
    const run = runs.at(-1);
    const goes_on =
      before !== null &&
      run !== undefined &&
      run.look === look &&
      run.severity === severity &&
      run.provisional === mark.provisional;
    if (goes_on) {
      run.marks.push(mark);
    } else {
      // A run of one mark that goes on in another look is wholly contained in the new run.
      if (before !== null && run?.marks.length === 1) runs.pop();
      runs.push({ look, severity, provisional: mark.provisional, marks: before === null ? [mark] : [before, mark] });
    }
    before = mark;
  }
  return runs;
}

/** The marks without a neighbour: a line cannot show them, so they are drawn as dots. */
export function lonelyMarks(runs: readonly Run[]): Mark[] {
  return runs.filter((run) => run.marks.length === 1).map((run) => run.marks[0]!);
}
