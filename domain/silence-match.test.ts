import { describe, expect, it } from "vitest";
import fc from "fast-check";
import { silence } from "../tests/delivery-world.ts";
import { activeUntil, silenceOf, type SilenceSubject } from "./silence-match.ts";
import type { Silence, WeeklySchedule } from "./silencing.ts";

const NOW_MS = Date.parse("2026-11-24T10:00:00Z");
const INCIDENT: SilenceSubject = {
  incident_id: "checkout-1-error_rate",
  service: "checkout",
  severity: "high",
  endpoint: "/cart/pay",
};

/** All of the year 2026 in which the hours hold. */
function hours(weekly: Partial<WeeklySchedule>): Silence {
  const schedule = { days: [1, 2, 3, 4, 5, 6, 7], from: "22:00", until: "06:00", zone: "Europe/Berlin", ...weekly };
  return silence({ starts_at: "2026-01-01T00:00:00Z", ends_at: "2027-01-01T00:00:00Z", weekly: schedule });
}

/** When the hours that contain `at` end; null outside of them. */
function until(weekly: Partial<WeeklySchedule>, at: string): string | null {
  const until_ms = activeUntil(hours(weekly), Date.parse(at));
  return until_ms === null ? null : new Date(until_ms).toISOString().replace(".000Z", "Z");
}

describe("a silence holds for an incident", () => {
  const cases: readonly [what: string, changes: Partial<Silence>, holds: boolean][] = [
    ["of a service that it names", { services: ["checkout"] }, true],
    ["of a service that fits one of its patterns", { services: ["pay*", "check*"] }, true],
    ["not of another service", { services: ["payments"] }, false],
    ["of one of its severities", { severities: ["medium", "high"] }, true],
    ["not of another severity", { severities: ["critical"] }, false],
    ["that its pattern of endpoints fits", { endpoint: "/cart/*" }, true],
    ["not that another endpoint drives", { endpoint: "/search" }, false],
    ["that it is for", { incident_id: INCIDENT.incident_id }, true],
    ["not where it is for another incident", { incident_id: "checkout-2-error_rate" }, false],
  ];
  it.each(cases)("%s", (_, changes, holds) => {
    expect(silenceOf(INCIDENT, [silence(changes)], NOW_MS) !== null).toBe(holds);
  });

  it("not by an endpoint where none stands out", () => {
    expect(silenceOf({ ...INCIDENT, endpoint: null }, [silence({ endpoint: "*" })], NOW_MS)).toBeNull();
  });

  it("from its beginning to before its end", () => {
    const short = silence({ starts_at: "2026-11-24T10:00:00Z", ends_at: "2026-11-24T10:00:01Z" });
    expect(silenceOf(INCIDENT, [short], NOW_MS - 1)).toBeNull();
    expect(silenceOf(INCIDENT, [short], NOW_MS)).toEqual({ silence: short, until_ms: NOW_MS + 1000 });
    expect(silenceOf(INCIDENT, [short], NOW_MS + 1000)).toBeNull();
  });

  it("by the one of several that lasts longest", () => {
    const [short, long, other] = [
      silence({ id: "sil_1", ends_at: "2026-11-24T10:30:00Z" }),
      silence({ id: "sil_2", ends_at: "2026-11-24T11:30:00Z" }),
      silence({ id: "sil_3", ends_at: "2026-11-24T12:30:00Z", services: ["payments"] }),
    ];
    expect(silenceOf(INCIDENT, [short, long, other], NOW_MS)!.silence.id).toBe("sil_2");
    expect(silenceOf(INCIDENT, [long, short], NOW_MS)!.silence.id).toBe("sil_2");
  });
});

