/** The calls to the model: bounded in time, repeated with patience, broken off while it is down, and within the day's tokens. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { NarratorWorld, START_MS, WRONG_ANSWER } from "../tests/narrator-harness.ts";

beforeEach(() => {
  for (const level of ["info", "warn", "error"] as const) vi.spyOn(console, level).mockImplementation(() => undefined);
});
afterEach(() => vi.restoreAllMocks());

/** When each call began, in seconds after START_MS. */
function callTimes({ model }: NarratorWorld): number[] {
  return model.calls.map(({ at_ms }) => (at_ms - START_MS) / 1_000);
}

describe("given a call that fails", () => {
  test("it is repeated after 2, 4, 8 s and so on, a half of it by chance; the service tells once that no words come", async () => {
    const world = new NarratorWorld();
    world.model.mood = "down";
    world.random = 0.5;
    await world.asks("checkout", 1);
    await world.pass(1_499);
    expect(callTimes(world)).toEqual([0]);
    await world.pass(22_000);
    // Three quarters of 2, 4, 8 and 16 s.
    expect(callTimes(world)).toEqual([0, 1.5, 4.5, 10.5, 22.5]);
    expect(world.services.reasons("checkout")).toEqual(["waiting", "writing", "unavailable"]);
  });

  test("and one that succeeds after it, its words are told", async () => {
    const world = new NarratorWorld();
    await world.asks("checkout", 1);
    world.model.open[0]!.fail();
    await world.pass(2_000);
    world.model.open[0]!.answer();
    await world.settle();
    expect(world.services.reasons("checkout")).toEqual(["waiting", "writing", "unavailable", "llm"]);
    expect(world.actor.status().circuit).toMatchObject({ state: "closed", failures: 0 });
  });

  test("because the model hangs: after 60 s it is given up, and counts", async () => {
    const world = new NarratorWorld();
    await world.asks("checkout", 1);
    const [call] = world.model.open;
    await world.pass(59_999);
    expect(call!.signal.aborted).toBe(false);
    await world.pass(1);
    expect(call!.signal.aborted).toBe(true);
    const circuit = { state: "closed", failures: 1, reason: "no answer within 60000 ms" };
    expect(world.actor.status()).toMatchObject({ running: 0, circuit, tokens_today: 0 });
  });

  test("five times while others succeed, it is the incident: the template stays, and nothing more is tried", async () => {
    const world = new NarratorWorld();
    await world.asks("poison", 1, { severity: "critical" });
    for (let attempt = 1; attempt <= 5; attempt += 1) {
      world.model.open.find(({ evidence }) => evidence.service === "poison")!.fail();
      await world.settle();
      await world.asks(`other-${attempt}`, 1);
      world.model.open[0]!.answer();
      await world.pass(32_000);
    }
    expect(world.services.reasons("poison")).toEqual(["waiting", "writing", "unavailable"]);
    expect(world.actor.status()).toMatchObject({ waiting: 0, circuit: { state: "closed" } });
    expect(world.model.calls.filter(({ evidence }) => evidence.service === "poison")).toHaveLength(5);
    await world.repeats("poison", 1);
    expect(world.model.open).toEqual([]);
  });
});

/** Five calls for as many incidents have failed; the circuit opened at the last of them. */
async function outage(): Promise<NarratorWorld> {
  const world = new NarratorWorld();
  world.model.mood = "down";
  for (let i = 1; i <= 5; i += 1) {
    expect(world.actor.status().circuit).toMatchObject({ state: "closed", failures: i - 1 });
    await world.asks(`s${i}`, 1);
  }
  expect(world.actor.status().circuit).toMatchObject({ state: "open", failures: 5 });
  return world;
}

async function failFiveTimes(world: NarratorWorld, service: string): Promise<void> {
  world.model.mood = "down";
  await world.asks(service, 1);
  await world.pass(20_000);
  expect(world.actor.status().circuit).toMatchObject({ state: "open", failures: 5 });
}

