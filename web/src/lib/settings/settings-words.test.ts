/** Targets, values, problems, history and what was tried, in words. */
import { describe, expect, test } from "vitest";
import type { ToldIncident } from "../../../../domain/replay-line.ts";
import type { SettingsVersion } from "../../../../domain/resource.ts";
import { SERVICE_FIELDS } from "../../../../domain/settings-fields.ts";
import { defaultSettings } from "../../../../domain/settings.ts";
import { previewLines, previewSentence } from "./preview-words.ts";
import { historyLines } from "./settings-history.ts";
import { problemsOf } from "./settings-problems.ts";
import { readTarget, servicesOf, targetAddress, targetOf, targetWords, tryAddress } from "./settings-target.ts";
import { settingWords } from "./setting-words.ts";
import type { FieldName } from "./settings-edit.ts";

describe("a target", () => {
  test("stands in the address, and what it cannot be is all services'", () => {
    const query = new URLSearchParams("zone=local&try=search&for=checkout");
    expect(readTarget(query)).toEqual({ match: "checkout" });
    expect(targetAddress(query, { match: "c*" })).toBe("/settings?zone=local&for=c*");
    expect(targetAddress(new URLSearchParams("for=x"), { match: null })).toBe("/settings");
    expect(tryAddress(new URLSearchParams("for=c*"), "checkout")).toBe("/settings?for=c*&try=checkout");
    for (const wrong of ["", "Check out", "<b>"]) {
      expect(readTarget(new URLSearchParams({ for: wrong }))).toEqual({ match: null });
      expect(targetOf(wrong)).toBeNull();
    }
    expect(targetOf(" checkout ")).toEqual({ match: "checkout" });
  });

  test("is named, and concerns whom it fits", () => {
    const services = ["search", "checkout", "cart"];
    const words = [null, "c*", "cart"].map((match) => [targetWords({ match }), servicesOf({ match }, services)]);
    expect(words).toEqual([
      ["all services", ["cart", "checkout", "search"]],
      ["services like c*", ["cart", "checkout"]],
      ["cart", ["cart"]],
    ]);
  });
});

describe("a value", () => {
  test.each<[FieldName, unknown, string]>([
    ["sla_ms", 300, "300 ms"],
    ["sla_ms", null, "not judged"],
    ["endpoints", { "/cart/pay": { sla_ms: 300 }, "/poll": { sla_ms: null } }, "/cart/pay 300 ms, /poll not judged"],
    ["endpoints", {}, "none"],
    ["slo", { availability: 0.999 }, "availability 0.999"],
    ["errors", ["5xx", 404], "5xx, 404"],
    ["errors", [], "none"],
    ["sensitivity", 0.0001, "0.0001 false alarms a day"],
    ["exclude", { endpoints: [] }, "nothing"],
    ["exclude", { endpoints: ["/health"] }, "/health"],
    ["links", { runbook: "https://a.example/", traces: null }, "runbook https://a.example/"],
    ["owner", null, "nobody"],
  ])("of %s: %j reads %j", (name, value, words) => {
    expect(settingWords(name, value)).toBe(words);
  });

  test("of every field reads somehow", () => {
    for (const [name, value] of Object.entries(defaultSettings("checkout"))) {
      expect(settingWords(name as FieldName, value)).not.toBe("");
    }
    expect(Object.keys(defaultSettings("x"))).toEqual(Object.keys(SERVICE_FIELDS));
  });
});

describe("what is wrong", () => {
  test("stands beside its field, by the words of the schema", () => {
    const problems = problemsOf({
      sla_ms: 0,
      errors: ["5xx", 999],
      links: { runbook: "javascript:alert(1)", traces: null },
      endpoints: { "/cart/pay": { sla_ms: "x" } },
      exclude: { endpoints: ["/ok", ""] },
      owner: "team a",
    });
    expect(problems).toEqual({
      sla_ms: ["It must be left empty (latency is not judged) or a number of milliseconds from 1 to 3600000, not 0."],
      errors: [expect.stringMatching(/^Entry 2 must be a status class .*, not 999\.$/)],
      links: [expect.stringMatching(/^runbook must be left empty or a URL .*, not "javascript:alert\(1\)"\.$/)],
      endpoints: [expect.stringMatching(/^\/cart\/pay must be left empty .*, not "x"\.$/)],
      exclude: [expect.stringMatching(/^Entry 2 must be the name of an endpoint/)],
    });
  });

  test("is nothing where all is right, and is told of what is too large as a whole", () => {
    expect(problemsOf({})).toEqual({});
    const endpoints = Object.fromEntries(Array.from({ length: 700 }, (_, i) => [`/${"x".repeat(100)}${i}`, {}]));
    expect(problemsOf({ endpoints }).endpoints).toEqual([expect.stringMatching(/^It must have at most 65536 bytes/)]);
  });
});

