/** What people may give of a silence. */
import { describe, expect, test } from "vitest";
import { silenceProblems, wholeSilence } from "./silence-schema.ts";

const NOW_MS = Date.parse("2026-11-24T10:00:00Z");
const given = (change: object = {}) => ({ services: ["*"], ends_at: "2026-11-24T12:00:00Z", ...change });
const problemsOf = (change: object): string[] =>
  silenceProblems(wholeSilence(given(change), NOW_MS), NOW_MS).map(({ path, message }) => `${path} ${message}`);

describe("a silence", () => {
  test("begins at once and is for whatever it does not name", () => {
    expect(wholeSilence(given(), NOW_MS)).toEqual({
      services: ["*"],
      endpoint: null,
      severities: null,
      incident_id: null,
      starts_at: "2026-11-24T10:00:00.000Z",
      ends_at: "2026-11-24T12:00:00.000Z",
      weekly: null,
      comment: "",
    });
  });

  test("is the same, however its times, days and severities are written", () => {
    const weekly = { from: "22:00", until: "06:00", zone: "Europe/Berlin" };
    const one = given({
      ends_at: "2026-11-24T13:00:00+01:00",
      severities: ["high", "medium"],
      weekly: { ...weekly, days: [7, 1] },
    });
    const other = given({ severities: ["medium", "high", "high"], weekly: { ...weekly, days: [1, 7, 7] } });
    expect(wholeSilence(one, NOW_MS)).toEqual(wholeSilence(other, NOW_MS));
  });

  test.each([
    [{}, []],
    [{ ends_at: "2026-11-24T10:00:00Z" }, ["ends_at must be later than starts_at, and than now"]],
    [{ starts_at: "2026-11-24T12:00:00Z" }, ["ends_at must be later than starts_at, and than now"]],
    [{ ends_at: "2027-11-24T10:00:00Z" }, []],
    [{ ends_at: "2027-11-25T10:00:01Z" }, ["ends_at must be at most a year after starts_at"]],
    [{ ends_at: "2027-02-30T10:00:00Z" }, ["ends_at must be an RFC 3339 time, as 2026-11-24T10:00:00Z"]],
    [
      { weekly: { days: [1], from: "01:00", until: "02:00", zone: "Mars/Base" } },
      ["weekly.zone must be the IANA name of a time zone, as Europe/Berlin"],
    ],
  ])("with %j has these problems: %j", (change, problems) => {
    expect(problemsOf(change)).toEqual(problems);
  });
});
