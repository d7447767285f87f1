/** Admission by the Fleet: the verdict on a name, and that an offset which was refused once is refused for ever. */
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import type { Admission, AdmissionRequest } from "../domain/fleet.ts";
import { FleetWorld } from "../tests/fleet-harness.ts";

type Position = NonNullable<AdmissionRequest["position"]>;

function position(first_offset: number, last_offset: number, changes: Partial<Position> = {}): Position {
  return { source: "default", topic: "raw_events", partition: 0, first_offset, last_offset, ...changes };
}

/** What the Worker makes of it: an offset in a mark keeps that verdict, else the service's standing decides. */
function verdict(admission: Admission, at: Position, offset: number): string {
  const mark = admission.refusals.find(
    (span) =>
      span.source === at.source &&
      span.topic === at.topic &&
      span.partition === at.partition &&
      offset >= span.first_offset &&
      offset <= span.last_offset,
  );
  return mark?.reason ?? admission.status;
}

async function verdictOn(world: FleetWorld, service: string, at: Position, offset: number): Promise<string> {
  const [admission] = await world.actor.admit({ services: [service], position: at });
  return verdict(admission!, at, offset);
}

/** A batch of a service in quarantine whose object does not answer. */
async function refuse(world: FleetWorld, service: string, at: Position): Promise<void> {
  expect(await world.actor.refuse(service, at)).toBe(true);
}

describe("a registry with room", () => {
  test("admits a name for good, through an eviction", async () => {
    const world = new FleetWorld();
    const admissions = await world.actor.admit({
      services: ["checkout", "search", "checkout"],
      position: position(0, 9),
    });
    world.evict();
    expect(admissions).toEqual([
      { service: "checkout", status: "admitted", refusals: [] },
      { service: "search", status: "admitted", refusals: [] },
    ]);
    expect(await world.actor.isRegistered("checkout")).toBe(true);
    expect(await world.actor.isRegistered("payments")).toBe(false);
  });

  test("writes one row for a new name, and none for a known one", async () => {
    const world = new FleetWorld();
    await world.admit("checkout");
    expect(world.storage.rows_written).toBe(1);
    await world.admit("checkout");
    expect(world.storage.rows_written).toBe(1);
  });
});

describe("a full registry", () => {
  test("admits in the order given what fits, and refuses the rest", async () => {
    const world = new FleetWorld();
    world.services_max = 2;
    world.evict();
    const admissions = await world.actor.admit({ services: ["a", "b", "c", "a"], position: null });
    expect(admissions.map(({ status }) => status)).toEqual(["admitted", "admitted", "too_many_services"]);
  });

  test("remembers for each partition what it refused, in one row that widens", async () => {
    const world = new FleetWorld();
    world.services_max = 0;
    world.evict();
    for (const batch of [0, 1, 2]) {
      await world.actor.admit({ services: ["a", `b${batch}`], position: position(batch * 10, batch * 10 + 9) });
    }
    expect(world.storage.dump()["refusals"]).toEqual([
      expect.objectContaining({ service: "*", first_offset: 0, last_offset: 29, ended_ms: 0 }),
    ]);
  });

  test("writes nothing for a redelivery of what it refused, nor for plain HTTP", async () => {
    const world = new FleetWorld();
    world.services_max = 0;
    world.evict();
    await world.actor.admit({ services: ["a"], position: position(0, 9) });
    const { rows_written } = world.storage;
    await world.actor.admit({ services: ["a"], position: position(0, 9) });
    await world.actor.admit({ services: ["b"], position: null });
    expect(world.storage.rows_written).toBe(rows_written);
  });

  test("given that it grew, when an offset is delivered again, then a name refused there is refused again, and no other offset", async () => {
    const world = new FleetWorld();
    world.services_max = 0;
    world.evict();
    const refused = position(100, 109);
    await world.actor.admit({ services: ["a"], position: refused });

    world.services_max = 1;
    world.evict();

    expect(await verdictOn(world, "a", position(110, 119), 110)).toBe("admitted");
    expect(await verdictOn(world, "a", refused, 105)).toBe("too_many_services");
    expect(await verdictOn(world, "a", { ...refused, partition: 1 }, 105)).toBe("admitted");
    expect(await verdictOn(world, "a", { ...refused, source: "other" }, 105)).toBe("admitted");
  });

  test("given a name that it admitted, when others are refused later, then their marks do not bind the name", async () => {
    const world = new FleetWorld();
    world.services_max = 1;
    world.evict();
    await world.actor.admit({ services: ["a"], position: position(0, 9) });
    await world.actor.admit({ services: ["a", "b"], position: position(10, 19) });
    world.services_max = 2;
    world.evict();
    await world.actor.admit({ services: ["b"], position: position(20, 29) });
    expect(await verdictOn(world, "a", position(10, 19), 15)).toBe("admitted");
    expect(await verdictOn(world, "b", position(10, 19), 15)).toBe("too_many_services");
  });
});

