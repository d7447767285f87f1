/** How far the scale of a chart reaches. */
import type { Mark } from "./line.ts";

/** The highest that the lines and their bands need; a promise among them where it fits. */
export interface Reach {
  readonly top: number;
  readonly limit: boolean;
}

/** @param limit a promise; far above anything measured it would press all lines to the ground, and is then left out */
export function reachOf(lines: readonly (readonly Mark[])[], limit: number | null = null): Reach {
  const highest = Math.max(0, ...lines.flat().map((mark) => Math.max(mark.value ?? 0, mark.normal?.high ?? 0)));
  const fits = limit !== null && limit <= highest * 2;
  return { top: fits ? Math.max(highest, limit) : highest, limit: fits };
}

/** A chart whose values fill less of its plot cannot be read any more. */
const READABLE_SHARE = 0.25;

/** The one reach of two charts of a metric, so that their heights can be compared; 0 where one would be pressed to the ground by it. */
export function sharedReach(one: number, other: number): number {
  return Math.min(one, other) < READABLE_SHARE * Math.max(one, other) ? 0 : Math.max(one, other);
}
