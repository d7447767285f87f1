/** What the Worker seals, the Subscription's object opens, and nobody else. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Target } from "../domain/target.ts";
import { openTarget } from "../durable-objects/open-target.ts";
import { sealTarget, SealedForGood, unsealTarget } from "./seal.ts";

const KEY = "a key of at least thirty-two characters";
const target: Target = { type: "pagerduty", url: "https://events.example.org", routing_key: "k".repeat(32) };

describe("a sealed target", () => {
  test("is opened where it is sent from and where it is changed, whatever it holds", async () => {
    const anyTarget = fc.record({
      type: fc.constant("alertmanager" as const),
      url: fc.string({ unit: "binary", maxLength: 300 }),
      headers: fc.dictionary(fc.string(), fc.string({ unit: "grapheme", maxLength: 50 }), { noNullPrototype: true }),
    });
    await fc.assert(
      fc.asyncProperty(anyTarget, fc.string({ minLength: 32, maxLength: 80 }), async (any, key) => {
        const sealed = await sealTarget(any, key);
        const plain: unknown = JSON.parse(JSON.stringify(any));
        expect(await openTarget(sealed, key)).toEqual(plain);
        expect(await unsealTarget(sealed, key)).toEqual(plain);
      }),
      { numRuns: 50 },
    );
  });

  test("is another each time, and holds nothing of what is in it", async () => {
    const [one, other] = [await sealTarget(target, KEY), await sealTarget(target, KEY)];
    expect(one).not.toBe(other);
    expect(atob(one)).not.toContain("events.example.org");
  });

  test("stays closed to another key, and where a single bit of it changed", async () => {
    const sealed = await sealTarget(target, KEY);
    await expect(unsealTarget(sealed, `${KEY}!`)).rejects.toThrow(SealedForGood);
    const bytes = Uint8Array.from(atob(sealed), (character) => character.charCodeAt(0));
    for (let at = 0; at < bytes.length; at += 1) {
      const altered = bytes.map((byte, index) => (index === at ? byte ^ 1 : byte));
      await expect(unsealTarget(btoa(String.fromCharCode(...altered)), KEY)).rejects.toThrow(SealedForGood);
    }
    for (const none of ["", "no base64!", btoa("short")])
      await expect(unsealTarget(none, KEY)).rejects.toThrow(SealedForGood);
  });
});
