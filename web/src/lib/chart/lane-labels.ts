/** The names of rules and gaps in the lane above the charts: each beside what it names, none over another. */
import { fitLane, type LaneLabel } from "./labels.ts";

/** A character of the axis' type is at most about so wide, px; some room is left on both sides. */
const CHARACTER_PX = 6;
const PADDING_PX = 10;

/** Between a rule and its name, px. */
const APART_PX = 4;

export interface WantedLabel {
  readonly key: string;
  readonly text: string;
  /** Where what it names lies: a moment has both ends alike, px of the plot. */
  readonly from: number;
  readonly until: number;
  /** On which sides it may stand, the best first; in the middle of a span; before the names that have taken its left side. */
  readonly sides: readonly ("left" | "right" | "middle" | "before")[];
}

/** `side`: where it found its place. */
export type PlacedLabel<Wanted extends WantedLabel> = Wanted &
  LaneLabel & { readonly side: WantedLabel["sides"][number] };

/** Those that find a place within the plot, `width` px wide: the list comes in order of importance, what finds none is left out. */
export function layoutLane<Wanted extends WantedLabel>(
  labels: readonly Wanted[],
  width: number,
): PlacedLabel<Wanted>[] {
  let placed: PlacedLabel<Wanted>[] = [];
  for (const label of labels) {
    for (const side of label.sides) {
      const { left, right } = side === "before" ? placeBefore(label, placed) : placeOf(label, side, width);
      if (left < 0 || right > width) continue;
      const fitting = fitLane([...placed, { ...label, left, right, side }]);
      if (fitting.length === placed.length) continue;
      placed = fitting;
      break;
    }
  }
  return placed;
}

const longOf = ({ text }: WantedLabel): number => text.length * CHARACTER_PX + PADDING_PX;

/** Rules that stand close to each other have their names in their own order, one before the other. */
function placeBefore(label: WantedLabel, placed: readonly LaneLabel[]) {
  const wanted = label.from - APART_PX;
  const taken = placed.filter(({ left, right }) => left < wanted && right > wanted - longOf(label));
  const right = Math.min(wanted, ...taken.map(({ left }) => left));
  return { left: right - longOf(label), right };
}

function placeOf(label: WantedLabel, side: "left" | "right" | "middle", width: number) {
  const { from, until } = label;
  const long = longOf(label);
  if (side === "left") return { left: from - APART_PX - long, right: from - APART_PX };
  if (side === "right") return { left: until + APART_PX, right: until + APART_PX + long };
  // A span may lie at the very edge: its name is then moved into the plot.
  const left = Math.min(Math.max((from + until - long) / 2, 0), Math.max(0, width - long));
  return { left, right: left + long };
}
