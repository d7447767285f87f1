import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { viewOf } from "./byte-pattern.ts";
import { NameTable } from "./name-table.ts";

/** Looks each name up, and remembers it where it is not found; gives what find said. */
function lookUp(names: readonly string[], hashOf: (name: string) => number, names_max: number): number[] {
  const bytes = new TextEncoder().encode(names.join(""));
  const table = new NameTable(viewOf(bytes), names_max);
  let start = 0;
  return names.map((name, i) => {
    const end = start + name.length;
    const found = table.find(start, end, hashOf(name));
    if (found < 0) {
      table.remember(start, end, hashOf(name), i);
    }
    start = end;
    return found;
  });
}

describe("NameTable", () => {
  it("finds a name by its bytes, wherever they stand", () => {
    expect(lookUp(["pay", "search", "pay", "pays", "search", "pay"], (name) => name.length, 100)).toEqual([
      -1, -1, 0, -1, 1, 0,
    ]);
  });

  it("tells names of one hash and length apart", () => {
    expect(lookUp(["abcdefg", "abcdefh", "zbcdefg", "abcdefh", "zbcdefg", "abcdefg"], () => 7, 100)).toEqual([
      -1, -1, -1, 1, 2, 0,
    ]);
  });

  it("never finds another name, however full it is and however hashes collide", () => {
    const name = fc.stringMatching(/^[ab]{1,9}$/);
    fc.assert(
      fc.property(
        fc.array(name, { maxLength: 200 }),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 0, max: 40 }),
        (names, hashes, names_max) => {
          const found = lookUp(names, (each) => each.length % hashes, names_max);
          for (const [i, number] of found.entries()) {
            if (number >= 0) {
              expect(names[number]).toBe(names[i]);
            }
          }
        },
      ),
    );
  });

  it("remembers the newest name where there is no room", () => {
    const names = Array.from({ length: 50 }, (_, i) => `name-${i}`).flatMap((name) => [name, name]);
    const found = lookUp(names, () => 0, 4);
    expect(found.filter((_, i) => i % 2 === 1)).toEqual(Array.from({ length: 50 }, (_, i) => 2 * i));
  });
});
