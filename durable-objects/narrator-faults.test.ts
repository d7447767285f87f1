/** The Narrator survives: whichever statement fails, and whenever it loses its memory, each version has one narrative in effect. */
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { evidenceOf, NarratorWorld, WRONG_ANSWER } from "../tests/narrator-harness.ts";
import { InjectedFault } from "../tests/sqlite-storage.ts";

// A hundred runs of a day each; beside other tests on few cores they take longer than alone.
vi.setConfig({ testTimeout: 60_000 });

beforeEach(() => {
  for (const level of ["info", "warn", "error"] as const) vi.spyOn(console, level).mockImplementation(() => undefined);
});
afterEach(() => vi.restoreAllMocks());

/** The service's outbox asks again until it is heard, as every outbox does. */
async function asksUntilHeard(world: NarratorWorld, service: string, version: number): Promise<void> {
  for (;;) {
    try {
      await world.repeats(service, version);
      return;
    } catch (error) {
      if (!(error instanceof InjectedFault)) throw error;
      await world.pass(1_000);
    }
  }
}

/** Three incidents, a newer version of one, an answer that fails, one that does not stand, and a service that is away for a while. */
async function day(world: NarratorWorld, onTurn: () => void): Promise<void> {
  const turn = async (): Promise<void> => {
    await world.settle();
    onTurn();
    await world.settle();
  };
  for (const service of ["checkout", "search", "cart"]) {
    world.services.tells(evidenceOf(service, 1));
    await asksUntilHeard(world, service, 1);
    await turn();
  }
  world.model.open[0]?.fail();
  await turn();
  world.model.open[0]?.answer(WRONG_ANSWER);
  await turn();
  world.services.tells(evidenceOf("search", 2));
  await asksUntilHeard(world, "search", 2);
  await turn();
  world.services.broken.add("cart");
  world.model.open[0]?.answer();
  await turn();
  world.services.broken.clear();
  world.model.mood = "right";
  for (const call of world.model.open) call.answer();
  await turn();
  await world.pass(90_000);
  await turn();
  await world.pass(90_000);
}

function expectAllTold(world: NarratorWorld): void {
  const ends = [
    ["checkout", 1],
    ["search", 2],
    ["cart", 1],
  ] as const;
  for (const [service, version] of ends) {
    expect(world.services.newest(service)).toMatchObject({ version, source: "llm" });
    expect(world.services.reasons(service).filter((reason) => reason === "llm")).toHaveLength(1);
  }
  expect(world.storage.unharmed(() => world.actor.status())).toMatchObject({ waiting: 0, running: 0, dropped: 0 });
  expect(world.storage.alarm_ms).toBeNull();
  expect(world.model.open_max).toBeLessThanOrEqual(2);
}

describe("given a storage that fails once", () => {
  test.each([
    ["the object goes on", false],
    ["the object loses its memory with it", true],
  ])("at any statement, and %s, then each incident ends with the model's words, told once", async (_, evicts) => {
    let faults = 0;
    for (let statements = 0; ; statements += 1) {
      const world = new NarratorWorld();
      world.storage.failAfter(statements);
      let isEvicted = false;
      await day(world, () => {
        if (!evicts || isEvicted || !world.storage.failed) return;
        isEvicted = true;
        world.evict();
      });
      expectAllTold(world);
      if (!world.storage.failed) break;
      faults += 1;
    }
    expect(faults).toBeGreaterThan(100);
  });
});

test("given an object that loses its memory at any turn, then each incident ends with the model's words, told once", async () => {
  let turns = 1;
  for (let at = 0; at < turns; at += 1) {
    const world = new NarratorWorld();
    turns = 0;
    await day(world, () => {
      if (turns === at) world.evict();
      turns += 1;
    });
    expectAllTold(world);
  }
  expect(turns).toBeGreaterThan(8);
});

test("given an object that loses its memory while the model writes, then 15 s later it goes on by itself", async () => {
  const world = new NarratorWorld();
  await world.asks("checkout", 1);
  world.evict();
  await world.pass(15_000);
  await world.settle();
  expect(world.model.writing()).toEqual(["checkout"]);
  world.model.open[0]!.answer();
  await world.settle();
  expect(world.services.reasons("checkout")).toEqual(["waiting", "writing", "llm"]);
});

test("given words that were taken, when that cannot be stored, then they are delivered again later, not in a circle", async () => {
  let found = 0;
  for (let statements = 0; ; statements += 1) {
    const world = new NarratorWorld({ model: false });
    world.services.tells(evidenceOf("checkout", 1));
    world.storage.failAfter(statements);
    await asksUntilHeard(world, "checkout", 1);
    if (!world.storage.failed) break;
    const isTaken = world.services.asked.length > 0 && world.actor.status().waiting > 0;
    if (!isTaken) continue;
    found += 1;
    await world.pass(14_999);
    expect(world.services.asked).toHaveLength(1);
    await world.pass(1);
    await world.settle();
    expect(world.services.asked).toHaveLength(2);
    expect(world.actor.status().waiting).toBe(0);
  }
  expect(found).toBeGreaterThan(0);
});

