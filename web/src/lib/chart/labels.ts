/** Where words may stand on a chart without covering each other. */

export interface EndLabel {
  readonly text: string;
  /** Wanted distance from the plot's top, px. */
  readonly y: number;
}

/** A line as far as its name at its end needs it. */
export interface NamedEnd {
  readonly text: string;
  /** Null where nothing was measured. */
  readonly values: readonly (number | null)[];
}

/** The lines that have a value, by name with their newest one, in the order of the list. */
export function lineEnds(lines: readonly NamedEnd[]): { readonly text: string; readonly value: number }[] {
  return lines.flatMap(({ text, values }) => {
    const value = values.findLast((candidate) => candidate !== null) ?? null;
    return value === null ? [] : [{ text, value }];
  });
}

/** Moves labels at the lines' ends apart, keeping their order, and within the plot. Of equals the first in the list stands above. */
export function spreadLabels(labels: readonly EndLabel[], height: number, apart: number): EndLabel[] {
  const placed = labels.toSorted((a, b) => a.y - b.y).map((label) => ({ ...label }));
  for (let i = 1; i < placed.length; i += 1) {
    placed[i]!.y = Math.max(placed[i]!.y, placed[i - 1]!.y + apart);
  }
  // What was pushed out below is pushed back up, and pushes the ones above it.
  let limit = height;
  for (let i = placed.length - 1; i >= 0; i -= 1) {
    placed[i]!.y = Math.min(placed[i]!.y, limit);
    limit = placed[i]!.y - apart;
  }
  return placed;
}

export interface LaneLabel {
  readonly text: string;
  /** Left and right edge in px. */
  readonly left: number;
  readonly right: number;
}

/** Drops the labels of the lane that would cover an earlier one: the list comes in order of importance. */
export function fitLane<Label extends LaneLabel>(labels: readonly Label[]): Label[] {
  const kept: Label[] = [];
  for (const label of labels) {
    if (kept.every((other) => label.right <= other.left || label.left >= other.right)) kept.push(label);
  }
  return kept;
}
