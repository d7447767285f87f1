import fc from "fast-check";
import { expect, test } from "vitest";
import { fitWords, type AxisWord } from "./axis-words.ts";

const at = (x: number, text: string, anchor: AxisWord["anchor"] = "middle"): AxisWord => ({ text, at: x, anchor });
const textsOf = (words: readonly AxisWord[]) => words.map(({ text }) => text);

test("on a phone the last tick gives way to the end, which has seconds", () => {
  const words = [at(231, "10:06:14", "end"), at(42, "09:15"), at(100, "09:30"), at(158, "09:45"), at(216, "10:00")];
  expect(textsOf(fitWords(words, 231))).toEqual(["10:06:14", "09:15", "09:30", "09:45"]);
});

test("a tick that begins at its line ends before the word now", () => {
  const words = [at(223, "now", "end"), at(206, "Tue 24", "start"), at(150, "Mon 23", "start")];
  expect(textsOf(fitWords(words, 223))).toEqual(["now", "Mon 23"]);
});

test("whatever the words, none covers an earlier one, none leaves the axis, and the first has its place", () => {
  const word = fc.record({
    text: fc.string({ minLength: 1, maxLength: 15 }),
    at: fc.integer({ min: 0, max: 600 }),
    anchor: fc.constantFrom("start", "middle", "end"),
  });
  fc.assert(
    fc.property(fc.array(word, { maxLength: 20 }), (words) => {
      const placed = fitWords([at(600, "10:06:14", "end"), ...words], 600)
        .map(({ text, at: x, anchor }) => {
          const long = text.length * 6;
          const left = anchor === "start" ? x : anchor === "middle" ? x - long / 2 : x - long;
          return { left, right: left + long };
        })
        .toSorted((a, b) => a.left - b.left);
      placed.forEach(({ left, right }, i) => {
        expect(left).toBeGreaterThanOrEqual(i === 0 ? 0 : placed[i - 1]!.right + 10);
        expect(right).toBeLessThanOrEqual(600);
      });
      expect(placed.at(-1)?.right).toBe(600);
    }),
  );
});
