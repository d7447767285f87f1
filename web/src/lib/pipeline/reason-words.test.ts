import { expect, test } from "vitest";
import { REJECT_REASONS } from "../../../../domain/event.ts";
import { reasonClause, reasonWords } from "./reason-words.ts";

test("a reason is told in the rules' own words, without what to do and without an example", () => {
  expect(reasonWords("invalid_latency_ms")).toBe("latency_ms must be a finite number from 0 to 3600000");
  expect(reasonWords("future")).toBe("event_time is too far ahead");
  expect(reasonWords("invalid_service")).toBe("service must match [a-z0-9][a-z0-9._-]{0,62}");
  expect(reasonWords("invalid_json")).toBe("The event is not valid JSON");
  expect(reasonClause("invalid_json")).toBe("the event is not valid JSON");
  expect(reasonClause("future")).toBe("event_time is too far ahead");
});

test("every reason has words, and no two the same", () => {
  const words = Object.keys(REJECT_REASONS).map(reasonWords);
  expect(new Set(words).size).toBe(words.length);
  for (const told of words) expect(told).toMatch(/^[^;]*[^.;,]$/);
});

test("no words are made up for what the rules do not know", () => {
  expect([reasonWords("too_new"), reasonClause("too_new"), reasonWords("toString"), reasonWords("")]).toEqual(
    Array.from({ length: 4 }, () => null),
  );
});
