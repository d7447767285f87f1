import { describe, expect, test } from "vitest";
import { handlingButtons, isWaiting, judgingButtons, refusedWords } from "./incident-acts.ts";
import { anIncident } from "./testing/incident.ts";
import type { ActButton } from "./incident-acts.ts";

const over = anIncident({ status: "resolved", resolution: "recovered", resolved_at: "2026-11-24T10:09:00Z" });
const labels = (buttons: readonly ActButton[]) => buttons.map((button) => button.label);

describe("the buttons of an incident", () => {
  test("given a viewer, then there are none", () => {
    for (const incident of [anIncident({}), over]) {
      expect(handlingButtons(incident, "viewer")).toEqual([]);
      expect(judgingButtons(incident, "viewer")).toEqual([]);
    }
  });

  test("given an administrator and an open incident, then it can be taken on, ended and judged", () => {
    expect(labels(handlingButtons(anIncident({}), "admin"))).toEqual(["Acknowledge", "Resolve"]);
    expect(labels(judgingButtons(anIncident({}), "admin"))).toEqual(["Useful", "False alarm"]);
  });

  test("given one that is acknowledged, then it can no more be taken on", () => {
    const taken = anIncident({ acknowledged_at: "2026-11-24T10:05:00Z", acknowledged_by: "admin" });
    expect(labels(handlingButtons(taken, "admin"))).toEqual(["Resolve"]);
  });

  test("given one that is over, then it can only be judged", () => {
    expect(handlingButtons(over, "admin")).toEqual([]);
    expect(labels(judgingButtons(over, "admin"))).toEqual(["Useful", "False alarm"]);
  });

  test("given what was said, then its button is pressed and takes it back, and the other one replaces it", () => {
    const [useful, false_alarm] = judgingButtons(anIncident({ feedback: "false_positive" }), "admin");
    expect(false_alarm).toMatchObject({ pressed: true, body: { verdict: null } });
    expect(useful).toMatchObject({ pressed: false, body: { verdict: "useful" } });
    expect(judgingButtons(anIncident({}), "admin")[1]).toMatchObject({
      pressed: false,
      body: { verdict: "false_positive" },
    });
  });

  test("given an id, then each button sends to its own address", () => {
    const incident = anIncident({ id: "check/out-1795514652-error_rate" });
    const buttons = [...handlingButtons(incident, "admin"), ...judgingButtons(incident, "admin")];
    const base = "/v1/incidents/check%2Fout-1795514652-error_rate";
    expect(buttons.map((button) => button.path)).toEqual([
      `${base}/acknowledge`,
      `${base}/resolve`,
      `${base}/feedback`,
      `${base}/feedback`,
    ]);
  });
});

describe("a click", () => {
  test("given no answer yet, or one whose change has not arrived, then it waits", () => {
    expect(isWaiting({ name: "resolve", revision: null }, anIncident({ revision: 4 }))).toBe(true);
    expect(isWaiting({ name: "resolve", revision: 5 }, anIncident({ revision: 4 }))).toBe(true);
  });

  test("given that the incident arrived as it is then, or newer, then it is done", () => {
    expect(isWaiting({ name: "resolve", revision: 5 }, anIncident({ revision: 5 }))).toBe(false);
    expect(isWaiting({ name: "resolve", revision: 5 }, anIncident({ revision: 6 }))).toBe(false);
    expect(isWaiting(null, anIncident({}))).toBe(false);
  });

  test("given a refusal, then it is told what did not happen, in the server's own words why", () => {
    expect(refusedWords("resolve", "The incident was resolved (recovered) at 2026-11-24T10:09:00Z.")).toBe(
      "It is not resolved. The incident was resolved (recovered) at 2026-11-24T10:09:00Z.",
    );
    expect(refusedWords("false_alarm", "The server could not be reached (Failed to fetch).")).toContain(
      "It is not marked. The server could not be reached",
    );
  });
});
