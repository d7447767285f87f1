/** Settings tried over the seconds that an object holds. */
import { describe, expect, test } from "vitest";
import { defaultSettings } from "../domain/settings.ts";
import { MonitorHarness, type TestEvent } from "../tests/monitor-harness.ts";

const START_MS = Date.parse("2026-11-24T10:00:00Z");
const settings = defaultSettings("checkout");

/** Ten minutes of ten requests a second; in the eighth half of them fail at /pay. */
function watched(): MonitorHarness {
  const harness = new MonitorHarness("checkout", START_MS);
  const eventAt = (i: number): TestEvent => ({
    offset: i,
    timestamp_ms: START_MS + i * 100,
    event_time_ms: START_MS + i * 100,
    endpoint: i % 2 === 0 ? "/pay" : "/cart",
    latency_us: 90_000,
    status_code: i % 2 === 0 && i >= 4200 && i < 4800 ? 503 : 200,
  });
  for (let second = 0; second < 600; second += 1) {
    harness.now_ms = START_MS + (second + 1) * 1000;
    const events = Array.from({ length: 10 }, (_, i) => eventAt(second * 10 + i));
    const [first_offset, last_offset] = [events[0]!.offset, events.at(-1)!.offset];
    harness.deliver(events, { source: "s", topic: "t", partition: 0, first_offset, last_offset });
  }
  return harness;
}

const now = (): Promise<void> => Promise.resolve();

describe("a preview", () => {
  test("of the settings in force tells what was told", async () => {
    const harness = watched();
    await harness.actor.drain();
    const live = harness.history.of("incidents");
    const preview = (await harness.actor.preview(settings, now))!;
    expect(preview).toMatchObject({ from: "2026-11-24T10:00:00Z", counts: { gained: 0, lost: 0, moved: 0, same: 1 } });
    const [pair] = preview.compared;
    expect(live.map(({ id, onset_at }) => [id, onset_at])).toEqual([[pair!.before!.id, pair!.before!.onset]]);
  });

  test("of others tells what would be gained and lost, after an eviction too, and changes nothing", async () => {
    const harness = watched();
    const before = harness.storage.dump();
    harness.evict();
    const deaf = { ...settings, exclude: { endpoints: ["/pay"] } };
    const lost = (await harness.actor.preview(deaf, now))!;
    expect(lost.counts).toEqual({ gained: 0, lost: 1, moved: 0, same: 0 });
    expect(lost.compared[0]).toMatchObject({ before: { endpoint: "/pay" }, after: null });
    expect(harness.storage.dump()).toEqual(before);
  });

  test("lets batches in between its pieces", async () => {
    const harness = watched();
    let pauses = 0;
    const pause = (): Promise<void> => {
      pauses += 1;
      const offset = 6000 + pauses;
      const at_ms = START_MS + 600_000 + pauses;
      const event = {
        offset,
        timestamp_ms: at_ms,
        event_time_ms: at_ms,
        endpoint: "/a",
        latency_us: 1,
        status_code: 200,
      };
      const answer = harness.deliver([event], {
        source: "s",
        topic: "t",
        partition: 0,
        first_offset: offset,
        last_offset: offset,
      });
      expect(answer).toMatchObject({ accepted: 1 });
      return Promise.resolve();
    };
    const preview = (await harness.actor.preview(settings, pause))!;
    expect(pauses).toBeGreaterThan(0);
    expect(preview.counts).toMatchObject({ same: 1 });
  });

  test("of a service without a closed second is none", async () => {
    expect(await new MonitorHarness("checkout", START_MS).actor.preview(settings, now)).toBeNull();
  });
});
