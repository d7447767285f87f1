import { describe, expect, test } from "vitest";
import { NO_COUNTS } from "../domain/ingest-counts.ts";
import { latencyBin } from "../domain/sketch.ts";
import { countsOf, IngestLog, refusedCounts } from "./ingest-log.ts";

const NOW = Date.parse("2026-11-24T10:00:00Z");
const rejected = (reason: string) => ({ offset: 1, timestamp: NOW, reason, detail: "", value: "", bytes: 0 });

describe("what is told of batches", () => {
  const well = { ...NO_COUNTS, accepted: 1, answers: { 1: 1 } };

  test("goes five times at once, then each 20 s with all that waited", () => {
    const log = new IngestLog();
    for (let n = 0; n < 5; n += 1) expect(log.add(well, NOW)).toEqual(well);
    for (let n = 0; n < 9; n += 1) expect(log.add(well, NOW + 19_999)).toBeNull();
    expect(log.add(well, NOW + 20_000)).toMatchObject({ accepted: 10, answers: { 1: 10 } });
    expect(log.add(well, NOW + 20_001)).toBeNull();
  });

  test("goes at once where something was refused, ten times more, then each 5 s", () => {
    const log = new IngestLog();
    for (let n = 0; n < 6; n += 1) log.add(well, NOW);
    const refused = refusedCounts("future", 1);
    expect(log.add(refused, NOW)).toMatchObject({ accepted: 1, rejected: { future: 1 } });
    for (let n = 0; n < 9; n += 1) expect(log.add(refused, NOW)).not.toBeNull();
    expect(log.add(refused, NOW + 4_999)).toBeNull();
    expect(log.add(refused, NOW + 5_000)).toMatchObject({ rejected: { future: 2 } });
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
