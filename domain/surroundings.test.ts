import { describe, expect, it } from "vitest";
import { ungrounded } from "../tests/grounded.ts";
import { DetectionStream } from "../tests/detection-stream.ts";
import type { Evidence, NeighbourIncident, PastIncident } from "./evidence.ts";
import { withSurroundings } from "./surroundings.ts";

const START = 1_764_000_000;
const ONSET = START + 300;

function evidence(): Evidence {
  const stream = new DetectionStream(START).run(300, { name: "/pay", requests: 20 });
  return stream.run(10, { name: "/pay", requests: 20, errors: 10 }).evidence[0]!;
}

function time(second: number): string {
  return new Date(second * 1000).toISOString();
}

function neighbour(service: string, after_s: number, more: Partial<NeighbourIncident> = {}): NeighbourIncident {
  return {
    service,
    incident_id: `${service}-${ONSET + after_s}-error_rate`,
    anomaly_type: "error_rate",
    severity: "high",
    endpoint: null,
    status: "open",
    onset_at: time(ONSET + after_s),
    ...more,
  };
}

function past(before_s: number, more: Partial<PastIncident> = {}): PastIncident {
  return {
    incident_id: `checkout-${ONSET - before_s}-error_rate`,
    onset_at: time(ONSET - before_s),
    resolved_at: time(ONSET - before_s + 240),
    resolution: "recovered",
    endpoint: null,
    severity: "high",
    deployed_version: null,
    feedback: null,
    ...more,
  };
}

const textsOf = ({ facts }: Evidence, kind: string): string[] =>
  facts.filter((fact) => fact.kind === kind).map(({ text }) => text);

describe("the incidents of others", () => {
  it("are told with what came first, the nearest onset first", () => {
    const near = [
      neighbour("search", 95, { anomaly_type: "latency", status: "resolved" }),
      neighbour("billing", -32, { anomaly_type: "down" }),
      neighbour("web", 0),
    ];
    const told = withSurroundings(evidence(), { neighbours: near, alike: null });
    expect(textsOf(told, "neighbour")).toEqual([
      "web had more errors at 16:05:00 UTC, at the same second.",
      "billing fell silent at 16:04:28 UTC, 32 s before this onset.",
      "search became slow at 16:06:35 UTC, 95 s after this onset, and is over.",
    ]);
    const facts = told.facts.filter(({ kind }) => kind === "neighbour");
    expect(facts.map(({ id, names }) => [id, ...names])).toEqual([
      ["neighbour.1", "web"],
      ["neighbour.2", "billing"],
      ["neighbour.3", "search"],
    ]);
    expect(facts[0]!.values).toContainEqual({ name: "before", value: 0, unit: "s" });
  });

  it("are counted where there are more, and are at least as many as whoever is asked tells", () => {
    const others = (count: number): NeighbourIncident[] =>
      Array.from({ length: count }, (_, i) => neighbour(`s${i}`, -10 - i));
    const four = withSurroundings(evidence(), { neighbours: others(4), alike: null });
    expect(textsOf(four, "neighbour").at(-1)).toBe("4 incidents of other services began near it in time.");
    const eight = withSurroundings(evidence(), { neighbours: others(8), alike: null });
    expect(textsOf(eight, "neighbour").at(-1)).toMatch(/^At least 8 /);
    expect(textsOf(eight, "neighbour")).toHaveLength(4);
    expect(textsOf(withSurroundings(evidence(), { neighbours: others(3), alike: null }), "neighbour")).toHaveLength(3);
  });
});

describe("earlier incidents", () => {
  it("are counted, with what became of the newest", () => {
    const alike = [past(90_000), past(86_400 * 4, { feedback: "false_positive" })];
    const told = withSurroundings(evidence(), { neighbours: null, alike });
    expect(textsOf(told, "alike")).toEqual([
      "2 earlier incidents like it in a month; the newest began 25 h before and lasted 4 min and ended by itself.",
    ]);
  });

  it("say where the newest was called a false positive, is not over, or had the same endpoint", () => {
    const one = (more: Partial<PastIncident>): string =>
      textsOf(withSurroundings(evidence(), { neighbours: null, alike: [past(7_000, more)] }), "alike")[0]!;
    expect(one({ feedback: "false_positive" })).toContain("; it was called a false positive.");
    expect(one({ resolved_at: null, resolution: null })).toContain("and is not over.");
    expect(one({ endpoint: "/pay" })).toContain("1 of them on the same endpoint.");
    expect(one({ endpoint: "/other" })).not.toContain("same endpoint");
  });

  it("are none where there are none", () => {
    expect(withSurroundings(evidence(), { neighbours: [], alike: [] })).toEqual(evidence());
  });
});

describe("surroundings", () => {
  const both = { neighbours: [neighbour("billing", -32), neighbour("web", 3)], alike: [past(90_000)] };

  it("that could not be asked add nothing, and take nothing away", () => {
    expect(withSurroundings(evidence(), { neighbours: null, alike: null })).toEqual(evidence());
    const told = withSurroundings(evidence(), both);
    expect(withSurroundings(told, { neighbours: null, alike: null })).toEqual(told);
  });

  it("told twice are the same as told once, and newer ones replace older ones", () => {
    const told = withSurroundings(evidence(), both);
    expect(withSurroundings(told, both)).toEqual(told);
    expect(textsOf(withSurroundings(told, { neighbours: [], alike: null }), "neighbour")).toEqual([]);
  });

  it("say only numbers that they have", () => {
    const many = Array.from({ length: 8 }, (_, i) => neighbour(`service-${i}`, 7 * i - 20));
    const told = withSurroundings(evidence(), { neighbours: many, alike: [past(90_000, { endpoint: "/pay" })] });
    for (const fact of told.facts) expect([fact.text, ungrounded(fact)]).toEqual([fact.text, []]);
  });
});
