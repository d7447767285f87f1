/** Secrets: equal texts alone are the same, and a signature holds for one secret, purpose and text alone. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isSameSecret, signature } from "./secret.ts";

describe("two secrets", () => {
  test("are the same where their text is, and only there", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" }), async (a, b) => {
        expect(await isSameSecret(a, b)).toBe(a.toWellFormed() === b.toWellFormed());
        expect(await isSameSecret(a, a)).toBe(true);
        expect(await isSameSecret(a, `${a}x`)).toBe(false);
      }),
    );
  });
});

describe("a signature", () => {
  test("is the same each time, and another for another secret, purpose or text", async () => {
    const right = await signature("secret", "purpose", "text");
    expect(right).toMatch(/^[\w-]{43}$/);
    expect(await signature("secret", "purpose", "text")).toBe(right);
    expect(await signature("secrets", "purpose", "text")).not.toBe(right);
    expect(await signature("secret", "purposes", "text")).not.toBe(right);
    expect(await signature("secret", "purpose", "texts")).not.toBe(right);
  });
});
