import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hostileText, hugeText, messageOf } from "../tests/hostile-texts.ts";
import { aMessage, aWebhook, FORMS, SENT_MS } from "../tests/message-example.ts";
import { BODY_BYTES_MAX, bytesOf } from "./message-view.ts";
import { checkTarget } from "./target-check.ts";
import { maskedRequest } from "./target-preview.ts";
import { parseAllowedTargets } from "./target-url.ts";
import { requestOf } from "./targets.ts";
import type { RequestTemplate, Target, WebhookTarget } from "./target.ts";

const NONE = parseAllowedTargets(undefined);

function templated(more: Partial<RequestTemplate>, target: Partial<WebhookTarget> = {}): WebhookTarget {
  const template = { url: null, body: '{"text":"{{title}}"}', headers: {}, ...more };
  return aWebhook({ templates: { default: template }, ...target });
}

test("a target of each form is right", () => {
  expect(FORMS.map(([, target]) => checkTarget(target, NONE))).toEqual(FORMS.map(() => []));
});

test.each([
  [aWebhook({ url: "http://127.0.0.1/" }), "target.url"],
  [{ type: "slack", url: null, token: "xoxb-1", channel: "C1", api_url: "https://slack.local/api" }, "target.api_url"],
  [
    { type: "slack", url: "https://10.0.0.1/", token: null, channel: null, api_url: "https://slack.com/api" },
    "target.url",
  ],
  [{ type: "pagerduty", url: "ftp://events.pagerduty.com", routing_key: "k" }, "target.url"],
  [{ type: "alertmanager", url: "https://alertmanager:9093", headers: {} }, "target.url"],
] satisfies [Target, string][])("an address that may not be reached is named: %o", (target, path) => {
  const problems = checkTarget(target, NONE);
  expect(problems).toEqual([{ path, message: expect.stringMatching(/^must /) }]);
});

test("what a preset needs is asked for", () => {
  expect(checkTarget(aWebhook({ preset: "telegram" }), NONE)).toEqual([
    { path: "target.params.chat_id", message: "must be given: telegram needs it" },
  ]);
  expect(checkTarget(aWebhook({ preset: "ntfy" }), NONE)).toMatchObject([{ path: "target.params.topic" }]);
});

describe("a template", () => {
  test.each([
    [{ body: '{"text":"{{title}}","items":[{{#items}}{"s":"{{service}}"},{{/items}}null]}' }],
    [
      {
        body: '{{#first}}{"s":"{{service}}","e":{{#endpoint}}"{{.}}"{{/endpoint}}{{^endpoint}}null{{/endpoint}}}{{/first}}{{^first}}{}{{/first}}',
      },
    ],
    [{ body: "{{title}}, {{", headers: {} }, "body", /Mustache/],
    [{ body: '{"text":{{title}}}' }, "body", /^must give valid JSON: for an incident of which nothing is known .*JSON/],
    [{ body: '{"n":{{first.endpoint}}1}' }, "body", /valid JSON/],
    [{ body: '[{{#items}}{"s":"{{service}}"},{{/items}}]' }, "body", /valid JSON/],
    [{ body: "{{#first}}{}{{/first}}" }, "body", /for a message that names no incident/],
    [{ body: '{"a":"{{{title}}}"}' }, "body", /two braces/],
    [{ headers: { "X-Title": "{{& title}}" } }, "headers.X-Title", /two braces/],
    [{ headers: { "Webhook-Signature": "v1,x" } }, "headers.Webhook-Signature", /does not set itself/],
    [{ headers: { Host: "evil.example.org" } }, "headers.Host", /does not set itself/],
    [{ url: "https://hooks.example.org/{{titel}}" }, "url", /titel/],
    [{ url: "https://hooks.example.org/{{group_key}}/close" }],
    [{ url: "https://{{first.service}}.example.org/" }, "url", /must /],
    [{ url: "https://other.example.org/" }, "url", "must lead to the host of the target's url"],
    [{ url: "{{title}}" }, "url", /must be a URL/],
    [{ body: "any {{title}} text", headers: { "Content-Type": "text/plain" } }],
    [{ body: `{"a":"${"{{title}}".repeat(80)}"}` }, "body", /^must give at most 20000 bytes, and could give \d+/],
    [{ body: `{"a":"${"x".repeat(20_000)}"}` }, "body", /at most 20000 bytes/],
  ] satisfies ([Partial<RequestTemplate>] | [Partial<RequestTemplate>, string, RegExp | string])[])(
    "%o",
    (template, member?: string, message?: RegExp | string) => {
      const problems = checkTarget(templated(template), NONE);
      if (member === undefined) expect(problems).toEqual([]);
      else {
        expect(problems.map(({ path }) => path)).toEqual([`target.templates.default.${member}`]);
        expect(problems[0]!.message).toMatch(message!);
      }
    },
  );

  test("of any kind is checked, each by itself", () => {
    const wrong = { url: null, body: "{{title}}", headers: {} };
    const target = aWebhook({ templates: { opened: wrong, resolved: { ...wrong, body: "{}" }, digest: wrong } });
    expect(checkTarget(target, NONE).map(({ path }) => path)).toEqual([
      "target.templates.opened.body",
      "target.templates.digest.body",
    ]);
  });

  test("that passes gives JSON of at most 20,000 bytes for every message", () => {
    const bodies = [
      '{"text":"{{text}}","k":"{{kind}}","i":[{{#items}}["{{title}}","{{endpoint}}","{{cause}}","{{url}}",[{{#lines}}"{{.}}",{{/lines}}0]],{{/items}}0]}',
      `{"a":"${"{{first.description}}".repeat(30)}","n":{{count}}}`,
    ];
    for (const body of bodies) expect(checkTarget(templated({ body }), NONE)).toEqual([]);
    fc.assert(
      fc.property(
        fc.oneof(messageOf(hugeText, 30), messageOf(hostileText, 5)),
        fc.constantFrom(...bodies),
        (message, body) => {
          const made = requestOf(message, templated({ body }), null, SENT_MS)!;
          expect(bytesOf(made.body)).toBeLessThanOrEqual(BODY_BYTES_MAX);
          expect(() => JSON.parse(made.body) as unknown).not.toThrow();
        },
      ),
      { numRuns: 30 },
    );
  });
});

