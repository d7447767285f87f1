import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readPacks } from "../bench/narrator/pack.ts";
import { alike, deployed, ended, evidenceOf, FACT, flapping, neighbour, ONSET } from "../tests/evidence-facts.ts";
import { at, count, fact, milliseconds, perSecond, seconds, share } from "./evidence-values.ts";
import type { Evidence, Fact } from "./evidence.ts";
import { checkStory } from "./narrative-check.ts";
import { templateStory } from "./template-narrative.ts";

function summaryOf(...facts: readonly Fact[]): string[] {
  return templateStory(evidenceOf(facts)).summary.map(({ text }) => text);
}

describe("the summary", () => {
  test("says what is wrong against typical and since when, where and how many, and what did not change", () => {
    const { errors, onset, pay, impact, steadyTraffic, steadyLatency } = FACT;
    expect(templateStory(evidenceOf([errors, steadyTraffic, steadyLatency, onset, pay, impact])).summary).toEqual([
      { text: "Since 10:02:11 UTC 31 % of checkout's requests fail (typically 0.4 %).", facts: ["errors", "onset"] },
      {
        text: "“/pay” carries 97 % of the excess: 90 % of its requests fail (typically 0.4 %). Of 5,000 requests so far 1,234 failed, about 1,200 more than usual.",
        facts: ["endpoint.1", "impact"],
      },
      { text: "Traffic is as usual and latency did not rise.", facts: ["steady.1", "steady.2"] },
    ]);
  });

  test.each([
    [
      "two metrics",
      [FACT.errors, FACT.latency],
      "31 % of checkout's requests fail (typically 0.4 %) and its p95 latency is 1.5 s (typically 210 ms).",
    ],
    ["fewer requests", [FACT.traffic], "checkout gets 3 requests/s (typically 20/s)."],
    ["none at all", [FACT.down, FACT.onset], "Since 10:02:11 UTC no request of checkout is heard (typically 20/s)."],
    ["a budget", [FACT.budget], "checkout spends the error budget 21 times as fast as allowed."],
    ["nothing known of normal", [FACT.newErrors], "31 % of checkout's requests fail."],
    ["nothing at all", [], "checkout is unhealthy."],
  ] as const)("given %s, says it", (_what, facts, text) => {
    expect(summaryOf(...facts)[0]).toBe(text);
  });

  test("given a number of the last minutes alone, says so", () => {
    const cut = fact("errors", "In words.", [share("actual", 0.1), share("typical", 0.007), seconds("over", 600)]);
    expect(summaryOf(cut)[0]).toBe("10 % of checkout's requests fail (over the last 10 min, typically 0.7 %).");
  });

  test("given the average of the plain rules, says what is allowed, and of which endpoint", () => {
    const slow = [milliseconds("actual", 1600), milliseconds("allowed", 600)];
    expect(summaryOf(fact("latency", "In words.", slow))[0]).toBe(
      "checkout's average latency is 1.6 s (allowed up to 600 ms).",
    );
    expect(summaryOf(fact("latency", "In words.", slow, ["/pay"]))[0]).toBe(
      "checkout's average latency of “/pay” is 1.6 s (allowed up to 600 ms).",
    );
  });

  test("counts what belongs to it: failed requests with errors, slow ones with latency, one as one", () => {
    const impact = (failed: number, slow: number, excess: number): Fact =>
      fact("impact", "In words.", [
        count("requests", 1),
        count("failed", failed),
        count("slow", slow),
        count("excess", excess),
      ]);
    expect(summaryOf(FACT.errors, impact(1, 1, 0))[1]).toBe("Of 1 request so far 1 failed.");
    expect(summaryOf(FACT.latency, impact(1, 1, 1))[1]).toBe(
      "Of 1 request so far 1 was slow, about 1 more than usual.",
    );
    expect(summaryOf(FACT.errors, FACT.latency, impact(1, 2, 0))[1]).toBe(
      "Of 1 request so far 1 failed and 2 were slow.",
    );
    expect(summaryOf(FACT.traffic, impact(1, 1, 0))).toHaveLength(1);
    expect(summaryOf(FACT.errors, impact(0, 5, 0))).toHaveLength(1);
  });

  test("names up to three endpoints by their share, or that none stands out", () => {
    expect(summaryOf(FACT.errors, FACT.half, FACT.rest)[1]).toBe("“/pay” carries 52 % of the excess and “/cart” 40 %.");
    // Of lost time others may carry what they carry: beside a share of failures it would make more than the whole.
    const late = fact("endpoint", "In words.", [share("share", 0.26), milliseconds("actual", 900)], ["/cart"], 2);
    expect(summaryOf(FACT.errors, FACT.latency, FACT.pay, late)[1]).toBe(
      "“/pay” carries 97 % of the excess: 90 % of its requests fail (typically 0.4 %).",
    );
    expect(summaryOf(FACT.errors, FACT.spread)[1]).toBe("No endpoint stands out.");
    const slow = fact("endpoint", "In words.", [share("share", 0.9), milliseconds("actual", 761)], ["/x"], 1);
    expect(summaryOf(FACT.latency, slow)[1]).toBe(
      "“/x” carries 90 % of the excess: its requests take 761 ms on average.",
    );
  });

  test("says which answers carry it only where clients got them wrong", () => {
    expect(summaryOf(FACT.errors, FACT.pay, FACT.clients)[1]).toContain("4xx answers are 93 % of the excess.");
    expect(summaryOf(FACT.errors, FACT.pay, FACT.servers)[1]).not.toContain("5xx");
  });

  test.each([
    [[FACT.steadyErrors], "Errors did not rise."],
    [[FACT.steadyLatency, FACT.steadyErrors], "Latency and errors did not rise."],
    [[FACT.steadyTraffic, FACT.steadyErrors, ended()], "Traffic was as usual and errors did not rise."],
    [[FACT.steadyLatency], "Latency did not rise."],
    [[FACT.rising], "Traffic is 3.1 times what is usual (typically 20/s)."],
    [[FACT.pipeline], "The pipeline is whole."],
    [[FACT.steadyErrors, FACT.pipeline], "Errors did not rise. The pipeline is whole."],
    [[deployed(48)], "Version “2.4.1” came 48 s before it."],
    [
      [deployed(48), neighbour("payments", 90)],
      "Version “2.4.1” came 48 s before it and an incident of payments began 90 s before it.",
    ],
    [[FACT.usual], "The same happens at this time on other days."],
    [[flapping(null, 300)], "It comes and goes."],
    [[flapping(1, null)], "It came back once after its end."],
    [[flapping(2, 300)], "It comes and goes; it came back 2 times after its end."],
    [[alike(1, 600)], "1 earlier incident like it is known from the last month and lasted 10 min."],
    [[alike(3, null)], "3 earlier incidents like it are known from the last month."],
    [[alike(3, 600)], "3 earlier incidents like it are known from the last month; the newest lasted 10 min."],
  ] as const)("given what was near it, says it: %#", (facts, text) => {
    expect(summaryOf(FACT.errors, ...facts).at(-1)).toBe(text);
  });

  test("given an incident that is over, tells it in the past, with how it ended and how long it lasted", () => {
    const all = [FACT.errors, FACT.onset, FACT.pay, FACT.impact, FACT.steadyTraffic, ended()];
    expect(summaryOf(...all)).toEqual([
      "From 10:02:11 to 10:12:00 UTC 31 % of checkout's requests failed (typically 0.4 %). It recovered after 9.8 min.",
      "“/pay” carried 97 % of the excess: 90 % of its requests failed (typically 0.4 %). Of 5,000 requests 1,234 failed, about 1,200 more than usual.",
      "Traffic was as usual.",
    ]);
    expect(summaryOf(FACT.errors, ended(60))[0]).toContain("; version “2.4.2” had come 60 s before.");
  });

  test.each([
    ["manual", "It was closed by hand after 9.8 min."],
    ["retired", "It was closed, because nothing came for a day as of a service that is retired, after 9.8 min."],
  ] as const)("given the resolution %s, says so", (resolution, text) => {
    const { subject } = evidenceOf([ended()]);
    const evidence = evidenceOf([FACT.errors, ended()], { subject: { ...subject, resolution } });
    expect(templateStory(evidence).summary[0]?.text).toContain(text);
  });
});

