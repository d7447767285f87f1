import { expect, test } from "vitest";
import { anIncident } from "../testing/incident.ts";
import { joinIncidents } from "./join-incidents.ts";

test("each incident stands there once, as its newest word has it, whoever told it", () => {
  const old = anIncident({ id: "a", revision: 1 });
  const newer = anIncident({ id: "a", revision: 2 });
  const other = anIncident({ id: "b" });
  expect(joinIncidents([old, other], [newer])).toEqual([newer, other]);
  expect(joinIncidents([newer], [old])).toEqual([newer]);
});
