/** What is typed into a silence's form: when it ends, what is sent, and what is wrong with it. */
import { afterEach, describe, expect, test } from "vitest";
import { setZone } from "../format/zone.ts";
import { bodyOf, endOf, newDraft, nextMorning, problemsOf, type SilenceDraft } from "./silence-draft.ts";

const NOW = Date.parse("2026-11-24T10:04:12Z");
const HOUR_MS = 3_600_000;
const zone_before = process.env["TZ"];

afterEach(() => {
  setZone("utc");
  if (zone_before === undefined) delete process.env["TZ"];
  else process.env["TZ"] = zone_before;
});

function draft(part: Partial<SilenceDraft> = {}): SilenceDraft {
  const prefill = { services: "checkout", endpoint: "", incident_id: null };
  return { ...newDraft(prefill, "Europe/Berlin"), ...part };
}

describe("the body", () => {
  test("of one as it opens is an hour for the service, and nothing that was not said", () => {
    expect(bodyOf(draft(), NOW)).toEqual({ services: ["checkout"], ends_at: "2026-11-24T11:04:12.000Z", comment: "" });
  });

  test("names what was narrowed", () => {
    const narrow = draft({
      services: " checkout,pay-*  ",
      endpoint: " /cart/* ",
      severities: ["medium"],
      incident_id: "checkout-1-error_rate",
      only_incident: true,
      comment: " a move ",
    });
    expect(bodyOf(narrow, NOW)).toMatchObject({
      services: ["checkout", "pay-*"],
      endpoint: "/cart/*",
      severities: ["medium"],
      incident_id: "checkout-1-error_rate",
      comment: "a move",
    });
    expect(bodyOf({ ...narrow, only_incident: false }, NOW)).not.toHaveProperty("incident_id");
  });

  test("of a span of one's own is read by the shown zone's clocks, and begins at once where nothing is said", () => {
    process.env["TZ"] = "Europe/Zurich";
    setZone("local");
    const own = draft({ span: "own", starts: "2026-11-25T22:00", ends: "2026-11-26T06:00" });
    expect(bodyOf(own, NOW)).toMatchObject({
      starts_at: "2026-11-25T21:00:00.000Z",
      ends_at: "2026-11-26T05:00:00.000Z",
    });
    expect(bodyOf({ ...own, starts: "" }, NOW)).not.toHaveProperty("starts_at");
  });

  test("of hours of each week has them in their own zone, and goes on for the weeks chosen", () => {
    expect(bodyOf(draft({ span: "weekly", weeks: "4" }), NOW)).toMatchObject({
      ends_at: "2026-12-22T10:04:12.000Z",
      weekly: { days: [1, 2, 3, 4, 5], from: "22:00", until: "06:00", zone: "Europe/Berlin" },
    });
    // What was typed for another span is not sent with this one.
    expect(bodyOf(draft({ span: "4h", starts: "2026-11-25T22:00" }), NOW)).toEqual({
      services: ["checkout"],
      ends_at: new Date(NOW + 4 * HOUR_MS).toISOString(),
      comment: "",
    });
  });
});

describe("the morning", () => {
  test.each([
    ["2026-11-24T10:04:12Z", "2026-11-25T09:00:00Z", "Until tomorrow 9:00"],
    ["2026-11-24T23:59:59Z", "2026-11-25T09:00:00Z", "Until tomorrow 9:00"],
    ["2026-11-24T03:00:00Z", "2026-11-24T09:00:00Z", "Until 9:00 today"],
    ["2026-11-24T05:00:00Z", "2026-11-25T09:00:00Z", "Until tomorrow 9:00"],
  ])("at %s is that of %s", (now, morning, words) => {
    expect(nextMorning(Date.parse(now))).toEqual({ at_ms: Date.parse(morning), words });
  });

  test("is nine by the clocks of a day on which they change", () => {
    process.env["TZ"] = "Europe/Zurich";
    setZone("local");
    // The night of 25 October 2026 is an hour longer: from a quarter past ten in the evening to nine are 11 h 45 min.
    const evening_ms = Date.parse("2026-10-24T22:15:00+02:00");
    expect(nextMorning(evening_ms).at_ms - evening_ms).toBe(11.75 * HOUR_MS);
    expect(endOf(draft({ span: "morning" }), evening_ms)).toBe(Date.parse("2026-10-25T09:00:00+01:00"));
  });
});

describe("what is wrong", () => {
  test("is nothing for each span as it opens, but for one's own, which needs an end", () => {
    for (const span of ["1h", "4h", "morning", "weekly"] as const) expect(problemsOf(draft({ span }), NOW)).toEqual({});
    expect(problemsOf(draft({ span: "own" }), NOW)).toEqual({ ends: "Say the day and the time." });
  });

  test("stands beside its field, in words that a form has", () => {
    const wrong = problemsOf(
      draft({ services: " ", severities: [], span: "weekly", days: [], from: "", endpoint: "x".repeat(201) }),
      NOW,
    );
    expect(wrong).toEqual({
      services: "Say whose incidents: * is every service.",
      severities: "Choose at least one.",
      days: "Choose at least one day.",
      hours: "Both must be a time of day, as 22:00.",
      endpoint: 'It must be a pattern of an endpoint, 1 to 200 printable characters with "*" for any, as /cart/*.',
    });
    expect(problemsOf(draft({ services: "Check,out" }), NOW).services).toMatch(/^It must be a service's name/);
    expect(problemsOf(draft({ span: "weekly", zone: "Mars/Base" }), NOW)).toEqual({
      zone: "It must be the IANA name of a time zone, as Europe/Berlin.",
    });
    expect(problemsOf(draft({ comment: "x".repeat(501) }), NOW)).toHaveProperty("comment");
  });

  test("is an end that lies before the beginning, or more than a year after it", () => {
    const own = (starts: string, ends: string) => problemsOf(draft({ span: "own", starts, ends }), NOW);
    expect(own("2026-11-25T10:00", "2026-11-25T09:00")).toEqual({
      ends: "It must be later than its beginning, and than now.",
    });
    expect(own("", "2026-11-24T10:04")).toHaveProperty("ends");
    expect(own("", "2027-12-24T10:00")).toEqual({ ends: "It must be at most a year after its beginning." });
    expect(own("", "2026-11-25T09:00")).toEqual({});
  });
});
