import { expect, test } from "vitest";
import { findRevisions } from "./revisions.ts";
import { T, window } from "./testing/seconds.ts";
import { heldWindow, type Held } from "./window-log.ts";

const minute = (index: number, revision: number, wanted: Partial<Held> = {}): Held => ({
  ...heldWindow(window(T + index * 60, [5, 5, 5], { revision }), 60),
  ...wanted,
});

test("windows that were handed on in the order of their time are not revised, whatever their numbers", () => {
  expect(findRevisions([minute(0, 3), minute(1, 4), minute(2, 9), minute(3, 10)])).toEqual([]);
});

test("one that has a higher number than a later one was handed on again", () => {
  const found = findRevisions([minute(0, 3), minute(1, 11), minute(2, 9), minute(3, 10)]);
  expect(found).toEqual([{ at: T + 60, until: T + 120, before: null, after: 3 }]);
});

test("one that this page saw grow tells what it was", () => {
  const found = findRevisions([minute(0, 3), minute(1, 4, { revised_from: 1 })]);
  expect(found).toEqual([{ at: T + 60, until: T + 120, before: 1, after: 3 }]);
});

test("the newest minute, which history does not have yet, makes none of those before it revised", () => {
  expect(findRevisions([minute(0, 3), minute(1, 0)])).toEqual([]);
});

test("seconds are told as their minute, which they have the number of", () => {
  const second = (at: number, revision: number) => heldWindow(window(T + at, [5], { revision }), 1);
  const found = findRevisions([second(5, 8), second(30, 8), second(60, 7), second(120, 9)]);
  expect(found).toEqual([{ at: T, until: T + 60, before: null, after: 2 }]);
});
