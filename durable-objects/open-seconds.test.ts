/** What the object holds of seconds that are still open: latencies of each endpoint, and versions, each event once. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { MonitorState } from "../domain/monitor-state.ts";
import { latencyBin, type Sketch, sketchOfBins } from "../domain/sketch.ts";
import { MonitorHarness, type TestEvent } from "../tests/monitor-harness.ts";
import { orderlyLogs, STREAM_START_MS } from "../tests/stream-model.ts";
import { MonitorStore } from "./service-monitor-sql.ts";

const position = (events: readonly TestEvent[], partition = 0) => ({
  source: "default",
  topic: "raw_events",
  partition,
  first_offset: events[0]!.offset,
  last_offset: events.at(-1)!.offset,
});

const secondOf = (event: TestEvent): number => Math.floor(event.event_time_ms / 1000);
const storedState = (harness: MonitorHarness): MonitorState => new MonitorStore(harness.storage).loadState()!;

/** The sketches of the endpoints in a second, as it is stored. */
function sketchesIn(state: MonitorState, second: number): Record<string, Sketch> {
  const minute = state.minutes.get(Math.floor(second / 60));
  const endpoints = minute?.buckets[second % 60]?.endpoints ?? [];
  return Object.fromEntries(endpoints.map((entry) => [minute!.names[entry.name]!, entry.sketch]));
}

function sketchesOf(events: readonly TestEvent[]): Record<string, Sketch> {
  const byEndpoint = Map.groupBy(events, (event) => event.endpoint);
  const sketch = (own: readonly TestEvent[]): Sketch =>
    sketchOfBins(Uint16Array.from(own, (event) => latencyBin(event.latency_us)));
  return Object.fromEntries(Array.from(byEndpoint, ([endpoint, own]) => [endpoint, sketch(own)]));
}

const moves = fc.array(fc.record({ back: fc.nat(30), size: fc.integer({ min: 1, max: 60 }), evict: fc.boolean() }), {
  maxLength: 8,
});

describe("open seconds", () => {
  test("hold each event once, whatever is delivered again and evicted in between; closed ones hold no latencies", () => {
    fc.assert(
      fc.property(orderlyLogs, moves, (logs, pieces) => {
        const log = logs[0]!.map((event, i) => ({ ...event, version: `1.${Math.floor(i / 40)}` }));
        const harness = new MonitorHarness("checkout", log.at(-1)!.timestamp_ms);
        let done = 0;
        for (const { back, size, evict } of [...pieces, { back: 0, size: log.length, evict: true }]) {
          const from = Math.max(0, done - back);
          const piece = log.slice(from, from + size);
          // The warm-up of a new service passes, so that seconds close.
          harness.now_ms += 2000;
          if (piece.length > 0) harness.deliver(piece, position(piece));
          done = Math.max(done, from + piece.length);
          if (evict) harness.evict();
        }
        const state = storedState(harness);
        const open = state.open_second ?? 0;
        for (const [second, events] of Map.groupBy(log, secondOf)) {
          if (second >= open) expect(sketchesIn(state, second)).toEqual(sketchesOf(events));
          else for (const { bins } of Object.values(sketchesIn(state, second))) expect(bins).toHaveLength(0);
        }
        const versions = Array.from(
          Map.groupBy(log, (event) => event.version),
          ([version, own]) => ({ version, first_second: Math.min(...own.map(secondOf)) }),
        );
        const byVersion = (a: { version: string }, b: { version: string }): number => (a.version < b.version ? -1 : 1);
        expect([...state.versions].sort(byVersion)).toEqual(versions.sort(byVersion));
      }),
      { numRuns: 100 },
    );
  });

  test("of 50 endpoints, half a minute of them, take less than a tenth of what the hot row may have", () => {
    const harness = new MonitorHarness("checkout", STREAM_START_MS + 33_000);
    // Twenty log-uniform latencies, 20 ms to 2 s, for each endpoint and second.
    const log = Array.from({ length: 32 * 1000 }, (_, i): TestEvent => {
      const at_ms = STREAM_START_MS + i;
      const latency_us = Math.round(20_000 * 100 ** (((i * 7919) % 1000) / 1000));
      const endpoint = `/resource/of-a-usual-length/e${i % 50}`;
      return { offset: i, timestamp_ms: at_ms, event_time_ms: at_ms, endpoint, latency_us, status_code: 200 };
    });
    // A partition that lags behind holds the watermark at the first second.
    const laggard = { ...log[0]!, offset: 0 };
    harness.deliver([laggard], position([laggard], 1));
    for (let at = 0; at < log.length; at += 8000) {
      const batch = log.slice(at, at + 8000);
      harness.deliver(batch, position(batch));
    }
    const state = storedState(harness);
    expect(state.open_second ?? 0).toBeLessThanOrEqual(STREAM_START_MS / 1000);
    const last = STREAM_START_MS / 1000 + 31;
    expect(sketchesIn(state, last)).toEqual(sketchesOf(log.filter((event) => secondOf(event) === last)));
    const row = harness.storage.dump()["hot"]![0]!["state"] as Uint8Array;
    expect(row.byteLength).toBeLessThan(200_000);
  });
});
