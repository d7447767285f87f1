import { describe, expect, test } from "vitest";
import type { NamedTargetWish } from "./subscription-target-schema.ts";
import { envOf, resolveNames } from "./target-names.ts";

const set: Readonly<Record<string, string>> = { HOOK: "https://hooks.example.org/1", KEY: "whsec_a", AUTH: "Bearer b" };
const lookUp = (env: string): string | null => set[env] ?? null;

describe("names of secrets", () => {
  test("are looked up wherever a secret may stand, and nowhere else", () => {
    const given = {
      type: "webhook",
      url: { env: "HOOK" },
      secrets: ["whsec_old", { env: "KEY" }],
      headers: { Authorization: { env: "AUTH" }, "X-Team": "shop" },
      params: { topic: "alerts" },
      templates: { default: { body: '{"env":"HOOK"}' } },
    } as const;
    expect(resolveNames(given as never, lookUp)).toEqual({
      target: {
        ...given,
        url: "https://hooks.example.org/1",
        secrets: ["whsec_old", "whsec_a"],
        headers: { Authorization: "Bearer b", "X-Team": "shop" },
      },
      names: { url: "HOOK", "secrets.1": "KEY", "headers.Authorization": "AUTH" },
      missing: [],
    });
  });

  test("that are not set are told with the member that needs them", () => {
    const { missing } = resolveNames({ type: "slack", url: null, token: { env: "NONE" }, channel: "#a" }, lookUp);
    expect(missing).toEqual([{ member: "token", env: "NONE" }]);
  });

  test("are objects with a text as env", () => {
    expect([{ env: "A" }, "A", null, { env: 1 }, {}].map(envOf)).toEqual(["A", null, null, null, null]);
  });
});

test("what a preset or a template needs comes by name too, and what is called env is no name", () => {
  const target: NamedTargetWish = {
    type: "webhook",
    url: "https://hooks.example.org",
    params: { chat_id: "1", token: { env: "BOT" }, env: "production" },
    headers: { env: "production" },
    templates: {
      opened: { url: { env: "HOOK" }, body: "{}", headers: { "X-Key": { env: "KEY" } } },
      default: { url: null, body: "{{title}}" },
    },
  };
  const values: Readonly<Record<string, string>> = { BOT: "b", HOOK: "https://hooks.example.org/h", KEY: "k" };
  expect(resolveNames(target, (env) => values[env] ?? null)).toEqual({
    target: {
      ...target,
      params: { chat_id: "1", token: "b", env: "production" },
      templates: {
        opened: { url: "https://hooks.example.org/h", body: "{}", headers: { "X-Key": "k" } },
        default: { url: null, body: "{{title}}" },
      },
    },
    names: { "params.token": "BOT", "templates.opened.url": "HOOK", "templates.opened.headers.X-Key": "KEY" },
    missing: [],
  });
});