const SERVICES = ["s1", "s2", "s3", "s4", "s5"];

type Act =
  | { readonly kind: "ask" | "repeat" | "away" | "hang" | "back"; readonly at: number }
  | { readonly kind: "right" | "wrong" | "fail"; readonly at: number }
  | { readonly kind: "evict" }
  | { readonly kind: "fault"; readonly statements: number }
  | { readonly kind: "pass"; readonly duration_ms: number };

const acts: fc.Arbitrary<Act[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom("ask", "repeat"), at: fc.nat(4) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom("away", "hang", "back"), at: fc.nat(4) }) },
    { weight: 6, arbitrary: fc.record({ kind: fc.constantFrom("right", "wrong", "fail"), at: fc.nat(1) }) },
    { weight: 1, arbitrary: fc.constant({ kind: "evict" as const }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("fault" as const), statements: fc.nat(60) }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant("pass" as const), duration_ms: fc.nat(40_000) }) },
  ),
  { maxLength: 60 },
);

/** What a service says, and how far it has come. */
class Run {
  readonly world = new NarratorWorld();
  readonly versions = SERVICES.map(() => 0);

  async act(act: Act): Promise<void> {
    const { world, versions } = this;
    switch (act.kind) {
      case "ask":
        versions[act.at]! += 1;
        world.services.tells(evidenceOf(SERVICES[act.at]!, versions[act.at]!));
        return this.#asks(act.at, versions[act.at]!);
      case "repeat":
        return versions[act.at]! > 1 ? this.#asks(act.at, versions[act.at]! - 1) : undefined;
      case "away":
        return void world.services.broken.add(SERVICES[act.at]!);
      case "hang":
        return void world.services.hanging.add(SERVICES[act.at]!);
      case "back":
        world.services.broken.delete(SERVICES[act.at]!);
        return void world.services.hanging.delete(SERVICES[act.at]!);
      case "right":
        return world.model.open[act.at]?.answer();
      case "wrong":
        return world.model.open[act.at]?.answer(WRONG_ANSWER);
      case "fail":
        return world.model.open[act.at]?.fail();
      case "evict":
        return world.evict();
      case "fault":
        return world.storage.failAfter(act.statements);
      case "pass":
        return world.pass(act.duration_ms);
    }
  }

  /** In the end all parts are there, and what was not heard is asked again. */
  async end(): Promise<void> {
    const { world, versions } = this;
    world.storage.failAfter(null);
    world.services.broken.clear();
    world.services.hanging.clear();
    world.model.mood = "right";
    for (const call of world.model.open) call.answer();
    for (const [at, version] of versions.entries()) if (version > 0) await this.#asks(at, version);
    await world.pass(300_000);
  }

  async #asks(at: number, version: number): Promise<void> {
    try {
      await this.world.repeats(SERVICES[at]!, version);
    } catch (error) {
      if (!(error instanceof InjectedFault)) throw error;
    }
  }
}

test("given any order of versions, answers, failures and evictions, the newest version ends with one narrative in effect", async () => {
  await fc.assert(
    fc.asyncProperty(acts, async (steps) => {
      const run = new Run();
      const { world, versions } = run;
      for (const step of steps) {
        await run.act(step);
        await world.settle();
      }
      await run.end();
      expect(world.model.open_max).toBeLessThanOrEqual(2);
      expect(world.actor.status()).toMatchObject({ waiting: 0, running: 0, dropped: 0 });
      for (const [at, version] of versions.entries()) {
        if (version === 0) continue;
        const service = SERVICES[at]!;
        const told = world.services.told.get(service)!;
        // Never back to an older version, and never anything after its last words.
        expect(told.map((own) => own.version)).toEqual(told.map((own) => own.version).toSorted((a, b) => a - b));
        for (let own = 1; own <= version; own += 1) {
          const reasons = world.services.reasons(service, own);
          expect(reasons.slice(0, -1)).not.toContain("llm");
          expect(reasons.slice(0, -1)).not.toContain("ungrounded");
        }
        expect(world.services.newest(service)).toMatchObject({ version });
        const calls = world.model.calls.filter(
          (call) => call.evidence.service === service && call.evidence.version === version,
        );
        const ends = calls.length < 5 ? ["llm", "ungrounded"] : ["llm", "ungrounded", "unavailable"];
        expect(ends).toContain(world.services.reasons(service).at(-1));
      }
      world.storage.close();
    }),
    { numRuns: 150 },
  );
});
