/**
 * Choosing a span on the charts, with pointer or keys: what was begun and where it is now. Without DOM and clock, so that mouse,
 * finger and keyboard are one thing: a moment is where the selection begins, another where it ends.
 */
import { zoomSpan } from "../time-range.ts";
import type { Span } from "../span.ts";

/** A press that moves less than this is a click and no selection, px. */
const DRAG_PX_MIN = 6;

export interface ZoomDrag {
  /** Epoch seconds where it began, and px of the pointer there; null px where it began with a key. */
  readonly start: number;
  readonly start_px: number | null;
  readonly end: number;
  readonly end_px: number | null;
}

export function beginDrag(at: number, px: number | null = null): ZoomDrag {
  return { start: at, start_px: px, end: at, end_px: px };
}

export function moveDrag(drag: ZoomDrag, at: number, px: number | null = null): ZoomDrag {
  return { ...drag, end: at, end_px: px };
}

/** What is marked on the charts; null while it is no more than a click. */
export function draggedSpan(drag: ZoomDrag | null): Span | null {
  if (drag === null || isClick(drag) || drag.start === drag.end) return null;
  return { from: Math.min(drag.start, drag.end), until: Math.max(drag.start, drag.end) };
}

/** What to zoom into when it ends; null where nothing was chosen. */
export function chosenSpan(drag: ZoomDrag | null): Span | null {
  return drag === null || isClick(drag) || drag.start === drag.end ? null : zoomSpan(drag.start, drag.end);
}

function isClick({ start_px, end_px }: ZoomDrag): boolean {
  return start_px !== null && end_px !== null && Math.abs(end_px - start_px) < DRAG_PX_MIN;
}
