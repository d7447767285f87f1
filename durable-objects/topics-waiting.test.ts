import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PARTITIONS_TOLD_MAX } from "../domain/pipeline.ts";
import type { PartitionLag } from "../domain/resource.ts";
import { topicsWaiting } from "./topics-waiting.ts";

const START_MS = Date.parse("2026-11-24T10:00:00Z");
const MISSED_MS = 15_000;

/** What a bridge told `at_s` after the start, of the topic t. */
const toldAt = (at_s: number, lags: Readonly<Record<number, number>>, source = "default") => ({
  source,
  seen_ms: START_MS + at_s * 1000,
  partitions: Object.entries(lags).map(([partition, lag]) => ({ topic: "t", partition: Number(partition), lag })),
});

const partitionsOf = (...bridges: ReturnType<typeof toldAt>[]) =>
  topicsWaiting(bridges, MISSED_MS).flatMap(({ partitions }) => partitions);

test("instances of a group add up to its partitions, by number", () => {
  expect(topicsWaiting([toldAt(0, { 10: 1, 2: 5 }), toldAt(2, { 0: 7 })], MISSED_MS)).toEqual([
    {
      source: "default",
      topic: "t",
      at: "2026-11-24T10:00:02.000Z",
      partitions: [
        { partition: 0, lag: 7 },
        { partition: 2, lag: 5 },
        { partition: 10, lag: 1 },
      ],
    },
  ]);
});

test("a partition that two tell, as while it moves, is told once, by the one heard last", () => {
  expect(partitionsOf(toldAt(0, { 0: 9, 1: 2 }), toldAt(1, { 0: 8 }))).toEqual([
    { partition: 0, lag: 8 },
    { partition: 1, lag: 2 },
  ]);
});

describe("an instance that is silent", () => {
  test("keeps no partition while others of its source are heard", () => {
    expect(partitionsOf(toldAt(0, { 0: 9 }), toldAt(15, { 1: 2 }))).toHaveLength(2);
    expect(partitionsOf(toldAt(0, { 0: 9 }), toldAt(15.001, { 1: 2 }))).toEqual([{ partition: 1, lag: 2 }]);
  });

  test("and the only one of its source leaves its last words, with their time", () => {
    const [gone, other] = topicsWaiting([toldAt(0, { 0: 9 }, "gone"), toldAt(600, { 0: 1 }, "other")], MISSED_MS);
    expect(gone).toMatchObject({ source: "gone", at: "2026-11-24T10:00:00.000Z", partitions: [{ lag: 9 }] });
    expect(other).toMatchObject({ source: "other", at: "2026-11-24T10:10:00.000Z", partitions: [{ lag: 1 }] });
  });
});

test("sources and topics are told apart, whatever their names", () => {
  const of = (source: string, topic: string) => ({
    source,
    seen_ms: START_MS,
    partitions: [{ topic, partition: 0, lag: 1 }],
  });
  const told = topicsWaiting([of("b", "t"), of("a", "u"), of("a", "t"), of('a","t', "t")], MISSED_MS);
  expect(told.map(({ source, topic }) => [source, topic])).toEqual([
    ["a", "t"],
    ["a", "u"],
    ['a","t', "t"],
    ["b", "t"],
  ]);
});

test("of too many partitions those in which most waits are told", () => {
  const lags = Object.fromEntries(
    Array.from({ length: PARTITIONS_TOLD_MAX + 2 }, (_, partition) => [partition, partition]),
  );
  const told = partitionsOf(toldAt(0, lags));
  expect([told.length, told[0], told.at(-1)]).toEqual([
    PARTITIONS_TOLD_MAX,
    { partition: 2, lag: 2 },
    { partition: PARTITIONS_TOLD_MAX + 1, lag: PARTITIONS_TOLD_MAX + 1 },
  ]);
});

test("no partition is ever told twice, and each by the newest word of an instance that is not silent", () => {
  const partition = fc.record({
    topic: fc.constantFrom("t", "u"),
    partition: fc.nat(5),
    lag: fc.nat(1000),
  }) satisfies fc.Arbitrary<PartitionLag>;
  const bridge = fc.record({
    source: fc.constantFrom("a", "b"),
    seen_ms: fc.integer({ min: START_MS, max: START_MS + 3 * MISSED_MS }),
    partitions: fc.uniqueArray(partition, { selector: (told) => `${told.topic}/${told.partition}`, maxLength: 8 }),
  });
  fc.assert(
    fc.property(fc.array(bridge, { maxLength: 6 }), (bridges) => {
      const heard = bridges.toSorted((a, b) => a.seen_ms - b.seen_ms);
      const told = topicsWaiting(heard, MISSED_MS).flatMap(({ source, topic, partitions }) =>
        partitions.map((each) => [`${source} ${topic}/${each.partition}`, each.lag] as const),
      );
      const expected: Record<string, number> = {};
      for (const { source, seen_ms, partitions } of heard) {
        const isSilent = heard.some((other) => other.source === source && other.seen_ms > seen_ms + MISSED_MS);
        if (!isSilent) for (const each of partitions) expected[`${source} ${each.topic}/${each.partition}`] = each.lag;
      }
      expect(told).toHaveLength(Object.keys(expected).length);
      expect(Object.fromEntries(told)).toEqual(expected);
    }),
  );
});
