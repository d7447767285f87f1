/** Which incidents of other services the Fleet names beside one. */
import { describe, expect, test } from "vitest";
import type { ServiceIncidentEvent } from "../domain/fleet.ts";
import type { Incident } from "../domain/incident.ts";
import type { SurroundingsQuestion } from "../domain/narrator.ts";
import { FleetWorld, incidentOf, START_MS } from "../tests/fleet-harness.ts";
import { narrativeRow } from "../tests/history-rows.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

const question: SurroundingsQuestion = {
  service: "checkout",
  incident_id: "checkout-1-error_rate",
  anomaly_type: "error_rate",
  metric_name: "error_rate",
  endpoint: null,
  onset_at: at(0),
};

/** An RFC 3339 time so many ms after the onset that is asked about. */
function at(after_ms: number): string {
  return new Date(START_MS + after_ms).toISOString();
}

/** An incident whose onset lies `after_ms` after that. */
function near(service: string, after_ms: number, change: Partial<Incident> = {}): Incident {
  return incidentOf(service, { onset_at: at(after_ms), opened_at: at(after_ms + 3_000), ...change });
}

function told(incident: Incident, seq: number): ServiceIncidentEvent {
  return { service: incident.service, seq, action: incident.status === "open" ? "opened" : "resolved", incident };
}

async function fleetWith(...incidents: readonly Incident[]): Promise<FleetWorld> {
  const world = new FleetWorld();
  await world.admit(...new Set(incidents.map(({ service }) => service)));
  await world.actor.incidents(incidents.map((incident, i) => told(incident, i + 1)));
  return world;
}

async function namesOf(world: FleetWorld, asked = question): Promise<string[]> {
  return (await world.actor.neighbours(asked)).map(({ service }) => service);
}

describe("neighbours of an incident", () => {
  test("began within 15 min of it, before or after, and are told as they are now", async () => {
    const world = await fleetWith(
      near("early", -15 * MINUTE_MS),
      near("too-early", -15 * MINUTE_MS - 1),
      near("late", 15 * MINUTE_MS),
      near("too-late", 15 * MINUTE_MS + 1),
      near("payments", -30_000, { severity: "critical", endpoint: "/pay" }),
    );
    expect(await namesOf(world)).toEqual(["payments", "early", "late"]);
    expect((await world.actor.neighbours(question))[0]).toEqual({
      service: "payments",
      incident_id: "payments-1-error_rate",
      anomaly_type: "error_rate",
      severity: "critical",
      endpoint: "/pay",
      status: "open",
      onset_at: at(-30_000),
    });
  });

  test("are of other services alone, also where the service had more than one", async () => {
    const own = near("checkout", -60_000, { id: "checkout-2-latency" });
    expect(await namesOf(await fleetWith(own, near("search", 5_000)))).toEqual(["search"]);
  });

  test("are still told when they have ended, and once, as their newest event has them", async () => {
    const ended = near("payments", -30_000, { status: "resolved", revision: 2, severity: "critical" });
    const world = await fleetWith(near("payments", -30_000), ended);
    expect(await world.actor.neighbours(question)).toMatchObject([{ status: "resolved", severity: "critical" }]);
    world.evict();
    expect(await namesOf(world)).toEqual(["payments"]);
  });

  test("are the nearest eight, those as near by their id", async () => {
    const others = Array.from({ length: 12 }, (_, i) =>
      near(`s${String(i).padStart(2, "0")}`, (i % 2 ? -1 : 1) * 1000 * i),
    );
    const tied = near("a", 0);
    const names = await namesOf(await fleetWith(...others, tied));
    expect(names).toEqual(["a", "s00", "s01", "s02", "s03", "s04", "s05", "s06"]);
  });

  test("that are open are known for as long as they are, ended ones for the 24 h of their events", async () => {
    const ended = near("ended", 0, { status: "resolved" });
    const world = await fleetWith(near("open", 0), ended);
    await world.pass(2 * DAY_MS);
    // The newest event stays for ever: another one takes that place.
    await world.actor.incidents([told(near("other", 2 * DAY_MS), 9)]);
    await world.pass(2 * DAY_MS);
    expect(await namesOf(world)).toEqual(["open"]);
  });

  test("are read from storage once, whatever happens afterwards, so that a thousand incidents at once stay cheap", async () => {
    const world = await fleetWith(near("payments", -30_000));
    expect(await namesOf(world)).toEqual(["payments"]);
    world.storage.failAfter(0);
    expect(await namesOf(world)).toEqual(["payments"]);
    expect(world.storage.failed).toBe(false);
    world.storage.failAfter(null);
    await world.actor.incidents([told(near("payments", -30_000, { status: "resolved", revision: 2 }), 2)]);
    await world.actor.incidents([told(near("search", -2_000), 1)]);
    const asked = (await world.actor.neighbours(question)).map(({ service, status }) => `${service} ${status}`);
    expect(asked).toEqual(["search open", "payments resolved"]);
  });

  test("are found among many events that came before, and among narratives", async () => {
    const before = Array.from({ length: 300 }, (_, i) =>
      near(`old-${i}`, -3 * 3_600_000, { id: `old-${i}-1-error_rate` }),
    );
    const world = new FleetWorld();
    world.now_ms = START_MS - 3 * 3_600_000 + 5_000;
    await world.actor.incidents(before.map((incident) => told(incident, 1)));
    world.now_ms = START_MS + 5_000;
    const words = { service: "search", seq: 2, severity: "high", narrative: narrativeRow() } as const;
    await world.actor.incidents([told(near("search", -2_000), 1), words]);
    expect(await namesOf(world)).toEqual(["search"]);
  });
});

describe("a narrative of a service", () => {
  const words = { service: "search", seq: 2, severity: "medium", narrative: narrativeRow() } as const;

  test("is told to the fleet's sockets under the fleet's own number, once, and again to who missed it", async () => {
    const world = await fleetWith(near("search", 0, { severity: "medium" }));
    const heard = world.connect("page");
    await world.actor.incidents([words]);
    await world.actor.incidents([words]);
    const event = { type: "narrative", seq: 2, severity: "medium", narrative: narrativeRow() };
    expect(heard.filter(({ type }) => type === "narrative")).toEqual([event]);
    world.evict();
    expect(world.connect("another", { after: 1 }).slice(1)).toEqual([event]);
  });

  test("is not told to a socket that wants graver incidents alone, live or again", async () => {
    const world = await fleetWith(near("search", 0, { severity: "medium" }));
    const heard = world.connect("page", { min_severity: "high" });
    await world.actor.incidents([words]);
    expect(heard.map(({ type }) => type)).not.toContain("narrative");
    const later = world.connect("another", { after: 0, min_severity: "high" });
    expect(later.map(({ type }) => type)).toEqual(["snapshot"]);
  });
});
