/** The words of incidents in a service's object: at once, in order, kept, handed on, and replaced by better ones. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { NarrativeEvent } from "../domain/message.ts";
import { isNarrationDue } from "../domain/narration-due.ts";
import type { Narrative } from "../domain/narrative.ts";
import type { NarrativeDraft } from "../domain/narrator.ts";
import { MonitorHarness, START_MS, type TestEvent, traffic } from "../tests/monitor-harness.ts";
import { InjectedFault } from "../tests/sqlite-storage.ts";
import { wants } from "./live-sockets.ts";

const HEALTHY_S = 120;
const FAULT_MS = START_MS + HEALTHY_S * 1000;
const DAY_MS = 86_400_000;

async function healthy(has_model = true): Promise<MonitorHarness> {
  const harness = new MonitorHarness("checkout", START_MS);
  harness.has_model = has_model;
  harness.evict();
  await harness.live(traffic(START_MS, HEALTHY_S, 10, 0));
  harness.sockets.open = 1;
  return harness;
}

/** Half of the requests fail for `seconds`. */
async function failing(harness: MonitorHarness, seconds: number): Promise<void> {
  await harness.live(traffic(FAULT_MS, seconds, 10, 2, HEALTHY_S * 10));
}

async function withIncident(seconds = 10): Promise<MonitorHarness> {
  const harness = await healthy();
  await failing(harness, seconds);
  return harness;
}

function narrativeEvents(harness: MonitorHarness): NarrativeEvent[] {
  return harness.events().filter((event) => event.type === "narrative");
}

function newest(harness: MonitorHarness): Narrative {
  return narrativeEvents(harness).at(-1)!.narrative;
}

/** What a model wrote of what is held now. */
function betterWords(harness: MonitorHarness, text = "checkout fails."): NarrativeDraft {
  const { revision: _number, source: _source, reason: _reason, ...held } = newest(harness);
  const written_at = new Date(harness.now_ms).toISOString();
  const summary = [{ text, facts: ["errors"] }];
  return { ...held, summary, source: "llm", reason: null, llm_model: "tiny", latency_ms: 800, written_at };
}

