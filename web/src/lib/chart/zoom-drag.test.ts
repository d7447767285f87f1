import { expect, test } from "vitest";
import { beginDrag, chosenSpan, draggedSpan, moveDrag } from "./zoom-drag.ts";

test("a press that hardly moves is a click: nothing is marked, nothing is zoomed into", () => {
  const click = moveDrag(beginDrag(1000, 300), 1005, 303);
  expect([draggedSpan(click), chosenSpan(click), draggedSpan(null), chosenSpan(null)]).toEqual([
    null,
    null,
    null,
    null,
  ]);
});

test("dragged in either direction, the same span is chosen", () => {
  const right = moveDrag(beginDrag(1000.4, 300), 1100.2, 400);
  const left = moveDrag(beginDrag(1100.2, 400), 1000.4, 300);
  expect(chosenSpan(right)).toEqual({ from: 1000, until: 1101 });
  expect(chosenSpan(left)).toEqual(chosenSpan(right));
  expect(draggedSpan(left)).toEqual({ from: 1000.4, until: 1100.2 });
});

test("with keys there are no pixels: any two moments are a span", () => {
  expect(chosenSpan(moveDrag(beginDrag(1000), 1060))).toEqual({ from: 1000, until: 1060 });
  expect(chosenSpan(beginDrag(1000))).toBeNull();
});
