import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addCounts, type IngestCounts, NO_COUNTS } from "./ingest-counts.ts";

describe("counts", () => {
  const some: fc.Arbitrary<IngestCounts> = fc.record({
    accepted: fc.nat(9),
    late: fc.nat(9),
    dropped: fc.nat(9),
    duplicates: fc.nat(9),
    rejected: fc.dictionary(fc.constantFrom("future", "past", "invalid_json"), fc.nat(9)),
    answers: fc.dictionary(fc.constantFrom("1", "500", "1000"), fc.nat(9)),
  });

  test("are the same in whichever order they are told", () => {
    fc.assert(
      fc.property(some, some, some, (a, b, c) => {
        expect(addCounts(addCounts(a, b), c)).toEqual(addCounts(c, addCounts(b, a)));
        expect(addCounts(a, NO_COUNTS)).toEqual(a);
      }),
    );
  });

  test("of more words than anybody reads count as other", () => {
    const words = Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`reason_${at}`, 1]));
    const { rejected } = addCounts(NO_COUNTS, { ...NO_COUNTS, rejected: words });
    expect([Object.keys(rejected).length, rejected["other"]]).toEqual([41, 20]);
  });
});
