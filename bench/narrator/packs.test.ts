import { describe, expect, test } from "vitest";
import { FACT_KINDS } from "../../domain/evidence.ts";
import { CAUSE_IDS } from "../../domain/narrative.ts";
import { judgeTemplate, scoreOf, TEMPLATE } from "./judge.ts";
import { readPacks } from "./pack.ts";
import { recordEvidence } from "./recording.ts";
import { SCENARIOS } from "./scenarios.ts";
import { isFallen, readStanding } from "./standing.ts";

const packs = readPacks();
const clock = (): number => 0;

describe("the recorded faults", () => {
  test("are forty, each as different as its evidence, and one of each scenario", () => {
    expect(packs).toHaveLength(40);
    expect(packs.map(({ name }) => name).toSorted()).toEqual(SCENARIOS.map(({ name }) => name).toSorted());
    expect(new Set(packs.map(({ evidence }) => JSON.stringify(evidence.facts))).size).toBe(40);
  });

  test("have every kind of fact, and ask for every cause first but the one of knowing nothing", () => {
    const kinds = new Set(packs.flatMap(({ evidence }) => evidence.facts.map(({ kind }) => kind)));
    expect(FACT_KINDS.filter((kind) => !kinds.has(kind))).toEqual([]);
    const causes = new Set(packs.flatMap(({ expect: expected }) => expected.first_cause));
    expect(CAUSE_IDS.filter((cause) => !causes.has(cause))).toEqual([]);
  });

  test.each(packs)("$name: the template says what it must, and nothing that it must not", (pack) => {
    expect(judgeTemplate(pack, clock).failures).toEqual([]);
  });

  test("are met as recorded", () => {
    const judged = packs.map((pack) => judgeTemplate(pack, clock));
    const { met, packs: count } = scoreOf(TEMPLATE, judged);
    expect({ met, packs: count }).toMatchObject({ met: readStanding().met, packs: readStanding().packs });
    expect(isFallen(judged, readStanding())).toBe(false);
  });

  test.each(["errors-one-endpoint", "down-after-release", "latency-everywhere", "cascade"])(
    "%s: detection gives the same facts today (else record them anew: node bench/narrator/record.ts)",
    (name) => {
      const scenario = SCENARIOS.find((own) => own.name === name)!;
      const recorded = packs.find((own) => own.name === name)!;
      expect(recordEvidence(scenario)).toEqual(recorded.evidence);
    },
  );
});
