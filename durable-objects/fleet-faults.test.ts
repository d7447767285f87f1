/** Memory equals storage (DESIGN.md section 5, point 7): whichever statement fails, an object that wakes anew sees the same. */
import { describe, expect, test, vi } from "vitest";
import type { FleetActor } from "../durable-objects/fleet.ts";
import { FleetWorld, incidentOf, reportOf, START_MS } from "../tests/fleet-harness.ts";
import { narrativeRow } from "../tests/history-rows.ts";
import { InjectedFault } from "../tests/sqlite-storage.ts";

const position = { source: "default", topic: "raw_events", partition: 0, first_offset: 0, last_offset: 9 };
const minute = { at: START_MS / 1000, request_count: 60, error_count: 0, p95_latency_ms: 80 };

const CALLS: readonly { readonly name: string; readonly call: (actor: FleetActor) => Promise<unknown> }[] = [
  { name: "admit", call: (actor) => actor.admit({ services: ["checkout", "c", "d", "e"], position }) },
  { name: "quarantine", call: (actor) => actor.quarantine("checkout", true) },
  { name: "refuse", call: (actor) => actor.refuse("search", { ...position, last_offset: 99 }) },
  { name: "lift a quarantine", call: (actor) => actor.quarantine("search", false) },
  {
    name: "report",
    call: (actor) => {
      const closed_minute = minute;
      return actor.report([reportOf("checkout", { closed_minute }), reportOf("search", { closed_minute })]);
    },
  },
  {
    name: "incidents",
    call: (actor) =>
      actor.incidents([
        { service: "checkout", seq: 1, action: "opened", incident: incidentOf("checkout") },
        { service: "search", seq: 1, action: "opened", incident: incidentOf("search") },
        {
          service: "checkout",
          seq: 2,
          action: "updated",
          incident: incidentOf("checkout", { revision: 2, severity: "critical" }),
        },
        { service: "checkout", seq: 3, severity: "critical", narrative: narrativeRow() },
      ]),
  },
  { name: "heartbeat", call: (actor) => actor.heartbeat({ source: "default", instance: "bridge-2", lag: 5 }) },
  { name: "claimKey", call: (actor) => actor.claimKey("key", "body") },
  { name: "mintCode", call: (actor) => actor.mintCode("viewer") },
];

async function populated(): Promise<FleetWorld> {
  const world = new FleetWorld();
  world.services_max = 3;
  world.evict();
  await world.admit("checkout", "search");
  await world.actor.quarantine("search", true);
  await world.actor.refuse("search", position);
  await world.actor.heartbeat({ source: "default", instance: "bridge-1", lag: 1 });
  return world;
}

/** All that a neighbour or a page can see. */
async function view(actor: FleetActor): Promise<unknown> {
  return {
    greeting: actor.greet({ after: 0, expires_at: null, min_severity: null }),
    services: await actor.services(null, 100),
    bridges: await actor.bridges(),
  };
}

describe.each(CALLS)("given a storage that fails in the middle of $name", ({ call }) => {
  test("then memory is as an object sees it that wakes anew, and the same call succeeds when repeated", async () => {
    const whole = await populated();
    await call(whole.actor);
    let faults = 0;
    for (let statements = 0; ; statements += 1) {
      const world = await populated();
      const heard = world.connect("page");
      world.storage.failAfter(statements);
      const error: unknown = await call(world.actor).then(
        () => null,
        (thrown: unknown) => thrown,
      );
      if (!world.storage.failed) break;
      faults += 1;
      expect(error).toBeInstanceOf(InjectedFault);
      const remembered = await view(world.actor);
      // What a socket heard of before the transaction failed would be a lie.
      const stored = world.storage.dump()["incident_events"]!.length;
      expect(heard.filter(({ type }) => type === "incident" || type === "narrative")).toHaveLength(stored);
      world.evict();
      expect(await view(world.actor)).toEqual(remembered);
      await call(world.actor);
      expect(await view(world.actor)).toEqual(await view(whole.actor));
    }
    expect(faults).toBeGreaterThan(0);
  });
});

describe("given a storage that fails in the middle of the alarm", () => {
  test("then another one is set already, or the platform is told to try again", async () => {
    const logged = vi.spyOn(console, "error").mockImplementation(() => undefined);
    let faults = 0;
    for (let statements = 0; ; statements += 1) {
      const world = await populated();
      await world.actor.claimKey("key", "body");
      await world.actor.quarantine("search", false);
      world.now_ms += 72 * 3_600_000;
      world.storage.alarm_ms = null;
      world.storage.failAfter(statements);
      let retried = false;
      try {
        world.actor.onAlarm();
      } catch {
        retried = true;
      }
      if (!world.storage.failed) break;
      faults += 1;
      expect(retried || world.storage.alarm_ms !== null).toBe(true);
      if (retried) world.ring();
      await world.pass(3_600_000);
      expect(world.storage.dump()).toMatchObject({ idempotency_keys: [], refusals: [] });
      expect(world.storage.alarm_ms).toBeNull();
    }
    expect(faults).toBeGreaterThan(3);
    logged.mockRestore();
  });
});
