/** Links of messages: what the Subscription's object mints is read here, and nothing else is. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ACT_LINK_LIFE_MS } from "../domain/act-link.ts";
import { actLinkMint } from "../durable-objects/act-links.ts";
import { readActToken } from "./act-token.ts";

const KEY = "a key of at least thirty-two characters";
const NOW_MS = Date.parse("2026-11-24T10:00:00Z");
const subject = { service: "checkout", incident_id: "checkout-1764020652-error_rate", subscription: "Löwe & Söhne" };

async function token(act: "acknowledge" | "snooze" | "false_positive", key = KEY): Promise<string> {
  const links = await actLinkMint("https://faultline.example/", key)(subject, NOW_MS);
  const [base, minted] = links![act].split("/act/");
  expect(base).toBe("https://faultline.example");
  return minted!;
}

describe("a link of a message", () => {
  test.each(["acknowledge", "snooze", "false_positive"] as const)("to %s says so, of its incident", async (act) => {
    const verdict = await readActToken(await token(act), KEY, NOW_MS);
    expect(verdict).toEqual({ ok: true, claim: { ...subject, act, expires_at: "2026-11-25T10:00:00Z" } });
  });

  test("holds for a day", async () => {
    const minted = await token("acknowledge");
    expect(await readActToken(minted, KEY, NOW_MS + ACT_LINK_LIFE_MS - 1)).toMatchObject({ ok: true });
    const expired = { ok: false, reason: "expired", claim: subject };
    expect(await readActToken(minted, KEY, NOW_MS + ACT_LINK_LIFE_MS)).toMatchObject(expired);
  });

  test("of another key is none of ours", async () => {
    const minted = await token("acknowledge", `${KEY}!`);
    expect(await readActToken(minted, KEY, NOW_MS)).toEqual({ ok: false, reason: "forged" });
  });

  test("that claims another incident, another act or a later end is none of ours", async () => {
    const [body, signature] = (await token("snooze")).split(".") as [string, string];
    const claim = JSON.parse(atob(body.replaceAll("-", "+").replaceAll("_", "/"))) as object;
    const changes = [
      { incident_id: "search-1764020652-error_rate" },
      { act: "acknowledge" },
      { expires_at: "2030-01-01T00:00:00Z" },
    ];
    for (const change of changes) {
      const other = btoa(JSON.stringify({ ...claim, ...change })).replace(/=+$/, "");
      expect(await readActToken(`${other}.${signature}`, KEY, NOW_MS)).toEqual({ ok: false, reason: "forged" });
    }
  });

  test("that is altered anywhere, cut or invented is none of ours", async () => {
    const minted = await token("acknowledge");
    const anything = fc.oneof(
      fc.string({ maxLength: 300 }),
      fc.nat(minted.length - 1).map((length) => minted.slice(0, length)),
      fc
        .tuple(fc.nat(minted.length - 1), fc.constantFrom("a", "b", "X", "Z", "0", "9", "-", "_", "."))
        .map(([at, character]) => minted.slice(0, at) + character + minted.slice(at + 1))
        // Of the last character of each part some bits are of no byte: another one may stand for the same signature.
        .filter((other) => other !== minted && other.slice(0, -1) !== minted.slice(0, -1)),
    );
    await fc.assert(
      fc.asyncProperty(anything, async (other) => {
        expect(await readActToken(other, KEY, NOW_MS)).toEqual({ ok: false, reason: "forged" });
      }),
    );
  });
});
