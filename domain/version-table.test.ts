import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { deployBefore, seen, type VersionTable } from "./version-table.ts";

const START = 1_764_000_000;
type Sighting = readonly [version: string, at: number];

/** The table after events of versions, `at` seconds from the start. */
const tableOf = (events: readonly Sighting[], table: VersionTable = []): VersionTable =>
  events.reduce((before, [version, at]) => seen(before, version, START + at), table);

describe("which versions were seen", () => {
  test("each counts from its first event, whatever the order and however often its events come", () => {
    const sightings = fc.array(fc.tuple(fc.constantFrom("1", "2", "3", "4", "5", "6", "7", "8"), fc.nat(2000)));
    fc.assert(
      fc.property(sightings, fc.array(fc.nat()), (events, order) => {
        const shuffled = events.toSorted((a, b) => (order[a[1] % 7] ?? 0) - (order[b[1] % 7] ?? 0));
        const table = tableOf(events);
        expect(tableOf([...shuffled, ...events])).toEqual(table);
        for (const { version, first_second } of table)
          expect(first_second).toBe(START + Math.min(...events.filter(([own]) => own === version).map(([, at]) => at)));
        expect(table).toHaveLength(new Set(events.map(([version]) => version)).size);
      }),
    );
  });

  test("the eight that began last are remembered, and an old event of a forgotten one brings nothing back", () => {
    const table = tableOf(Array.from({ length: 10 }, (_, i): Sighting => [`1.${i}`, i * 100]));
    expect(table.map((entry) => entry.version)).toEqual(["1.2", "1.3", "1.4", "1.5", "1.6", "1.7", "1.8", "1.9"]);
    expect(tableOf([["1.1", 150]], table)).toBe(table);
  });

  test("an event that says nothing new leaves the very same table", () => {
    const table = tableOf([["1", 0]]);
    expect(tableOf([["1", 5]], table)).toBe(table);
  });
});

describe("the deploy before a second", () => {
  test("is the newest change of version in the ten minutes up to it", () => {
    const table = tableOf([
      ["1", 0],
      ["2", 100],
      ["3", 500],
    ]);
    expect(deployBefore(table, START + 499)).toEqual({ from: "1", to: "2", second: START + 100 });
    expect(deployBefore(table, START + 500)).toEqual({ from: "2", to: "3", second: START + 500 });
    expect(deployBefore(table, START + 1100)).toEqual({ from: "2", to: "3", second: START + 500 });
    expect(deployBefore(table, START + 1101)).toBeNull();
  });

  test("is none where no version or only one was ever seen", () => {
    expect(deployBefore([], START)).toBeNull();
    expect(deployBefore(tableOf([["1", 0]]), START + 10)).toBeNull();
  });

  test("is one where old and new events alternate while it rolls out", () => {
    const rolling = Array.from({ length: 60 }, (_, i): Sighting => [i % 2 === 0 ? "2" : "1", 100 + i]);
    expect(deployBefore(tableOf([["1", 0], ...rolling]), START + 200)).toEqual({
      from: "1",
      to: "2",
      second: START + 100,
    });
  });

  test("is none where several versions were running when the service was first seen", () => {
    const table = tableOf([
      ["1", 0],
      ["2", 0],
    ]);
    expect(deployBefore(table, START + 10)).toBeNull();
    expect(deployBefore(tableOf([["3", 50]], table), START + 60)).toMatchObject({ to: "3", second: START + 50 });
  });

  test("is none where each request names a version of its own", () => {
    const table = tableOf(Array.from({ length: 50 }, (_, i): Sighting => [`request-${i}`, i]));
    expect(deployBefore(table, START + 50)).toBeNull();
  });
});
