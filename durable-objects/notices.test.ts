/** What a service's object tells those who are to be told: every durable event, with what people want to know beside it. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { defaultSettings } from "../domain/settings.ts";
import { REFERENCE_RULES } from "../tests/detection-stream.ts";
import { MonitorHarness, START_MS, traffic } from "../tests/monitor-harness.ts";

beforeEach(() => {
  for (const level of ["warn", "error"] as const) vi.spyOn(console, level).mockImplementation(() => undefined);
});
afterEach(() => vi.restoreAllMocks());

const HEALTHY_S = 40;
const END_MS = START_MS + HEALTHY_S * 1000;
const TRACES = "https://traces.example.org/?service={service}&endpoint={endpoint}";

/** A service that fails from END_MS on, with an owner and links. */
async function failing(before: (harness: MonitorHarness) => void = () => undefined): Promise<MonitorHarness> {
  const harness = new MonitorHarness("checkout", START_MS);
  await harness.live(traffic(START_MS, HEALTHY_S, 10, 0));
  const own = { owner: "payments", links: { runbook: "https://runbooks.example.org/checkout", traces: TRACES } };
  harness.actor.takeSettings({ version: 1, settings: { ...defaultSettings("checkout"), ...REFERENCE_RULES, ...own } });
  before(harness);
  await harness.live(traffic(END_MS, 20, 10, 1, HEALTHY_S * 10));
  return harness;
}

describe("given an incident that opens", () => {
  test("then its event and its words are told, in order, with owner, links and values", async () => {
    const harness = await failing();
    const notices = [...harness.subscribers.notices.values()];
    expect(notices.map(({ event }) => event.seq)).toEqual(harness.events().map(({ seq }) => seq));
    const [opened, words] = notices;
    expect(opened).toMatchObject({ owner: "payments", links: { runbook: "https://runbooks.example.org/checkout" } });
    expect(opened!.event).toMatchObject({ service: "checkout", action: "opened" });
    expect(opened!.links.traces).toMatch(/^https:\/\/traces\.example\.org\/\?service=checkout&endpoint=/);
    expect(opened!.spark).toMatchObject({ metric_name: "error_rate", step_s: 2 });
    const values = opened!.spark!.values.filter((value) => value !== null);
    expect(values[0]).toBe(0);
    expect(values.at(-1)).toBeGreaterThan(0.3);
    expect(words!.event).toMatchObject({ narrative: { incident_id: harness.incidents()[0]!.incident.id } });
    expect(words!.links).toEqual(opened!.links);
  });

  test("then better words are told when they come, also once the memory is gone", async () => {
    const harness = await failing();
    const held = harness.actor.narrative(harness.incidents()[0]!.incident.id)!;
    const { revision: _number, ...draft } = held;
    harness.evict();
    const better = { ...draft, source: "llm", reason: null, llm_model: "m", latency_ms: 5 } as const;
    expect(harness.actor.takeNarrative(better)).toBe("taken");
    await harness.actor.drain();
    const newest = [...harness.subscribers.notices.values()].at(-1)!;
    expect(newest.event).toMatchObject({ narrative: { source: "llm" } });
    expect(newest.spark!.values.filter((value) => value !== null).length).toBeGreaterThan(10);
  });
});

describe("given subscribers that cannot be told", () => {
  test("then they are asked each five seconds at least, and hear of everything once they can", async () => {
    const harness = await failing((own) => {
      own.subscribers.isDown = true;
    });
    expect(harness.actor.describe()!.outbox["subscribers"]).toBeGreaterThan(1);
    await harness.advance(300_000);
    harness.evict();
    harness.subscribers.isDown = false;
    await harness.advance(5_000);
    expect([...harness.subscribers.notices.keys()]).toEqual(harness.events().map(({ seq }) => seq));
    expect(harness.actor.describe()!.outbox["subscribers"]).toBe(0);
  });

  test("then a service that is deleted meanwhile still tells the end of its incident", async () => {
    const harness = await failing((own) => {
      own.subscribers.isDown = true;
    });
    harness.actor.forget("checkout", "admin by token");
    harness.subscribers.isDown = false;
    await harness.advance(10_000);
    const [resolved] = [...harness.subscribers.notices.values()].slice(-2);
    expect(resolved!.event).toMatchObject({ action: "resolved", incident: { resolution: "manual" } });
  });
});