describe("weekly hours", () => {
  it("are those of the wall clock in their zone, on their days", () => {
    // 2026-06-01 is a Monday; Berlin is two hours ahead of UTC.
    const office = { days: [1], from: "09:00", until: "17:30" };
    expect(until(office, "2026-06-01T06:59:59.999Z")).toBeNull();
    expect(until(office, "2026-06-01T07:00:00Z")).toBe("2026-06-01T15:30:00Z");
    expect(until(office, "2026-06-01T15:30:00Z")).toBeNull();
    expect(until(office, "2026-06-02T10:00:00Z")).toBeNull();
    expect(until({ ...office, zone: "America/New_York" }, "2026-06-01T20:00:00Z")).toBe("2026-06-01T21:30:00Z");
  });

  it("over midnight belong to the day on which they begin", () => {
    const night = { days: [5] };
    expect(until(night, "2026-06-05T03:00:00Z")).toBeNull();
    expect(until(night, "2026-06-05T20:00:00Z")).toBe("2026-06-06T04:00:00Z");
    expect(until(night, "2026-06-06T03:59:59Z")).toBe("2026-06-06T04:00:00Z");
    expect(until(night, "2026-06-06T20:00:00Z")).toBeNull();
  });

  it("last a day where they end when they begin", () => {
    const sunday = { days: [7], from: "00:00", until: "00:00" };
    expect(until(sunday, "2026-06-06T21:59:59Z")).toBeNull();
    expect(until(sunday, "2026-06-06T22:00:00Z")).toBe("2026-06-07T22:00:00Z");
    expect(until(sunday, "2026-06-07T22:00:00Z")).toBeNull();
  });

  it("lie within the span of their silence", () => {
    const { weekly } = hours({ days: [1], from: "09:00", until: "17:30" });
    const span = { weekly, starts_at: "2026-06-01T08:00:00Z", ends_at: "2026-06-01T09:00:00Z" };
    expect(activeUntil(span, Date.parse("2026-06-01T07:30:00Z"))).toBeNull();
    expect(activeUntil(span, Date.parse("2026-06-01T08:30:00Z"))).toBe(Date.parse("2026-06-01T09:00:00Z"));
  });

  it("keep to the wall clock when it changes: a night is an hour shorter in spring and longer in autumn", () => {
    expect(until({}, "2026-03-28T22:00:00Z")).toBe("2026-03-29T04:00:00Z");
    expect(until({}, "2026-10-24T21:00:00Z")).toBe("2026-10-25T05:00:00Z");
  });

  it("begin and end with the leap over their time in spring", () => {
    // On 2026-03-29 the clock of Berlin leaps from 02:00 to 03:00, at 01:00 UTC.
    expect(until({ from: "02:30", until: "04:00" }, "2026-03-29T00:59:59.999Z")).toBeNull();
    expect(until({ from: "02:30", until: "04:00" }, "2026-03-29T01:00:00Z")).toBe("2026-03-29T02:00:00Z");
    expect(until({ from: "01:00", until: "02:30" }, "2026-03-29T00:59:59.999Z")).toBe("2026-03-29T01:00:00Z");
    expect(until({ from: "01:00", until: "02:30" }, "2026-03-29T01:00:00Z")).toBeNull();
    // What is skipped wholly never is.
    expect(until({ from: "02:10", until: "02:50" }, "2026-03-29T01:00:00Z")).toBeNull();
  });

  it("are counted once where their time comes twice in autumn", () => {
    // On 2026-10-25 the clock of Berlin goes from 03:00 back to 02:00, at 01:00 UTC.
    expect(until({ from: "02:15", until: "02:45" }, "2026-10-25T00:15:00Z")).toBe("2026-10-25T00:45:00Z");
    expect(until({ from: "02:15", until: "02:45" }, "2026-10-25T01:20:00Z")).toBeNull();
    expect(until({ from: "02:30", until: "03:30" }, "2026-10-25T00:30:00Z")).toBe("2026-10-25T02:30:00Z");
    expect(until({ from: "02:30", until: "03:30" }, "2026-10-25T01:15:00Z")).toBe("2026-10-25T02:30:00Z");
  });

  it("are known in zones of odd offsets, and where a day was left out", () => {
    expect(until({ from: "09:00", until: "10:00", zone: "Asia/Kathmandu" }, "2026-06-01T03:15:00Z")).toBe(
      "2026-06-01T04:15:00Z",
    );
    // Samoa went from the end of 29 December 2011 to the 31st.
    const samoa = hours({ days: [5], from: "12:00", until: "13:00", zone: "Pacific/Apia" });
    const then = { ...samoa, starts_at: "2011-12-01T00:00:00Z", ends_at: "2012-02-01T00:00:00Z" };
    expect(activeUntil(then, Date.parse("2011-12-30T10:00:00Z"))).toBeNull();
    expect(activeUntil(then, Date.parse("2011-12-30T22:30:00Z"))).toBeNull();
    expect(activeUntil(then, Date.parse("2012-01-05T22:30:00Z"))).toBe(Date.parse("2012-01-05T23:00:00Z"));
  });

  it("in a zone that nobody knows silence nothing", () => {
    expect(until({ zone: "Europe/Atlantis", from: "00:00", until: "00:00" }, "2026-06-01T07:00:00Z")).toBeNull();
  });

  it("hold when the wall clock says so, up to the moment that they name as their end", () => {
    const zones = [
      "Europe/Berlin",
      "America/New_York",
      "Australia/Lord_Howe",
      "Asia/Tehran",
      "UTC",
      "America/St_Johns",
    ];
    const time = fc
      .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
      .map(([h, m]) => `${String(h).padStart(2, "0")}:${String(m).padStart(2, "0")}`);
    const day = fc.integer({ min: 1, max: 7 });
    const schedule = fc.record({
      days: fc.uniqueArray(day, { minLength: 3, maxLength: 3 }),
      from: time,
      until: time,
      zone: fc.constantFrom(...zones),
    });
    const at = fc.integer({ min: Date.parse("2026-01-03T00:00:00Z"), max: Date.parse("2026-12-28T00:00:00Z") });
    let held = 0;
    fc.assert(
      fc.property(schedule, at, (weekly, at_ms) => {
        const end_ms = activeUntil(hours(weekly), at_ms);
        if (isSteady(weekly.zone, at_ms)) expect(end_ms !== null).toBe(showsHours(weekly, at_ms));
        if (end_ms === null) return;
        held += 1;
        expect(activeUntil(hours(weekly), end_ms - 1)).toBeGreaterThanOrEqual(end_ms);
        expect(end_ms - at_ms).toBeLessThanOrEqual(25 * 3_600_000);
        if (isSteady(weekly.zone, at_ms)) expect(wall(weekly.zone, end_ms).time).toBe(weekly.until);
      }),
      { numRuns: 300 },
    );
    expect(held).toBeGreaterThan(30);
  });
});

