/** Which rows of a long list are on the screen: of 1,000 services some thirty are drawn, however long the list is. */

/** Where each row begins, px from the list's top, and after the last one where the list ends. */
export function rowOffsets(heights: readonly number[]): Float64Array {
  const offsets = new Float64Array(heights.length + 1);
  for (const [at, height] of heights.entries()) offsets[at + 1] = offsets[at]! + height;
  return offsets;
}

/** Rows `first` to before `end`. */
export interface ListWindow {
  readonly first: number;
  readonly end: number;
}

/**
 * The rows that a part of the list touches, from `top` to `bottom` px, and `margin` rows on either side: they are there before
 * they are scrolled to, and the key that goes on to the next row finds one. Empty only where the list is.
 */
export function listWindow(offsets: Float64Array, top: number, bottom: number, margin: number): ListWindow {
  const count = offsets.length - 1;
  const first = Math.min(rowAt(offsets, top), Math.max(0, count - 1));
  const last = Math.max(first, rowAt(offsets, bottom));
  return { first: Math.max(0, first - margin), end: Math.min(count, last + 1 + margin) };
}

/** The row that begins last at or before a place; the first row for what lies above the list. */
function rowAt(offsets: Float64Array, place: number): number {
  let [low, high] = [0, Math.max(0, offsets.length - 2)];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (offsets[middle]! <= place) low = middle;
    else high = middle - 1;
  }
  return low;
}
