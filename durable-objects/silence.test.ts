/** A service that falls silent: down, or nobody knows. Over an actor with real SQL and a clock that the test moves. */
import { beforeEach, describe, expect, test } from "vitest";
import type { Incident } from "../domain/incident.ts";
import { MonitorHarness, START_MS, traffic } from "../tests/monitor-harness.ts";

const HOUR_MS = 3_600_000;
const HEALTHY_S = 300;
const END_MS = START_MS + HEALTHY_S * 1000;
let harness: MonitorHarness;

function newest(): Incident | undefined {
  return [...harness.fleet.events.values()].at(-1)?.incident;
}

function opened(): Incident[] {
  return [...harness.fleet.events.values()].filter(({ action }) => action === "opened").map(({ incident }) => incident);
}

/** Ten requests a second from `at_s` seconds after the silence began, for a minute. */
function resumed(at_s: number, seconds = 60) {
  return traffic(END_MS + at_s * 1000, seconds, 10, 0, 3000 + at_s * 10);
}

beforeEach(async () => {
  harness = new MonitorHarness("checkout", START_MS);
  await harness.live(traffic(START_MS, HEALTHY_S, 10, 0));
});

describe("while others are heard", () => {
  beforeEach(() => {
    harness.fleet.verdict = "flowing";
  });

  test("a service without requests is down within 25 s, though none of its seconds closes", async () => {
    const { watermark } = harness.actor.describe()!;
    await harness.advance(25_000);
    expect(newest()).toMatchObject({
      status: "open",
      anomaly_type: "down",
      metric_name: "request_rate",
      severity: "critical",
      metric_value: 0,
      onset_at: "2026-11-24T10:05:00Z",
      historical: false,
    });
    expect(Date.parse(newest()!.opened_at)).toBeGreaterThan(Date.parse(watermark!) + 10_000);
    expect(harness.actor.describe()).toMatchObject({ status: "critical", data: "silent" });
    expect(harness.actor.describe()!.watermark).toBe("2026-11-24T10:04:59.900Z");
    expect(harness.fleet.questions).toEqual([
      { service: "checkout", sources: ["default"], is_plain: false, since_ms: END_MS },
    ]);
  });

  test("costs a few rows an hour, not one a second", async () => {
    const before = harness.storage.rows_written;
    await harness.advance(HOUR_MS);
    expect(harness.storage.rows_written - before).toBeLessThan(40);
  });

  test("the same is told when the object is evicted at any moment", async () => {
    const other = new MonitorHarness("checkout", START_MS);
    other.fleet.verdict = "flowing";
    await other.live(traffic(START_MS, HEALTHY_S, 10, 0));
    for (let second = 0; second < 40; second += 1) {
      other.evict();
      await other.advance(1_000);
    }
    await harness.advance(40_000);
    expect([...other.fleet.events.values()]).toEqual([...harness.fleet.events.values()]);
  });

  test("it recovers when its requests come again, and its times never go back", async () => {
    await harness.advance(60_000);
    await harness.live(resumed(60, 90));
    const recovered = newest()!;
    expect(recovered).toMatchObject({ status: "resolved", resolution: "recovered" });
    expect(Date.parse(recovered.resolved_at!)).toBeGreaterThanOrEqual(END_MS + 90_000);
    expect(opened()).toHaveLength(1);
    const times = [...harness.fleet.events.values()].map(({ incident }) => Date.parse(incident.updated_at));
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  test("what comes late of the time that was declared does not end it before its time", async () => {
    await harness.advance(30_000);
    // A few requests of the silence's first seconds, then nothing again.
    await harness.live(traffic(END_MS + 1_000, 4, 10, 0, 3000).map((event) => ({ ...event })));
    await harness.advance(6_000);
    expect(newest()).toMatchObject({ status: "open", anomaly_type: "down" });
  });

  test("is retired after a day, and no longer critical", async () => {
    await harness.advance(30_000);
    harness.evict();
    await harness.advance(24 * HOUR_MS);
    expect(newest()).toMatchObject({ status: "resolved", resolution: "retired" });
    expect(harness.actor.describe()).toMatchObject({ status: "healthy", incident: null });
    expect(harness.history.of("services")[0]).toMatchObject({ status: "healthy", incident_id: null });
    const events = harness.fleet.events.size;
    await harness.advance(24 * HOUR_MS);
    expect(harness.fleet.events.size).toBe(events);
  });

  test("resolved by hand it stays so while the silence lasts", async () => {
    await harness.advance(30_000);
    const { id } = newest()!;
    harness.actor.act({ incident_id: id, act: { kind: "resolve" }, actor: "admin by token", known: null });
    await harness.advance(2 * HOUR_MS);
    expect(newest()).toMatchObject({ id, status: "resolved", resolution: "manual" });
    expect(newest()!.resolved_at).toBe("2026-11-24T10:05:31Z");
  });

  test("a service that sends now and then is never called down", async () => {
    const rare = new MonitorHarness("rare", START_MS);
    rare.fleet.verdict = "flowing";
    await rare.live(Array.from({ length: 20 }, (_, i) => traffic(START_MS + i * 60_000, 1, 1, 0, i)[0]!));
    await rare.advance(HOUR_MS);
    expect(rare.fleet.events.size).toBe(0);
    expect(rare.fleet.questions).toEqual([]);
  });

  test("a service in quarantine is not called down for what is refused", async () => {
    harness.actor.quarantine(true);
    await harness.advance(HOUR_MS);
    expect(opened()).toEqual([]);
  });
});

describe("while the pipeline is broken", () => {
  test("silence is no incident, then or when the requests come that were stuck in it", async () => {
    harness.fleet.verdict = "stalled";
    await harness.advance(600_000);
    expect(harness.actor.describe()).toMatchObject({ status: "healthy", data: "stalled" });
    harness.evict();
    // Nothing came of ten minutes: the requests of that time are lost, and nobody knows of them.
    await harness.live(resumed(600));
    expect(opened()).toEqual([]);
    expect(harness.actor.describe()).toMatchObject({ data: "flowing" });
  });

  test("the same silence is one where nobody knows of a broken pipeline", async () => {
    harness.fleet.verdict = "unknown";
    await harness.advance(600_000);
    expect(opened()).toEqual([]);
    await harness.live(resumed(600));
    expect(opened()).toMatchObject([{ metric_name: "request_rate" }]);
  });

  test("it is asked again, less and less often", async () => {
    harness.fleet.verdict = "stalled";
    const before = harness.storage.rows_written;
    await harness.advance(HOUR_MS);
    expect(harness.fleet.questions.length).toBeGreaterThan(5);
    expect(harness.fleet.questions.length).toBeLessThan(25);
    expect(harness.storage.rows_written - before).toBeLessThan(60);
  });

  test("once it is whole, the service has the whole time again before it is down", async () => {
    harness.fleet.verdict = "stalled";
    await harness.advance(600_000);
    harness.fleet.verdict = "flowing";
    await harness.advance(600_000);
    const [down] = opened();
    expect(down).toMatchObject({ anomaly_type: "down", historical: false });
    expect(Date.parse(down!.onset_at)).toBeGreaterThan(END_MS + 600_000);
    expect(Date.parse(down!.opened_at) - Date.parse(down!.onset_at)).toBeGreaterThanOrEqual(10_000);
  });
});

describe("while the fleet does not answer", () => {
  test("nothing is told, and it is asked again until it does", async () => {
    harness.fleet.isDown = true;
    await harness.advance(HOUR_MS);
    expect(harness.actor.describe()).toMatchObject({ status: "healthy", data: "silent" });
    harness.fleet.isDown = false;
    harness.fleet.verdict = "flowing";
    await harness.advance(600_000);
    expect(opened()).toMatchObject([{ anomaly_type: "down" }]);
  });
});