describe("a quarantine", () => {
  test("refuses a known service until it is lifted, and what it refused stays refused", async () => {
    const world = new FleetWorld();
    await world.actor.admit({ services: ["a"], position: position(0, 9) });
    expect(await world.actor.quarantine("a", true)).toMatchObject({ quarantined: true });
    expect(await verdictOn(world, "a", position(10, 19), 12)).toBe("quarantined");
    await refuse(world, "a", position(10, 19));
    expect(await world.actor.quarantine("a", false)).toMatchObject({ quarantined: false, quarantined_at: null });
    world.evict();
    expect(await verdictOn(world, "a", position(20, 29), 20)).toBe("admitted");
    expect(await verdictOn(world, "a", position(10, 19), 12)).toBe("quarantined");
    expect(await verdictOn(world, "a", position(0, 9), 5)).toBe("admitted");
  });

  test("given a second one, then what was accepted between both stays accepted", async () => {
    const world = new FleetWorld();
    await world.admit("a");
    for (const first of [0, 20]) {
      await world.actor.quarantine("a", true);
      await refuse(world, "a", position(first, first + 9));
      await world.actor.quarantine("a", false);
      await world.actor.admit({ services: ["a"], position: position(first + 10, first + 19) });
    }
    const verdicts = await Promise.all(
      [5, 15, 25, 35].map((offset) => verdictOn(world, "a", position(offset, offset), offset)),
    );
    expect(verdicts).toEqual(["quarantined", "admitted", "quarantined", "admitted"]);
  });

  test("marks nothing by itself: the object knows what it refused", async () => {
    const world = new FleetWorld();
    await world.admit("a");
    expect(await world.actor.refuse("a", position(0, 9))).toBe(false);
    await world.actor.quarantine("a", true);
    await world.actor.admit({ services: ["a"], position: position(0, 9) });
    expect(world.storage.dump()["refusals"]).toEqual([]);
  });

  test("reaches the object before it is answered, and is lifted there before anywhere else", async () => {
    const world = new FleetWorld();
    await world.admit("a");
    await world.actor.quarantine("a", true);
    expect(world.monitors.quarantined).toEqual(new Set(["a"]));
    await world.actor.quarantine("a", false);
    expect(world.monitors.quarantined).toEqual(new Set());
  });

  test.each(["broken", "hanging"] as const)("of a %s object starts all the same, and is not lifted", async (how) => {
    const world = new FleetWorld();
    const logged = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    await world.admit("a");
    world.monitors[how].add("a");
    const answered = async (quarantined: boolean): Promise<unknown> => {
      const answer = world.actor.quarantine("a", quarantined);
      await world.pass(5_000);
      return answer;
    };
    expect(await answered(true)).toMatchObject({ quarantined: true });
    expect(await answered(false)).toMatchObject({ quarantined: true });
    world.monitors[how].clear();
    expect(await answered(false)).toMatchObject({ quarantined: false });
    expect(logged).toHaveBeenCalledTimes(2);
    logged.mockRestore();
  });

  test("of a service that is deleted while its object is told is of nobody", async () => {
    const world = new FleetWorld();
    await world.admit("a");
    const answer = world.actor.quarantine("a", true);
    await world.actor.remove("a", "admin by token");
    expect(await answer).toBeNull();
  });

  test("is not known of a service that is not registered", async () => {
    expect(await new FleetWorld().actor.quarantine("a", true)).toBeNull();
  });

  test("is remembered for 24 h after it was lifted, then pruned, and leaves no alarm", async () => {
    const world = new FleetWorld();
    await world.admit("a");
    await world.actor.quarantine("a", true);
    await refuse(world, "a", position(0, 9));
    await world.actor.quarantine("a", false);
    await world.pass(24 * 3_600_000 - 1);
    expect(world.storage.dump()["refusals"]).toHaveLength(1);
    await world.pass(3_600_001 + 60_000);
    expect(world.storage.dump()["refusals"]).toEqual([]);
    expect(world.storage.alarm_ms).toBeNull();
  });
});

/** A step of a partition's life: a batch, a redelivery of an older one, or what an operator does. */
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant("batch" as const), size: fc.integer({ min: 1, max: 5 }) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("again" as const), pick: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("toggle" as const), name: fc.nat({ max: 3 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("grow" as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("evict" as const) }) },
);

const NAMES = ["a", "b", "c", "d"];

describe("whatever happens to registry and quarantines", () => {
  test("a refused offset keeps its reason, and an accepted one is refused by a quarantine that is on alone", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const world = new FleetWorld();
        world.services_max = 1;
        world.evict();
        const first_verdicts = new Map<string, string>();
        const batches: Position[] = [];
        let next = 0;
        const deliver = async (at: Position): Promise<void> => {
          for (const admission of await world.actor.admit({ services: NAMES, position: at })) {
            if (admission.status === "quarantined") await refuse(world, admission.service, at);
            for (let offset = at.first_offset; offset <= at.last_offset; offset += 1) {
              const key = `${admission.service} ${offset}`;
              const now = verdict(admission, at, offset);
              const before = first_verdicts.get(key);
              if (before === undefined) first_verdicts.set(key, now);
              else if (before !== "admitted") expect(`${key} ${now}`).toBe(`${key} ${before}`);
              else expect(["admitted", admission.status]).toContain(now);
            }
          }
        };
        for (const it of steps) {
          if (it.kind === "batch") {
            batches.push(position(next, next + it.size - 1));
            next += it.size;
            await deliver(batches.at(-1)!);
          } else if (it.kind === "again") {
            // The Fleet knows nothing of what a service took before: a redelivery of that to a broken object is a mark of its own.
            const isQuiet = world.storage.dump()["services"]!.every((row) => row["quarantined_ms"] === null);
            if (batches.length > 0 && isQuiet) await deliver(batches[it.pick % batches.length]!);
          } else if (it.kind === "toggle") {
            const service = NAMES[it.name]!;
            const rows = world.storage.dump()["services"]!;
            const isOn = rows.some((row) => row["service"] === service && row["quarantined_ms"] !== null);
            await world.actor.quarantine(service, !isOn);
          } else {
            if (it.kind === "grow") world.services_max += 1;
            world.evict();
          }
        }
      }),
      { numRuns: 150 },
    );
  });
});
