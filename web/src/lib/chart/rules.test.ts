import { expect, test } from "vitest";
import { anIncident } from "../testing/incident.ts";
import { incidentRules } from "./rules.ts";

const ONSET = Date.parse("2026-11-24T10:04:12Z") / 1000;
const deployed = { deployed_at: "2026-11-24T10:01:00Z", deployed_version: "24.3" };

test("a release and an end within the axis are told with their moment, oldest first", () => {
  const over = anIncident({ ...deployed, status: "resolved", resolved_at: "2026-11-24T10:09:12Z" });
  expect(incidentRules([over], ONSET - 600, ONSET + 600).map(({ at, kind, text }) => [at - ONSET, kind, text])).toEqual(
    [
      [-192, "release", "release 24.3"],
      [300, "resolved", "resolved 10:09:12"],
    ],
  );
});

test("two incidents after one release have one rule for it", () => {
  const rules = incidentRules(
    [anIncident({ ...deployed, id: "a" }), anIncident({ ...deployed, id: "b" })],
    0,
    Infinity,
  );
  expect(rules.map(({ kind }) => kind)).toEqual(["release"]);
});

test("what lies beside the axis has no rule", () => {
  expect(incidentRules([anIncident(deployed)], ONSET - 60, ONSET + 60)).toEqual([]);
});
