/** The evidence that a service's object hands on, taken from events: over an actor with real SQL and a clock that the test moves. */
import { describe, expect, test } from "vitest";
import type { Evidence, Fact } from "../domain/evidence.ts";
import type { ServiceSettings } from "../domain/settings.ts";
import { MonitorHarness, START_MS, type TestEvent, traffic } from "../tests/monitor-harness.ts";

const HEALTHY_S = 300;
const FAULT_S = 40;
const END_S = HEALTHY_S + FAULT_S + 60;

/** Twenty requests a second; in the fault every fourth is answered with `status_code`, and a new version is there shortly before. */
function events(status_code: number): TestEvent[] {
  return traffic(START_MS, END_S, 20, 0).map((event, i) => {
    const at_s = i / 20;
    const isFaulty = at_s >= HEALTHY_S && at_s < HEALTHY_S + FAULT_S && i % 4 === 0;
    return {
      ...event,
      status_code: isFaulty ? status_code : i % 50 === 0 ? 404 : 200,
      version: at_s < HEALTHY_S - 20 ? "2.4.0" : "2.4.1",
    };
  });
}

function harnessWith(settings: Partial<ServiceSettings> = {}): MonitorHarness {
  const harness = new MonitorHarness("checkout", START_MS);
  if (Object.keys(settings).length > 0) {
    harness.fleet.version = 1;
    harness.fleet.settings = settings;
  }
  return harness;
}

function evidenceOf({ narrator }: MonitorHarness): Evidence[] {
  return narrator.requests.map(({ evidence }) => evidence);
}

function factOf(evidence: Evidence | undefined, id: string): Fact | undefined {
  return evidence?.facts.find((fact) => fact.id === id);
}

describe("evidence of events", () => {
  test("knows which class carries an incident, which does not, and the version before it", async () => {
    const harness = harnessWith();
    await harness.live(events(503));
    const [opened] = evidenceOf(harness);
    expect(opened?.subject.endpoint).toBe("/pay");
    expect(factOf(opened, "statuses.5")?.values).toMatchObject([
      { value: 5 },
      { value: 1 },
      { value: 0.25 },
      { value: 0 },
    ]);
    expect(factOf(opened, "statuses.4")?.text).toMatch(/^4xx answers did not grow/);
    expect(factOf(opened, "deploy")).toMatchObject({
      names: ["2.4.1", "2.4.0"],
      values: [{ name: "before", value: 20 }, {}],
    });
  });

  test("knows what clients got wrong where that is an error", async () => {
    const harness = harnessWith({ errors: ["4xx", "5xx"] });
    await harness.live(events(422));
    const [opened] = evidenceOf(harness);
    expect(factOf(opened, "statuses.4")?.values).toMatchObject([{ value: 4 }, { value: 1 }, {}, { value: 0.02 }]);
    expect(factOf(opened, "statuses.5")).toBeUndefined();
  });

  test("is the same when the object is evicted at any second", async () => {
    const [stayed, evicted] = [harnessWith(), harnessWith()];
    await stayed.live(events(503));
    const bySecond = Map.groupBy(events(503), ({ event_time_ms }) => Math.floor(event_time_ms / 1000));
    for (const own of bySecond.values()) {
      evicted.evict();
      await evicted.live(own);
    }
    expect(evidenceOf(stayed).length).toBeGreaterThan(1);
    expect(evidenceOf(evicted)).toEqual(evidenceOf(stayed));
  });

  test("is the same when all came in one batch: each version knows the seconds up to its own", async () => {
    const [stayed, caught_up] = [harnessWith(), harnessWith()];
    const all = events(503);
    await stayed.live(all);
    caught_up.now_ms = START_MS + END_S * 1000;
    const position = {
      source: "default",
      topic: "raw_events",
      partition: 0,
      first_offset: 0,
      last_offset: all.length - 1,
    };
    // A service that is new closes nothing for five seconds.
    caught_up.deliver(all, position);
    await caught_up.advance(30_000);
    await stayed.advance(30_000);
    const told = (harness: MonitorHarness): (readonly Fact[])[] =>
      harness.events().flatMap((event) => (event.type === "narrative" ? [event.narrative.evidence] : []));
    expect(told(caught_up).length).toBeGreaterThan(1);
    expect(told(caught_up)).toEqual(told(stayed));
  });

  test("of a service that is down says that it would have been heard, and later how long it lasted", async () => {
    const harness = harnessWith();
    harness.fleet.verdict = "flowing";
    await harness.live(traffic(START_MS, HEALTHY_S, 20, 0));
    await harness.advance(30_000);
    const [down] = evidenceOf(harness);
    expect(down?.subject.anomaly_type).toBe("down");
    expect(factOf(down, "down")?.text).toBe("No request has come since 10:05:00 UTC (typically 20/s).");
    expect(factOf(down, "pipeline")?.text).toMatch(/was asked and is whole/);
    await harness.live(traffic(START_MS + (HEALTHY_S + 60) * 1000, 90, 20, 0, 6000));
    const ended = evidenceOf(harness).at(-1);
    expect(ended?.subject.resolution).toBe("recovered");
    expect(factOf(ended, "resolved")?.values[1]).toMatchObject({ name: "lasted" });
    expect(factOf(ended, "down")?.text).toMatch(/^No request came from 10:05:00 UTC on/);
  });
});
