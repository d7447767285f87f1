import { describe, expect, test } from "vitest";
import { groupServices, holdGroups, type ListedService } from "./service-groups.ts";

const listed = (service: string, wanted: Partial<ListedService> = {}): ListedService => ({
  service,
  status: "healthy",
  silent: false,
  ...wanted,
});

function namesOf(groups: ReturnType<typeof groupServices>): Record<string, readonly string[]> {
  return Object.fromEntries(groups.map(({ title, names }) => [title, names]));
}

describe("the list of services", () => {
  test("given a service that stopped, then it does not stand among those that are as usual", () => {
    const groups = groupServices([listed("search"), listed("checkout", { silent: true }), listed("payments")]);
    expect(namesOf(groups)).toEqual({
      "With an incident": [],
      "No data": ["checkout"],
      "As usual": ["payments", "search"],
    });
  });

  test("given a service that stopped with an incident, then the incident decides, worst first", () => {
    const groups = groupServices([
      listed("a", { status: "medium" }),
      listed("b", { status: "critical", silent: true }),
      listed("c"),
    ]);
    expect(namesOf(groups)["With an incident"]).toEqual(["b", "a"]);
  });

  test("given a pointer on the list, then lines that change stay, lines that went are gone, and new ones come last", () => {
    const held = groupServices([listed("a", { status: "high" }), listed("b"), listed("gone")]);
    const now = groupServices([listed("a"), listed("b", { silent: true }), listed("new", { status: "critical" })]);
    expect(namesOf(holdGroups(held, now))).toEqual({
      "With an incident": ["a"],
      "No data": [],
      "As usual": ["b", "new"],
    });
  });
});
