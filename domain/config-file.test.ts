import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isAccepted } from "../tests/json-schema-judge.ts";
import { CONFIG_BYTES_MAX, parseConfigBySchema, parseConfigFile } from "./config-file.ts";
import { problemSentence } from "./settings-file.ts";
import { settingsJsonSchema } from "./settings-schema.ts";

const NOW_MS = Date.parse("2026-11-24T10:00:00Z");
const SECRET = "https://hooks.slack.com/services/T0/B0/very-secret";
const WHSEC = `whsec_${"A".repeat(32)}`;

const slack = { name: "shop team", target: { type: "slack", url: { env: "SLACK_URL" } } };
const silence = { services: ["*"], ends_at: "2026-11-25T10:00:00Z", comment: "moving house" };

function problems(document: unknown): string[] {
  const parsed = parseConfigFile(typeof document === "string" ? document : JSON.stringify(document), NOW_MS);
  return parsed.ok ? [] : parsed.problems.map(problemSentence);
}

const webhook = (change: object) => ({
  subscriptions: [{ name: "hook", target: { type: "webhook", url: SECRET, ...change } }],
});

describe("a configuration file", () => {
  test("is taken apart into settings and what is applied as code", () => {
    const settings = { $schema: "./faultline.schema.json", defaults: { sla_ms: 300 } };
    const as_code = { subscriptions: [slack], silences: [silence] };
    expect(parseConfigFile(JSON.stringify({ ...settings, ...as_code }), NOW_MS)).toEqual({
      ok: true,
      document: { settings, as_code },
    });
  });

  test("without settings, or without subscriptions, has no such part: an empty list is one", () => {
    const parts = (document: object) => {
      const parsed = parseConfigFile(JSON.stringify(document), NOW_MS);
      return parsed.ok ? parsed.document : null;
    };
    expect(parts({})).toEqual({ settings: null, as_code: {} });
    expect(parts({ $schema: "x", subscriptions: [] })).toEqual({ settings: null, as_code: { subscriptions: [] } });
    expect(parts({ services: [] })).toEqual({ settings: { services: [] }, as_code: {} });
  });

  const wrong: readonly (readonly [object, string])[] = [
    [
      { subscription: [] },
      "subscription is unknown: the members are $schema, services_max, defaults, services, subscriptions, silences",
    ],
    [
      { defaults: { sla_ms: 0 } },
      "defaults.sla_ms must be null (latency is not judged) or a number of milliseconds from 1 to 3600000, not 0",
    ],
    [
      { subscriptions: [{ ...slack, min_severity: "bad" }] },
      "subscriptions[0].min_severity must be one of medium, high, critical",
    ],
    [
      { subscriptions: [{ ...slack, target: { type: "slack", url: { env: "slack url" } } }] },
      "subscriptions[0].target.url",
    ],
    [{ subscriptions: [slack, slack] }, "subscriptions[1].name must be another than that of subscriptions[0]"],
    [
      { subscriptions: [{ ...slack, target: { type: "slack" } }] },
      "subscriptions[0].target.url must be an incoming webhook",
    ],
    [webhook({ headers: { Host: "a" } }), "subscriptions[0].target.headers.Host must be the name of a header"],
    [webhook({ preset: "ntfy" }), "subscriptions[0].target.params.topic must be given"],
    [webhook({ templates: { default: { body: "{{" } } }), "subscriptions[0].target.templates.default.body"],
    [
      webhook({ url: "https://user:very-secret@hooks.example.org" }),
      "subscriptions[0].target.url must have no user or password",
    ],
    [webhook({ url: "https://*/" }), "subscriptions[0].target.url must"],
    [{ silences: [{ ...silence, comment: "" }] }, "silences[0].comment must be why"],
    [{ silences: [silence, silence] }, "silences[1].comment must be another than that of silences[0]"],
    [
      { silences: [{ ...silence, starts_at: "2026-11-26T10:00:00Z" }] },
      "silences[0].ends_at must be later than starts_at",
    ],
    [
      { silences: [{ ...silence, weekly: { days: [1], from: "22:00", until: "06:00", zone: "Mars/Base" } }] },
      "silences[0].weekly.zone",
    ],
  ];
  test.each(wrong)("given %j, names what is wrong with its path", (document, sentence) => {
    expect(problems(document)).toEqual([expect.stringContaining(sentence)]);
  });

  test.each([
    ["a host that only the server knows to be allowed", webhook({ url: "http://localhost:9000/" })],
    [
      "a template's own address where the target's is given by name",
      webhook({ url: { env: "HOOK" }, templates: { default: { url: "https://a.example.org/", body: "{}" } } }),
    ],
    ["a silence that is over", { silences: [{ ...silence, ends_at: "2026-01-01T00:00:00Z" }] }],
  ])("has nothing against %s", (_, document) => {
    expect(problems(document)).toEqual([]);
  });

  test("that is wrong shows nothing that may be a secret", () => {
    const told = [
      ...problems({
        subscriptions: [{ name: 1, target: { type: "webhook", url: SECRET, secrets: [SECRET], token: SECRET } }],
      }),
      ...problems({ subscriptions: SECRET }),
      ...problems(webhook({ url: "very-secret" })),
      ...problems(`{"subscriptions":[{"target":{"url":"very-secret"}}}]`),
      ...problems(`{"subscriptions":[{"target":{"url":very-secret"}}}]`),
    ];
    expect(told.length).toBeGreaterThan(6);
    expect(told.join("\n")).not.toContain('secret"');
    expect(told.join("\n")).not.toContain("very-secret");
  });

  test("may be as long as its parts, and not a byte more", () => {
    expect(problems(`{}${" ".repeat(CONFIG_BYTES_MAX - 2)}`)).toEqual([]);
    expect(problems(`{}${" ".repeat(CONFIG_BYTES_MAX - 1)}`)).toEqual([expect.stringContaining("must have at most")]);
  });
});