describe("given a model that is down", () => {
  test("after the fifth failed call in a row nobody is called, and who waits hears that the model is unavailable", async () => {
    const world = await outage();
    await world.asks("s6", 1);
    await world.pass(29_999);
    expect(world.model.calls).toHaveLength(5);
    for (const service of ["s1", "s5"])
      expect(world.services.reasons(service)).toEqual(["waiting", "writing", "unavailable"]);
    expect(world.services.reasons("s6")).toEqual(["waiting", "unavailable"]);
    const since = "2026-11-24T10:00:00Z";
    const circuit = { state: "open", since, failures: 5, reason: "connection refused" };
    expect(world.actor.status()).toMatchObject({ waiting: 6, running: 0, circuit });
  });

  test("30 s later one call tries, and no second one beside it; it is not told", async () => {
    const world = await outage();
    world.model.mood = "wait";
    await world.pass(30_000);
    await world.settle();
    expect(world.model.open).toHaveLength(1);
    expect(world.actor.status().circuit.state).toBe("half_open");
    await world.asks("s6", 1, { severity: "critical" });
    await world.pass(20_000);
    expect(world.model.open).toHaveLength(1);
    expect(world.services.newest(world.model.writing()[0]!)).toMatchObject({ reason: "unavailable" });
  });

  test("and still is when a call tries, the next try comes after another 30 s, with another incident", async () => {
    const world = await outage();
    await world.pass(30_000);
    await world.settle();
    expect(world.actor.status().circuit).toMatchObject({ state: "open", failures: 6, since: "2026-11-24T10:00:00Z" });
    await world.pass(60_000);
    await world.settle();
    expect(callTimes(world)).toEqual([0, 0, 0, 0, 0, 30, 60, 90]);
    const trials = world.model.calls.slice(5).map(({ evidence }) => evidence.service);
    expect(trials).toEqual(["s1", "s2", "s3"]);
    // An outage brings no change of words with each try.
    expect(world.services.reasons("s1")).toEqual(["waiting", "writing", "unavailable"]);
  });

  test("when a call that tries succeeds, the circuit closes and all that wait are written", async () => {
    const world = await outage();
    world.model.mood = "right";
    await world.pass(30_000);
    await world.settle();
    for (let i = 1; i <= 5; i += 1) expect(world.services.newest(`s${i}`)).toMatchObject({ source: "llm" });
    const circuit = { state: "closed", since: "2026-11-24T10:00:30Z", failures: 0, reason: null };
    expect(world.actor.status()).toMatchObject({ waiting: 0, circuit });
    expect(world.model.open_max).toBeLessThanOrEqual(2);
  });

  test("what was resolved ten minutes before it returns is not written any more", async () => {
    const world = await outage();
    await world.asks("s1", 2, { status: "resolved", resolved_at: "2026-11-24T10:00:30Z", resolution: "recovered" });
    await world.pass(700_000);
    world.model.mood = "right";
    await world.pass(30_000);
    await world.settle();
    expect(world.services.newest("s1")).toMatchObject({ source: "template", reason: "resolved" });
    expect(world.services.newest("s2")).toMatchObject({ source: "llm" });
  });

  test("a try that is given up for a newer version decides nothing: another one follows at once", async () => {
    const world = await outage();
    world.model.mood = "wait";
    await world.pass(30_000);
    await world.settle();
    const [service] = world.model.writing();
    await world.asks(service!, 2);
    expect(world.model.open).toHaveLength(1);
    expect(world.model.open[0]!.evidence.service).not.toBe(service);
    expect(world.actor.status().circuit).toMatchObject({ state: "half_open", failures: 5 });
  });

  test("a newer version hears that the model is unavailable before a call tries with it", async () => {
    const world = new NarratorWorld();
    await failFiveTimes(world, "checkout");
    world.model.mood = "wait";
    await world.pass(30_000);
    await world.settle();
    await world.asks("checkout", 2);
    expect(world.model.open.map(({ evidence }) => evidence.version)).toEqual([2]);
    expect(world.services.reasons("checkout", 2)).toEqual(["waiting", "unavailable"]);
  });

  test("what its service does not know any more waits no longer", async () => {
    const world = await outage();
    await world.repeats("ghost", 1);
    expect(world.actor.status().waiting).toBe(5);
  });

  test("a call that began before and succeeds after shows that it answers", async () => {
    const world = new NarratorWorld();
    await world.asks("slow", 1);
    world.model.mood = "down";
    for (let i = 1; i <= 5; i += 1) await world.asks(`s${i}`, 1);
    expect(world.actor.status().circuit.state).toBe("open");
    world.model.mood = "right";
    world.model.open[0]!.answer();
    await world.settle();
    expect(world.actor.status()).toMatchObject({ waiting: 0, circuit: { state: "closed" } });
  });

  test("a call that began before and fails after does not put off the next try", async () => {
    const world = new NarratorWorld();
    await world.asks("slow", 1);
    world.model.mood = "down";
    for (let i = 1; i <= 5; i += 1) await world.asks(`s${i}`, 1);
    world.model.mood = "wait";
    await world.pass(20_000);
    world.model.open[0]!.fail();
    await world.pass(10_000);
    await world.settle();
    expect(callTimes(world).at(-1)).toBe(30);
  });

  test("the circuit is as it was in an object that wakes anew", async () => {
    const world = await outage();
    await world.pass(10_000);
    const before = world.actor.status();
    world.evict();
    expect(world.actor.status()).toEqual(before);
    await world.pass(19_999);
    expect(world.model.calls).toHaveLength(5);
    await world.pass(1);
    await world.settle();
    expect(world.model.calls).toHaveLength(6);
  });
});

