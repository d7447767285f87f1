/** The Narrator as a service meets it: words come in the order of need, twice at once, and the newest version wins. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { evidenceOf, NarratorWorld, START_MS, WRONG_ANSWER } from "../tests/narrator-harness.ts";

beforeEach(() => {
  for (const level of ["info", "warn", "error"] as const) vi.spyOn(console, level).mockImplementation(() => undefined);
});
afterEach(() => vi.restoreAllMocks());

const resolved_at = "2026-11-24T10:05:00.000Z";
const resolved = { status: "resolved", resolved_at, resolution: "recovered" } as const;

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

describe("given incidents that have only the template's words", () => {
  test("without a model, the service hears so, once, and nothing waits", async () => {
    const world = new NarratorWorld({ model: false });
    await world.asks("checkout", 1);
    await world.repeats("checkout", 1);
    expect(world.services.reasons("checkout")).toEqual(["waiting", "no_model"]);
    expect(world.actor.status()).toMatchObject({ model: null, waiting: 0 });
  });
});
