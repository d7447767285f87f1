import { describe, expect, test } from "vitest";
import { aWebhook } from "../tests/message-example.ts";
import { mergeTarget, type TargetPatch, viewOf } from "./target-view.ts";
import type { Target } from "./target.ts";

const SECRET = `whsec_${btoa("k".repeat(24))}`;
const WEBHOOK = aWebhook({
  url: "https://hooks.example.org/path-is-secret",
  secrets: [SECRET],
  headers: { Authorization: "Bearer header-is-secret" },
  params: { chat_id: "-1001", topic: "alerts", api_key: "param-is-secret" },
  templates: {
    opened: {
      url: "https://hooks.example.org/template-url-is-secret",
      body: '{"text":"{{title}}"}',
      headers: { "X-Key": "template-header-is-secret" },
    },
  },
});
const SLACK: Target = {
  type: "slack",
  url: null,
  token: "xoxb-is-secret",
  channel: "#alerts",
  api_url: "https://slack.com/api",
};

describe("the view of a target", () => {
  test("says where it leads and what is set, and never a secret", () => {
    const view = viewOf(WEBHOOK, { url: "HOOK_URL" });
    expect(view).toEqual({
      type: "webhook",
      preset: null,
      origin: "https://hooks.example.org",
      set: [
        "url",
        "secrets",
        "headers.Authorization",
        "params.api_key",
        "templates.opened.url",
        "templates.opened.headers.X-Key",
      ],
      names: { url: "HOOK_URL" },
      shown: { chat_id: "-1001", topic: "alerts", templates: { opened: { body: '{"text":"{{title}}"}' } } },
    });
    expect(JSON.stringify(view)).not.toMatch(/is-secret|whsec_/);
  });

  test.each([
    [SLACK, { origin: "https://slack.com", set: ["token"], shown: { channel: "#alerts" } }],
    [
      { type: "pagerduty", url: "https://events.pagerduty.com/v2/enqueue", routing_key: "key-is-secret" } as const,
      { origin: "https://events.pagerduty.com", set: ["url", "routing_key"], shown: {} },
    ],
    [
      { type: "alertmanager", url: "http://localhost:9093/secret", headers: { "X-Scope": "is-secret" } } as const,
      { origin: "http://localhost:9093", set: ["url", "headers.X-Scope"], shown: {} },
    ],
  ])("of %o", (target, part) => {
    const view = viewOf(target);
    expect(view).toMatchObject(part);
    expect(JSON.stringify(view)).not.toContain("is-secret");
  });
});

function merged(old: Target | null, patch: TargetPatch): Target {
  const made = mergeTarget(old, patch);
  if (!made.ok) throw new Error(made.problem);
  return made.target;
}

describe("a change of a target", () => {
  test("keeps what it leaves out", () => {
    expect(merged(WEBHOOK, { type: "webhook" })).toEqual(WEBHOOK);
    expect(merged(SLACK, { type: "slack", channel: "#other" })).toEqual({ ...SLACK, channel: "#other" });
  });

  test("keeps what a view shows, where that is sent back", () => {
    const { shown } = viewOf(WEBHOOK);
    const patch = { type: "webhook", templates: shown["templates"] } as TargetPatch;
    expect(merged(WEBHOOK, patch)).toEqual(WEBHOOK);
  });

  test("adds and takes away single headers, params and templates", () => {
    const patch: TargetPatch = {
      type: "webhook",
      headers: { Authorization: null, "X-New": "1" },
      params: { topic: null },
      templates: { opened: { headers: { "X-Key": null } }, resolved: { body: "{}" } },
    };
    const { headers, params, templates } = merged(WEBHOOK, patch) as typeof WEBHOOK;
    expect(headers).toEqual({ "X-New": "1" });
    expect(params).toEqual({ chat_id: "-1001", api_key: "param-is-secret" });
    expect(templates).toEqual({
      opened: { ...WEBHOOK.templates!.opened, headers: {} },
      resolved: { url: null, body: "{}", headers: {} },
    });
    expect(merged(WEBHOOK, { type: "webhook", templates: { opened: null } })).toMatchObject({ templates: {} });
    expect(merged(WEBHOOK, { type: "webhook", templates: null })).toMatchObject({ templates: null });
  });

  test("puts a new signing secret before the one that nobody can read", () => {
    const fresh = `whsec_${btoa("n".repeat(24))}`;
    expect(merged(WEBHOOK, { type: "webhook", secrets: [fresh, null] })).toMatchObject({ secrets: [fresh, SECRET] });
  });

  test("to another type starts anew, with that type's defaults", () => {
    expect(merged(WEBHOOK, { type: "pagerduty", routing_key: "k" })).toEqual({
      type: "pagerduty",
      url: "https://events.pagerduty.com/v2/enqueue",
      routing_key: "k",
    });
    expect(merged(null, { type: "slack", url: "https://hooks.slack.com/x" })).toEqual({
      type: "slack",
      url: "https://hooks.slack.com/x",
      token: null,
      channel: null,
      api_url: "https://slack.com/api",
    });
    expect(merged(SLACK, { type: "alertmanager", url: "https://am.example.org" })).toMatchObject({ headers: {} });
  });

  test("a header of the name of a prototype is a header", () => {
    const headers = JSON.parse('{"__proto__":"x"}') as Record<string, string>;
    const { headers: made } = merged(WEBHOOK, { type: "webhook", headers }) as typeof WEBHOOK;
    expect(Object.entries(made)).toEqual([
      ["Authorization", "Bearer header-is-secret"],
      ["__proto__", "x"],
    ]);
  });
});

describe("an address of another host", () => {
  test("gets no secret that it was not given with it", () => {
    const answer = mergeTarget(WEBHOOK, { type: "webhook", url: "https://evil.example.org/" });
    expect(answer).toEqual({
      ok: false,
      field: "headers.Authorization",
      problem: "must be given again, or taken away with null: the address is another host's now",
    });
    expect(mergeTarget(SLACK, { type: "slack", api_url: "https://evil.example.org/api" })).toMatchObject({
      field: "token",
    });
    const pagerduty: Target = { type: "pagerduty", url: "https://events.pagerduty.com/v2/enqueue", routing_key: "k" };
    expect(mergeTarget(pagerduty, { type: "pagerduty", url: "https://evil.example.org" })).toMatchObject({
      field: "routing_key",
    });
  });

  test("gets no param that is called as an address is", () => {
    const named: Target = { ...aWebhook(), params: { url: "is-secret" } };
    const patch: TargetPatch = { type: "webhook", url: "https://evil.example.org/" };
    expect(mergeTarget(named, patch)).toMatchObject({ ok: false, field: "params.url" });
  });

  test("is also that of an app's own API, where a webhook's address stands unused beside it", () => {
    const both = { ...SLACK, url: "https://hooks.slack.com/x" };
    expect(mergeTarget(both, { type: "slack", api_url: "https://evil.example.org/api" })).toMatchObject({ ok: false });
  });

  test("may have them anew, and needs none where there is none; a path of the same host keeps them", () => {
    const url = "https://other.example.org/";
    const headers = { Authorization: "Bearer new" };
    const patch: TargetPatch = { type: "webhook", url, headers, params: { api_key: null }, templates: null };
    expect(merged(WEBHOOK, patch)).toMatchObject({ url, headers });
    expect(merged(aWebhook(), { type: "webhook", url })).toMatchObject({ url });
    expect(merged(WEBHOOK, { type: "webhook", url: "https://hooks.example.org/new" })).toMatchObject({
      headers: WEBHOOK.headers,
    });
  });
});
