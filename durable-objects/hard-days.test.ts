/** What a service's actor must live through: failing parts, long silences, wrong dates, names without end. */
import { describe, expect, test } from "vitest";
import { defaultSettings } from "../domain/settings.ts";
import { DetectionStream, REFERENCE_RULES } from "../tests/detection-stream.ts";
import { MonitorHarness, type TestEvent } from "../tests/monitor-harness.ts";
import type { ApplyAnswer } from "./apply-call.ts";

const START_MS = Date.parse("2026-11-24T10:00:00Z");
const HOUR_MS = 3_600_000;

class Partition {
  readonly harness = new MonitorHarness("checkout", START_MS);
  #offset = 0;

  event(at_ms: number, more: Partial<TestEvent> = {}): TestEvent {
    this.#offset += 1;
    const offset = this.#offset;
    return {
      offset,
      timestamp_ms: at_ms,
      event_time_ms: at_ms,
      endpoint: "/a",
      latency_us: 1000,
      status_code: 200,
      ...more,
    };
  }

  send(events: readonly TestEvent[]): ApplyAnswer {
    const [first_offset, last_offset] = [events[0]!.offset, events.at(-1)!.offset];
    return this.harness.deliver(events, { source: "s", topic: "t", partition: 0, first_offset, last_offset });
  }

  /** One event at each time, as it happens. */
  async live(times_ms: Iterable<number>): Promise<void> {
    for (const at_ms of times_ms) {
      await this.harness.advance(Math.max(0, at_ms - this.harness.now_ms));
      this.send([this.event(at_ms)]);
    }
  }

  hotBytes(): number {
    const state = this.harness.storage.dump()["hot"]![0]!["state"];
    if (!(state instanceof ArrayBuffer || state instanceof Uint8Array)) throw new TypeError("no state");
    return state.byteLength;
  }
}

function* steps(count: number, step_ms: number, from_ms = START_MS): Generator<number> {
  for (let i = 0; i < count; i += 1) yield from_ms + i * step_ms;
}

describe("an incident of hours", () => {
  test("keeps its lasting anomaly however often another metric comes and goes", () => {
    const slow = { name: "/a", requests: 10, latency_ms: 1000 };
    const stream = new DetectionStream(1_764_000_000, REFERENCE_RULES)
      .run(120, { ...slow, latency_ms: 100 })
      .run(120, slow);
    for (let i = 0; i < 70; i += 1)
      stream.run(20, { ...slow, errors: 10 }).run(500, { ...slow, latency_ms: 1000 + i * 10 });
    const { anomalies } = stream.tracker.incident!;
    expect(anomalies).toHaveLength(50);
    expect(anomalies.filter((anomaly) => !anomaly.resolved).map((anomaly) => anomaly.metric_name)).toEqual([
      "avg_latency_ms",
    ]);
  });
});

describe("the alarm", () => {
  test("flushes and purges at once after a night off, and nothing is rewound", async () => {
    const partition = new Partition();
    const { harness } = partition;
    for (const at_ms of steps(120, 1000)) {
      harness.now_ms = at_ms;
      partition.send(Array.from({ length: 10 }, () => partition.event(at_ms)));
    }
    // A single second decides here, which only the plain rules let it.
    harness.actor.takeSettings({ version: 1, settings: { ...defaultSettings("checkout"), ...REFERENCE_RULES } });
    harness.now_ms = START_MS + 121_500;
    partition.send(Array.from({ length: 200 }, () => partition.event(START_MS + 120_000, { status_code: 500 })));
    partition.send([partition.event(START_MS + 121_500)]);
    const before = harness.actor.watermark()!;
    harness.evict();
    harness.now_ms += 26 * HOUR_MS;
    harness.storage.alarm_ms = harness.now_ms;
    await harness.advance(0);
    expect(harness.actor.watermark()! - before).toBe(2000);
    expect(harness.actor.describe()!.incident!.id).toBe(`checkout-${START_MS / 1000 + 120}-error_rate`);
    for (let i = 0; i < 5; i += 1) {
      await harness.advance(6000);
      expect(partition.send([partition.event(harness.now_ms)])).toMatchObject({ accepted: 1 });
    }
  });

  test("whose work failed rings again after a while, not at once", () => {
    const partition = new Partition();
    const actor = partition.harness;
    partition.send([partition.event(START_MS)]);
    actor.now_ms = START_MS + 10_000;
    actor.storage.alarm_ms = null;
    actor.storage.failAfter(1);
    actor.actor.onAlarm();
    expect(actor.storage.failed).toBe(true);
    expect(actor.storage.alarm_ms! - actor.now_ms).toBeGreaterThanOrEqual(1000);
  });

  test("stays set while a database hangs, also when the object is evicted then", async () => {
    const partition = new Partition();
    const { harness } = partition;
    partition.send([partition.event(START_MS)]);
    harness.history.write = () => new Promise(() => undefined);
    for (let ring = 0; ring < 6; ring += 1) {
      harness.now_ms = Math.max(harness.now_ms, harness.storage.alarm_ms!);
      harness.storage.alarm_ms = null;
      harness.actor.onAlarm();
      void harness.actor.drain();
      expect(harness.storage.alarm_ms! - harness.now_ms).toBeLessThan(600_000);
    }
  });
});

