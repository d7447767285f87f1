import { describe, expect, test } from "vitest";
import type { Incident } from "../../domain/incident.ts";
import { incidentOf } from "../../tests/fleet-harness.ts";
import { anomalyRow, narrativeRow } from "../../tests/history-rows.ts";
import { changeWords, narrativeLines } from "./change-words.ts";

const opened = incidentOf("checkout", {
  severity: "high",
  revision: 0,
  status: "open",
  onset_at: "2026-11-24T10:00:00Z",
  opened_at: "2026-11-24T10:00:05Z",
  updated_at: "2026-11-24T10:00:05Z",
  resolved_at: null,
  resolution: null,
  acknowledged_at: null,
  acknowledged_by: null,
  feedback: null,
  flapping: false,
  historical: false,
  reopened_count: 0,
  description: "31.0 % of requests failed.",
  request_count: 2_000,
  excess_count: 610,
  excess_low: 590,
  excess_high: 630,
  anomalies: [],
});
const harm = "610 requests of 2,000 failed or slow beyond normal (590 to 630).";
const latency = anomalyRow({ metric_name: "p95_latency_ms", description: "1.9 s was the latency." });
const acknowledged = { acknowledged_at: "2026-11-24T10:01:00Z", acknowledged_by: "Ada" };

describe("a change in words", () => {
  const changes: readonly (readonly [string, Partial<Incident>, string])[] = [
    ["grows", { request_count: 2_000 }, `goes on: ${harm}`],
    ["harms nobody", { excess_count: 0 }, "goes on: 2,000 requests, none failed or slow beyond normal."],
    ["has no requests", { request_count: 0 }, "goes on: no request came."],
    ["is worse", { description: "40.0 % of requests failed." }, "worse: 40.0 % of requests failed."],
    ["rises", { severity: "critical" }, "now critical, was high: 31.0 % of requests failed."],
    ["has another metric", { anomalies: [latency] }, "also: 1.9 s was the latency."],
    ["is acknowledged", acknowledged, "Ada has it in hand."],
    ["is acknowledged by nobody known", { ...acknowledged, acknowledged_by: null }, "Somebody has it in hand."],
    ["flaps", { flapping: true }, "It comes and goes: held open until five minutes are quiet."],
    ["is no incident", { feedback: "false_positive" }, "Marked as a false positive."],
    ["came back", { reopened_count: 1 }, "came back: 31.0 % of requests failed."],
    [
      "rises while acknowledged",
      { severity: "critical", ...acknowledged },
      "now critical, was high: 31.0 % of requests failed. Ada has it in hand.",
    ],
  ];
  test.each(changes)("when it %s", (_, change, words) => {
    expect(changeWords(opened, { ...opened, revision: 1, ...change })).toBe(words);
  });

  test("when it opens, or is met while it is open", () => {
    expect(changeWords(undefined, opened, true)).toBe("opened: 31.0 % of requests failed. Began 5 s before.");
    expect(changeWords(undefined, { ...opened, revision: 3, historical: true })).toBe(
      "is open: 31.0 % of requests failed. Began 5 s before. Found while catching up with old events.",
    );
  });

  test.each([
    ["recovered", `over after 3 min: ${harm}`],
    ["manual", `ended by an administrator after 3 min: ${harm}`],
    ["retired", `retired after 3 min without requests: ${harm}`],
  ] as const)("when it ends as %s", (resolution, words) => {
    const over = { ...opened, status: "resolved", resolution, resolved_at: "2026-11-24T10:03:00Z" } as const;
    expect(changeWords(opened, over)).toBe(words);
    expect(changeWords(over, { ...over, feedback: "useful" })).toBe("Marked as useful.");
    expect(changeWords({ ...over, feedback: "useful" }, over)).toBe("Its mark was taken back.");
    for (const feedback of [null, "false_positive"] as const)
      expect(changeWords({ ...over, feedback }, { ...opened, revision: 9 })).toBe(
        "came back: 31.0 % of requests failed.",
      );
  });

  test("obeys nothing that events or people wrote", () => {
    const evil = "\u001b]0;owned\u0007\u202eend\n";
    const words = changeWords(undefined, { ...opened, description: evil, ...acknowledged, acknowledged_by: evil });
    expect(words).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    expect(narrativeLines(narrativeRow({ summary: [{ text: evil, facts: [] }] })).join("")).not.toMatch(
      /[\p{Cc}\p{Cf}]/u,
    );
  });
});

describe("a narrative in words", () => {
  const recommended_actions = [{ text: "Open the runbook.", facts: [], url: "https://wiki.example/r" }];

  test("of the template: what, why perhaps, what to do", () => {
    expect(narrativeLines(narrativeRow({ recommended_actions }))).toEqual([
      "in words: 12 % of the requests of checkout fail.",
      "inconclusive: The facts do not tell.",
      "do: Open the runbook. https://wiki.example/r",
    ]);
  });

  test("of a model names it", () => {
    const source = { source: "llm", reason: null, llm_model: "qwen3", latency_ms: 3 } as const;
    expect(narrativeLines(narrativeRow(source))[0]).toBe("in words of qwen3: 12 % of the requests of checkout fail.");
  });
});