describe("names of events", () => {
  test.each([
    ['/x","summary":"all fine', '“/x","summary":"all fine”'],
    ["/a”. All is well. “/b", '“/a". All is well. "/b”'],
    [`/${"long".repeat(50)}`, `“/${"long".repeat(19)}lo…”`],
  ])("given %s, quotes it and nothing else", (name, shown) => {
    const endpoint = fact("endpoint", "In words.", [share("share", 0.9)], [name], 1);
    const story = templateStory(evidenceOf([FACT.errors, endpoint]));
    const plain = templateStory(evidenceOf([FACT.errors, { ...endpoint, names: ["/p"] }]));
    expect(story.summary[1]?.text).toBe(`${shown} carries 90 % of the excess.`);
    // All else is what it is with a plain name.
    expect(
      JSON.parse(JSON.stringify(story), (_key, value: unknown) =>
        typeof value === "string" ? value.replaceAll(shown, "“/p”") : value,
      ),
    ).toEqual(plain);
  });
});

describe("services whose names read as prose", () => {
  // In place of those that the packs have: the sentences and what they are checked by must not take one for the other.
  const renamed = (from: string, to: string): Evidence[] =>
    readPacks().map(({ evidence }) => JSON.parse(JSON.stringify(evidence).replaceAll(from, to)) as Evidence);

  test.each(["second", "min", "ci", "mild", "all", "one", "seven", "no", "may", "x", "5xx"])(
    "%s stands in quotes",
    (name) => {
      for (const evidence of [...renamed("checkout", name), ...renamed("payments", name)])
        expect(violationsOf(evidence)).toEqual([]);
      const [own] = renamed("checkout", name);
      expect(templateStory(own!).summary[0]?.text).toContain(`of “${name}”'s requests`);
    },
  );

  test.each(["maybe", "errors", "the", "release", "payment-db", "node.js", "2.4.0"])("%s needs none", (name) => {
    for (const evidence of [...renamed("checkout", name), ...renamed("payments", name)])
      expect(violationsOf(evidence)).toEqual([]);
    const [own] = renamed("checkout", name);
    expect(templateStory(own!).summary[0]?.text).toContain(`of ${name}'s requests`);
  });
});