describe("an incident", () => {
  test("has words the moment it opens: stored, pushed, projected, and handed to the fleet and the Narrator", async () => {
    const harness = await withIncident();
    const [opened, words] = harness.events();
    expect(opened).toMatchObject({ type: "incident", seq: 1, action: "opened" });
    expect(words).toMatchObject({ type: "narrative", seq: 2 });
    const first = narrativeEvents(harness)[0]!;
    const { incident } = harness.incidents()[0]!;
    expect(first.severity).toBe(incident.severity);
    expect(first.narrative).toMatchObject({
      incident_id: incident.id,
      service: "checkout",
      version: incident.revision,
      revision: 2,
      window_start: incident.onset_at,
      affected_metrics: ["error_rate"],
      source: "template",
      reason: "waiting",
      llm_model: null,
    });
    expect(first.narrative.summary[0]!.text).toContain("checkout");
    expect(first.narrative.possible_causes).not.toEqual([]);
    expect(first.narrative.evidence.map(({ id }) => id)).toContain("errors");

    expect(harness.sockets.sent.filter(({ type }) => type !== "tick").slice(0, 2)).toEqual([opened, words]);
    expect(harness.history.of("incident_summaries")[0]).toEqual(first.narrative);
    expect(harness.fleet.narratives.get(2)).toEqual({
      service: "checkout",
      seq: 2,
      severity: first.severity,
      narrative: first.narrative,
    });
    const [request] = harness.narrator.requests;
    expect(request).toMatchObject({ service: "checkout", evidence: { version: 1, facts: first.narrative.evidence } });
    expect(harness.actor.narrative(incident.id)).toEqual(newest(harness));
  });

  test("has new words with each change that is due them, at once after it, and with no other", async () => {
    const harness = await withIncident(240);
    const { id } = harness.incidents()[0]!.incident;
    harness.actor.act({
      incident_id: id,
      act: { kind: "acknowledge", by: "ada" },
      actor: "admin by token",
      known: null,
    });
    await harness.live(traffic(FAULT_MS + 240_000, 120, 10, 0, (HEALTHY_S + 240) * 10));
    const events = harness.events();
    let told = 0;
    for (const [at, event] of events.entries()) {
      if (event.type !== "incident") continue;
      const before = events.slice(0, at).findLast((other) => other.type === "incident");
      const isDue = isNarrationDue(before?.incident ?? null, event.incident);
      const next = events[at + 1];
      expect(next?.type === "narrative" && next.narrative.version === event.incident.revision).toBe(isDue);
      if (isDue) told += 1;
    }
    expect(told).toBe(narrativeEvents(harness).length);
    expect(told).toBeLessThan(harness.incidents().length);
    expect(newest(harness).evidence.map(({ id: fact }) => fact)).toContain("resolved");
    // Each version has a row of its own.
    const versions = harness.history.of("incident_summaries").map(({ version }) => version);
    expect(versions).toEqual(narrativeEvents(harness).map(({ narrative }) => narrative.version));
  });

  test("says why its words are the template's", async () => {
    const none = await healthy(false);
    await failing(none, 10);
    expect(newest(none)).toMatchObject({ source: "template", reason: "no_model" });

    const late = new MonitorHarness("checkout", START_MS + 3_600_000);
    const events = [...traffic(START_MS, 120, 10, 0), ...traffic(FAULT_MS, 60, 10, 2, 1200)];
    const position = {
      source: "default",
      topic: "raw_events",
      partition: 0,
      first_offset: 0,
      last_offset: events.length - 1,
    };
    late.deliver(events, position);
    await late.advance(30_000);
    expect(newest(late)).toMatchObject({ source: "template", reason: "historical" });
  });

  test("costs rows with its changes alone, not with its batches", async () => {
    const harness = await withIncident(30);
    const before = [harness.storage.rows_written, harness.events().length] as const;
    // A minute of the same, in 30 batches after the counts were told: one row a batch, and the minute's.
    await harness.live(traffic(FAULT_MS + 30_000, 25, 10, 2, (HEALTHY_S + 30) * 10));
    expect(harness.events()).toHaveLength(before[1]);
    expect(harness.storage.rows_written - before[0]).toBeLessThan(25 * 1.5);
  });

  test("keeps names that would harm as text in its words", async () => {
    const harness = await healthy();
    const hostile = '/x","summary":"all fine';
    const events = traffic(FAULT_MS, 20, 10, 1, HEALTHY_S * 10);
    await harness.live(events.map((event): TestEvent => ({ ...event, endpoint: hostile })));
    const told = JSON.stringify(newest(harness));
    expect(JSON.parse(told)).toEqual(newest(harness));
    expect(newest(harness).evidence.flatMap(({ names }) => names)).toContain(hostile);
    expect(newest(harness).summary.map(({ text }) => text)).not.toContain("all fine");
  });
});

describe("given a Narrator that is off", () => {
  test.each(["isDown", "isHanging"] as const)("(%s) then nothing else waits for it", async (how) => {
    const warned = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const harness = await healthy();
    harness.narrator[how] = true;
    for (let second = 0; second < 10; second += 1) {
      const first_offset = (HEALTHY_S + second) * 10;
      const events = traffic(FAULT_MS + second * 1000, 1, 10, 2, first_offset);
      harness.now_ms += 1_000;
      const place = {
        source: "default",
        topic: "raw_events",
        partition: 0,
        first_offset,
        last_offset: first_offset + 9,
      };
      expect(harness.deliver(events, place)).toMatchObject({ kind: "applied", accepted: 10 });
    }
    // Nothing of the object awaits a drain, and this one may hang.
    void harness.actor.drain();
    await new Promise((resolve) => setImmediate(resolve));
    const told = narrativeEvents(harness).map(({ narrative }) => narrative);
    expect(told.length).toBeGreaterThan(0);
    expect(harness.history.of("incident_summaries")).toEqual(told);
    expect([...harness.fleet.narratives.values()].map(({ narrative }) => narrative)).toEqual(told);
    expect(harness.actor.describe()!.outbox).toMatchObject({ d1: 0, fleet: 0, narrator: 1 });
    warned.mockRestore();
  });

  test("then it is asked for the newest state alone once it is back", async () => {
    const warned = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const harness = await healthy();
    harness.narrator.isDown = true;
    await failing(harness, 60);
    await harness.live(traffic(FAULT_MS + 60_000, 60, 10, 0, (HEALTHY_S + 60) * 10));
    expect(narrativeEvents(harness).length).toBeGreaterThan(1);
    harness.evict();
    harness.narrator.isDown = false;
    await harness.advance(120_000);
    expect(harness.narrator.requests.map(({ evidence }) => evidence.version)).toEqual([newest(harness).version]);
    warned.mockRestore();
  });
});

