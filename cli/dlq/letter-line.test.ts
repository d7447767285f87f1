import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Letter } from "./letter.ts";
import { letterLine, parseRepairs } from "./letter-line.ts";

function letterOf(value: Uint8Array): Letter {
  return {
    id: "default/raw_events/1/7/0",
    reason: "invalid_json",
    detail: "",
    source: "default",
    topic: "raw_events",
    partition: 1,
    offset: 7,
    timestamp_ms: 0,
    value,
    key: null,
    box_partition: 0,
    box_offset: 1n,
    written_ms: 0,
  };
}

const repairsOf = (...lines: readonly unknown[]) =>
  parseRepairs(lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line))).join("\n"));

describe("an exported letter", () => {
  test("shows its value as an object, as text or as bytes", () => {
    const shown = ['{"a":1}', "[1]", "é"].map((text) => letterLine(letterOf(Buffer.from(text))));
    expect(shown).toMatchObject([{ event: { a: 1 } }, { text: "[1]" }, { text: "é" }]);
    expect(letterLine(letterOf(Buffer.from([0xff, 0x00])))).toMatchObject({ base64: "/wA=" });
  });

  test("that comes back unchanged has its bytes, or the same JSON", () => {
    const value = fc.oneof(
      fc.uint8Array(),
      fc.json().map((json) => Buffer.from(json)),
      fc.string({ unit: "binary" }).map((text) => Buffer.from(text)),
    );
    fc.assert(
      fc.property(value, (bytes) => {
        const line = letterLine(letterOf(bytes));
        const { repairs, wrong } = repairsOf(line);
        expect(wrong).toEqual([]);
        const back = Buffer.from(repairs[0]!.value);
        if (line.event === undefined) expect(back.equals(Buffer.from(bytes))).toBe(true);
        else expect(back.toString()).toBe(JSON.stringify(JSON.parse(Buffer.from(bytes).toString())));
      }),
    );
  });
});

describe("repaired lines", () => {
  test("are read with their numbers; blank ones are none", () => {
    const { repairs, wrong } = repairsOf("", { letter: "a", event: { x: 1 } }, " ", { letter: "b", text: "t" });
    expect(wrong).toEqual([]);
    expect(repairs.map(({ line, letter, value }) => [line, letter, String(value)])).toEqual([
      [2, "a", '{"x":1}'],
      [4, "b", "t"],
    ]);
  });

  test.each([
    ["{", "it is not JSON"],
    ["7", "`letter`"],
    [{ event: {} }, "`letter`"],
    [{ letter: "a" }, "exactly one"],
    [{ letter: "a", event: {}, text: "" }, "exactly one"],
    [{ letter: "a", event: [1] }, "exactly one"],
  ])("%j is wrong, with its line and what would be right", (line, problem) => {
    const { repairs, wrong } = repairsOf({ letter: "z", text: "" }, line);
    expect(repairs).toHaveLength(1);
    expect(wrong).toEqual([{ line: 2, problem: expect.stringContaining(problem) }]);
  });

  test("name a letter once", () => {
    const { repairs, wrong } = repairsOf({ letter: "a", text: "1" }, { letter: "a", text: "2" });
    expect(repairs).toHaveLength(1);
    expect(wrong).toEqual([{ line: 2, problem: "the letter a was named before" }]);
  });
});
