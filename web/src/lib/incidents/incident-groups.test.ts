import { expect, test } from "vitest";
import { anIncident } from "../testing/incident.ts";
import { incidentGroups } from "./incident-groups.ts";

const NOW_MS = Date.parse("2026-11-24T12:00:00Z");
const over = (onset_at: string) => anIncident({ id: onset_at, status: "resolved", resolved_at: onset_at, onset_at });

test("what is open comes first, the worst on top; then today, yesterday and each day, newest first", () => {
  const groups = incidentGroups(
    [
      over("2026-11-22T10:00:00Z"),
      anIncident({ id: "m", severity: "medium" }),
      over("2026-11-24T09:00:00Z"),
      over("2026-11-23T23:59:59Z"),
      anIncident({ id: "c", severity: "critical" }),
      over("2026-11-24T11:00:00Z"),
    ],
    NOW_MS,
  );
  expect(groups.map(({ title, incidents }) => [title, incidents.map(({ id }) => id)])).toEqual([
    ["Open", ["c", "m"]],
    ["Today", ["2026-11-24T11:00:00Z", "2026-11-24T09:00:00Z"]],
    ["Yesterday", ["2026-11-23T23:59:59Z"]],
    ["Sunday 22 November", ["2026-11-22T10:00:00Z"]],
  ]);
});

test("without incidents there are no groups", () => {
  expect(incidentGroups([], NOW_MS)).toEqual([]);
});
