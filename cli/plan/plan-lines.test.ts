import { describe, expect, test } from "vitest";
import type { AsCode, AsCodeChange } from "../../domain/subscriptions-as-code.ts";
import type { ConfigPlan } from "./config-plan.ts";
import { planLines, summaryOf } from "./plan-lines.ts";

const SECRET = "https://hooks.slack.com/services/very-secret";
const as_code: AsCode = {
  subscriptions: [
    {
      name: "new",
      services: ["shop-*"],
      target: { type: "webhook", url: SECRET, preset: "teams", headers: { Authorization: { env: "AUTH" } } },
    },
    { name: "old", min_severity: "high", target: { type: "slack", token: { env: "BOT" }, channel: "#b" } },
  ],
  silences: [{ services: ["*"], ends_at: "2026-12-01T00:00:00Z", comment: "moving \u202ehouse" }],
};
const stored: AsCode = {
  subscriptions: [
    {
      name: "old",
      min_severity: "medium",
      target: { type: "slack", url: { env: "URL" }, token: { env: "OLD" }, channel: "#a" },
    },
  ],
};
const change = (part: Partial<AsCodeChange>): AsCodeChange => ({
  kind: "update",
  what: "subscription",
  name: "old",
  fields: [],
  ...part,
});
const planOf = (part: Partial<ConfigPlan>): ConfigPlan => ({
  settings: null,
  changes: [],
  is_pending: false,
  stored,
  ...part,
});
const lines = (part: Partial<ConfigPlan>): string[] => planLines(planOf(part), { settings: null, as_code });

describe("a plan in lines", () => {
  test("tells all that is given of a new subscription, and of its secrets where they come from", () => {
    expect(lines({ changes: [change({ kind: "create", name: "new" })] })).toEqual([
      '+ subscription "new"',
      '    services: ["shop-*"]',
      '    target.type: "webhook"',
      "    target.url: not shown",
      '    target.preset: "teams"',
      "    target.headers: from AUTH",
    ]);
  });

  test("tells of a change which members differ, from what to what", () => {
    const fields = ["min_severity", "max_per_hour", "target.channel", "target.token", "target.url", "names"];
    expect(lines({ changes: [change({ fields })] })).toEqual([
      '~ subscription "old"',
      '    min_severity: "medium" -> "high"',
      "    max_per_hour: 60 -> 60",
      '    target.channel: "#a" -> "#b"',
      "    target.token: changed, from BOT",
      "    target.url: taken away",
      "    names: its secrets come by other names",
    ]);
    expect(lines({ changes: [change({ fields: ["min_severity"] })], stored: null })[1]).toBe(
      '    min_severity: "high"',
    );
  });

  test("leaves out what stays, and makes text printable", () => {
    const changes = [
      change({ kind: "unchanged" }),
      change({ kind: "delete", name: "gone" }),
      change({ what: "silence", name: "moving \u202ehouse", fields: ["ends_at"] }),
    ];
    expect(lines({ changes })).toEqual([
      '- subscription "gone"',
      '~ silence "moving \ufffdhouse"',
      '    ends_at: "2026-12-01T00:00:00Z"',
    ]);
  });

  test("tells of what is stored and does not hold yet", () => {
    expect(lines({ changes: [change({ kind: "unchanged" })], is_pending: true })).toEqual([
      "~ what is stored already does not hold yet: the Fleet has to be told",
    ]);
  });

  test("tells of settings where they differ", () => {
    const changes = [
      { path: "defaults.sla_ms", before: 500, after: 300 },
      { path: "services[1]", before: undefined, after: { match: "x".repeat(300) } },
      { path: "services_max", before: 5, after: undefined },
    ];
    const told = lines({ settings: { version: 3, document: {}, changes } });
    expect(told.slice(0, 2)).toEqual(["~ settings", "    defaults.sla_ms: 500 -> 300"]);
    expect(told[2]).toMatch(/^ {4}services\[1\]: \{"match":"x+… \(new\)$/);
    expect(told[3]).toBe("    services_max: 5 -> (taken away)");
  });

  test("shows no secret, whichever members differ", () => {
    const fields = ["target.url", "target.headers.Authorization", "target.templates.opened", "target.type"];
    const told = lines({ changes: [change({ name: "new", fields }), change({ kind: "create", name: "new" })] });
    expect(told.join("\n")).not.toContain("very-secret");
  });
});

test("the sum of a plan counts what is to do, and what was done", () => {
  const changes = [change({ kind: "create" }), change({}), change({ kind: "unchanged" })];
  expect(summaryOf(planOf({ changes }), "to do")).toBe("1 to create, 1 to change, 0 to delete; 1 stays as it is.");
  const settings = { version: 1, document: {}, changes: [{ path: "a", before: 1, after: 2 }] };
  expect(summaryOf(planOf({ settings }), "done")).toBe(
    "1 setting changed; 0 created, 0 changed, 0 deleted; 0 stay as they are.",
  );
  expect(summaryOf(planOf({ settings: { ...settings, changes: [] } }), "to do")).toMatch(/^no settings to change; /);
});
