import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { incidentsQuery, windowsQuery, writeCursor } from "./query-params.ts";

/** The parsed query, or what a client is told. */
function parse<T>(schema: v.GenericSchema<unknown, T>, query: Record<string, string>): T | string {
  const parsed = v.safeParse(schema, query);
  return parsed.success ? parsed.output : parsed.issues[0].message;
}

describe("the windows of a service", () => {
  test("are minutes without bounds where nothing is asked", () => {
    const everything = { from_ms: -Infinity, to_ms: Infinity, step: 60, limit: 1_000, cursor: null };
    expect(parse(windowsQuery, {})).toEqual(everything);
    expect(parse(windowsQuery, { unknown: "ignored" })).toEqual(everything);
  });

  test("take times with any offset, a step, a limit and the cursor of the page before", () => {
    const query = { from: "2026-11-24T12:00:00+02:00", to: "2026-11-24T10:00:00.500Z", step: "3600", limit: "10000" };
    const from_ms = Date.parse("2026-11-24T10:00:00Z");
    expect(parse(windowsQuery, { ...query, cursor: "1795514400" })).toEqual({
      from_ms,
      to_ms: from_ms + 500,
      step: 3600,
      limit: 10_000,
      cursor: "1795514400",
    });
  });

  test("name the first wrong parameter and what would be right", () => {
    expect(parse(windowsQuery, { step: "61" })).toBe('step: must be 1, 60 or 3600 (seconds), not "61".');
    expect(parse(windowsQuery, { limit: "10001" })).toBe('limit: must be a whole number from 1 to 10000, not "10001".');
    expect(parse(windowsQuery, { cursor: "-5" })).toBe('cursor: must be the next of the page before, not "-5".');
    expect(parse(windowsQuery, { from: "2026-11-24T10:00:00 02:00" })).toContain("+ is written %2B");
    const long = parse(windowsQuery, { to: "y".repeat(5_000) });
    expect(long).toBe(parse(windowsQuery, { to: "y".repeat(80) }));
  });
});

test("the cursor of a list is the place that was written, in letters that need no escape in a URL", () => {
  const place = { opened_at: "2026-11-24T10:00:00Z", id: "a.b_c-1795514400-error_rate" };
  const cursor = writeCursor(place);
  expect(cursor).toMatch(/^[\w-]+$/);
  expect(parse(incidentsQuery, { cursor })).toMatchObject({ after: place });
});
