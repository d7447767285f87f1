/** What the Worker and the object of a subscription do with the same key: the one seals and checks what the other opens and mints. */
import { describe, expect, test } from "vitest";
import { ACT_LINK_LIFE_MS, LINK_ACTS } from "../domain/act-link.ts";
import { actLinkMint } from "../durable-objects/act-links.ts";
import { openTarget } from "../durable-objects/open-target.ts";
import { readActToken } from "../worker/act-token.ts";
import { sealTarget } from "../worker/seal.ts";
import { TARGET } from "./subscription-harness.ts";

const KEY = "k".repeat(32);
const OTHER = "o".repeat(32);
const NOW_MS = Date.parse("2026-11-24T10:00:00Z");
const SUBJECT = { service: "checkout", incident_id: "checkout-1-error_rate", subscription: "on call, Zürich" };

describe("a target", () => {
  test("that the Worker sealed is opened by the object, and nowhere stands in the clear", async () => {
    const target = { ...TARGET, headers: { authorization: "Bearer gehäim" } };
    const sealed = await sealTarget(target, KEY);
    expect(await openTarget(sealed, KEY)).toEqual(target);
    expect(atob(sealed)).not.toContain("hooks.example.org");
    expect(await sealTarget(target, KEY)).not.toBe(sealed);
  });

  test("is not opened with another key, without one, or once a byte of it has changed", async () => {
    const sealed = await sealTarget(TARGET, KEY);
    await expect(openTarget(sealed, OTHER)).rejects.toThrow("another SUBSCRIPTION_KEY: give its target again");
    await expect(openTarget(sealed, null)).rejects.toThrow("has no SUBSCRIPTION_KEY");
    const changed = sealed.slice(0, 30) + (sealed[30] === "A" ? "B" : "A") + sealed.slice(31);
    await expect(openTarget(changed, KEY)).rejects.toThrow("give its target again");
    await expect(openTarget("no base64!", KEY)).rejects.toThrow("give its target again");
  });
});

describe("a link to act by", () => {
  test("that the object minted is good for a day, for what it says and nothing else", async () => {
    const links = (await actLinkMint("https://faultline.example.org/", KEY)(SUBJECT, NOW_MS))!;
    for (const act of LINK_ACTS) {
      expect(links[act]).toMatch(/^https:\/\/faultline\.example\.org\/act\/[\w-]+\.[\w-]+$/);
      const token = links[act].split("/").at(-1)!;
      const expires_at = "2026-11-25T10:00:00Z";
      const claim = { ...SUBJECT, act, expires_at };
      expect(await readActToken(token, KEY, NOW_MS)).toEqual({ ok: true, claim });
      const late = await readActToken(token, KEY, NOW_MS + ACT_LINK_LIFE_MS);
      expect(late).toEqual({ ok: false, reason: "expired", claim });
      expect(await readActToken(token, OTHER, NOW_MS)).toEqual({ ok: false, reason: "forged" });
    }
    const [acknowledge, snooze] = [links.acknowledge, links.snooze].map((link) => link.split("/").at(-1)!.split("."));
    expect(await readActToken(`${snooze![0]}.${acknowledge![1]}`, KEY, NOW_MS)).toMatchObject({ reason: "forged" });
  });

  test("is not minted without a place to open it at, or a key", async () => {
    expect(await actLinkMint(undefined, KEY)(SUBJECT, NOW_MS)).toBeNull();
    expect(await actLinkMint("", KEY)(SUBJECT, NOW_MS)).toBeNull();
    expect(await actLinkMint("https://faultline.example.org", null)(SUBJECT, NOW_MS)).toBeNull();
  });
});
