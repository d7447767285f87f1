import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { alike, deployed, ended, evidenceOf, FACT, flapping, neighbour } from "../tests/evidence-facts.ts";
import { causesOf } from "./cause-rules.ts";
import { fact, share } from "./evidence-values.ts";
import type { Fact } from "./evidence.ts";
import { CAUSE_IDS, CERTAINTIES } from "./narrative.ts";

/** As in `release LIKELY`. */
function told(...facts: readonly Fact[]): string[] {
  return causesOf(evidenceOf(facts)).map(({ cause, certainty }) => `${cause} ${certainty}`);
}

const ONE = [FACT.errors, FACT.onset, FACT.pay, FACT.steadyTraffic] as const;
const ALL = [FACT.errors, FACT.onset, FACT.spread, FACT.steadyTraffic] as const;

describe("one plain cause", () => {
  const cases: readonly (readonly [string, readonly Fact[], string])[] = [
    ["errors on one endpoint: what it depends on, or its code", ONE, "endpoint_dependency LIKELY"],
    ["errors on all without more traffic: something shared", ALL, "shared_dependency LIKELY"],
    ["all slow without more traffic: something shared", [FACT.latency, FACT.spread], "shared_dependency LIKELY"],
    ["all slow while traffic rises: saturation", [FACT.latency, FACT.spread, FACT.rising], "saturation LIKELY"],
    ["4xx on one endpoint: clients", [...ONE, FACT.clients, FACT.servers], "client_requests LIKELY"],
    ["4xx everywhere: clients, or what lets them in", [...ALL, FACT.clients], "client_requests INCONCLUSIVE"],
    ["silence, the pipeline heard: process or routing", [FACT.down, FACT.pipeline], "process_or_routing CONFIRMED"],
    ["silence, nobody asked: no more than possible", [FACT.down], "process_or_routing INCONCLUSIVE"],
    ["fewer requests, nothing else: callers", [FACT.traffic, FACT.steadyErrors, FACT.pipeline], "callers LIKELY"],
    ["a version within minutes before: that release", [...ALL, deployed(40)], "release LIKELY"],
    ["another service shortly before: that one", [...ONE, neighbour("payments", 40)], "other_service LIKELY"],
    ["another service at the same time: something shared", [FACT.errors, FACT.together], "shared_dependency LIKELY"],
    ["others silent at the same time too", [FACT.down, FACT.pipeline, FACT.together], "process_or_routing CONFIRMED"],
    ["the same at this hour on other days: scheduled work", [...ALL, FACT.usual], "scheduled_work LIKELY"],
    ["no endpoint known to carry it or not", [FACT.errors], "shared_dependency INCONCLUSIVE"],
    ["nothing but a budget", [FACT.onset], "unknown INCONCLUSIVE"],
  ];
  test.each(cases)("%s", (_says, facts, first) => {
    expect(told(...facts)[0]).toBe(first);
  });

  test.each([300, 301])("a version %d s before the onset: LIKELY up to five minutes", (before_s) => {
    expect(told(...ALL, deployed(before_s))[0]).toBe(before_s === 300 ? "release LIKELY" : "shared_dependency LIKELY");
    expect(told(...ALL, deployed(before_s))).toContain(`release ${before_s === 300 ? "LIKELY" : "INCONCLUSIVE"}`);
  });

  test.each([0.6, 0.59])("an endpoint with %d of the excess: alone from 0.6 on", (part) => {
    const endpoint = fact("endpoint", "In words.", [share("share", part)], ["/pay"], 1);
    expect(told(FACT.errors, endpoint)[0]).toBe(
      part === 0.6 ? "endpoint_dependency LIKELY" : "shared_dependency INCONCLUSIVE",
    );
  });

  test("given an endpoint with half of the excess beside others, then it does not carry it alone", () => {
    expect(told(FACT.errors, FACT.half, FACT.rest)).toEqual(["shared_dependency INCONCLUSIVE"]);
  });

  test("given 4xx that are a small part of the excess, then clients are not offered", () => {
    expect(told(...ONE, FACT.fewClients, FACT.servers)).toEqual(["endpoint_dependency LIKELY"]);
  });

  test("given an incident elsewhere that began later, or too long before, then it is not blamed, or not more than possible", () => {
    expect(told(...ALL, FACT.later)).toEqual(["shared_dependency LIKELY"]);
    expect(told(...ALL, neighbour("payments", 301))).toEqual([
      "shared_dependency LIKELY",
      "other_service INCONCLUSIVE",
    ]);
    // Within the error of an onset nobody was first.
    expect(told(...ONE, neighbour("payments", 5))).toEqual(["endpoint_dependency LIKELY"]);
  });

  test("names its facts", () => {
    const [release] = causesOf(evidenceOf([...ALL, deployed(40)]));
    expect(release).toMatchObject({ cause: "release", facts: ["deploy", "onset"] });
    expect(release?.text).toContain("Version “2.4.1” came 40 s before it began, in place of version “2.4.0”");
  });
});