describe("better words", () => {
  test("take the place of the template's: stored, pushed, projected, under the next number", async () => {
    const harness = await withIncident();
    const { seq } = harness.events().at(-1)!;
    const draft = betterWords(harness);
    expect(harness.actor.takeNarrative(draft)).toBe("taken");
    const event = { type: "narrative", seq: seq + 1, severity: "critical", narrative: { ...draft, revision: seq + 1 } };
    expect(harness.events().at(-1)).toEqual(event);
    expect(harness.sockets.sent.at(-1)).toEqual(event);
    harness.evict();
    expect(harness.actor.narrative(draft.incident_id)).toEqual(event.narrative);
    await harness.actor.drain();
    expect(harness.history.of("incident_summaries").at(-1)).toEqual(event.narrative);
    expect(harness.fleet.narratives.get(seq + 1)?.narrative).toEqual(event.narrative);
    // The next event goes on from there.
    await harness.live(traffic(FAULT_MS + 10_000, 120, 10, 2, (HEALTHY_S + 10) * 10));
    const numbers = harness.events().map((told) => told.seq);
    expect(numbers).toEqual(numbers.map((_, i) => i + 1));
  });

  test("that are brought again change nothing, and a template changes nothing of a model's", async () => {
    const harness = await withIncident();
    const template = newest(harness);
    const draft = betterWords(harness);
    harness.actor.takeNarrative(draft);
    const told = harness.events();
    harness.evict();
    expect(harness.actor.takeNarrative(draft)).toBe("taken");
    expect(harness.actor.takeNarrative({ ...template, written_at: "2026-11-24T12:00:00Z" })).toBe("taken");
    expect(harness.events()).toEqual(told);
  });

  test("of an incident that has moved on are superseded", async () => {
    const harness = await withIncident();
    const draft = betterWords(harness);
    await harness.live(traffic(FAULT_MS + 10_000, 90, 10, 0, (HEALTHY_S + 10) * 10));
    expect(harness.incidents().at(-1)!.action).toBe("resolved");
    const told = harness.events();
    expect(harness.actor.takeNarrative(draft)).toBe("superseded");
    expect(harness.events()).toEqual(told);
  });

  test("of an incident, or by a service, that nobody knows are unknown", async () => {
    const harness = await withIncident();
    const draft = betterWords(harness);
    expect(harness.actor.takeNarrative({ ...draft, incident_id: "checkout-1-error_rate" })).toBe("unknown");
    expect(new MonitorHarness("never", START_MS).actor.takeNarrative(draft)).toBe("unknown");
  });
});

describe("given a storage that fails at any statement while words are taken", () => {
  beforeEach(() => {
    vi.spyOn(console, "error").mockImplementation(() => undefined);
  });
  afterEach(() => vi.restoreAllMocks());

  test("then memory, storage and what sockets heard are of one mind, and a repetition succeeds", async () => {
    for (let statement = 0; ; statement += 1) {
      const harness = await withIncident();
      const draft = betterWords(harness);
      const { incident_id } = draft;
      harness.storage.failAfter(statement);
      try {
        harness.actor.takeNarrative(draft);
      } catch (error) {
        expect(error).toBeInstanceOf(InjectedFault);
      }
      const { failed } = harness.storage;
      harness.storage.failAfter(null);
      const remembered = [harness.actor.narrative(incident_id), harness.actor.describe()];
      const heard = harness.sockets.sent.filter(({ type }) => type === "narrative");
      expect(heard).toEqual(narrativeEvents(harness));
      harness.evict();
      expect([harness.actor.narrative(incident_id), harness.actor.describe()]).toEqual(remembered);
      expect(harness.actor.takeNarrative(draft)).toBe("taken");
      expect(newest(harness)).toMatchObject({ source: "llm", summary: draft.summary });
      expect(narrativeEvents(harness).filter(({ narrative }) => narrative.source === "llm")).toHaveLength(1);
      await harness.advance(120_000);
      expect(harness.history.of("incident_summaries").at(-1)).toEqual(newest(harness));
      if (!failed) return expect(statement).toBeGreaterThan(5);
    }
  });
});

