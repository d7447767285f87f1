import { expect, test } from "vitest";
import { KEY_WORDS, movedIndex, pressKey, type KeyStep } from "./keyboard.ts";

/** What a row of keys leads to, each after the one before. */
function pressed(...keys: string[]): KeyStep {
  return keys.reduce<KeyStep>(({ waiting }, key) => pressKey(waiting, key), { waiting: null, action: null });
}

test("single keys act at once", () => {
  expect(pressed("/").action).toEqual({ type: "focus", target: "search" });
  expect(pressed("j").action).toEqual({ type: "move", by: 1 });
  expect(pressed("k").action).toEqual({ type: "move", by: -1 });
  expect(pressed("?").action).toEqual({ type: "help" });
  expect(pressed("a").action).toEqual({ type: "press", target: "acknowledge" });
});

test("g waits for where to go, and forgets it with any other key", () => {
  expect(pressed("g")).toEqual({ waiting: "g", action: null });
  expect(pressed("g", "f").action).toEqual({ type: "go", path: "/" });
  expect(pressed("g", "i").action).toEqual({ type: "go", path: "/incidents" });
  expect(pressed("g", "p").action).toEqual({ type: "go", path: "/pipeline" });
  expect(pressed("g", "s").action).toEqual({ type: "go", path: "/settings" });
  expect(pressed("g", "j")).toEqual({ waiting: null, action: null });
  expect(pressed("g", "x", "f")).toEqual({ waiting: null, action: null });
});

test("what is no key of ours does nothing, names of objects included", () => {
  for (const key of ["x", "Shift", "constructor", "toString", ""]) expect(pressed(key).action).toBeNull();
  expect(pressed("g", "constructor").action).toBeNull();
});

test("the help names every key that acts", () => {
  const told = new Set(KEY_WORDS.map(([keys]) => keys));
  expect(["/", "j", "k", "g f", "g i", "o", "a", "?"].filter((keys) => !told.has(keys))).toEqual([]);
});

test("lines are walked through from end to end and not around", () => {
  expect([movedIndex(-1, 1, 3), movedIndex(0, 1, 3), movedIndex(2, 1, 3)]).toEqual([0, 1, 2]);
  expect([movedIndex(-1, -1, 3), movedIndex(2, -1, 3), movedIndex(0, -1, 3)]).toEqual([2, 1, 0]);
  expect(movedIndex(-1, 1, 0)).toBeNull();
});
