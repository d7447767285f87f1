import { expect, test } from "vitest";
import { CAUSE_IDS } from "../../../../domain/narrative.ts";
import { aNarrative } from "../testing/narrative.ts";
import { anIncident } from "../testing/incident.ts";
import { causeOf, causeWords } from "./cause-words.ts";
import type { IncidentCause } from "../../../../domain/resource.ts";

const aCause = (change: Partial<IncidentCause>): IncidentCause => ({
  cause: "unknown",
  certainty: "LIKELY",
  text: "It may be so.",
  names: [],
  ...change,
});

test.each([
  [aCause({ cause: "other_service", names: ["payments"] }), {}, "payments began first"],
  [aCause({ cause: "release", names: ["24.3", "24.2"] }), {}, "release 24.3"],
  [aCause({ cause: "release" }), { deployed_version: "24.3" }, "release 24.3"],
  [aCause({ cause: "endpoint_dependency" }), { endpoint: "/cart/pay" }, "what /cart/pay depends on"],
  [aCause({ cause: "shared_dependency", names: ["/cart/pay", "payments"] }), {}, "something shared with payments"],
  [aCause({ cause: "shared_dependency" }), {}, "something all endpoints share"],
  [aCause({ cause: "scheduled_work" }), { usual_at: "06:00" }, "scheduled work, 06:00 UTC"],
  [aCause({}), { status: "open" }, "no cause found yet"],
  [aCause({}), { status: "resolved" }, "no cause found"],
] as const)("%# is told as the list has room for", (cause, change, words) => {
  expect(causeWords(cause, anIncident(change))).toBe(words);
});

test("every cause has its words, also where no fact names anything", () => {
  const bare = anIncident({ endpoint: null, deployed_version: null, usual_at: null });
  const words = CAUSE_IDS.map((cause) => causeWords(aCause({ cause }), bare));
  expect(new Set(words).size).toBe(CAUSE_IDS.length);
  expect(words.join(" ")).not.toMatch(/null|undefined/);
});

test("of a narrative the first cause is told, with the names of the facts it rests on", () => {
  const told = {
    text: "An incident of payments began 14 s earlier.",
    facts: ["neighbour.1", "nothing"],
    cause: "other_service",
    certainty: "LIKELY",
  } as const;
  const { facts: _facts, ...words } = told;
  expect(causeOf(aNarrative({ possible_causes: [told] }))).toEqual({ ...words, names: ["payments"] });
  expect(causeOf(aNarrative({ possible_causes: [] }))).toBeNull();
});
