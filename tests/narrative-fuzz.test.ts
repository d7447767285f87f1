/**
 * No narrative that the check lets through shows a number that is not in the evidence, whatever a model answers: judged by a reading
 * of numbers of its own (narrative-oracle.ts), over answers that are right, nearly right and hostile.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkStory } from "../domain/narrative-check.ts";
import { BASES, broken, changed } from "./narrative-mutations.ts";
import { unknownNumbers } from "./narrative-oracle.ts";

describe("over a thousand answers", () => {
  test("every base passes as it is, and the oracle finds nothing in it", () => {
    for (const { evidence, answer } of BASES) {
      expect(checkStory(JSON.stringify(answer), evidence).violations).toEqual([]);
      expect(unknownNumbers(answer, evidence)).toEqual([]);
    }
  });

  test("what is shown has no number that is not in the evidence", () => {
    const seen = { shown: 0, refused: 0, with_unknown: 0 };
    fc.assert(
      fc.property(changed, ({ evidence, raw, answer }) => {
        const { story } = checkStory(raw, evidence);
        if (unknownNumbers(answer, evidence).length > 0) seen.with_unknown += 1;
        if (story === null) return void (seen.refused += 1);
        seen.shown += 1;
        expect(unknownNumbers(story, evidence)).toEqual([]);
      }),
      { numRuns: 1_500 },
    );
    // The property is empty where nothing passes, or where nothing is wrong.
    expect(seen.shown).toBeGreaterThan(100);
    expect(seen.with_unknown).toBeGreaterThan(300);
  });

  test("what is broken is refused with a reason, and never shown", () => {
    fc.assert(
      fc.property(broken, ({ evidence, raw }) => {
        const { story, violations } = checkStory(raw, evidence);
        expect(violations.length > 0).toBe(story === null);
        // What is broken may have become right by it: then it is held to the same.
        if (story !== null) expect(unknownNumbers(story, evidence)).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  test("an action's link is the service's own, whatever the answer is", () => {
    fc.assert(
      fc.property(changed, ({ evidence, raw }) => {
        const own = [evidence.links.runbook, evidence.links.traces, null];
        for (const { url } of checkStory(raw, evidence).story?.recommended_actions ?? []) expect(own).toContain(url);
      }),
      { numRuns: 200 },
    );
  });
});
