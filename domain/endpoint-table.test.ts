import { describe, expect, test } from "vitest";
import { ENDPOINTS_MAX, EndpointTable } from "./endpoint-table.ts";

const counts = (names: readonly string[], request_count: number): { name: string; request_count: number }[] =>
  names.map((name) => ({ name, request_count }));
const named = (prefix: string, count: number): string[] => Array.from({ length: count }, (_, i) => `${prefix}${i}`);

describe("the table of endpoints", () => {
  test("keeps the first fifty", () => {
    const table = new EndpointTable();
    table.observe(0, counts(named("/e", 80), 1));
    expect(table.names.size).toBe(ENDPOINTS_MAX);
  });

  test("a newcomer that outweighs the lightest takes its place", () => {
    const table = new EndpointTable();
    table.observe(0, counts(named("/e", 50), 10));
    for (let second = 1; second <= 20; second += 1)
      table.observe(second, [...counts(named("/e", 49), 10), { name: "/new", request_count: 5 }]);
    expect(table.names.has("/new")).toBe(true);
    expect(table.names.has("/e49")).toBe(false);
  });

  test("a flood of ever new paths displaces nothing that is used", () => {
    const table = new EndpointTable();
    const used = named("/used", 50);
    for (let second = 0; second < 120; second += 1)
      table.observe(second, [...counts(used, 2), ...counts(named(`/scan${second}-`, 200), 1)]);
    expect([...table.names].sort()).toEqual([...used].sort());
  });

  test("what is no longer called makes room", () => {
    const table = new EndpointTable();
    table.observe(0, counts(named("/old", 50), 100));
    for (let second = 7200; second < 7260; second += 1) table.observe(second, counts(named("/new", 50), 2));
    expect([...table.names].sort()).toEqual(named("/new", 50).sort());
  });

  test("a weight halves in ten minutes, to the request", () => {
    const entered = (request_count: number): boolean => {
      const table = new EndpointTable();
      table.observe(0, counts(named("/old", 50), 100));
      table.observe(600, [{ name: "/new", request_count }]);
      return table.names.has("/new");
    };
    expect([entered(50), entered(51)]).toEqual([false, true]);
  });

  test("does not depend on the order of names within a second, and survives its encoding", () => {
    const [one, other] = [new EndpointTable(), new EndpointTable()];
    for (let second = 0; second < 30; second += 1) {
      const own = named("/e", 90).map((name, i) => ({ name, request_count: (i * 7 + second) % 11 }));
      one.observe(second, own);
      other.observe(second, own.toReversed());
    }
    expect([...one.names].sort()).toEqual([...other.names].sort());
    expect(EndpointTable.fromJson(JSON.parse(JSON.stringify(one.toJson()))).toJson()).toEqual(one.toJson());
  });
});
