import { describe, expect, test } from "vitest";
import { briefFact, contextFacts, feedbackFact, findingWords, impactFact, stateFact } from "./incident-facts.ts";
import { anIncident } from "./testing/incident.ts";
import type { Anomaly, AnomalyType, Incident } from "../../../domain/incident.ts";

const DEPLOY = {
  deployed_version: "2.4.1",
  previous_version: "2.4.0",
  deployed_at: "2026-11-24T10:03:02Z",
} as const;

function withFindings(types: readonly AnomalyType[], wanted: Partial<Incident> = {}): Incident {
  const finding = anIncident({}).anomalies[0]!;
  return anIncident({ ...wanted, anomalies: types.map((anomaly_type) => ({ ...finding, anomaly_type })) });
}

describe("what an incident costs", () => {
  test("given errors, then it counts what failed and how many more that is than normal, with its interval when asked", () => {
    expect(impactFact(anIncident({ excess_low: 290, excess_high: 322 }))).toEqual({
      text: "310 of 1,000 requests failed, about 306 more than normal",
      about:
        "310 of 1,000 requests failed since the onset: about 306 requests more than normal failed (290 to 322, with 95 % certainty)",
    });
  });

  test("given slowness alone, then failed requests are not counted to it", () => {
    const slow = impactFact(withFindings(["latency"], { slow_count: 420, excess_count: 400 }));
    expect(slow?.text).toBe("420 of 1,000 requests were slow, about 400 more than normal");
    expect(slow?.about).toContain("about 400 requests more than normal were slow");
  });

  test("given both, then both are counted and the excess is of either", () => {
    const both = impactFact(withFindings(["error_rate", "latency"], { slow_count: 420 }));
    expect(both?.text).toContain("310 of 1,000 requests failed, 420 were slow");
    expect(both?.about).toContain("more than normal failed or were slow");
  });

  test("given a budget that burns, then it is about failed requests", () => {
    expect(impactFact(withFindings(["slo"]))?.text).toContain("requests failed");
  });

  test.each(["down", "traffic"] as const)("given %s, then there is nothing to count: no request came", (type) => {
    expect(impactFact(withFindings([type]))).toBeNull();
  });

  test("given a budget that burns at the usual rate of errors, then it is not said to cost nothing", () => {
    const burning = impactFact(
      withFindings(["slo"], { failed_count: 20, excess_count: 0, excess_low: 0, excess_high: 9 }),
    );
    expect(burning?.text).toBe("20 of 1,000 requests failed");
    expect(burning?.about).toContain("that is normal, or up to 9 more, with 95 % certainty");
  });

  test("given that no more than normal failed, then no excess is claimed", () => {
    const none = impactFact(anIncident({ failed_count: 4, excess_count: 0, excess_low: 0, excess_high: 0 }));
    expect(none).toEqual({
      text: "4 of 1,000 requests failed",
      about: "4 of 1,000 requests failed since the onset, no more than normal",
    });
  });
});

describe("where an incident stands", () => {
  test("given an open one, then its severity, and who took it on and when", () => {
    expect(stateFact(anIncident({})).text).toBe("critical");
    const taken = anIncident({ acknowledged_at: "2026-11-24T10:05:00Z", acknowledged_by: "ada" });
    expect(stateFact(taken)).toEqual({
      text: "critical, acknowledged by ada",
      about: "critical, acknowledged by ada at 2026-11-24 10:05:00 UTC",
    });
  });

  test.each([
    ["recovered", "critical, recovered", "it recovered by itself at 2026-11-24 10:06:00 UTC"],
    ["manual", "critical, resolved by hand", "resolved by hand at 2026-11-24 10:06:00 UTC"],
    ["retired", "critical, retired", "the service was down for a day"],
    [null, "critical, over", "over at 2026-11-24 10:06:00 UTC"],
  ] as const)("given one that ended as %s, then that is said", (resolution, text, about) => {
    const over = stateFact(anIncident({ status: "resolved", resolution, resolved_at: "2026-11-24T10:06:00Z" }));
    expect(over.text).toBe(text);
    expect(over.about).toContain(about);
  });
});

