import { describe, expect, test } from "vitest";
import { anIncident } from "../testing/incident.ts";
import { faultWords, isPlayed, KIND_WORDS, patienceWords, STRENGTHS, toldBy } from "./demo-words.ts";
import { DEMO_KINDS, DEMO_STRENGTHS } from "../../../../domain/demo.ts";

const NOW = Date.parse("2026-11-24T10:04:20Z");

test("every kind of fault has words and strengths that the server takes", () => {
  for (const kind of DEMO_KINDS) {
    expect(KIND_WORDS[kind]).not.toBe("");
    const { min, max, otherwise } = DEMO_STRENGTHS[kind];
    expect(STRENGTHS[kind].map(({ value }) => value)).toContain(otherwise);
    for (const { value } of STRENGTHS[kind]) expect(value >= min && value <= max).toBe(true);
  }
});

test.each([
  ["errors", 0.6, "checkout /cart/pay: 60 % of its requests fail"],
  ["latency", 6, "checkout /cart/pay: 6 times as slow"],
  ["traffic", 0.1, "checkout /cart/pay: 0.1 times as many requests"],
  ["down", 1, "checkout /cart/pay: no request comes"],
] as const)("%s of strength %d reads so", (kind, strength, words) => {
  expect(faultWords({ service: "checkout", endpoint: "/cart/pay", kind, strength })).toBe(words);
});

test("patience is asked for where requests are missing alone", () => {
  expect(DEMO_KINDS.filter((kind) => patienceWords(kind) !== null)).toEqual(["traffic", "down"]);
});

test("a generator plays while it asks", () => {
  const asked = (ago_ms: number) => ({ on: true, asked_at: new Date(NOW - ago_ms).toISOString() });
  expect([isPlayed(asked(400), NOW), isPlayed(asked(6000), NOW)]).toEqual([true, false]);
  expect(isPlayed({ on: true, asked_at: null }, NOW)).toBe(false);
  expect(isPlayed({ ...asked(0), on: false }, NOW)).toBe(false);
});

describe("an incident tells of a fault", () => {
  const incident = anIncident({});
  const fault = (from: string, service = "checkout") => ({ service, from: `2026-11-24T${from}Z` });

  test("if one of its findings came after the fault, be it of an incident that was open before", () => {
    expect(toldBy(fault("10:04:10"), [incident])).toBe(incident);
    const [finding] = incident.anomalies;
    const later = { ...finding!, detected_at: "2026-11-24T10:09:00Z" };
    const joined = anIncident({ anomalies: [finding!, later] });
    expect(toldBy(fault("10:08:00"), [joined])).toBe(joined);
  });

  test("and none of before, or of another service", () => {
    expect(toldBy(fault("10:05:00"), [incident])).toBeNull();
    expect(toldBy(fault("10:04:10", "search"), [incident])).toBeNull();
  });
});
