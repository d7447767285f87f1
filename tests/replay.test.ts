/** A replay against the running system: the same stream, the same incidents. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ServiceIncidentEvent } from "../domain/fleet.ts";
import { Replay } from "../domain/replay.ts";
import type { ReplayLine } from "../domain/replay-line.ts";
import type { MetricsWindow } from "../domain/history.ts";
import { defaultSettings } from "../domain/settings.ts";
import type { PipelineVerdict } from "../domain/silence.ts";
import { MonitorHarness } from "./monitor-harness.ts";
import { lineOf, STREAM_START_MS, type StreamEvent, streams } from "./replay-stream.ts";

function contentOf(window: MetricsWindow): Partial<MetricsWindow> {
  const { service, window_start, request_count, error_count, latency_sum_us, latency_sketch } = window;
  return { service, window_start, request_count, error_count, latency_sum_us, latency_sketch };
}

const encoder = new TextEncoder();
const DISORDER_MS = 2000;

function replayed(events: readonly StreamEvent[]): ReplayLine[] {
  const lines: ReplayLine[] = [];
  const replay = new Replay({ settingsOf: defaultSettings, emit: (line) => lines.push(line) });
  replay.push(encoder.encode(events.map(lineOf).join("")));
  replay.finish();
  return lines;
}

/** A batch that brings more of event time would leave its partition idle before it: then the order of things is another. */
const BATCH_SPAN_MS = 3000;

/** The first of these events that come as one batch: `size` of them, fewer where they span too much time. */
function batchOf(events: readonly StreamEvent[], size: number, now_ms: number): readonly StreamEvent[] {
  const end = events.findIndex(({ event_time_ms }) => event_time_ms > now_ms + BATCH_SPAN_MS);
  return events.slice(0, Math.max(1, end < 0 ? size : Math.min(size, end)));
}

/** What a service's object tells of the events when they come in batches of these sizes, over and over, as time goes on. */
async function told(
  events: readonly StreamEvent[],
  sizes: readonly number[],
  verdict: PipelineVerdict = "unknown",
): Promise<{ incidents: ServiceIncidentEvent[]; told_at: number[]; harness: MonitorHarness }> {
  const harness = new MonitorHarness(events[0]!.service, STREAM_START_MS);
  const told_at: number[] = [];
  harness.fleet.verdict = verdict;
  harness.sockets.open = 1;
  harness.sockets.broadcast = (message) => void (message.type === "incident" && told_at.push(harness.now_ms));
  for (let at = 0, n = 0; at < events.length; n += 1) {
    const batch = batchOf(events.slice(at), sizes[n % sizes.length]!, harness.now_ms);
    const newest_ms = Math.max(...batch.map((event) => event.event_time_ms));
    await harness.advance(Math.max(0, newest_ms - harness.now_ms));
    harness.deliver(
      batch.map(({ event_time_ms, endpoint, latency_ms, status_code }, i) => {
        const latency_us = latency_ms * 1000;
        return { offset: at + i, timestamp_ms: event_time_ms, event_time_ms, endpoint, latency_us, status_code };
      }),
      {
        source: "default",
        topic: "raw_events",
        partition: 0,
        first_offset: at,
        last_offset: at + batch.length - 1,
      },
    );
    at += batch.length;
  }
  await harness.advance(60_000);
  const incidents = [...harness.fleet.events.values()].sort((a, b) => a.seq - b.seq);
  return { incidents, told_at, harness };
}

