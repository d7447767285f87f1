import { describe, expect, test } from "vitest";
import type { AsCode } from "../../domain/subscriptions-as-code.ts";
import { asCodeBody } from "./as-code-body.ts";

const hook = (target: object): AsCode => ({
  subscriptions: [
    { name: "hook", target: { type: "webhook", ...target } } as NonNullable<AsCode["subscriptions"]>[number],
  ],
});

/** What is refused, a line each. */
function refused(code: AsCode, env: Readonly<Record<string, string>>): string[] {
  try {
    asCodeBody("f.json", code, env);
  } catch (error) {
    return (error as Error).message.split("\n");
  }
  throw new Error("it was not refused");
}

describe("the body for the server", () => {
  test("has every secret in the clear, with the names that they came by", () => {
    const code = hook({ url: { env: "HOOK" }, headers: { Authorization: { env: "AUTH" } } });
    const env = { HOOK: "https://hooks.example.org/a", AUTH: "Bearer b", OTHER: "c" };
    expect(asCodeBody("f.json", { ...code, silences: [] }, env)).toEqual({
      subscriptions: [
        {
          name: "hook",
          target: { type: "webhook", url: "https://hooks.example.org/a", headers: { Authorization: "Bearer b" } },
          names: { url: "HOOK", "headers.Authorization": "AUTH" },
        },
      ],
      silences: [],
    });
  });

  test("leaves out what the file leaves out, so that the server does not touch it", () => {
    expect(asCodeBody("f.json", {}, {})).toEqual({});
    expect(asCodeBody("f.json", { subscriptions: [] }, {})).toEqual({ subscriptions: [] });
  });

  test("is not made while a variable is missing or empty: each is named with who needs it", () => {
    const code = hook({ url: { env: "HOOK" }, secrets: [{ env: "KEY" }], headers: { "X-Team": { env: "TEAM" } } });
    expect(refused(code, { KEY: "" })).toEqual([
      "f.json: subscriptions[0].target.url needs HOOK, which is not set.",
      "f.json: subscriptions[0].target.secrets[0] needs KEY, which is not set.",
      'f.json: subscriptions[0].target.headers["X-Team"] needs TEAM, which is not set.',
    ]);
  });

  test("is not made of variables that hold something else: they are named, what they hold is not", () => {
    const code = hook({ url: { env: "HOOK" }, secrets: [{ env: "KEY" }] });
    const lines = refused(code, { HOOK: "very-secret", KEY: "very-secret" });
    expect(lines).toEqual([
      expect.stringContaining("f.json: subscriptions[0].target.url, which is from HOOK, must be a URL"),
      expect.stringContaining("f.json: subscriptions[0].target.secrets[0], which is from KEY, must be a secret"),
    ]);
    expect(lines.join("")).not.toContain("very-secret");
  });
});
