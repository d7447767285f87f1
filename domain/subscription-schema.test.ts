/** What people may give of a subscription, and what they are told of the rest. */
import fc from "fast-check";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { jsonSchemaOf } from "./json-schema.ts";
import { parseBySchema, subscriptionEntrySchema, subscriptionSchema, wholeWish } from "./subscription-schema.ts";
import { namedTargetSchema, targetPatchSchema, targetSchema, wholeTarget } from "./subscription-target-schema.ts";
import { AS_CODE_FIELDS } from "./subscriptions-as-code.ts";
import { WISH_DEFAULTS } from "./subscription.ts";
import { mergeTarget } from "./target-view.ts";

const URL = "https://hooks.example.org/a";
const webhook = (change: object = {}) => ({ type: "webhook", url: URL, ...change });

function pathsOf(schema: v.GenericSchema, content: unknown): string[] {
  const parsed = parseBySchema(schema, content);
  return parsed.ok ? [] : parsed.problems.map(({ path }) => path);
}

describe("a subscription", () => {
  test("needs a name and a target; the rest has defaults", () => {
    const parsed = parseBySchema(subscriptionSchema, { name: "Shop", target: webhook() });
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
    const { target, ...given } = parsed.document;
    expect(wholeWish(given)).toEqual({ ...WISH_DEFAULTS, name: "Shop" });
    expect(wholeTarget(target)).toEqual({
      type: "webhook",
      url: URL,
      secrets: [],
      headers: {},
      preset: null,
      params: {},
      templates: null,
    });
  });

  test("has its changes once and in one order, so that the same is the same", () => {
    const { changes } = wholeWish({ name: "Shop", changes: ["resolved", "opened", "opened"] });
    expect(changes).toEqual(["opened", "resolved"]);
  });

  test.each(["a", "Löwe & Söhne", "🚨 on call", "x".repeat(100)])("may be called %s", (name) => {
    expect(pathsOf(subscriptionSchema, { name, target: webhook() })).toEqual([]);
  });

  test.each(["", " a", "a ", "a\nb", "a\u202eb", "x".repeat(101), 7, null])("may not be called %j", (name) => {
    expect(pathsOf(subscriptionSchema, { name, target: webhook() })).toEqual(["name"]);
  });

  test("tells all that is wrong at once, each by its path", () => {
    const wrong = {
      name: "",
      services: ["A"],
      min_severity: "low",
      repeat_min: 1.5,
      target: webhook({ secrets: ["a"] }),
    };
    expect(pathsOf(subscriptionSchema, wrong)).toEqual([
      "name",
      "services[0]",
      "min_severity",
      "repeat_min",
      "target.secrets[0]",
    ]);
  });
});

describe("a target", () => {
  const bytes = (length: number): string => `whsec_${btoa("\u0000".repeat(length))}`;

  test("has secrets of 24 to 64 bytes, as the specification has it", () => {
    for (let length = 1; length <= 80; length += 1) {
      const problems = pathsOf(targetSchema, webhook({ secrets: [bytes(length)] }));
      expect([length, problems.length === 0]).toEqual([length, length >= 24 && length <= 64]);
    }
    expect(pathsOf(targetSchema, webhook({ secrets: [bytes(24), bytes(32), bytes(40)] }))).toEqual(["secrets"]);
  });

  test("is no other one's", () => {
    expect(pathsOf(targetSchema, { type: "slack", url: URL, secrets: [] })).toEqual(["secrets"]);
    expect(pathsOf(targetSchema, { type: "pagerduty", routing_key: "k".repeat(32), headers: {} })).toEqual(["headers"]);
    expect(pathsOf(targetSchema, { url: URL })).toEqual(["type"]);
  });

  test("has nothing in its headers that would be a header of its own", () => {
    const headers = { "X-A": "a\r\nX-B: b" };
    expect(pathsOf(targetSchema, webhook({ headers }))).toEqual(['headers["X-A"]']);
    expect(pathsOf(targetSchema, webhook({ headers: { "X A": "a" } }))).toEqual(['headers["X A"]']);
  });

  test("in a file has its secrets by name, where it has them in the clear elsewhere", () => {
    const target = webhook({ url: { env: "SHOP_URL" }, secrets: [{ env: "A" }], headers: { "X-A": { env: "B_1" } } });
    expect(pathsOf(namedTargetSchema, target)).toEqual([]);
    expect(pathsOf(namedTargetSchema, webhook())).toEqual([]);
    expect(pathsOf(targetSchema, target)).toEqual(["url", "secrets[0]", 'headers["X-A"]']);
    const lower = parseBySchema(subscriptionEntrySchema, { name: "a", target: webhook({ url: { env: "shop" } }) });
    expect(lower).toMatchObject({
      problems: [{ path: "target.url.env", message: expect.stringContaining("A-Z, 0-9") }],
    });
    const wrong = parseBySchema(subscriptionEntrySchema, { name: "a", target: webhook({ url: 7 }) });
    expect(wrong).toMatchObject({
      problems: [{ message: expect.stringMatching(/^must be a URL .* or \{"env": NAME\}/) }],
    });
  });

  test("is changed by what null means to the merge, and by nothing that it could not take", () => {
    const patch = {
      type: "webhook",
      secrets: [bytes(32), null],
      headers: { "X-A": null },
      templates: { opened: null },
    };
    expect(pathsOf(targetPatchSchema, patch)).toEqual([]);
    const old = wholeTarget(v.parse(targetSchema, webhook({ secrets: [bytes(24)], headers: { "X-A": "a" } })));
    const merged = mergeTarget(old, v.parse(targetPatchSchema, patch));
    expect(merged).toMatchObject({ ok: true, target: { secrets: [bytes(32), bytes(24)], headers: {} } });
    expect(pathsOf(targetPatchSchema, { type: "webhook", headers: 7 })).toEqual(["headers"]);
    expect(pathsOf(targetPatchSchema, { type: "webhook", templates: { opened: { nonsense: 1 } } })).toEqual([
      "templates.opened.nonsense",
    ]);
  });
});

describe("whatever is given", () => {
  const anything = fc.object({
    key: fc.constantFrom(
      "name",
      "target",
      "type",
      "url",
      "headers",
      "secrets",
      "templates",
      "services",
      "x",
      "__proto__",
    ),
    values: [fc.string(), fc.integer(), fc.constantFrom("webhook", "slack", null, true, URL)],
    maxDepth: 3,
  });

  test("each problem says what would be right, and nothing of what was given", () => {
    const secret = "xoxb-do-not-tell-anybody";
    fc.assert(
      fc.property(anything, (given) => {
        const content: unknown = JSON.parse(JSON.stringify(given).replaceAll(URL, secret));
        const parsed = parseBySchema(subscriptionSchema, content);
        if (parsed.ok) return;
        expect(parsed.problems.length).toBeGreaterThan(0);
        for (const { message } of parsed.problems) {
          expect(message).toMatch(/^(?:must |is missing|is unknown)/);
          expect(message).not.toContain(secret);
        }
      }),
    );
  });

  test("editors are told by the same rules", () => {
    const schema = JSON.stringify(jsonSchemaOf(AS_CODE_FIELDS.subscriptions));
    for (const part of ['"const":"pagerduty"', '"type":"boolean"', '"env"', '"minimum":5', '"propertyNames"'])
      expect(schema).toContain(part);
  });
});
