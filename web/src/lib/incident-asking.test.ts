import { expect, test } from "vitest";
import { IncidentAsking } from "./incident-asking.ts";

test("incidents are asked for at first, and then each 30 s", () => {
  const asking = new IncidentAsking();
  const asked = Array.from({ length: 14 }, (_none, look) => look * 5000).filter((at_ms) => asking.takeDue(at_ms));
  expect(asked).toEqual([0, 30_000, 60_000]);
});

test("what the socket tells is asked for once, at the next look", () => {
  const asking = new IncidentAsking();
  asking.takeDue(0);
  asking.changed();
  asking.changed();
  expect([5000, 10_000].map((at_ms) => asking.takeDue(at_ms))).toEqual([true, false]);
});
