/** The Narrator as a service meets it: words come in the order of need, twice at once, and the newest version wins. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { evidenceOf, NarratorWorld, START_MS, WRONG_ANSWER } from "../tests/narrator-harness.ts";

beforeEach(() => {
  for (const level of ["info", "warn", "error"] as const) vi.spyOn(console, level).mockImplementation(() => undefined);
});
afterEach(() => vi.restoreAllMocks());

const RESOLVED = { status: "resolved", resolved_at: "2026-11-24T10:05:00Z", resolution: "recovered" } as const;

describe("given an incident and a model", () => {
  test("when the model is asked, the service tells that it writes, and since when", async () => {
    const world = new NarratorWorld();
    world.now_ms = START_MS + 5_000;
    await world.asks("checkout", 1);
    expect(world.model.writing()).toEqual(["checkout"]);
    const written_at = "2026-11-24T10:00:05Z";
    const { summary } = world.services.told.get("checkout")![0]!;
    const narrative = { source: "template", reason: "writing", llm_model: "small:1b", written_at, summary };
    expect(world.services.newest("checkout")).toMatchObject(narrative);
    expect(world.services.reasons("checkout")).toEqual(["waiting", "writing"]);
  });

  test("when its answer stands, the service tells it, with model and time, and nothing waits any more", async () => {
    const world = new NarratorWorld();
    await world.asks("checkout", 1);
    await world.pass(3_000);
    world.model.open[0]!.answer();
    await world.settle();
    const narrative = { source: "llm", reason: null, llm_model: "small:1b", latency_ms: 3_000, version: 1 };
    expect(world.services.newest("checkout")).toMatchObject(narrative);
    expect(world.actor.status()).toMatchObject({ model: "small:1b", waiting: 0, running: 0, tokens_today: 900 });
    await world.pass(60_000);
    expect(world.storage.alarm_ms).toBeNull();
    expect(world.timers).toBe(0);
  });

  test("when its answer does not stand, it is sent back once with what is wrong, and then the template stays", async () => {
    const world = new NarratorWorld();
    await world.asks("checkout", 1);
    world.model.open[0]!.answer(WRONG_ANSWER);
    await world.settle();
    const { repair } = world.model.open[0]!;
    expect(repair).toMatchObject({ answer: WRONG_ANSWER });
    expect(repair!.violations.join()).toContain("73 %");
    world.model.open[0]!.answer(WRONG_ANSWER, 100);
    await world.settle();
    expect(world.services.reasons("checkout")).toEqual(["waiting", "writing", "ungrounded"]);
    expect(world.actor.status()).toMatchObject({ waiting: 0, tokens_today: 1_000, circuit: { state: "closed" } });
    await world.pass(600_000);
    expect(world.model.calls).toHaveLength(2);
  });

  test("when the repaired answer stands, it is told", async () => {
    const world = new NarratorWorld();
    await world.asks("checkout", 1);
    world.model.open[0]!.answer(WRONG_ANSWER);
    await world.settle();
    await world.pass(1_500);
    world.model.open[0]!.answer();
    await world.settle();
    expect(world.services.newest("checkout")).toMatchObject({ source: "llm", latency_ms: 1_500 });
  });
});

describe("given more incidents than may be written at once", () => {
  test("two are asked about, the most severe ones first, then those that have waited longest", async () => {
    const world = new NarratorWorld();
    await world.asks("cart", 1, { severity: "medium" });
    await world.asks("search", 1, { severity: "medium" });
    for (const [service, severity] of [
      ["mail", "medium"],
      ["pay", "high"],
      ["login", "critical"],
      ["stock", "high"],
    ] as const) {
      await world.pass(1_000);
      await world.asks(service, 1, { severity });
    }
    expect(world.model.writing()).toEqual(["cart", "search"]);
    expect(world.services.reasons("login")).toEqual(["waiting"]);
    expect(world.actor.status()).toMatchObject({ waiting: 6, running: 2 });
    const order: string[] = [];
    while (world.model.open.length > 0) {
      order.push(world.model.open.at(-1)!.evidence.service);
      world.model.open.at(-1)!.answer();
      await world.settle();
    }
    expect(order).toEqual(["search", "login", "pay", "stock", "mail", "cart"]);
    expect(world.model.open_max).toBe(2);
  });

  test("an incident whose newer version replaces one that waits keeps its place", async () => {
    const world = new NarratorWorld();
    for (const service of ["cart", "search", "stock"]) await world.asks(service, 1);
    await world.pass(1_000);
    await world.asks("mail", 1);
    await world.pass(1_000);
    await world.asks("stock", 2);
    world.model.open[0]!.answer();
    await world.settle();
    expect(world.model.writing()).toEqual(["search", "stock"]);
    expect(world.model.calls.map(({ evidence }) => evidence.version)).toEqual([1, 1, 2]);
  });
});

describe("given a newer version of an incident", () => {
  test("while the model writes of the older one, that call is given up for the newer one", async () => {
    const world = new NarratorWorld();
    await world.asks("checkout", 1);
    const [older] = world.model.open;
    await world.asks("checkout", 2, { severity: "critical" });
    expect(older!.signal.aborted).toBe(true);
    expect(world.model.open.map(({ evidence }) => evidence.version)).toEqual([2]);
    world.model.open[0]!.answer();
    await world.settle();
    expect(world.services.reasons("checkout")).toEqual(["waiting", "writing", "waiting", "writing", "llm"]);
    expect(world.services.newest("checkout")).toMatchObject({ version: 2, source: "llm" });
    // A call that was given up says nothing of the model, and has spent nothing that is known.
    expect(world.actor.status()).toMatchObject({ circuit: { failures: 0 }, tokens_today: 900 });
  });

  test("what comes late or again of an older or the same version is ignored, also once its words are told", async () => {
    const world = new NarratorWorld();
    await world.asks("checkout", 2);
    await world.repeats("checkout", 1);
    await world.repeats("checkout", 2);
    expect(world.model.calls).toHaveLength(1);
    world.model.open[0]!.answer();
    await world.settle();
    await world.repeats("checkout", 1);
    await world.repeats("checkout", 2);
    expect(world.model.calls).toHaveLength(1);
    expect(world.actor.status().waiting).toBe(0);
    await world.asks("checkout", 3);
    expect(world.model.writing()).toEqual(["checkout"]);
  });

  test("what the Fleet says late of the older one changes nothing of it", async () => {
    const world = new NarratorWorld();
    world.fleet.state = "hanging";
    await world.asks("checkout", 1);
    await world.pass(1_000);
    world.fleet.state = "up";
    await world.asks("checkout", 2);
    await world.pass(1_000);
    world.model.open[0]!.fail();
    await world.pass(2_000);
    expect(world.model.calls.map(({ evidence }) => evidence.version)).toEqual([2, 2]);
  });

  test("while the last words of the older one are on their way, it waits on when they arrive", async () => {
    const world = new NarratorWorld();
    await world.asks("checkout", 1);
    const { promise, resolve } = Promise.withResolvers<void>();
    world.services.slow.set("checkout", promise);
    world.model.open[0]!.answer();
    await world.settle();
    await world.asks("checkout", 2);
    resolve();
    await world.settle();
    expect(world.actor.status()).toMatchObject({ waiting: 1, running: 1 });
    world.model.open[0]!.answer();
    await world.settle();
    expect(world.services.reasons("checkout")).toEqual(["waiting", "writing", "waiting", "writing", "llm"]);
  });

  test("that the service knows of before the Narrator does, the call for the older one is given up", async () => {
    const world = new NarratorWorld();
    world.services.tells(evidenceOf("checkout", 2));
    await world.repeats("checkout", 1);
    expect(world.model.calls[0]!.signal.aborted).toBe(true);
    expect(world.model.open).toEqual([]);
    expect(world.actor.status()).toMatchObject({ waiting: 0, running: 0, dropped: 0 });
  });

  test("of an incident that its service does not know any more, nothing is written", async () => {
    const world = new NarratorWorld();
    await world.repeats("checkout", 1);
    expect(world.model.open).toEqual([]);
    expect(world.services.told.size).toBe(0);
    expect(world.actor.status()).toMatchObject({ waiting: 0, dropped: 0 });
  });
});

describe("given incidents that have only the template's words", () => {
  test("without a model, the service hears so, once, and nothing waits", async () => {
    const world = new NarratorWorld({ model: false });
    await world.asks("checkout", 1);
    await world.repeats("checkout", 1);
    expect(world.services.reasons("checkout")).toEqual(["waiting", "no_model"]);
    expect(world.actor.status()).toMatchObject({ model: null, waiting: 0 });
  });

  test("a historical one is not written of, and its service has nothing new to tell", async () => {
    const world = new NarratorWorld();
    await world.asks("checkout", 1, { historical: true });
    expect(world.model.calls).toEqual([]);
    expect(world.services.reasons("checkout")).toEqual(["historical"]);
    expect(world.actor.status().waiting).toBe(0);
  });

  test("one that was resolved more than ten minutes ago is not written of, and its service tells why", async () => {
    const world = new NarratorWorld();
    world.now_ms = Date.parse(RESOLVED.resolved_at) + 600_001;
    await world.asks("checkout", 1, RESOLVED);
    expect(world.model.calls).toEqual([]);
    expect(world.services.reasons("checkout")).toEqual(["waiting", "resolved"]);
    expect(world.actor.status().waiting).toBe(0);
  });

  test("one that was resolved at most ten minutes ago is written of", async () => {
    const world = new NarratorWorld();
    world.now_ms = Date.parse(RESOLVED.resolved_at) + 600_000;
    await world.asks("checkout", 1, RESOLVED);
    expect(world.model.writing()).toEqual(["checkout"]);
  });

  test("one that waits until its end is ten minutes past is not written of", async () => {
    const world = new NarratorWorld();
    world.now_ms = Date.parse(RESOLVED.resolved_at);
    world.model.mood = "down";
    await world.asks("checkout", 1, RESOLVED);
    await world.pass(600_000);
    expect(world.services.reasons("checkout").at(-1)).toBe("unavailable");
    const calls = world.model.calls.length;
    await world.pass(1);
    await world.settle();
    expect(world.services.reasons("checkout").at(-1)).toBe("resolved");
    await world.pass(600_000);
    expect(world.model.calls).toHaveLength(calls);
    expect(world.storage.alarm_ms).toBeNull();
  });
});

describe("given a queue that is full", () => {
  test("what is the template's anyway goes first, then the mildest, then the oldest; it is counted", async () => {
    const world = new NarratorWorld();
    world.fleet.state = "hanging";
    const requests = Array.from({ length: 1_000 }, (_, i) => i).map((i) => {
      const severity = i === 3 ? "medium" : "high";
      return {
        service: "s",
        evidence: { ...evidenceOf("s", 1, { severity, historical: i === 2 }), incident_id: `i${i}` },
      };
    });
    await world.actor.narrate(requests);
    const more = (id: string): Promise<void> =>
      world.actor.narrate([{ service: "s", evidence: { ...evidenceOf("s", 1), incident_id: id } }]);
    const waiting = (): unknown[] => world.storage.dump()["jobs"]!.map((row) => row["incident_id"]);
    for (const gone of ["i2", "i3"]) {
      expect(waiting()).toContain(gone);
      await more(`instead of ${gone}`);
      expect(waiting()).not.toContain(gone);
    }
    world.now_ms += 1;
    await more("newest");
    expect(waiting()).toHaveLength(1_000);
    expect(waiting()).toContain("newest");
    expect(world.actor.status()).toMatchObject({ waiting: 1_000, dropped: 3 });
  });
});
