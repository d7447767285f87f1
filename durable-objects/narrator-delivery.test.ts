/** What the Narrator asks of its neighbours before it writes, and how words reach a service's object that is not there. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { NeighbourIncident, PastIncident } from "../domain/evidence.ts";
import { NarratorWorld, START_MS } from "../tests/narrator-harness.ts";

beforeEach(() => {
  for (const level of ["info", "warn", "error"] as const) vi.spyOn(console, level).mockImplementation(() => undefined);
});
afterEach(() => vi.restoreAllMocks());

const NEIGHBOUR: NeighbourIncident = {
  service: "payments-db",
  incident_id: "payments-db-1795514340-latency",
  anomaly_type: "latency",
  severity: "critical",
  endpoint: null,
  status: "open",
  onset_at: "2026-11-24T09:59:00Z",
};
const PAST: PastIncident = {
  incident_id: "checkout-1794909600-error_rate",
  onset_at: "2026-11-17T10:00:00Z",
  resolved_at: "2026-11-17T10:20:00Z",
  resolution: "recovered",
  endpoint: "/pay",
  severity: "high",
  deployed_version: null,
  feedback: null,
};

function kinds({ services }: NarratorWorld, service: string): string[] {
  return services.newest(service)!.evidence.map(({ kind }) => kind);
}

describe("given what the Fleet and history know of an incident's surroundings", () => {
  test("then the template and the model have it among their facts", async () => {
    const world = new NarratorWorld();
    world.fleet.neighbour_incidents = [NEIGHBOUR];
    world.past.past_incidents = [PAST];
    await world.asks("checkout", 1);
    expect(kinds(world, "checkout")).toEqual(["errors", "onset", "impact", "neighbour", "alike"]);
    expect(world.model.open[0]!.evidence.facts.map(({ kind }) => kind)).toContain("neighbour");
  });

  test("then a service whose incident is not written at once tells it meanwhile", async () => {
    const world = new NarratorWorld({ daily_tokens: 8_000 });
    await world.asks("s1", 1, { severity: "critical" });
    await world.asks("s2", 1, { severity: "critical" });
    world.past.past_incidents = [PAST];
    await world.asks("checkout", 1);
    expect(world.services.reasons("checkout")).toEqual(["waiting", "waiting"]);
    expect(kinds(world, "checkout")).toContain("alike");
  });

  test("when both hang, 2 s later the words come without them", async () => {
    const world = new NarratorWorld();
    world.fleet.state = "hanging";
    world.past.state = "hanging";
    await world.asks("checkout", 1);
    await world.pass(1_999);
    expect(world.model.calls).toEqual([]);
    await world.pass(1);
    await world.settle();
    expect(world.model.writing()).toEqual(["checkout"]);
    expect(kinds(world, "checkout")).toEqual(["errors", "onset", "impact"]);
  });

  test("when one of them is down, the words come at once with what the other one knows", async () => {
    const world = new NarratorWorld();
    world.fleet.neighbour_incidents = [NEIGHBOUR];
    world.past.state = "broken";
    await world.asks("checkout", 1);
    expect(kinds(world, "checkout")).toEqual(["errors", "onset", "impact", "neighbour"]);
  });
});

describe.each(["hanging", "broken"] as const)("given a service's object that is %s when its words come", (how) => {
  test("they are delivered when it is back, and other services' words come meanwhile", async () => {
    const world = new NarratorWorld();
    await world.asks("checkout", 1);
    world.services[how].add("checkout");
    world.model.open[0]!.answer();
    await world.settle();
    for (const service of ["search", "cart"]) {
      await world.asks(service, 1);
      world.model.open[0]!.answer();
      await world.settle();
      expect(world.services.newest(service)).toMatchObject({ source: "llm" });
    }
    await world.pass(120_000);
    world.services[how].delete("checkout");
    await world.pass(65_000);
    await world.settle();
    expect(world.services.newest("checkout")).toMatchObject({ source: "llm", written_at: "2026-11-24T10:00:00Z" });
    expect(world.model.calls).toHaveLength(3);
    expect(world.actor.status()).toMatchObject({ waiting: 0, dropped: 0 });
  });
});

describe("given a service's object that does not answer", () => {
  test("it is asked again after 1, 2, 4 s and so on, at most a minute apart", async () => {
    const world = new NarratorWorld({ model: false });
    world.services.broken.add("checkout");
    await world.asks("checkout", 1);
    await world.pass(250_000);
    const times = world.services.asked.map(({ at_ms }) => (at_ms - START_MS) / 1_000);
    expect(times).toEqual([0, 1, 3, 7, 15, 31, 63, 123, 183, 243]);
  });

  test("the model is not asked for its words again before it is", async () => {
    const world = new NarratorWorld();
    world.services.hanging.add("checkout");
    await world.asks("checkout", 1);
    world.model.open[0]!.fail();
    await world.pass(5_500);
    world.services.hanging.clear();
    await world.pass(1_500);
    // The model could be called after a second; its object was waited for 5 s, and is asked again a second later.
    expect(world.model.calls.map(({ at_ms }) => at_ms - START_MS)).toEqual([0, 6_000]);
  });

  test("a day later its words are given up and counted", async () => {
    const world = new NarratorWorld({ model: false });
    world.services.broken.add("checkout");
    await world.asks("checkout", 1);
    world.now_ms += 24 * 3_600_000 - 60_000;
    await world.pass(60_000);
    expect(world.actor.status()).toMatchObject({ waiting: 1, dropped: 0 });
    await world.pass(60_000);
    await world.settle();
    expect(world.actor.status()).toMatchObject({ waiting: 0, dropped: 1 });
    await world.pass(60_000);
    expect(world.storage.alarm_ms).toBeNull();
  });

  test("its last words wait until it is known whether it heard that the model writes", async () => {
    const world = new NarratorWorld();
    world.services.hanging.add("checkout");
    await world.asks("checkout", 1);
    world.model.open[0]!.answer();
    await world.pass(4_999);
    expect(world.services.asked).toHaveLength(1);
    expect(world.actor.status()).toMatchObject({ waiting: 1, running: 0 });
  });

  test("a deleted one drops what is written for it", async () => {
    const world = new NarratorWorld();
    await world.asks("checkout", 1);
    world.services.forgets("checkout");
    world.model.open[0]!.answer();
    await world.settle();
    expect(world.actor.status()).toMatchObject({ waiting: 0, dropped: 0 });
  });

  test("forty that hang hold up one that answers for five seconds at most", async () => {
    const world = new NarratorWorld({ model: false });
    for (let i = 0; i < 40; i += 1) {
      world.services.hanging.add(`s${i}`);
      await world.asks(`s${i}`, 1, { severity: "critical" });
    }
    await world.asks("checkout", 1, { severity: "medium" });
    await world.pass(5_000);
    await world.settle();
    expect(world.services.reasons("checkout")).toEqual(["waiting", "no_model"]);
  });
});

describe("given many incidents that are done", () => {
  test("they are forgotten after a day", async () => {
    const world = new NarratorWorld();
    world.model.mood = "right";
    await world.asks("checkout", 1);
    expect(world.storage.dump()["done"]).toHaveLength(1);
    await world.pass(24 * 3_600_000 + 1);
    await world.asks("search", 1);
    await world.settle();
    expect(world.storage.dump()["done"]).toMatchObject([{ incident_id: expect.stringContaining("search") }]);
  });
});
