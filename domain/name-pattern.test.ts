import fc from "fast-check";
import { expect, test } from "vitest";
import { isMatch } from "./name-pattern.ts";

test.each([
  ["checkout", "checkout", true],
  ["checkout", "checkout-eu", false],
  ["checkout-*", "checkout-eu", true],
  ["checkout-*", "checkout-", true],
  ["checkout-*", "checkout", false],
  ["*", "anything", true],
  ["*.eu", "pay.eu", true],
  ["a*a", "a", false],
  ["a*a", "aa", true],
  ["a.c", "abc", false],
])("%s and %s: %s", (pattern, name, fits) => {
  expect(isMatch(pattern, name)).toBe(fits);
});

test("agrees with the regular expression that says the same", () => {
  const letters = (alphabet: readonly string[], maxLength: number) =>
    fc.array(fc.constantFrom(...alphabet), { maxLength }).map((parts) => parts.join(""));
  fc.assert(
    fc.property(letters(["a", "b", ".", "*"], 7), letters(["a", "b", "."], 8), (pattern, name) => {
      const parts = pattern.split("*").map((part) => part.replaceAll(".", "\\."));
      expect(isMatch(pattern, name)).toBe(new RegExp(`^${parts.join(".*")}$`).test(name));
    }),
    { numRuns: 5_000 },
  );
});

test("a pattern full of stars takes no longer than it is long", () => {
  expect(isMatch(`${"*a".repeat(50)}*b`, "a".repeat(63))).toBe(false);
});