const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

/** By another way than the code's: what the zone's clock shows, 0 for Sunday. */
function wall(zone: string, at_ms: number): { time: string; day: number } {
  const time = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;
  const text = new Intl.DateTimeFormat("en-GB", { timeZone: zone, weekday: "short", ...time }).format(at_ms);
  return { time: text.slice(-5), day: DAYS.indexOf(text.slice(0, 3)) };
}

/** Whether the clock then is within the hours, where it does not change. */
function showsHours({ days, from, until: end, zone }: WeeklySchedule, at_ms: number): boolean {
  const { time, day } = wall(zone, at_ms);
  const isOn = (weekday: number): boolean => days.includes(weekday === 0 ? 7 : weekday);
  if (from < end) return isOn(day) && from <= time && time < end;
  return (isOn(day) && from <= time) || (isOn((day + 6) % 7) && time < end);
}

/** No change of the clock is near. */
function isSteady(zone: string, at_ms: number): boolean {
  return offsetOf(zone, at_ms - 2 * 86_400_000) === offsetOf(zone, at_ms + 2 * 86_400_000);
}

function offsetOf(zone: string, at_ms: number): string {
  const parts = new Intl.DateTimeFormat("en-US", { timeZone: zone, timeZoneName: "longOffset" }).formatToParts(at_ms);
  return parts.find(({ type }) => type === "timeZoneName")!.value;
}