describe("given tokens for a few calls a day", () => {
  test("what does not fit any more has the template's words, and the model's on the next day", async () => {
    const world = new NarratorWorld({ daily_tokens: 5_000 });
    world.now_ms += 3_000;
    for (const service of ["s1", "s2", "s3"]) {
      await world.asks(service, 1);
      world.model.open[0]?.answer(undefined, 900);
      await world.settle();
    }
    // 1,800 are spent, and a call sets 4,000 aside.
    expect(world.model.calls).toHaveLength(2);
    expect(world.services.reasons("s3")).toEqual(["waiting", "budget"]);
    expect(world.actor.status()).toMatchObject({ waiting: 1, tokens_today: 1_800, budget: 5_000 });
    // What is left is asked for each ten minutes, in case that it was raised; midnight is not waited for any longer than that.
    await world.pass(14 * 3_600_000 - 3_000 - 1);
    expect(world.model.calls).toHaveLength(2);
    await world.pass(1);
    await world.settle();
    expect(world.model.writing()).toEqual(["s3"]);
    expect(world.services.reasons("s3")).toEqual(["waiting", "budget", "writing"]);
    expect(world.actor.status().tokens_today).toBe(4_000);
  });

  test("what a call gives back is enough for one that was refused while it ran", async () => {
    const world = new NarratorWorld({ daily_tokens: 5_000 });
    await world.asks("s1", 1);
    await world.asks("s2", 1);
    expect(world.model.writing()).toEqual(["s1"]);
    expect(world.services.reasons("s2")).toEqual(["waiting", "budget"]);
    world.model.open[0]!.answer(undefined, 1_000);
    await world.settle();
    expect(world.model.writing()).toEqual(["s2"]);
  });

  test("an answer that does not stand is not sent back where they do not suffice", async () => {
    const world = new NarratorWorld({ daily_tokens: 4_500 });
    await world.asks("s1", 1);
    world.model.open[0]!.answer(WRONG_ANSWER, 1_000);
    await world.settle();
    expect(world.model.calls).toHaveLength(1);
    expect(world.services.reasons("s1")).toEqual(["waiting", "writing", "budget"]);
  });

  test("calls that fail spend nothing", async () => {
    const world = new NarratorWorld({ daily_tokens: 5_000 });
    world.model.mood = "down";
    await world.asks("s1", 1);
    await world.pass(600_000);
    expect(world.actor.status().tokens_today).toBe(0);
  });

  test("a call that an eviction ended counts with all that was set aside", async () => {
    const world = new NarratorWorld({ daily_tokens: 10_000 });
    await world.asks("s1", 1);
    world.evict();
    expect(world.actor.status().tokens_today).toBe(4_000);
  });
});

describe("given two instances", () => {
  test("they share the tokens of the day, which the first one keeps", async () => {
    const first = new NarratorWorld({ daily_tokens: 7_000 });
    const second = new NarratorWorld({ daily_tokens: 7_000, keeper: first.actor });
    await first.asks("s1", 1);
    await second.asks("s2", 1);
    expect(second.services.reasons("s2")).toEqual(["waiting", "budget"]);
    first.model.open[0]!.answer(undefined, 500);
    await first.settle();
    await second.pass(600_000);
    await second.settle();
    second.model.open[0]!.answer(undefined, 700);
    await second.settle();
    expect(second.services.newest("s2")).toMatchObject({ source: "llm" });
    expect(first.actor.status().tokens_today).toBe(1_200);
    expect(second.actor.status().tokens_today).toBe(0);
  });

  test("while the first one does not answer, the other one spends nothing and asks again", async () => {
    let isUp = false;
    const keeper = {
      reserve: () => (isUp ? Promise.resolve(true) : new Promise<boolean>(() => undefined)),
      giveBack: () => Promise.resolve(),
    };
    const world = new NarratorWorld({ keeper });
    await world.asks("s1", 1);
    await world.pass(14_999);
    expect(world.model.calls).toEqual([]);
    expect(world.actor.status().circuit.failures).toBe(0);
    isUp = true;
    // It was waited for 5 s, and is asked again after 10.
    await world.pass(1);
    await world.settle();
    expect(world.model.writing()).toEqual(["s1"]);
  });
});