describe("causes that contradict each other", () => {
  test("given a release and an earlier incident elsewhere, then neither is more than possible, the earlier first", () => {
    expect(told(...ALL, deployed(30), neighbour("payments", 50)).slice(0, 2)).toEqual([
      "other_service INCONCLUSIVE",
      "release INCONCLUSIVE",
    ]);
    expect(told(...ALL, deployed(50), neighbour("payments", 30)).slice(0, 2)).toEqual([
      "release INCONCLUSIVE",
      "other_service INCONCLUSIVE",
    ]);
  });

  test("given a newer version shortly before the end, then that decides for the release, which stays LIKELY", () => {
    const facts = [...ALL, deployed(30), neighbour("payments", 50)];
    expect(told(...facts, ended(60)).slice(0, 2)).toEqual(["release LIKELY", "other_service INCONCLUSIVE"]);
    expect(told(...facts, ended(301))[0]).toBe("other_service INCONCLUSIVE");
    expect(told(...facts, ended())[0]).toBe("other_service INCONCLUSIVE");
  });

  test("given an end that a person declared, then a newer version before it decides nothing", () => {
    const { subject } = evidenceOf([ended()]);
    const evidence = evidenceOf([...ALL, deployed(30), FACT.rising, ended(60)], {
      subject: { ...subject, resolution: "manual" },
    });
    expect(causesOf(evidence).map(({ certainty }) => certainty)).not.toContain("LIKELY");
  });

  test("given a release while traffic rises, then neither is more than possible", () => {
    expect(told(FACT.latency, FACT.spread, FACT.rising, deployed(30))).toEqual([
      "release INCONCLUSIVE",
      "saturation INCONCLUSIVE",
    ]);
  });

  test("given something that happened before, then what the traffic looks like is no more than possible", () => {
    expect(told(...ONE, deployed(30))).toEqual(["release LIKELY", "endpoint_dependency INCONCLUSIVE"]);
    expect(told(...ONE, neighbour("payments", 40))).toEqual([
      "other_service LIKELY",
      "endpoint_dependency INCONCLUSIVE",
    ]);
  });

  test("given a usual hour, then what was near today is no more than possible", () => {
    expect(told(...ALL, FACT.usual, deployed(30))).toEqual([
      "scheduled_work LIKELY",
      "release INCONCLUSIVE",
      "shared_dependency INCONCLUSIVE",
    ]);
  });

  test("given 4xx on all endpoints, then neither clients nor something shared is more than possible", () => {
    expect(told(...ALL, FACT.clients)).toEqual(["client_requests INCONCLUSIVE", "shared_dependency INCONCLUSIVE"]);
  });

  test("given more traffic and one endpoint alone, then the endpoint is likely and the load possible", () => {
    expect(told(FACT.errors, FACT.pay, FACT.rising)).toEqual(["endpoint_dependency LIKELY", "saturation INCONCLUSIVE"]);
  });

  test("given errors beside missing requests, then callers may have given up: no more than possible", () => {
    expect(told(FACT.traffic, FACT.errors, FACT.spread)).toEqual([
      "shared_dependency LIKELY",
      "process_or_routing INCONCLUSIVE",
      "callers INCONCLUSIVE",
    ]);
  });

  test("given that nothing is known of what is normal, then nothing is likely", () => {
    expect(told(FACT.newErrors, FACT.pay, deployed(30))).toEqual([
      "release INCONCLUSIVE",
      "endpoint_dependency INCONCLUSIVE",
    ]);
  });

  test("given silence right after a release, then what is confirmed comes first and the release is likely", () => {
    expect(told(FACT.down, FACT.pipeline, deployed(30))).toEqual(["process_or_routing CONFIRMED", "release LIKELY"]);
  });
});

describe("whatever the facts", () => {
  const all = [
    ...Object.values(FACT),
    deployed(20),
    deployed(400),
    neighbour("payments", 40, 2),
    neighbour("billing", 600, 3),
    alike(3, 600),
    flapping(1, 300),
    ended(),
    ended(60),
  ];

  test("one to four causes, the more certain first, one LIKELY at most, CONFIRMED by elimination alone, each resting on facts", () => {
    fc.assert(
      fc.property(fc.subarray(all), (facts) => {
        const causes = causesOf(evidenceOf(facts));
        expect(causes.length).toBeGreaterThan(0);
        expect(causes.length).toBeLessThanOrEqual(4);
        const ranks = causes.map(({ certainty }) => CERTAINTIES.indexOf(certainty));
        expect(ranks).toEqual(ranks.toSorted((a, b) => a - b));
        expect(causes.filter(({ certainty }) => certainty === "LIKELY").length).toBeLessThanOrEqual(1);
        expect(new Set(causes.map(({ cause }) => cause)).size).toBe(causes.length);
        const kinds = new Set(facts.map(({ kind }) => kind));
        const confirmed = causes.filter(({ certainty }) => certainty === "CONFIRMED").map(({ cause }) => cause);
        expect(confirmed).toEqual(kinds.has("down") && kinds.has("pipeline") ? ["process_or_routing"] : []);
        const ids = facts.map(({ id }) => id);
        for (const { cause, facts: own, text } of causes) {
          expect(CAUSE_IDS).toContain(cause);
          expect(ids).toEqual(expect.arrayContaining([...own]));
          expect(text).not.toMatch(/undefined|NaN|null|“”/);
          if (cause !== "unknown") expect(own.length).toBeGreaterThan(0);
        }
      }),
      { numRuns: 500 },
    );
  });
});
