/** The words below a time axis: none over another, and the end before all ticks. */
import { fitLane } from "./labels.ts";

/** A character of the axis' type is at most about so wide, px; some room is left between two words. */
const CHARACTER_PX = 6;
const APART_PX = 10;

export interface AxisWord {
  readonly text: string;
  /** Where it stands, px from the axis' left. */
  readonly at: number;
  /** Which part of it stands there. */
  readonly anchor: "start" | "middle" | "end";
}

/** Those that have room on an axis so many px wide: the list comes in order of importance, the less important give way. */
export function fitWords<Word extends AxisWord>(words: readonly Word[], width: number): Word[] {
  const placed = words.map((word) => {
    const long = word.text.length * CHARACTER_PX;
    const left = word.at - (word.anchor === "start" ? 0 : word.anchor === "middle" ? long / 2 : long);
    return { text: word.text, left: left - APART_PX / 2, right: left + long + APART_PX / 2, word };
  });
  const within = placed.filter(({ left, right }) => left >= -APART_PX / 2 && right <= width + APART_PX / 2);
  return fitLane(within).map(({ word }) => word);
}
