/** What is typed into a silence's form: when it ends, what is sent, and what is wrong with it. */
import { afterEach, describe, expect, test } from "vitest";
import { setZone } from "../format/zone.ts";
import {
  bodyOf,
  draftOf,
  endOf,
  newDraft,
  nextMorning,
  problemsOf,
  type SilenceDraft,
  spansOf,
} from "./silence-draft.ts";
import { parseBySchema } from "../../../../domain/subscription-schema.ts";
import { silenceSchema, wholeSilence } from "../../../../domain/silence-schema.ts";
import type { Silence } from "../../../../domain/silencing.ts";

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

  test("of a span of one's own begins at once where nothing is said", () => {
    const [starts_ms, ends_ms] = [Date.parse("2026-11-25T21:00:00Z"), Date.parse("2026-11-26T05:00:00Z")];
    const own = draft({ span: "own", starts_ms, ends_ms });
    expect(bodyOf(own, NOW)).toMatchObject({
      starts_at: "2026-11-25T21:00:00.000Z",
      ends_at: "2026-11-26T05:00:00.000Z",
    });
    expect(bodyOf({ ...own, starts_ms: null }, NOW)).not.toHaveProperty("starts_at");
  });

  test("of hours of each week has them in their own zone, and goes on for the weeks chosen", () => {
    expect(bodyOf(draft({ span: "weekly", weeks: "4" }), NOW)).toMatchObject({
      ends_at: "2026-12-22T10:04:12.000Z",
      weekly: { days: [1, 2, 3, 4, 5], from: "22:00", until: "06:00", zone: "Europe/Berlin" },
    });
    // What was typed for another span is not sent with this one.
    expect(bodyOf(draft({ span: "4h", starts_ms: NOW + HOUR_MS }), NOW)).toEqual({
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
    const own = (starts_at: string | null, ends_at: string) =>
      problemsOf(
        draft({
          span: "own",
          starts_ms: starts_at === null ? null : Date.parse(starts_at),
          ends_ms: Date.parse(ends_at),
        }),
        NOW,
      );
    expect(own("2026-11-25T10:00Z", "2026-11-25T09:00Z")).toEqual({
      ends: "It must be later than its beginning, and than now.",
    });
    expect(own(null, "2026-11-24T10:04Z")).toHaveProperty("ends");
    expect(own(null, "2027-12-24T10:00Z")).toEqual({ ends: "It must be at most a year after its beginning." });
    expect(own(null, "2026-11-25T09:00Z")).toEqual({});
  });
});

describe("one that is changed", () => {
  const stored: Silence = {
    id: "sil_0123456789abcdef",
    revision: 7,
    services: ["checkout", "pay-*"],
    endpoint: "/cart/*",
    severities: ["medium"],
    incident_id: "checkout-1-error_rate",
    starts_at: "2026-11-24T09:04:12.345Z",
    ends_at: "2026-11-24T11:04:12.345Z",
    weekly: null,
    comment: "a move",
    created_at: "2026-11-24T09:04:12.345Z",
    created_by: "admin by token",
  };
  const weekly = { days: [6, 7], from: "01:00", until: "02:00", zone: "Europe/Zurich" };
  const saved = (wanted: SilenceDraft) => {
    const parsed = parseBySchema(silenceSchema, bodyOf(wanted, NOW));
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
    return wholeSilence(parsed.document, NOW);
  };

  test.each([
    ["for once", stored],
    ["without what may be left out", { ...stored, endpoint: null, severities: null, incident_id: null, comment: "" }],
    ["each week", { ...stored, weekly, ends_at: "2027-03-01T00:00:00.123Z" }],
    ["to come", { ...stored, starts_at: "2026-11-24T10:30:00.500Z" }],
  ])("is saved as it was, to the millisecond, where nothing is changed: %s", (_what, silence) => {
    const { id: _id, revision: _revision, created_at: _at, created_by: _by, ...wish } = silence;
    expect(saved(draftOf(silence, "UTC"))).toEqual(wish);
    // Its own times are there once somebody wants to see them.
    if (silence.weekly === null) expect(saved({ ...draftOf(silence, "UTC"), span: "own" })).toEqual(wish);
  });

  test("can stay as it is, and what a weekly one can is said by its weeks", () => {
    expect(spansOf({ stored })).toEqual(["kept", "1h", "4h", "morning", "own", "weekly"]);
    expect(spansOf({ stored: { ...stored, weekly } })).not.toContain("kept");
    expect(spansOf({ stored: null })).not.toContain("kept");
  });

  test("goes on from when it began for an hour from now; one to come begins at once", () => {
    expect(saved({ ...draftOf(stored, "UTC"), span: "1h" })).toMatchObject({
      starts_at: stored.starts_at,
      ends_at: new Date(NOW + HOUR_MS).toISOString(),
    });
    const coming = { ...stored, starts_at: "2026-11-25T09:00:00.000Z", ends_at: "2026-11-25T10:00:00.000Z" };
    expect(saved({ ...draftOf(coming, "UTC"), span: "1h" }).starts_at).toBe(new Date(NOW).toISOString());
  });

  test("each week for another year is a year from now, however long it has been there", () => {
    const old = { ...stored, weekly, starts_at: "2026-01-01T00:00:00.000Z", ends_at: "2026-12-31T00:00:00.000Z" };
    const wanted = { ...draftOf(old, "UTC"), weeks: "52" };
    expect(problemsOf(wanted, NOW)).toEqual({});
    expect(saved(wanted).starts_at).toBe(new Date(NOW).toISOString());
  });
});
