import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compareIncidents, countChanges, ToldIncidents } from "./replay-compare.ts";
import type { IncidentLine, ToldIncident } from "./replay-line.ts";

const at = (minute: number): string => new Date(Date.UTC(2026, 10, 24, 10, minute)).toISOString();

function told(from: number, to: number | null, change: Partial<ToldIncident> = {}): ToldIncident {
  return {
    id: `checkout-${from}`,
    service: "checkout",
    at: at(from),
    onset: at(from),
    resolved_at: to === null ? null : at(to),
    metric_name: "error_rate",
    endpoint: null,
    severity: "high",
    score: 80,
    reason: "Many failed.",
    ...change,
  };
}

describe("two replays of one stream", () => {
  test("that told alike have nothing gained, lost or moved", () => {
    expect(countChanges(compareIncidents([told(1, 5), told(9, null)], [told(1, 5), told(9, null)]))).toEqual({
      gained: 0,
      lost: 0,
      moved: 0,
      same: 2,
    });
  });

  test("pair incidents whose times touch; what has no partner is gained or lost, in order of time", () => {
    const compared = compareIncidents([told(3, 9), told(20, 25)], [told(1, 4), told(40, null)]);
    expect(compared.map(({ change, before, after }) => [change, before?.id ?? null, after?.id ?? null])).toEqual([
      ["moved", "checkout-3", "checkout-1"],
      ["lost", "checkout-20", null],
      ["gained", null, "checkout-40"],
    ]);
  });

  test.each([
    ["told at another time", { at: at(2) }],
    ["with another onset", { onset: at(0) }],
    ["ended at another time", { resolved_at: at(6) }],
    ["graded otherwise", { severity: "critical" }],
    ["with another endpoint", { endpoint: "/pay" }],
  ] as const)("call an incident %s moved", (_, change) => {
    expect(compareIncidents([told(1, 5)], [told(1, 5, change)])[0]!.change).toBe("moved");
  });

  test("never pair incidents of different services", () => {
    const compared = compareIncidents([told(1, 5)], [told(1, 5, { service: "search" })]);
    expect(compared.map(({ change }) => change)).toEqual(["lost", "gained"]);
  });

  test("name each incident exactly once", () => {
    const spans = fc.array(fc.tuple(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 9 })), { maxLength: 8 });
    fc.assert(
      fc.property(spans, spans, (a, b) => {
        const make = (list: [number, number][], side: string): ToldIncident[] =>
          list.map(([from, length], i) => told(from, from + length, { id: `${side}${i}` }));
        const [before, after] = [make(a, "a"), make(b, "b")];
        const compared = compareIncidents(before, after);
        const ids = (own: readonly (ToldIncident | null)[]): string[] =>
          own.flatMap((one) => (one === null ? [] : [one.id])).sort();
        expect(ids(compared.map((pair) => pair.before))).toEqual(ids(before));
        expect(ids(compared.map((pair) => pair.after))).toEqual(ids(after));
      }),
    );
  });
});

test("an incident keeps when it was first told, and is open again where it was told again after its end", () => {
  const line: IncidentLine = { type: "incident", action: "opened", anomaly_type: "error_rate", ...told(1, null) };
  const incidents = new ToldIncidents();
  incidents.add(line);
  incidents.add({ ...line, action: "resolved", at: at(5), severity: "critical" });
  expect(incidents.all).toEqual([told(1, 5, { severity: "critical" })]);
  incidents.add({ ...line, action: "updated", at: at(7) });
  expect(incidents.all).toEqual([told(1, null)]);
});
