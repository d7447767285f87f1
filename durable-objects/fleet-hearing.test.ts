/** What the Fleet says of a service that has fallen silent, and how a service leaves it. */
import { beforeEach, describe, expect, test } from "vitest";
import type { SilenceQuestion } from "../domain/fleet.ts";
import { FleetWorld, incidentOf, reportOf } from "../tests/fleet-harness.ts";

const SILENT_MS = 20_000;
let world: FleetWorld;

beforeEach(() => {
  world = new FleetWorld();
});

/** The question of a service that had its newest event 20 s ago. */
function question(change: Partial<SilenceQuestion> = {}): SilenceQuestion {
  const since_ms = world.now_ms - SILENT_MS;
  return { service: "checkout", sources: ["default"], is_plain: false, since_ms, ...change };
}

/** A heartbeat each 5 s with these lags. */
async function beats(...lags: (number | null)[]): Promise<void> {
  for (const lag of lags) {
    world.now_ms += 5_000;
    await world.actor.heartbeat({ source: "default", instance: "bridge-1", lag });
  }
}

describe("a Kafka source", () => {
  test("flows while its bridge is heard and its lag goes up and down", async () => {
    await beats(10, 400, 30, 250, 20, 500);
    expect(await world.actor.hears(question())).toBe("flowing");
  });

  test("flows from the first heartbeat without a lag", async () => {
    await beats(0);
    expect(await world.actor.hears(question())).toBe("flowing");
  });

  test("is stalled when its bridge was not heard for 15 s", async () => {
    await beats(0, 0, 0, 0);
    world.now_ms += 15_000;
    expect(await world.actor.hears(question())).toBe("flowing");
    world.now_ms += 1;
    expect(await world.actor.hears(question())).toBe("stalled");
  });

  test("is stalled when its lag grows", async () => {
    await beats(0, 100, 200, 300, 400, 500, 600);
    expect(await world.actor.hears(question())).toBe("stalled");
  });

  test("is not judged by one lag alone, as after an eviction", async () => {
    await beats(100, 100, 100, 100, 100, 100);
    expect(await world.actor.hears(question())).toBe("flowing");
    world.evict();
    await beats(100);
    expect(await world.actor.hears(question())).toBe("unknown");
  });

  test("is stalled when one of two is", async () => {
    await beats(0, 0, 0, 0);
    await world.actor.heartbeat({ source: "other", instance: "bridge-2", lag: 0 });
    world.now_ms += 14_000;
    await world.actor.heartbeat({ source: "default", instance: "bridge-1", lag: 0 });
    world.now_ms += 2_000;
    expect(await world.actor.hears(question({ sources: ["default"] }))).toBe("flowing");
    expect(await world.actor.hears(question({ sources: ["default", "other"] }))).toBe("stalled");
  });
});

describe.each([
  ["plain HTTP", { sources: [], is_plain: true }],
  ["a source that never sent a heartbeat", { sources: ["mute"] }],
])("%s", (_, change) => {
  beforeEach(async () => {
    await world.admit("checkout", "payments", "search");
    await world.actor.report([reportOf("checkout"), reportOf("payments"), reportOf("search")]);
  });

  test("flows while another service is heard", async () => {
    world.monitors.received.set("search", world.now_ms - 2_000);
    expect(await world.actor.hears(question(change))).toBe("flowing");
  });

  test("is stalled while all are silent, though some fell silent a little later", async () => {
    for (const service of ["payments", "search"])
      world.monitors.received.set(service, world.now_ms - SILENT_MS + 3_000);
    expect(await world.actor.hears(question(change))).toBe("stalled");
  });

  test("is unknown where nobody is heard and somebody does not answer", async () => {
    world.monitors.broken.add("payments");
    expect(await world.actor.hears(question(change))).toBe("unknown");
    world.monitors.received.set("search", world.now_ms - 1_000);
    expect(await world.actor.hears(question(change))).toBe("flowing");
  });
});

describe("a service that is deleted", () => {
  test("leaves the registry, the snapshot and the view of who watches, and comes back new", async () => {
    await world.admit("checkout", "search");
    const checkout = world.connect("socket");
    expect(await world.actor.remove("checkout", "admin by token")).toBe("removed");
    expect(world.monitors.forgotten).toEqual(["checkout"]);
    expect(checkout.at(-1)).toEqual({ type: "removed", service: "checkout" });
    world.evict();
    expect((await world.actor.services(null, 10)).items.map(({ service }) => service)).toEqual(["search"]);
    expect(world.connect("later")[0]).toMatchObject({ services: [{ service: "search" }] });
    await world.admit("checkout");
    expect(await world.actor.isRegistered("checkout")).toBe(true);
  });

  test("takes its incident along", async () => {
    await world.admit("checkout");
    await world.actor.incidents([{ service: "checkout", seq: 1, action: "opened", incident: incidentOf("checkout") }]);
    await world.actor.remove("checkout", "admin by token");
    // Its object tells the end of the incident when the service is gone already.
    const over = incidentOf("checkout", { status: "resolved", revision: 2 });
    await world.actor.incidents([{ service: "checkout", seq: 2, action: "resolved", incident: over }]);
    expect(world.connect("later")[0]).toMatchObject({ services: [], incidents: [] });
  });

  test("stays while its object does not answer, and is unknown where it never was", async () => {
    await world.admit("checkout");
    world.monitors.broken.add("checkout");
    expect(await world.actor.remove("checkout", "admin by token")).toBe("object_unavailable");
    expect(await world.actor.isRegistered("checkout")).toBe(true);
    world.monitors.broken.add("nobody");
    expect(await world.actor.remove("nobody", "admin by token")).toBe("unknown");
  });
});
