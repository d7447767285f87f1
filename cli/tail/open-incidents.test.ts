import { describe, expect, test } from "vitest";
import type { FleetSnapshot, IncidentEvent } from "../../domain/message.ts";
import type { Incident } from "../../domain/incident.ts";
import { incidentOf } from "../../tests/fleet-harness.ts";
import { incidentsOf, isWanted, OpenIncidents } from "./open-incidents.ts";

const shop = incidentOf("shop", { severity: "high" });
const bank = incidentOf("bank", { severity: "medium" });
const over = incidentOf("shop-eu", { severity: "critical", status: "resolved" });
const changed = (incident: Incident): IncidentEvent => ({ type: "incident", seq: 1, action: "updated", incident });

describe("who is wanted", () => {
  test.each([
    ["shop", null, "shop", true],
    ["shop", null, "shop-eu", false],
    ["shop*", null, "shop-eu", true],
    ["*", "critical", "shop", false],
    ["*", "high", "shop", true],
    ["*", "medium", "shop", true],
  ] as const)("%s from %s on: %s with high is %s", (services, min_severity, service, expected) => {
    expect(isWanted({ services, min_severity }, service, "high")).toBe(expected);
  });

  test("of a snapshot it is what is open, fits and is bad enough", () => {
    const snapshot: FleetSnapshot = {
      type: "snapshot",
      version: 1,
      seq: 1,
      reset: false,
      services: [],
      incidents: [shop, bank, over],
    };
    expect(incidentsOf(snapshot, { services: "*", min_severity: null })).toEqual([shop, bank]);
    expect(incidentsOf(snapshot, { services: "*", min_severity: "high" })).toEqual([shop]);
  });
});

describe("what is waited for", () => {
  test("an incident that is open, now or since", () => {
    const open = new OpenIncidents();
    open.replace([]);
    expect(open.meets("opened")).toBe(false);
    open.apply(changed(over));
    expect(open.meets("opened")).toBe(false);
    open.apply(changed(shop));
    open.apply(changed({ ...shop, status: "resolved" }));
    expect(open.meets("opened")).toBe(true);
    const later = new OpenIncidents();
    later.replace([shop]);
    expect(later.meets("opened")).toBe(true);
  });

  test("that none is open any more", () => {
    const open = new OpenIncidents();
    open.replace([shop, bank]);
    open.apply(changed({ ...shop, status: "resolved" }));
    expect(open.meets("resolved")).toBe(false);
    open.forget("bank");
    expect(open.meets("resolved")).toBe(true);
    open.apply(changed(shop));
    open.replace([]);
    expect(open.meets("resolved")).toBe(true);
  });
});
