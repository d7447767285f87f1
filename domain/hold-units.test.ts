import { expect, test } from "vitest";
import { holdUnits } from "./hold-units.ts";

test("given units, then they stay with their numbers, and other words break as they like", () => {
  expect(holdUnits("57 % for 2 min of 3 spans")).toBe("57\u00a0% for 2\u00a0min of 3 spans");
});
