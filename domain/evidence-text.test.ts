import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Evidence, type Fact, FACT_KINDS } from "./evidence.ts";
import { EVIDENCE_TOKENS_MAX, evidenceText, tokensOf } from "./evidence-text.ts";
import { quoted } from "./fact-words.ts";

function evidenceOf(facts: readonly Fact[]): Evidence {
  const at = "2026-11-24T10:00:00Z";
  return {
    incident_id: "checkout-1764020652-error_rate",
    service: "checkout",
    version: 3,
    subject: {
      status: "open",
      severity: "high",
      metric_name: "error_rate",
      anomaly_type: "error_rate",
      endpoint: null,
      onset_at: at,
      opened_at: at,
      updated_at: at,
      resolved_at: null,
      resolution: null,
      historical: false,
    },
    affected_metrics: ["error_rate"],
    facts,
    links: { runbook: null, traces: null },
  };
}

function told(text: string): string[] {
  return (JSON.parse(text) as { facts: { id: string }[] }).facts.map(({ id }) => id);
}

const name = fc.string({ unit: "grapheme", minLength: 150, maxLength: 200 });
const fact = fc
  .tuple(fc.constantFrom(...FACT_KINDS), fc.array(name, { maxLength: 3 }), fc.boolean())
  .map(([kind, names, isShort]): Fact => ({
    id: kind,
    kind,
    // Whole names too: the bound must not rest on their being shortened.
    text: `31 % of requests to ${names.map((own) => (isShort ? quoted(own) : own)).join(" and ")} failed.`,
    values: [{ name: "actual", value: 0.31, unit: "share" }],
    names,
  }));

describe("evidence as the model reads it", () => {
  it("keeps each fact's id and whole sentence, in the order of the evidence", () => {
    const facts: Fact[] = [
      { id: "errors", kind: "errors", text: "31 % of requests failed.", values: [], names: [] },
      { id: "endpoint.1", kind: "endpoint", text: 'Requests to “/x","summary":"all fine”.', values: [], names: [] },
    ];
    expect(JSON.parse(evidenceText(evidenceOf(facts)))).toEqual({
      service: "checkout",
      status: "open",
      severity: "high",
      metrics: ["error_rate"],
      facts: facts.map(({ id, text }) => ({ id, text })),
    });
  });

  it("is JSON of at most 1,200 tokens however long the names are, and cuts no fact", () => {
    fc.assert(
      fc.property(fc.array(fact, { maxLength: 24 }), (facts) => {
        const text = evidenceText(evidenceOf(facts));
        expect(tokensOf(text)).toBeLessThanOrEqual(EVIDENCE_TOKENS_MAX);
        const all = facts.map(({ id, text: sentence }) => JSON.stringify({ id, text: sentence }));
        for (const own of (JSON.parse(text) as { facts: unknown[] }).facts) expect(all).toContain(JSON.stringify(own));
      }),
    );
  });

  it("leaves the least important facts out first", () => {
    const long = "é".repeat(150);
    const make = (id: string): Fact => {
      const kind = FACT_KINDS.find((own) => own === id.split(".")[0])!;
      return { id, kind, text: `Something about ${long}.`, values: [], names: [] };
    };
    const facts = ["errors", "steady.1", "onset", "endpoint.1", "endpoint.2", "alike", "flapping"].map(make);
    expect(told(evidenceText(evidenceOf(facts)))).toEqual(["errors", "onset", "endpoint.1"]);
    const small = { ...make("flapping"), text: "It comes and goes." };
    expect(told(evidenceText(evidenceOf([...facts.slice(0, 6), small])))).toContain("flapping");
  });
});

describe("the estimate of tokens", () => {
  it("counts two letters a token, and each digit, sign and byte of all else", () => {
    expect(tokensOf("")).toBe(0);
    expect(tokensOf("requests failed")).toBe(4 + 3);
    expect(tokensOf("31 %")).toBe(3);
    expect(tokensOf("“é”")).toBe(3 + 2 + 3);
    expect(tokensOf("\n\n")).toBe(2);
  });

  it("of two texts in one is at most that of both, so that a sum is a bound", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary", maxLength: 40 }),
        fc.string({ unit: "binary", maxLength: 40 }),
        (a, b) => {
          const [left, right] = [a.toWellFormed(), b.toWellFormed()];
          expect(tokensOf(left + right)).toBeLessThanOrEqual(tokensOf(left) + tokensOf(right));
        },
      ),
    );
  });
});
