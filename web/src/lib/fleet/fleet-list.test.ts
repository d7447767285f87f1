import { describe, expect, test } from "vitest";
import { listItems, orderServices, readView, viewAddress, type SortedService } from "./fleet-list.ts";

const service = (name: string, wanted: Partial<SortedService> = {}): SortedService => ({
  service: name,
  status: "healthy",
  silent: false,
  request_rate: 1,
  error_rate: 0,
  p95_latency_ms: null,
  ...wanted,
});
const SERVICES = [
  service("b", { request_rate: 5, error_rate: 0.1 }),
  service("a", { request_rate: 2, p95_latency_ms: 300 }),
  service("c", { status: "critical", p95_latency_ms: 90 }),
  service("d", { silent: true, request_rate: 9 }),
];
const WORST = { search: "", grouped: true, sort: "worst" } as const;
const named = (view: Parameters<typeof orderServices>[1]) =>
  orderServices(SERVICES, view).map(({ title, names }) => [title, names.join("")]);

describe("the address", () => {
  test("holds the whole view, and what else it had", () => {
    const query = new URLSearchParams("span=6h&sort=name");
    const view = { search: "pay ments", grouped: false, sort: "p95" } as const;
    const address = viewAddress(query, view);
    expect(readView(new URLSearchParams(address))).toEqual(view);
    expect(new URLSearchParams(address).get("span")).toBe("6h");
    expect(viewAddress(query, WORST)).toBe("?span=6h");
    expect(viewAddress(new URLSearchParams("q=x"), WORST)).toBe("");
  });

  test("typed wrongly asks for the usual", () => {
    expect(readView(new URLSearchParams("sort=best&group=colour"))).toEqual(WORST);
  });
});

describe("the order of services", () => {
  test("is worst first in groups, and by a figure within them where that is wanted", () => {
    expect(named(WORST)).toEqual([
      ["With an incident", "c"],
      ["No data", "d"],
      ["As usual", "ab"],
    ]);
    expect(named({ ...WORST, sort: "requests" })[2]).toEqual(["As usual", "ba"]);
  });

  test("without groups is one list of all", () => {
    expect(named({ ...WORST, grouped: false })).toEqual([["All services", "cdab"]]);
    expect(named({ ...WORST, grouped: false, sort: "name" })).toEqual([["All services", "abcd"]]);
    expect(named({ ...WORST, grouped: false, sort: "errors" })).toEqual([["All services", "bacd"]]);
    expect(named({ ...WORST, grouped: false, sort: "p95" })).toEqual([["All services", "acbd"]]);
  });
});

test("the list has a heading for each group that has something, and a second line where there is something to say", () => {
  const heights = { head: 32, row: 33, tall: 57 };
  const items = listItems(orderServices(SERVICES, WORST), " C ", (name) => name === "c", heights);
  expect(items).toEqual([
    { kind: "head", key: " With an incident", height: 32, title: "With an incident", count: 1 },
    { kind: "service", key: "c", height: 57, service: "c" },
  ]);
  expect(listItems(orderServices(SERVICES, WORST), "nosuch", () => false, heights)).toEqual([]);
});