describe("what else is known of an incident", () => {
  test("given nothing more, then nothing more is said", () => {
    expect(contextFacts(anIncident({}))).toEqual([]);
    expect(briefFact(anIncident({}))).toBeNull();
  });

  test("given a deploy before it, then its version, and when asked the one before and the times", () => {
    expect(contextFacts(anIncident(DEPLOY))).toEqual([
      {
        text: "follows the deploy of 2.4.1",
        about: "follows the deploy of 2.4.1 (before: 2.4.0) at 10:03 UTC, 1 min before the onset",
      },
    ]);
    expect(briefFact(anIncident(DEPLOY))?.text).toBe("after 2.4.1");
  });

  test("given the first version ever seen, then none is said to have been before", () => {
    expect(contextFacts(anIncident({ ...DEPLOY, previous_version: null }))[0]?.about).not.toContain("before:");
  });

  test("given a version of a hundred characters, then its beginning is shown and all of it told when asked", () => {
    const version = "🚀".repeat(100);
    const [fact] = contextFacts(anIncident({ ...DEPLOY, deployed_version: version }));
    expect(fact?.text).toBe(`follows the deploy of ${"🚀".repeat(23)}…`);
    expect(fact?.about).toContain(version);
  });

  test("given flapping, then it is called so, and that comes first where there is room for one", () => {
    const wandering = anIncident({ ...DEPLOY, flapping: true, reopened_count: 3 });
    expect(contextFacts(wandering).map((fact) => fact.text)).toEqual(["follows the deploy of 2.4.1", "flapping"]);
    expect(briefFact(wandering)?.text).toBe("flapping");
    const over = anIncident({ flapping: true, status: "resolved", resolved_at: "2026-11-24T10:30:00Z" });
    expect(contextFacts(over)[0]?.text).toBe("flapped");
  });

  test.each([
    [1, "came back once"],
    [2, "came back 2 times"],
  ])("given that it fired again %i times, then it is counted", (reopened_count, text) => {
    expect(contextFacts(anIncident({ reopened_count }))[0]?.text).toBe(text);
  });

  test("given a usual time of day, then it is named with its zone", () => {
    expect(contextFacts(anIncident({ usual_at: "06:00" }))[0]?.text).toBe("usual at 06:00 UTC");
  });

  test("given one found while catching up, then that nobody was notified", () => {
    expect(contextFacts(anIncident({ historical: true }))[0]?.about).toContain("nobody was notified");
  });

  test.each([
    [null, undefined],
    ["useful", "marked as useful"],
    ["false_positive", "marked as a false alarm"],
  ] as const)("given the feedback %s", (feedback, text) => {
    expect(feedbackFact(anIncident({ feedback }))?.text).toBe(text);
  });
});

describe("the words of a finding", () => {
  const finding = (wanted: Partial<Anomaly>): Anomaly => ({ ...anIncident({}).anomalies[0]!, ...wanted });

  test.each([
    ["error_rate", "errors"],
    ["latency", "latency"],
    ["traffic", "fewer requests"],
    ["down", "no requests"],
    ["slo", "error budget"],
  ] as const)("given the type %s, then it is called %s", (anomaly_type, kind) => {
    expect(findingWords(finding({ anomaly_type })).kind).toBe(kind);
  });

  test.each([
    ["sequential", "second by second"],
    ["reference", "fixed rule"],
    ["slo", "burn rate"],
  ] as const)("given the detector %s, then it is told how it was found", (detector, text) => {
    expect(findingWords(finding({ detector })).detector.text).toBe(text);
  });

  test("given one that lasts and one that is over, then their times", () => {
    expect(findingWords(finding({})).span.text).toBe("since 10:04");
    expect(findingWords(finding({ resolved: true, resolved_at: "2026-11-24T10:09:00Z" })).span).toEqual({
      text: "10:04 to 10:09",
      about: "found at 2026-11-24 10:04:18 UTC, over at 2026-11-24 10:09:00 UTC",
    });
  });
});