describe("a replay and a ServiceMonitor", () => {
  test("given the same stream within the disorder bound, tell the same incidents, however it is batched", async () => {
    let incidents_met = 0;
    await fc.assert(
      fc.asyncProperty(
        streams(["checkout"], DISORDER_MS),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 }),
        async (events, sizes) => {
          fc.pre(events.length > 0);
          const { incidents, harness } = await told(events, sizes);
          const lines = replayed(events);
          const expected = incidents.map(({ action, incident }) => ({
            action,
            id: incident.id,
            service: incident.service,
            onset: incident.onset_at,
            anomaly_type: incident.anomaly_type,
            metric_name: incident.metric_name,
            endpoint: incident.endpoint,
            severity: incident.severity,
            score: incident.score,
            reason: incident.description,
          }));
          const found = lines.flatMap((line) => {
            if (line.type !== "incident") return [];
            const { type: _type, at: _at, ...rest } = line;
            return [rest];
          });
          expect(found).toEqual(expected);
          incidents_met += found.length;
          // The windows of both, newest revision of each. How often one was revised depends on the batches, and what was
          // normal is known only of minutes that changed after they had closed.
          const newest = new Map(lines.flatMap((line) => (line.type === "window" ? [[line.window_start, line]] : [])));
          const windows = [...newest.values()].map(contentOf);
          const rows = harness.history.of("service_metrics").map(contentOf);
          const byStart = (a: Partial<MetricsWindow>, b: Partial<MetricsWindow>): number =>
            a.window_start! < b.window_start! ? -1 : 1;
          expect(windows.sort(byStart)).toEqual(rows.sort(byStart));
        },
      ),
      { numRuns: 40 },
    );
    expect(incidents_met).toBeGreaterThan(10);
  });

  test("given one event at a time, name the same moment at which it was told", async () => {
    let told_count = 0;
    await fc.assert(
      fc.asyncProperty(streams(["checkout"], DISORDER_MS), async (events) => {
        fc.pre(events.length > 0);
        const end_ms = Math.max(...events.map((event) => event.event_time_ms));
        const { told_at } = await told(events, [1]);
        const replay_at = replayed(events).flatMap((line) => (line.type === "incident" ? [Date.parse(line.at)] : []));
        // After the end of a file no clock goes on: what closes then is told at once.
        expect(replay_at).toEqual(told_at.map((at_ms) => Math.min(at_ms, end_ms)));
        told_count += told_at.length;
      }),
      { numRuns: 20 },
    );
    expect(told_count).toBeGreaterThan(10);
  });

  test("given a service that falls silent while another goes on, say at the same moment that it is down", async () => {
    const service = { service: "checkout", endpoint: "/pay", latency_ms: 90, status_code: 200 };
    const lives = [...secondsOf(0, 150), ...secondsOf(210, 90)];
    const events = lives.flatMap((second) =>
      Array.from({ length: 6 }, (_, i) => ({ ...service, event_time_ms: STREAM_START_MS + second * 1000 + i * 160 })),
    );
    const others = secondsOf(0, 300).map((second) => {
      return { ...service, service: "search", event_time_ms: STREAM_START_MS + second * 1000 + 50 };
    });
    const all = [...events, ...others].sort((a, b) => a.event_time_ms - b.event_time_ms);
    const lines = replayed(all).filter((line) => line.type === "incident");
    const { incidents, told_at } = await told(events, [1], "flowing");
    // After the end of a file no clock goes on.
    const until_end = incidents.filter((_, i) => told_at[i]! < STREAM_START_MS + 300_000);
    expect(lines.map(({ action, id, onset, at }) => [action, id, onset, Date.parse(at)])).toEqual(
      until_end.map(({ action, incident }, i) => [action, incident.id, incident.onset_at, told_at[i]]),
    );
    expect(lines[0]).toMatchObject({ action: "opened", anomaly_type: "down", onset: "2026-11-24T10:02:30Z" });
    expect(Date.parse(lines[0]!.at) - STREAM_START_MS).toBeLessThanOrEqual(175_000);
    // The same stream without the other service: nobody could tell the silence from a broken pipeline.
    const alone = replayed(events).filter((line) => line.type === "incident");
    expect(Date.parse(alone[0]!.at) - STREAM_START_MS).toBeGreaterThanOrEqual(210_000);
  });
});

function secondsOf(from: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => from + i);
}
