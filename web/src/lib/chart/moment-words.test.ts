import { expect, test } from "vitest";
import { momentWords } from "./moment-words.ts";

test("without a moment it says what the keys do, and of a zoom only where there is one", () => {
  const still = { words: null, choosing: false };
  expect(momentWords({ ...still, zooms: false })).toBe("The end. Move with the arrow keys to ask for a moment");
  expect(momentWords({ ...still, zooms: true })).toMatch(/Enter begins a span and zooms into it, Escape goes back$/);
});

test("with a moment it says what the charts tell of it, and what Enter does while a span is chosen", () => {
  expect(momentWords({ words: "10:04: 3 /s", zooms: true, choosing: false })).toBe("10:04: 3 /s");
  expect(momentWords({ words: "10:04: 3 /s", zooms: true, choosing: true })).toMatch(/^10:04: 3 \/s\. A span is/);
});