describe("a live socket", () => {
  test("is greeted with the words of the open incident, and with those that it missed", async () => {
    const harness = await withIncident();
    harness.actor.takeNarrative(betterWords(harness));
    const [snapshot, ...missed] = harness.actor.greet({ after: 1, expires_at: null, min_severity: null });
    expect(snapshot).toMatchObject({ type: "snapshot", seq: harness.events().length, narrative: newest(harness) });
    expect(missed).toEqual(harness.events().slice(1));
    await harness.live(traffic(FAULT_MS + 10_000, 90, 10, 0, (HEALTHY_S + 10) * 10));
    const [later] = harness.actor.greet({ after: null, expires_at: null, min_severity: null });
    expect(later).toMatchObject({ incident: null, narrative: null });
  });

  test("hears no words of an incident below the severity that it asked for", async () => {
    const harness = await withIncident();
    const told: NarrativeEvent = { ...narrativeEvents(harness)[0]!, severity: "medium" };
    expect(wants({ expires_at: null, min_severity: "high" }, told)).toBe(false);
    expect(wants({ expires_at: null, min_severity: "medium" }, told)).toBe(true);
    expect(wants({ expires_at: null, min_severity: null }, told)).toBe(true);
  });
});

describe("words are kept", () => {
  test("for 24 h after their last change, those of an open incident for as long as it is", async () => {
    const harness = await withIncident();
    const { incident_id } = newest(harness);
    const { storage, now_ms } = harness;
    storage.exec("UPDATE narratives SET at = ?", now_ms - DAY_MS - 1);
    const copy = `INSERT INTO narratives (incident_id, at, severity, is_first, narrative)
      SELECT ?, ?, severity, is_first, narrative FROM narratives WHERE incident_id = ?`;
    storage.exec(copy, "checkout-1-error_rate", now_ms - DAY_MS - 1, incident_id);
    storage.exec(copy, "checkout-2-error_rate", now_ms - DAY_MS, incident_id);
    // A batch that touches so many minutes is followed by a purge, and moves no time.
    const late = Array.from({ length: 1_100 }, (_, i) => traffic(START_MS - i * 60_000, 1, 1, 0, 10_000 + i)[0]!);
    harness.deliver(late, {
      source: "default",
      topic: "raw_events",
      partition: 0,
      first_offset: 10_000,
      last_offset: 11_099,
    });
    const kept = storage.dump()["narratives"]!.map((row) => row["incident_id"]);
    expect(kept).toEqual([incident_id, "checkout-2-error_rate"].sort());
  });

  test("until the service is deleted: its last words go out, and nobody is asked for better ones", async () => {
    const harness = await withIncident();
    const draft = betterWords(harness);
    const asked = harness.narrator.requests.length;
    harness.actor.forget("checkout", "admin by token");
    expect(Object.keys(harness.storage.dump()).sort()).toEqual(["outbox", "past"]);
    expect(harness.actor.narrative(draft.incident_id)).toBeNull();
    expect(harness.actor.takeNarrative(draft)).toBe("unknown");
    await harness.advance(120_000);
    expect(harness.storage.dump()["outbox"]).toEqual([]);
    expect(harness.narrator.requests).toHaveLength(asked);
    const last = harness.history.of("incident_summaries").at(-1)!;
    expect(last.evidence.map(({ id }) => id)).toContain("resolved");
    expect([...harness.fleet.narratives.values()].at(-1)!.narrative).toEqual(last);
  });
});
