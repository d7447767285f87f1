import { describe, expect, test } from "vitest";
import { latencyBin } from "../domain/sketch.ts";
import { countsOf, IngestLog, refusedCounts } from "./ingest-log.ts";

const NOW = Date.parse("2026-11-24T10:00:00Z");
const rejected = (reason: string) => ({ offset: 1, timestamp: NOW, reason, detail: "", value: "", bytes: 0 });

describe("what is told of batches", () => {
  test("goes five times at once, then each 20 s with all that waited", () => {
    const log = new IngestLog();
    const one = refusedCounts("future", 1);
    for (let n = 0; n < 5; n += 1) expect(log.add(one, NOW)).toEqual(one);
    for (let n = 0; n < 9; n += 1) expect(log.add(one, NOW + 19_999)).toBeNull();
    expect(log.add(one, NOW + 20_000)).toMatchObject({ rejected: { future: 10 } });
    expect(log.add(one, NOW + 20_001)).toBeNull();
  });

  test("is what the answer says, with reasons counted and how long it took", () => {
    const answer = {
      accepted: 9,
      late: 2,
      dropped: 1,
      duplicates: 3,
      rejected: ["past", "future", "past"].map(rejected),
    };
    expect(countsOf(answer, 12)).toEqual({
      accepted: 9,
      late: 2,
      dropped: 1,
      duplicates: 3,
      rejected: { past: 2, future: 1 },
      answers: { [latencyBin(12_000)]: 1 },
    });
    // A clock that was set back.
    expect(countsOf(answer, -5).answers).toEqual({ [latencyBin(0)]: 1 });
  });
});
