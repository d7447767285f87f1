import { describe, expect, test } from "vitest";
import { guardSentence, surgeFact } from "./service-notes.ts";
import type { GuardItem } from "../../../domain/resource.ts";

const NOW = Date.parse("2026-11-24T10:06:14Z");

describe("a surge", () => {
  test("given three times the usual traffic, then how many times, since when, and that it is no alarm", () => {
    const surge = { request_rate: 930, usual_rate: 310, since: "2026-11-24T10:02:10Z" };
    expect(surgeFact(surge, NOW)).toEqual({
      text: "3.0 times as many requests as usual since 10:02:10",
      about:
        "3.0 times as many requests as usual since 10:02:10: 930/s over the newest minute, usually 310/s; for information, this is no incident",
    });
  });

  test("given none, then nothing is said", () => {
    expect(surgeFact(null, NOW)).toBeNull();
  });
});

describe("what marks as false alarms do", () => {
  const guard = (wanted: Partial<GuardItem>): GuardItem => ({
    metric_name: "error_rate",
    marks: 2,
    wait_s: 120,
    told_from: 0.4,
    until: "2026-12-09T10:00:00Z",
    ...wanted,
  });

  test("given errors that wait, then for how long, from which size not, and until when", () => {
    expect(guardSentence(guard({}))).toBe(
      "Errors are told after 2 min without a break, at once from 40 %, since the like was marked as a false alarm. That fades by 9 Dec.",
    );
  });

  test("given a mark of more than half of all requests, then no share is named that cannot be", () => {
    expect(guardSentence(guard({ told_from: 1.2 }))).toContain("without a break, however many fail,");
  });

  test.each([
    ["p95_latency_ms", 6, "Slowness is told after 2 min without a break, at once from 6.0 times normal"],
    ["avg_latency_ms", 6, "Slowness on average is told after"],
    [
      "request_rate",
      8,
      "Missing requests are told after 2 min without a break, at once where less than one in 8 comes",
    ],
    ["burn_rate", 28, "A burning error budget is told after 2 min without a break, at once from 28 times normal"],
  ] as const)("given %s of size %s, then it speaks of that", (metric_name, told_from, text) => {
    expect(guardSentence(guard({ metric_name, told_from }))).toContain(text);
  });
});