test("a template takes the place of a preset's form, kind by kind, with headers of its own", () => {
  const template = {
    url: "https://hooks.example.org/{{kind}}",
    body: '{"t":"{{params.key}}"}',
    headers: { "X-Kind": "{{kind}}" },
  };
  const target = aWebhook({ preset: "discord", params: { key: "k" }, templates: { resolved: template } });
  expect(requestOf(aMessage({ kind: "resolved" }), target, null, SENT_MS)).toMatchObject({
    url: "https://hooks.example.org/resolved",
    body: '{"t":"k"}',
    headers: { "x-kind": "resolved", "content-type": "application/json" },
  });
  expect(requestOf(aMessage(), target, null, SENT_MS)!.body).toContain("embeds");
});

describe("a request that is shown", () => {
  const secret = `whsec_${btoa("k".repeat(24))}`;

  test.each([
    [
      aWebhook({
        url: "https://hooks.example.org/is-secret?token=is-secret",
        secrets: [secret],
        headers: { Authorization: "is-secret", "X-Api-Key": "is-secret" },
        params: { key: 'is-"secret' },
        templates: {
          default: {
            url: "https://hooks.example.org/is-secret/2",
            body: '{"k":"{{params.key}}"}',
            headers: { "X-T": "is-secret" },
          },
        },
      }),
    ],
    [
      aWebhook({
        preset: "telegram",
        url: "https://api.telegram.org/botis-secret/sendMessage",
        params: { chat_id: "1" },
      }),
    ],
    [
      {
        type: "slack",
        url: "https://hooks.slack.com/is-secret",
        token: null,
        channel: null,
        api_url: "https://slack.com/api",
      },
    ],
    [{ type: "slack", url: null, token: "is-secret", channel: "C1", api_url: "https://slack.com/api" }],
    [{ type: "pagerduty", url: "https://events.pagerduty.com/v2/enqueue", routing_key: "is-secret" }],
    [{ type: "alertmanager", url: "https://am.example.org/is-secret", headers: { "X-Scope-OrgID": "is-secret" } }],
  ] satisfies [Target][])("has no secret in it: %o", (target: Target) => {
    const request = requestOf(aMessage(), target, null, SENT_MS)!;
    const shown = maskedRequest({ ...request, next: { ...request, method: "PUT" } }, target);
    expect(JSON.stringify(request)).toMatch(/is-\\*"?secret/);
    expect(JSON.stringify(shown)).not.toMatch(/is-\\*"?secret|v1,/);
    expect(new URL(shown.url).origin).toBe(new URL(request.url).origin);
    expect(() => JSON.parse(shown.body) as unknown).not.toThrow();
  });

  test("is otherwise as it would be sent", () => {
    const target = aWebhook({ preset: "teams" });
    const request = requestOf(aMessage(), target, null, SENT_MS)!;
    expect(maskedRequest(request, target)).toEqual({ ...request, url: "https://hooks.example.org/…" });
  });
});