describe("history", () => {
  const version = (number: number, document: SettingsVersion["document"]): SettingsVersion => ({
    version: number,
    document,
    changed_at: "2026-11-24T10:00:00Z",
    changed_by: "admin by cookie",
  });
  const versions = [
    version(4, {
      services_max: 5,
      services: [
        { match: "c*", sla_ms: 1 },
        { match: "checkout", owner: "a" },
      ],
    }),
    version(3, {
      services: [
        { match: "checkout", owner: "a" },
        { match: "c*", sla_ms: 1 },
      ],
    }),
    version(2, {
      services: [
        { match: "c*", sla_ms: 1 },
        { match: "checkout", owner: "a" },
      ],
    }),
    version(1, { defaults: { sla_ms: 9 }, services: [{ match: "checkout", sla_ms: 300 }] }),
  ];

  test("tells what each version changed, for whom", () => {
    expect(historyLines(versions, true).map(({ changes }) => changes)).toEqual([
      ["At most 5 services"],
      ["The order of its entries"],
      [
        "all services: Latency promised no longer set here, was 9 ms",
        "checkout: Latency promised no longer set here, was 300 ms",
        "checkout: Owner a, was not set here",
        "services like c*: Latency promised 1 ms, was not set here",
      ],
      ["all services: Latency promised 9 ms, was not set here", "checkout: Latency promised 300 ms, was not set here"],
    ]);
  });

  test("leaves the last one out where it has an older one that was not read", () => {
    expect(historyLines(versions, false).map((line) => line.version)).toEqual([4, 3, 2]);
  });
});

describe("what was tried", () => {
  const NOW_MS = Date.parse("2026-11-24T11:00:00Z");
  const told = (change: Partial<ToldIncident>): ToldIncident => ({
    id: "checkout-1-error_rate",
    service: "checkout",
    at: "2026-11-24T10:04:20Z",
    onset: "2026-11-24T10:04:12Z",
    resolved_at: "2026-11-24T10:07:12Z",
    metric_name: "error_rate",
    endpoint: "/cart/pay",
    severity: "high",
    score: 20,
    reason: "r",
    ...change,
  });
  const span = (compared: Parameters<typeof previewLines>[0]["compared"], counts: object) => ({
    from: "2026-11-23T11:00:00Z",
    to: "2026-11-24T11:00:00Z",
    counts: { gained: 0, lost: 0, moved: 0, same: 0, ...counts },
    compared,
  });

  test.each([
    [{ lost: 1 }, "checkout would have had 1 incident fewer."],
    [{ moved: 2 }, "checkout would have had 2 incidents told otherwise."],
    [{ gained: 2, lost: 1, same: 1 }, "checkout would have had 2 incidents more and 1 fewer. 1 is the same."],
    [{ gained: 1, moved: 3, lost: 1 }, "checkout would have had 1 incident more, 1 fewer and 3 told otherwise."],
    [{}, "checkout would have had no incident, as without the change."],
    [{ same: 2 }, "Nothing would have changed for checkout: the same 2 incidents."],
  ])("%j is said as %j", (counts, words) => {
    expect(previewSentence("checkout", span([], counts))).toBe(words);
  });

  test("stands side by side, what changed before what did not", () => {
    const [same, later] = [told({}), told({ id: "b", at: "2026-11-24T10:05:12Z", resolved_at: null, endpoint: null })];
    const lines = previewLines(
      span(
        [
          { change: "same", before: same, after: same },
          { change: "moved", before: told({ id: "b" }), after: later },
          { change: "gained", before: null, after: told({ id: "c", metric_name: "p95_latency_ms" }) },
        ],
        {},
      ),
      NOW_MS,
    );
    expect(lines.map(({ change }) => change)).toEqual(["otherwise", "more", "the same"]);
    expect(lines[0]).toMatchObject({
      before: { what: "errors at /cart/pay", when: "10:04:12, told after 8 s, over after 3 min" },
      after: { what: "errors", when: "10:04:12, told after 1 min, not over" },
    });
    expect(lines[1]).toMatchObject({ before: null, after: { severity: "high", what: "latency at /cart/pay" } });
  });
});
