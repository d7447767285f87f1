import * as fc from "fast-check";
import { expect, test } from "vitest";
import { incidentAxis, stepWords } from "./incident-axis.ts";
import { anIncident } from "./testing/incident.ts";

const ONSET = Date.parse("2026-11-24T10:04:12Z") / 1000;
const open = anIncident({});
const lasting = (span_s: number) =>
  anIncident({ status: "resolved", resolved_at: new Date((ONSET + span_s) * 1000).toISOString() });

test("an open incident is shown with three quiet minutes before it, until now", () => {
  expect(incidentAxis(open, ONSET + 120)).toEqual({ from: ONSET - 182, until: ONSET + 120, step_s: 5 });
});

test("where another service went wrong before it, three quiet minutes are shown before that", () => {
  expect(incidentAxis(open, ONSET + 120, false, ONSET - 14).from).toBe(ONSET - 197);
  expect(incidentAxis(open, ONSET + 120, false, ONSET + 14).from).toBe(ONSET - 182);
});

test("what is over is shown with as much after it as before, as far as that has passed", () => {
  const over = lasting(120);
  expect(incidentAxis(over, ONSET + 3600)).toEqual({ from: ONSET - 182, until: ONSET + 300, step_s: 5 });
  expect(incidentAxis(over, ONSET + 130).until).toBe(ONSET + 130);
});

test("the longer it lasts, the longer a point is", () => {
  const hour = 3600;
  expect(
    [60, hour / 2, hour, 24 * hour, 48 * hour].map((span) => incidentAxis(lasting(span), Infinity).step_s),
  ).toEqual([5, 5, 60, 60, 3600]);
});

test("where the seconds are no longer held, a point is a minute at least", () => {
  expect(incidentAxis(lasting(120), Infinity, true).step_s).toBe(60);
  expect(incidentAxis(lasting(48 * 3600), Infinity, true).step_s).toBe(3600);
});

test("the axis always holds the onset, twelve quiet points before it, and does not creep while it lasts", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 400_000 }), (span_s) => {
      const { from, until, step_s } = incidentAxis(open, ONSET + span_s);
      expect(from % step_s).toBe(0);
      expect(until).toBeGreaterThan(from);
      expect((ONSET - from) / step_s).toBeGreaterThanOrEqual(12);
      expect((until - from) / step_s).toBeLessThan(1700);
      const later = incidentAxis(open, ONSET + span_s + 1);
      expect(later.step_s === step_s ? later.from : from).toBeLessThanOrEqual(from);
    }),
  );
});

test("the step is told in its own unit", () => {
  expect([5, 60, 3600].map(stepWords)).toEqual(["5 s", "1 min", "1 h"]);
});
