import { expect, test } from "vitest";
import { TEMPLATE_REASONS } from "../../../../domain/narrative.ts";
import { aNarrative } from "../testing/narrative.ts";
import { mayGrow, newerNarrative, sourceWords } from "./source-words.ts";

const NOW_MS = Date.parse("2026-11-24T10:04:21Z");
const template = (reason: (typeof TEMPLATE_REASONS)[number], llm_model: string | null = "tiny:1b") =>
  aNarrative({}, { source: "template", reason, llm_model, latency_ms: null });

test("a model's words tell which model it was and how long it took", () => {
  const narrative = aNarrative({}, { source: "llm", reason: null, llm_model: "tiny:1b", latency_ms: 3214 });
  expect(sourceWords(narrative, NOW_MS)).toBe(
    "Written by tiny:1b in 3.2 s; each of its numbers was found in the evidence.",
  );
});

test("while the model writes, the time elapsed is told", () => {
  expect(sourceWords(template("writing"), NOW_MS)).toBe("Written from the template; tiny:1b has been writing for 2 s.");
  expect(sourceWords(template("writing"), NOW_MS + 70_000)).toContain("for 1 min");
  // Whoever reads it a day later is not told that it goes on.
  for (const reason of ["waiting", "writing"] as const)
    expect(sourceWords(template(reason), NOW_MS + 86_400_000)).toMatch(/no words of .+ have come\.$/);
});

test("each reason for the template has words of its own, and none is told by its name", () => {
  const words = TEMPLATE_REASONS.map((reason) => sourceWords(template(reason), NOW_MS));
  expect(new Set(words).size).toBe(TEMPLATE_REASONS.length);
  for (const text of words) expect(text).toMatch(/^Written from the template[,;] .+\.$/);
  for (const text of words) expect(text).not.toContain("_");
});

test("room is kept only where a model's words may come, or have come", () => {
  expect(TEMPLATE_REASONS.filter((reason) => !mayGrow({ reason }))).toEqual(["no_model", "historical", "resolved"]);
  expect(mayGrow({ reason: null })).toBe(true);
});

test("the template's words that the model's have followed do not say that it still writes", () => {
  const words = sourceWords(template("writing"), NOW_MS, "tiny:1b");
  expect(words).toBe("Written from the template, at once; tiny:1b has written since.");
});

test("a model without a name is called so", () => {
  expect(sourceWords(template("unavailable", null), NOW_MS)).toBe(
    "Written from the template, because the model does not answer.",
  );
});

test("the newest revision stays, whatever the order of arrival", () => {
  const [first, second] = [aNarrative({ revision: 1 }), aNarrative({ revision: 2 })];
  expect(newerNarrative(undefined, first)).toBe(first);
  expect(newerNarrative(first, second)).toBe(second);
  expect(newerNarrative(second, first)).toBe(second);
});
