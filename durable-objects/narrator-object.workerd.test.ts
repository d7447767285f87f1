/** The Narrator in the real Workers runtime: its neighbours over RPC, its alarm, and storage that outlives the object. */
import {
  applyD1Migrations,
  evictDurableObject,
  reset,
  runDurableObjectAlarm,
  runInDurableObject,
} from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, test } from "vitest";
import { initialState } from "../domain/monitor-state.ts";
import { narrativeDraft } from "../domain/narrative-draft.ts";
import type { Narrative } from "../domain/narrative.ts";
import type { ModelPort, NarrativeDraft } from "../domain/narrator.ts";
import { templateStory } from "../domain/template-narrative.ts";
import { evidenceExample } from "../tests/evidence-example.ts";
import { MonitorStore } from "./service-monitor-sql.ts";
import { NarratorActor } from "./narrator.ts";
import { durableStorage } from "./storage.ts";

const EVIDENCE = evidenceExample();
const { service, incident_id } = EVIDENCE;
const DAY = "2026-11-24";
/** Of a poll: the test's own timeout ends a wait in vain. */
const PATIENT = { timeout: 19_000 };

beforeEach(async () => {
  await reset();
  await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);
});

/** The service's object tells of the incident, as it does before it asks for words. */
async function tell(): Promise<void> {
  const source = { source: "template", reason: "waiting", llm_model: null, latency_ms: null } as const;
  const at_ms = Date.now();
  const narrative = { ...narrativeDraft(EVIDENCE, templateStory(EVIDENCE), source, at_ms), revision: 1 };
  await runInDurableObject(env.SERVICE_MONITOR.getByName(service), (_, { storage }) => {
    const store = new MonitorStore(durableStorage(storage));
    store.create();
    store.saveState(initialState(service, at_ms));
    store.saveNarrative({ narrative, severity: "high", is_first: true }, at_ms);
  });
}

function told(): Promise<Narrative | null> {
  return Promise.resolve(env.SERVICE_MONITOR.getByName(service).narrative(incident_id));
}

describe("the Narrator without a model", () => {
  test("asks the Fleet and history, and hands the template to the service's object", async () => {
    await tell();
    const narrator = env.NARRATOR.getByName("narrator-0");
    await narrator.narrate([{ service, evidence: EVIDENCE }]);
    await expect.poll(async () => (await narrator.status()).waiting, PATIENT).toBe(0);
    expect(await told()).toMatchObject({
      source: "template",
      reason: "no_model",
      version: EVIDENCE.version,
    });
  });

  test("goes on by its alarm with what an eviction left lying", async () => {
    await tell();
    const narrator = env.NARRATOR.getByName("narrator-0");
    // Given an object that lost its memory right after it had stored what it was asked
    await runInDurableObject(narrator, async (_, { storage }) => {
      const actor = actorOver(storage, { model: null, take: () => new Promise(() => undefined) });
      await actor.narrate([{ service, evidence: EVIDENCE }]);
    });
    await evictDurableObject(narrator);
    expect((await narrator.status()).waiting).toBe(1);
    // When its alarm rings
    expect(await runDurableObjectAlarm(narrator)).toBe(true);
    // Then the words reach the service's object
    await expect.poll(async () => (await narrator.status()).waiting, PATIENT).toBe(0);
    expect(await told()).toMatchObject({ reason: "no_model" });
  });
});

test("the first Narrator keeps the tokens of the day, also through an eviction", async () => {
  const narrator = env.NARRATOR.getByName("narrator-0");
  expect(await narrator.reserve(DAY, 400_000)).toBe(true);
  expect(await narrator.reserve(DAY, 200_000)).toBe(false);
  await evictDurableObject(narrator);
  expect(await narrator.reserve(DAY, 200_000)).toBe(false);
  await narrator.giveBack(DAY, 100_000);
  expect(await narrator.reserve(DAY, 200_000)).toBe(true);
});

test("over an object's own storage the actor writes, is refused, gives up and forgets as it does elsewhere", async () => {
  const drafts: NarrativeDraft[] = [];
  await runInDurableObject(env.NARRATOR.getByName("narrator-1"), async (_, { storage }) => {
    const model: ModelPort = {
      name: "scripted",
      ask: (evidence) => {
        if (evidence.incident_id === "bad") return Promise.reject(new Error("connection refused"));
        return Promise.resolve({ text: rightAnswer(), tokens: 900, latency_ms: 5 });
      },
    };
    const take = (draft: NarrativeDraft): Promise<"taken"> => {
      drafts.push(draft);
      return Promise.resolve("taken");
    };
    const actor = actorOver(storage, { model, take });
    await actor.narrate([{ service, evidence: EVIDENCE }]);
    await expect.poll(() => actor.status().waiting, PATIENT).toBe(0);
    expect(drafts.map((own) => own.reason ?? own.source)).toEqual(["writing", "llm"]);
    await actor.narrate([{ service, evidence: { ...EVIDENCE, incident_id: "bad" } }]);
    await expect.poll(() => drafts.at(-1), PATIENT).toMatchObject({ incident_id: "bad", reason: "unavailable" });
    expect(actor.status().circuit).toMatchObject({ state: "closed", reason: "connection refused" });
    // As many more as may wait: the mildest and oldest make room.
    const many = Array.from({ length: 1_001 }, (__, i) => ({ ...EVIDENCE, incident_id: `i${i}` }));
    const idle = actorOver(storage, { model: null, take: () => new Promise(() => undefined) });
    await idle.narrate(many.map((evidence) => ({ service, evidence })));
    expect(idle.status()).toMatchObject({ waiting: 1_000, dropped: 2 });
  });
});

function rightAnswer(): string {
  const { recommended_actions, ...story } = templateStory(EVIDENCE);
  const actions = recommended_actions.map(({ text, facts }) => ({ text, facts }));
  return JSON.stringify({ ...story, recommended_actions: actions });
}

function actorOver(
  storage: DurableObjectStorage,
  { model, take }: { readonly model: ModelPort | null; readonly take: (draft: NarrativeDraft) => Promise<"taken"> },
): NarratorActor {
  return new NarratorActor({
    storage: durableStorage(storage),
    now: () => Date.now(),
    random: () => 0,
    // Nothing here is waited for in vain; a timer that is left would keep the object from being evicted.
    later: () => () => undefined,
    background: (work) => void work,
    fleet: { neighbours: () => Promise.resolve([]) },
    past: { alike: () => Promise.resolve([]) },
    monitors: { takeNarrative: (_, draft) => take(draft) },
    problem: null,
    model: model === null ? null : { port: model, timeout_ms: 60_000, call_tokens: 4_096 },
    daily_tokens: 100_000,
    keeper: null,
  });
}