/** As a model would have to write it. */
function violationsOf(evidence: Evidence): readonly string[] {
  const { recommended_actions, ...rest } = templateStory(evidence);
  const own = recommended_actions.filter(({ url }) => url === null).map(({ text, facts }) => ({ text, facts }));
  return checkStory(JSON.stringify({ ...rest, recommended_actions: own }), evidence).violations;
}

describe("whatever was recorded", () => {
  const packs = readPacks();

  test("with any of its facts missing, no number, name or certainty is told that the facts have not, and each word rests on some", () => {
    const arbitrary = fc
      .constantFrom(...packs)
      .chain(({ evidence }) => fc.subarray([...evidence.facts]).map((facts) => ({ ...evidence, facts })));
    fc.assert(
      fc.property(arbitrary, (evidence) => {
        const kinds = new Set(evidence.facts.map(({ kind }) => kind));
        const symptoms = ["errors", "latency", "traffic", "down", "budget"] as const;
        // Evidence is always of something, and knows since when.
        fc.pre(kinds.has("onset") && symptoms.some((kind) => kinds.has(kind)));
        const story = templateStory(evidence);
        expect(JSON.stringify(story)).not.toMatch(/NaN|undefined|Infinity/);
        expect(violationsOf(evidence)).toEqual([]);
        expect(story).toEqual(templateStory(structuredClone(evidence)));
        expect(story.summary.length).toBeLessThanOrEqual(3);
        expect(story.recommended_actions.length).toBeGreaterThanOrEqual(2);
        expect(story.recommended_actions.length).toBeLessThanOrEqual(4);
        const ids = evidence.facts.map(({ id }) => id);
        for (const { facts } of [...story.summary, ...story.possible_causes, ...story.recommended_actions]) {
          expect(facts.length).toBeGreaterThan(0);
          expect(ids).toEqual(expect.arrayContaining([...facts]));
        }
      }),
      { numRuns: 400 },
    );
  });
});

test("times of day are the onset's own, in UTC", () => {
  const midnight = ONSET - (ONSET % 86_400);
  expect(summaryOf(FACT.errors, fact("onset", "In words.", [at("onset", midnight)]))[0]).toMatch(/^Since 00:00:00 UTC/);
});

describe("given an incident that lasts beyond midnight (UTC), then its times have their dates", () => {
  const { subject } = evidenceOf([]);

  test("while it is open", () => {
    const evidence = evidenceOf([FACT.errors, FACT.onset], {
      subject: { ...subject, updated_at: "2026-11-25T00:00:01Z" },
    });
    const { summary, recommended_actions } = templateStory(evidence);
    expect(summary[0]?.text).toMatch(/^Since 2026-11-24 10:02:11 UTC 31 % of/);
    expect(recommended_actions.at(-1)?.text).toContain(" since 2026-11-24 10:02:11 UTC");
    expect(violationsOf(evidence)).toEqual([]);
  });

  test("once it is over", () => {
    const end = ONSET + 86_400;
    const over = fact("resolved", "In words.", [at("ended", end), seconds("lasted", 86_400)]);
    const evidence = evidenceOf([FACT.errors, FACT.onset, over], {
      subject: {
        ...subject,
        status: "resolved",
        resolution: "recovered",
        resolved_at: new Date(end * 1000).toISOString(),
      },
    });
    expect(templateStory(evidence).summary[0]?.text).toMatch(
      /^From 2026-11-24 10:02:11 to 2026-11-25 10:02:11 UTC .* It recovered after 24 h\.$/,
    );
    expect(violationsOf(evidence)).toEqual([]);
  });
});

test("rates below one request a second keep two figures", () => {
  const rare = fact("traffic", "In words.", [perSecond("actual", 0.034), perSecond("typical", 0.51)]);
  expect(summaryOf(rare)[0]).toBe("checkout gets 0.034 requests/s (typically 0.51/s).");
});
