/** A mistake in the words of an incident stops neither its service's events nor the incident. */
import { afterEach, expect, test, vi } from "vitest";
import type { Evidence } from "../domain/evidence.ts";
import { initialState } from "../domain/monitor-state.ts";
import { incidentOf } from "../tests/fleet-harness.ts";
import { evidenceOf, firstWordsOf } from "./first-words.ts";

afterEach(() => vi.restoreAllMocks());

const STATE = initialState("checkout", 0);
const INCIDENT = incidentOf("checkout");

test("a change that is due words has evidence, another one has none", () => {
  expect(evidenceOf(null, INCIDENT, STATE)).toMatchObject({ incident_id: INCIDENT.id, version: INCIDENT.revision });
  expect(evidenceOf(INCIDENT, { ...INCIDENT, revision: 2, failed_count: 9 }, STATE)).toBeNull();
});

test("evidence that cannot be taken, or be put into words, is none, and the log names the incident", () => {
  const logged = vi.spyOn(console, "error").mockImplementation(() => undefined);
  const broken = { ...STATE, settings: null } as unknown as typeof STATE;
  expect(evidenceOf(null, INCIDENT, broken)).toBeNull();
  const evidence = { ...evidenceOf(null, INCIDENT, STATE)!, facts: null } as unknown as Evidence;
  expect(firstWordsOf(true)(evidence, 0)).toBeNull();
  for (const call of logged.mock.calls) expect(call[0]).toContain(INCIDENT.id);
  expect(logged).toHaveBeenCalledTimes(2);
});
