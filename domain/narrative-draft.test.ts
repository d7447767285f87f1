/** Which words take the place of which. */
import { describe, expect, test } from "vitest";
import type { NarrativeSource } from "./narrative.ts";
import { type HeldNarrative, judgeDraft, narrativeDraft } from "./narrative-draft.ts";
import type { NarrativeDraft } from "./narrator.ts";
import type { Evidence } from "./evidence.ts";
import { templateStory } from "./template-narrative.ts";

const WRITTEN_MS = Date.parse("2026-11-24T10:00:10Z");

const EVIDENCE: Evidence = {
  incident_id: "checkout-1795514400-error_rate",
  service: "checkout",
  version: 3,
  subject: {
    status: "open",
    severity: "high",
    metric_name: "error_rate",
    anomaly_type: "error_rate",
    endpoint: null,
    onset_at: "2026-11-24T09:59:50Z",
    opened_at: "2026-11-24T10:00:00Z",
    updated_at: "2026-11-24T10:00:08Z",
    resolved_at: null,
    resolution: null,
    historical: false,
  },
  affected_metrics: ["error_rate"],
  facts: [
    {
      id: "errors",
      kind: "errors",
      text: "12 % of requests failed.",
      values: [{ name: "actual", value: 0.12, unit: "share" }],
      names: [],
    },
  ],
  links: { runbook: null, traces: null },
};

const by = (reason: "waiting" | "writing" | "ungrounded"): NarrativeSource => {
  return { source: "template", reason, llm_model: null, latency_ms: null };
};
const LLM: NarrativeSource = { source: "llm", reason: null, llm_model: "tiny", latency_ms: 900 };

function draft(source: NarrativeSource, later_ms = 0, change: Partial<Evidence> = {}): NarrativeDraft {
  const evidence = { ...EVIDENCE, ...change };
  return narrativeDraft(evidence, templateStory(evidence), source, WRITTEN_MS + later_ms);
}

function held(source: NarrativeSource, is_first = false): HeldNarrative {
  return { narrative: { ...draft(source), revision: 7 }, severity: "high", is_first };
}

describe("a narrative", () => {
  test("spans from the onset to the newest second that its evidence knew", () => {
    expect(draft(LLM)).toMatchObject({ window_start: "2026-11-24T09:59:50Z", window_end: "2026-11-24T10:00:08Z" });
    const subject = { ...EVIDENCE.subject, resolved_at: "2026-11-24T10:07:00Z" };
    expect(draft(LLM, 0, { subject }).window_end).toBe("2026-11-24T10:07:00Z");
  });

  test("carries its evidence, its version, and who wrote it when", () => {
    expect(draft(LLM, 1_500)).toMatchObject({
      version: 3,
      evidence: EVIDENCE.facts,
      ...LLM,
      written_at: "2026-11-24T10:00:11.500Z",
    });
  });
});

describe("words that are brought", () => {
  test("replace older ones of the same version", () => {
    expect(judgeDraft(held(by("waiting"), true), draft(by("writing"), 1))).toEqual({
      verdict: "taken",
      replaces: true,
    });
    expect(judgeDraft(held(by("writing")), draft(LLM, 1))).toEqual({ verdict: "taken", replaces: true });
  });

  test("that are there already change nothing, whenever they were put together and in whatever order of members", () => {
    const again = draft(by("writing"), 5_000);
    const reordered = Object.fromEntries(Object.entries(again).toReversed()) as unknown as NarrativeDraft;
    for (const same of [again, reordered])
      expect(judgeDraft(held(by("writing")), same)).toEqual({ verdict: "taken", replaces: false });
  });

  test("of a template replace nothing that a model wrote of the version", () => {
    expect(judgeDraft(held(LLM), draft(by("ungrounded"), 1))).toEqual({ verdict: "taken", replaces: false });
  });

  test("that were written before those that are held came late, and change nothing", () => {
    expect(judgeDraft(held(by("ungrounded")), draft(by("writing"), -1))).toEqual({ verdict: "taken", replaces: false });
  });

  test("replace the object's own first words even where the Narrator's clock is behind", () => {
    const verdict = judgeDraft(held(by("waiting"), true), draft(by("writing"), -50));
    expect(verdict).toEqual({ verdict: "taken", replaces: true });
  });

  test("of an older version are superseded; of one that is not held nothing is known", () => {
    expect(judgeDraft(held(LLM), draft(LLM, 1, { version: 2 }))).toEqual({ verdict: "superseded", replaces: false });
    expect(judgeDraft(held(LLM), draft(LLM, 1, { version: 4 }))).toEqual({ verdict: "unknown", replaces: false });
    expect(judgeDraft(null, draft(LLM))).toEqual({ verdict: "unknown", replaces: false });
  });
});