describe("history", () => {
  test("has the last hour before a silence of days", async () => {
    const partition = new Partition();
    await partition.live(steps(20, 60_000));
    await partition.harness.advance(48 * HOUR_MS);
    const [hour] = partition.harness.history.of("service_metrics_hourly");
    expect(hour).toMatchObject({ window_start: "2026-11-24T10:00:00Z", request_count: 20 });
  });

  test("corrects a closed hour by a late event although nothing follows", async () => {
    const partition = new Partition();
    await partition.live(steps(70, 60_000));
    await partition.harness.advance(60_000);
    partition.send([partition.event(START_MS + 30_000)]);
    await partition.harness.advance(60_000);
    expect(partition.harness.history.of("service_metrics_hourly")[0]!.request_count).toBe(61);
  });

  test("never meets an older revision of a minute that was purged and came again", async () => {
    const partition = new Partition();
    const future_ms = START_MS + 23 * HOUR_MS;
    partition.send([partition.event(START_MS)]);
    partition.send([partition.event(future_ms)]);
    await partition.live(steps(25 * 60, 60_000, START_MS + 60_000));
    await partition.harness.advance(60_000);
    const row = partition.harness.history
      .of("service_metrics")
      .find((window) => Date.parse(window.window_start) === future_ms)!;
    expect(row.request_count).toBe(2);
  });
});

describe("what comes from outside", () => {
  test("dates far ahead of the clock are dropped and counted, and push out nothing", async () => {
    const partition = new Partition();
    await partition.live(steps(100, 60_000));
    const far = Array.from({ length: 20_000 }, (_, i) => partition.event(START_MS + 90 * 24 * HOUR_MS + i * 60_000));
    expect(partition.send(far)).toMatchObject({ accepted: 0, dropped: 20_000 });
    await partition.live(steps(70, 60_000, START_MS + 6_000_000));
    expect(partition.send([partition.event(START_MS + 5_940_000)])).toMatchObject({ accepted: 1, dropped: 0, late: 1 });
  });

  test("ever new paths do not fill the hot row", () => {
    const partition = new Partition();
    const { harness } = partition;
    const sizes: number[] = [];
    for (const [second, at_ms] of [...steps(1800, 1000)].entries()) {
      harness.now_ms = at_ms;
      const used = Array.from({ length: 6 }, () => partition.event(at_ms));
      const slugs = Array.from({ length: 4 }, (_, i) =>
        partition.event(at_ms, { endpoint: `/product/blue-suede-shoes-${second}-${i}x` }),
      );
      partition.send([...used, ...slugs]);
      if (second % 600 === 599) sizes.push(partition.hotBytes());
    }
    expect(sizes.at(-1)! - sizes[0]!).toBeLessThan(50_000);
  });

  test("a day of seconds is read page by page, never as a whole", async () => {
    const partition = new Partition();
    await partition.live(steps(300, 60_000));
    const { items, next_s } = partition.harness.actor.windows(0, 253_402_300_799, 5);
    expect(items).toHaveLength(5);
    expect(next_s).toBe(START_MS / 1000 + 300);
  });
});
