import { afterEach, expect, test } from "vitest";
import { formatClock, formatMoment } from "./time.ts";
import { momentOf, setZone, wallTime, zoneName } from "./zone.ts";

const zone_before = process.env["TZ"];
const SUMMER = Date.parse("2026-07-01T10:00:00Z");
const WINTER = Date.parse("2026-11-24T10:04:12Z");

afterEach(() => {
  setZone("utc");
  if (zone_before === undefined) delete process.env["TZ"];
  else process.env["TZ"] = zone_before;
});

function inLocal(zone: string): void {
  process.env["TZ"] = zone;
  setZone("local");
}

test("given UTC, then the browser's own zone does not matter", () => {
  process.env["TZ"] = "Europe/Zurich";
  expect([wallTime(WINTER), zoneName(WINTER), momentOf("2026-11-24T10:04:12")]).toEqual([
    "2026-11-24T10:04:12",
    "UTC",
    WINTER,
  ]);
});

test("given the browser's zone, then every time is in it, says so, and summer time is that of the moment shown", () => {
  inLocal("Europe/Zurich");
  expect([formatClock(WINTER), formatClock(SUMMER)]).toEqual(["11:04:12", "12:00:00"]);
  expect(formatMoment(WINTER)).toBe("2026-11-24 11:04:12 UTC+1");
  expect(momentOf(wallTime(SUMMER))).toBe(SUMMER);
});

test.each([
  ["Asia/Kolkata", "UTC+5:30", "2026-11-24T15:34:12"],
  ["America/St_Johns", "UTC-3:30", "2026-11-24T06:34:12"],
])("given %s, then its half hours are told: %s", (zone, name, wall) => {
  inLocal(zone);
  expect([zoneName(WINTER), wallTime(WINTER), momentOf(wall)]).toEqual([name, wall, WINTER]);
});
