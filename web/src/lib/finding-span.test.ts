import { describe, expect, test } from "vitest";
import { anIncident } from "./testing/incident.ts";
import { incidentSpans, figureSpans } from "./finding-span.ts";

const at = (clock: string) => Date.parse(`2026-11-24T${clock}Z`) / 1000;

describe("incidents on the time axis", () => {
  test("given an open one, then it reaches from its onset to now, in colour", () => {
    const [span] = incidentSpans([anIncident({})], at("09:51:14"), at("10:06:14"));
    expect(span).toMatchObject({ from: at("10:04:12"), until: at("10:06:14"), over: false });
  });

  test("given one that began before the axis, then it is cut at its edge, and one that ended before is not drawn", () => {
    const long = anIncident({ id: "long", onset_at: "2026-11-24T09:00:00Z" });
    const past = anIncident({
      id: "past",
      onset_at: "2026-11-24T09:00:00Z",
      resolved_at: "2026-11-24T09:10:00Z",
      status: "resolved",
    });
    const spans = incidentSpans([long, past], at("09:51:14"), at("10:06:14"));
    expect(spans.map((span) => [span.id, span.from])).toEqual([["long", at("09:51:14")]]);
  });

  test("given a finding whose window reaches back before the fault, then its ribbon starts with the fault", () => {
    const spans = figureSpans([anIncident({})], "errors", at("09:51:14"), at("10:06:14"));
    expect(spans.map((span) => span.from)).toEqual([at("10:04:12")]);
    expect(figureSpans([anIncident({})], "latency", at("09:51:14"), at("10:06:14"))).toEqual([]);
  });
});