const junk = fc.oneof(fc.constantFrom(null, true, -1, 0, "", "x", [], {}), fc.integer(), fc.string({ maxLength: 5 }));
const or = <T>(right: fc.Arbitrary<T>) => fc.oneof({ weight: 9, arbitrary: right }, { weight: 1, arbitrary: junk });
const secret = (text: fc.Arbitrary<string>) =>
  or(fc.oneof(text, fc.record({ env: fc.constantFrom("HOOK", "lower", "", "A1_") })));
const url = fc.constantFrom("https://a.b/c", "http://x", "ftp://x", "https://a b", "");
const headers = or(
  fc.dictionary(fc.constantFrom("X-A", "x y", "Ünicode"), secret(fc.constantFrom("v", "", "ä")), { maxKeys: 2 }),
);
const optional = { requiredKeys: [] as never[] };
const target = or(
  fc.oneof(
    fc.record(
      {
        type: fc.constant("webhook"),
        url: secret(url),
        secrets: or(fc.array(secret(fc.constantFrom(WHSEC, "whsec_short")), { maxLength: 3 })),
        headers,
        preset: or(fc.constantFrom(null, "ntfy", "none")),
        params: or(fc.dictionary(fc.constantFrom("topic", "A"), fc.constantFrom("x", ""), { maxKeys: 2 })),
        templates: or(fc.constantFrom(null, {}, { opened: { body: "{}" } }, { opened: {} }, { never: { body: "x" } })),
      },
      { requiredKeys: ["type", "url"] },
    ),
    fc.record(
      {
        type: fc.constant("slack"),
        url: secret(url),
        token: or(secret(fc.constantFrom("xoxb-1", ""))),
        channel: or(fc.constantFrom("#a", "a b")),
        api_url: or(url),
      },
      { requiredKeys: ["type"] },
    ),
    fc.record(
      { type: fc.constant("pagerduty"), url: secret(url), routing_key: secret(fc.constantFrom("a".repeat(32), "a")) },
      { requiredKeys: ["type"] },
    ),
    fc.record({ type: fc.constant("alertmanager"), url: secret(url), headers }, { requiredKeys: ["type", "url"] }),
    fc.record({ type: fc.constantFrom("mail", 1) }, optional),
  ),
);
const subscription = fc.record(
  {
    name: or(fc.constantFrom("shop", " a", "a ", "", "x".repeat(100), "x".repeat(101))),
    target,
    services: or(fc.array(or(fc.constantFrom("a-*", "A")), { maxLength: 2 })),
    min_severity: or(fc.constantFrom("high", "low")),
    changes: or(fc.array(or(fc.constantFrom("opened", "updated")), { maxLength: 2 })),
    group_wait_s: or(fc.constantFrom(0, 2.5, 301)),
    repeat_min: or(fc.constantFrom(null, 4, 5, 5.5)),
    max_per_hour: or(fc.constantFrom(1, 0, 1_001)),
    enabled: or(fc.boolean()),
    x: fc.constant(1),
  },
  { requiredKeys: ["name", "target"] },
);
const time = or(fc.constantFrom("2026-11-24T10:00:00Z", "2026-11-24", "2026-11-24T10:00:00+01:00"));
const hour = or(fc.constantFrom("22:00", "24:00", "7:00"));
const silences = fc.record(
  {
    services: or(fc.array(or(fc.constantFrom("a-*", "A")), { maxLength: 2 })),
    endpoint: or(fc.constantFrom(null, "/a/*", "")),
    severities: or(fc.array(or(fc.constantFrom("high", "low")), { maxLength: 2 })),
    starts_at: time,
    ends_at: time,
    weekly: or(
      fc.record({
        days: or(fc.array(or(fc.integer({ min: 0, max: 8 })), { maxLength: 8 })),
        from: hour,
        until: hour,
        zone: or(fc.constantFrom("Europe/Berlin", "a b")),
      }),
    ),
    comment: or(fc.constantFrom("why", "", "x".repeat(501))),
  },
  { requiredKeys: ["services", "ends_at", "comment"] },
);
const documents = fc.record(
  {
    subscriptions: or(fc.array(or(subscription), { maxLength: 1 })),
    silences: or(fc.array(or(silences), { maxLength: 1 })),
  },
  optional,
);

test("a file is right for editors exactly when it is right by the schema", () => {
  const schema = settingsJsonSchema();
  const verdicts = { right: 0, wrong: 0 };
  fc.assert(
    fc.property(documents, (document) => {
      const { ok } = parseConfigBySchema(JSON.stringify(document));
      verdicts[ok ? "right" : "wrong"] += 1;
      expect(isAccepted(schema, document)).toBe(ok);
    }),
    { numRuns: 5_000 },
  );
  expect(Math.min(verdicts.right, verdicts.wrong)).toBeGreaterThan(300);
});
