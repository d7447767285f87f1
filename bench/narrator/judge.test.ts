import { describe, expect, test } from "vitest";
import type { ModelPort } from "../../domain/narrator.ts";
import { ModelUnavailable } from "../../durable-objects/ollama-model.ts";
import { answerExample, evidenceExample } from "../../tests/evidence-example.ts";
import { type Judged, judgeModel, judgeTemplate, scoreOf, TEMPLATE } from "./judge.ts";
import type { Pack } from "./pack.ts";
import { isFallen } from "./standing.ts";

const EXPECT = {
  names: ["/cart/pay"],
  rests_on: [],
  first_cause: ["release"],
  certainty: ["LIKELY"],
  also: [],
  not_causes: [],
  not_likely: [],
  not_blamed: [],
  inconclusive: false,
} satisfies Pack["expect"];
const PACK: Pack = { name: "example", fault: "by hand", evidence: evidenceExample(), expect: EXPECT };

const GOOD = JSON.stringify(answerExample());
const INVENTED = GOOD.replace("31 %", "47 %");

/** Answers with these texts in turn, each after 100 ms more than the one before; undefined: it is down. */
function model(...texts: readonly (string | undefined)[]): ModelPort {
  let asked = 0;
  return {
    name: "scripted",
    async ask() {
      const text = texts[asked];
      asked += 1;
      if (text === undefined) throw new ModelUnavailable("no_answer", "it is down");
      return { text, tokens: 10, latency_ms: asked * 100 };
    },
  };
}

const judge = (port: ModelPort, pack = PACK): Promise<Judged> => judgeModel(pack, port, new AbortController().signal);

describe("a model", () => {
  test("given a right answer, it is its own and grounded", async () => {
    expect(await judge(model(GOOD))).toEqual({
      name: "example",
      answers: 1,
      grounded: 1,
      isOwn: true,
      failures: [],
      latencies_ms: [100],
    });
  });

  test("given an invented number and then a right answer, one of two answers is grounded", async () => {
    expect(await judge(model(INVENTED, GOOD))).toMatchObject({ answers: 2, grounded: 1, isOwn: true, failures: [] });
  });

  test("given an invented number twice, the template stands in, and it is said why", async () => {
    const judged = await judge(model(INVENTED, INVENTED));
    expect(judged).toMatchObject({ answers: 2, grounded: 0, isOwn: false, latencies_ms: [100, 200] });
    expect(judged.failures[0]).toContain("47 %");
  });

  test("given no answer, the template stands in, and nothing was answered", async () => {
    expect(await judge(model())).toMatchObject({ answers: 0, grounded: 0, isOwn: false, failures: ["it is down"] });
  });

  test("given a right answer that does not say what it must, it is its own with what is missing", async () => {
    const pack = { ...PACK, expect: { ...EXPECT, names: ["/orders"] } };
    expect(await judge(model(GOOD), pack)).toMatchObject({
      isOwn: true,
      failures: ["the summary does not name /orders"],
    });
  });

  test("given a bug, it is not taken for the model's failure", async () => {
    const broken: ModelPort = { name: "broken", ask: () => Promise.reject(new TypeError("a bug")) };
    await expect(judge(broken)).rejects.toThrow("a bug");
  });
});

describe("a score", () => {
  const judged = (own: Partial<Judged>): Judged => ({
    name: "x",
    answers: 1,
    grounded: 1,
    isOwn: true,
    failures: [],
    latencies_ms: [10],
    ...own,
  });

  test("takes shares of answers, of own stories and of packs, and times of answers", () => {
    const all = [
      judged({}),
      judged({ failures: ["one"], answers: 2, latencies_ms: [20, 30] }),
      judged({ isOwn: false, answers: 2, grounded: 0, failures: ["two"], latencies_ms: [40, 50] }),
      judged({ isOwn: false, answers: 0, grounded: 0, failures: ["three"], latencies_ms: [] }),
    ];
    expect(scoreOf("m", all)).toEqual({
      source: "m",
      packs: 4,
      grounded: 2 / 5,
      expectations: 1 / 2,
      met: 1,
      fallback: 2 / 4,
      latency_p50_ms: 30,
      latency_p95_ms: 40,
    });
  });

  test("given nothing to take a share of, has none", () => {
    expect(scoreOf("m", [judged({ isOwn: false, answers: 0, grounded: 0, latencies_ms: [] })])).toMatchObject({
      grounded: null,
      expectations: null,
      fallback: 1,
      latency_p50_ms: null,
    });
    expect(scoreOf(TEMPLATE, [judgeTemplate(PACK, () => 0)])).toMatchObject({ grounded: 1, met: 1, fallback: null });
  });

  test("falls where fewer packs are met or grounded than were recorded, of those that were judged", () => {
    const standing = { packs: 3, grounded: 3, met: 3 };
    const [good, bad, loose] = [judged({}), judged({ failures: ["x"] }), judged({ grounded: 0 })];
    expect(isFallen([good, good, good], standing)).toBe(false);
    expect(isFallen([good, good, bad], standing)).toBe(true);
    expect(isFallen([good, good, loose], standing)).toBe(true);
    expect(isFallen([good], standing)).toBe(false);
    expect(isFallen([bad], standing)).toBe(true);
    expect(isFallen([good, good, bad], { ...standing, met: 2 })).toBe(false);
  });
});
