import * as fc from "fast-check";
import { expect, test } from "vitest";
import { anIncident } from "../testing/incident.ts";
import { laneTicks, severityLanes } from "./severity-lanes.ts";

const FROM = Date.parse("2026-11-24T10:00:00Z");
const HOUR = 3_600_000;
const from = (onset: string, end: string | null, severity: "medium" | "critical" = "medium") =>
  anIncident({
    id: onset,
    severity,
    onset_at: `2026-11-24T${onset}Z`,
    resolved_at: end === null ? null : `2026-11-24T${end}Z`,
    status: end === null ? "open" : "resolved",
  });

test("each severity has its lane, the worst first, with as many as there were", () => {
  const lanes = severityLanes([from("10:30:00", "10:45:00"), from("10:15:00", null, "critical")], FROM, FROM + HOUR);
  expect(lanes.map(({ severity, count, hasOpen }) => [severity, count, hasOpen])).toEqual([
    ["critical", 1, true],
    ["high", 0, false],
    ["medium", 1, false],
  ]);
});

test("a mark lies where its incident did, and one that is open reaches to the end", () => {
  const [critical, , medium] = severityLanes(
    [from("10:30:00", "10:45:00"), from("10:15:00", null, "critical")],
    FROM,
    FROM + HOUR,
  );
  expect(medium?.marks[0]).toMatchObject({ left: 0.5, width: 0.25, isOpen: false });
  expect(critical?.marks[0]).toMatchObject({ left: 0.25, width: 0.75, isOpen: true });
});

test("what is open is drawn over what was there just before", () => {
  const lanes = severityLanes([from("10:40:00", null), from("10:39:00", "10:55:00")], FROM, FROM + HOUR);
  expect(lanes[2]?.marks.map(({ isOpen }) => isOpen)).toEqual([false, true]);
});

test("what began before the axis is drawn from its beginning", () => {
  const [, , medium] = severityLanes([from("09:30:00", "10:30:00")], FROM, FROM + HOUR);
  expect(medium?.marks[0]).toMatchObject({ left: 0, width: 0.5 });
});

test("ticks of a week are days, those of an hour are clocks", () => {
  expect(laneTicks(FROM, FROM + HOUR).map(({ text }) => text)).toEqual(["10:00", "10:15", "10:30", "10:45"]);
  expect(laneTicks(FROM - 72 * HOUR - 20 * HOUR, FROM).map(({ text }) => text)).toEqual([
    "Sat 21",
    "Sun 22",
    "Mon 23",
    "Tue 24",
  ]);
  expect(laneTicks(FROM - 30 * 24 * HOUR, FROM).map(({ text }) => text)).toEqual([
    "29 Oct",
    "5 Nov",
    "12 Nov",
    "19 Nov",
  ]);
});

test("whatever the axis, there are few ticks, and all lie on it", () => {
  fc.assert(
    fc.property(fc.integer({ min: 60_000, max: 366 * 24 * HOUR }), (length_ms) => {
      const ticks = laneTicks(FROM, FROM + length_ms);
      expect(ticks.length).toBeLessThan(60);
      expect(ticks.every(({ share }) => share >= 0 && share < 1)).toBe(true);
    }),
  );
});
