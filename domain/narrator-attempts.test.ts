/** How often a model is asked, and that no word comes out that was not checked. */
import { describe, expect, test } from "vitest";
import { answerExample, evidenceExample } from "../tests/evidence-example.ts";
import { writeStory } from "./narrator-attempts.ts";
import type { ModelPort, Repair } from "./narrator.ts";

const RIGHT = JSON.stringify(answerExample());
const WRONG = RIGHT.replaceAll("31 %", "73 %");

/** A model that gives these answers, each for 100 tokens more and a millisecond later than the one before. */
function modelOf(...answers: readonly string[]): ModelPort & { readonly repairs: (Repair | null)[] } {
  const repairs: (Repair | null)[] = [];
  return {
    name: "scripted",
    repairs,
    ask(_evidence, repair) {
      repairs.push(repair);
      const text = answers[repairs.length - 1];
      if (text === undefined) return Promise.reject(new Error("connection refused"));
      return Promise.resolve({ text, tokens: 100 * repairs.length, latency_ms: repairs.length });
    },
  };
}

function write(model: ModelPort): ReturnType<typeof writeStory> {
  return writeStory(evidenceExample(), model, new AbortController().signal);
}

describe("given a model's answers", () => {
  test("one that stands is the story, and nothing more is asked", async () => {
    const model = modelOf(RIGHT, RIGHT);
    const written = await write(model);
    expect(written).toMatchObject({ latency_ms: 1, tokens: 100 });
    expect(written.story?.summary).toEqual(answerExample().summary);
    expect(model.repairs).toEqual([null]);
  });

  test("one that does not stand goes back once, with what is wrong; the second one is the story", async () => {
    const model = modelOf(WRONG, RIGHT);
    expect(await write(model)).toMatchObject({
      story: { summary: answerExample().summary },
      latency_ms: 2,
      tokens: 300,
    });
    expect(model.repairs).toEqual([
      null,
      { answer: WRONG, violations: expect.arrayContaining([expect.stringContaining("73 %")]) },
    ]);
  });

  test("when the second one does not stand either, there is no story, but why", async () => {
    const model = modelOf(WRONG, "no JSON", RIGHT);
    const written = await write(model);
    expect(written).toMatchObject({ story: null, reason: "ungrounded", tokens: 300 });
    expect(written.story === null && written.violations.join()).toContain("JSON");
    expect(model.repairs).toHaveLength(2);
  });

  test.each([[[]], [[WRONG]]])("where a call brings none, it rejects as the model does", async (answers) => {
    await expect(write(modelOf(...answers))).rejects.toThrow("connection refused");
  });

  test("the caller's signal reaches each call", async () => {
    const signals: AbortSignal[] = [];
    const { signal } = new AbortController();
    const model: ModelPort = {
      name: "scripted",
      ask: (_evidence, _repair, own) => {
        signals.push(own);
        return Promise.resolve({ text: WRONG, tokens: 1, latency_ms: 1 });
      },
    };
    await writeStory(evidenceExample(), model, signal);
    expect(signals).toEqual([signal, signal]);
  });
});
