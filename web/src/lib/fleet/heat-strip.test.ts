import * as fc from "fast-check";
import { expect, test } from "vitest";
import { anIncident } from "../testing/incident.ts";
import { heatLanes } from "./heat-strip.ts";
import type { Severity } from "../../../../domain/incident.ts";

const at = (time: string) => Date.parse(`2026-11-24T${time}Z`) / 1000;
const SPAN = { from: at("10:00:00"), until: at("11:00:00") };
const found = (service: string, severity: Severity, onset: string, end: string | null) =>
  anIncident({
    id: `${service} ${onset}`,
    service,
    severity,
    onset_at: `2026-11-24T${onset}Z`,
    opened_at: `2026-11-24T${onset}Z`,
    status: end === null ? "open" : "resolved",
    resolved_at: end === null ? null : `2026-11-24T${end}Z`,
    anomalies: [
      {
        ...anIncident({}).anomalies[0]!,
        severity,
        resolved: end !== null,
        resolved_at: end === null ? null : `2026-11-24T${end}Z`,
      },
    ],
  });

test("what is still true comes first, then the worst, then by name", () => {
  const lanes = heatLanes(
    [
      found("search", "critical", "10:10:00", "10:20:00"),
      found("payments", "medium", "10:50:00", null),
      found("cart", "high", "10:10:00", "10:20:00"),
      found("accounts", "high", "10:10:00", "10:20:00"),
    ],
    SPAN,
  );
  expect(lanes.map(({ service, active }) => [service, active])).toEqual([
    ["payments", true],
    ["search", false],
    ["accounts", false],
    ["cart", false],
  ]);
});

test("a mark lies where its finding was, from the onset on, and reaches to the end while it is true", () => {
  const [lane] = heatLanes([found("search", "high", "10:15:00", "10:45:00")], SPAN);
  expect(lane?.marks).toMatchObject([{ left: 0.25, width: 0.5, active: false, severity: "high" }]);
  const [open] = heatLanes([found("search", "high", "09:00:00", null)], SPAN);
  expect(open?.marks).toMatchObject([{ left: 0, width: 1, active: true }]);
});

test("what is over before the span, or begins after it, is not shown", () => {
  const over = found("a", "high", "09:00:00", "09:30:00");
  expect(heatLanes([over, found("b", "high", "11:00:00", null)], SPAN)).toEqual([]);
});

test("the worst of a lane is drawn last, over the others", () => {
  const incident = found("a", "critical", "10:10:00", null);
  const [first] = incident.anomalies;
  const later = { ...first!, severity: "medium" as const, detected_at: "2026-11-24T10:20:00Z" };
  const [lane] = heatLanes([{ ...incident, anomalies: [first!, later] }], SPAN);
  expect(lane?.marks.map(({ severity }) => severity)).toEqual(["medium", "critical"]);
  expect(lane?.severity).toBe("critical");
});

test("whatever the times, a mark lies on the axis and is wide enough to be seen", () => {
  const clock = fc.integer({ min: 0, max: 86_399 }).map((s) => new Date(s * 1000).toISOString().slice(11, 19));
  fc.assert(
    fc.property(clock, fc.option(clock), (onset, end) => {
      for (const { marks } of heatLanes([found("a", "high", onset, end)], SPAN)) {
        for (const { left, width } of marks) {
          expect(left).toBeGreaterThanOrEqual(0);
          expect(width).toBeGreaterThanOrEqual(2.6 / 1000);
          expect(left + width).toBeLessThanOrEqual(1 + 1e-9);
        }
      }
    }),
  );
});
