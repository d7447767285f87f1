/** How long a service's object holds what it holds, to the millisecond and to the row. */
import { describe, expect, test } from "vitest";
import type { ServiceMessage } from "../domain/message.ts";
import { MonitorHarness, type TestEvent } from "../tests/monitor-harness.ts";
import type { ApplyAnswer } from "./apply-call.ts";

const START_MS = Date.parse("2026-11-24T10:00:00Z");
const DAY_MS = 86_400_000;

class Stream {
  readonly harness = new MonitorHarness("checkout", START_MS);
  #offset = 0;

  /** `count` events of one time, delivered now. */
  send(event_time_ms: number, count: number, status_code = 200): ApplyAnswer {
    return this.deliver(Array.from({ length: count }, () => ({ event_time_ms, status_code })));
  }

  deliver(rows: readonly { readonly event_time_ms: number; readonly status_code: number }[]): ApplyAnswer {
    const first_offset = this.#offset + 1;
    const events = rows.map(({ event_time_ms, status_code }): TestEvent => {
      this.#offset += 1;
      const timestamp_ms = this.harness.now_ms;
      return { offset: this.#offset, timestamp_ms, event_time_ms, endpoint: "/a", latency_us: 1000, status_code };
    });
    const place = { source: "s", topic: "t", partition: 0, first_offset, last_offset: this.#offset };
    return this.harness.deliver(events, place);
  }

  /** Ten events a second for so long, as they happen. */
  async live(seconds: number, status_code = 200): Promise<void> {
    for (let i = 0; i < seconds; i += 1) {
      await this.harness.advance(1000);
      this.send(this.harness.now_ms - 500, 10, status_code);
    }
  }

  /** The clock stands at `now_ms` and one event comes. Nothing happened between: an object may sleep through a day. */
  wakeAt(now_ms: number): void {
    this.harness.now_ms = now_ms;
    this.send(now_ms, 1);
  }

  clockOf(table: "minutes" | "incident_events", column: string): number[] {
    return this.harness.storage.dump()[table]!.map((row) => Number(row[column]));
  }
}

describe("a minute", () => {
  test.each([
    ["is held 24 h after its last change", 0, { accepted: 1, late: 1, dropped: 0 }],
    ["is gone a moment later, and an event of it is dropped", 1, { accepted: 0, late: 0, dropped: 1 }],
  ])("%s", async (_what, later_ms, answer) => {
    const stream = new Stream();
    await stream.live(130);
    const [changed_ms] = stream.clockOf("minutes", "changed_at");
    stream.wakeAt(changed_ms! + DAY_MS + later_ms);
    expect(stream.send(START_MS + 30_000, 1)).toMatchObject(answer);
  });

  test("is one of the newest 20,000 that are held", () => {
    const stream = new Stream();
    const minutes = Array.from({ length: 20_020 }, (_, i) => START_MS - i * 60_000);
    stream.deliver(minutes.map((event_time_ms) => ({ event_time_ms, status_code: 200 })));
    const held = stream.clockOf("minutes", "minute");
    expect(held).toHaveLength(20_000);
    // The three newest are in the hot row.
    expect(Math.max(...held)).toBe(START_MS / 60_000 - 3);
  });
});

describe("an incident event", () => {
  async function withIncident(): Promise<{ stream: Stream; told: number; oldest_ms: number; newest_ms: number }> {
    const stream = new Stream();
    await stream.live(120);
    await stream.live(60, 500);
    await stream.live(120);
    const times = stream.clockOf("incident_events", "at");
    expect(times.length).toBeGreaterThan(1);
    return { stream, told: times.length, oldest_ms: Math.min(...times), newest_ms: Math.max(...times) };
  }

  const greet = ({ harness }: Stream, after: number): readonly ServiceMessage[] =>
    harness.actor.greet({ after, expires_at: null, min_severity: null });

  test("is replayed for 24 h", async () => {
    const { stream, told, oldest_ms } = await withIncident();
    stream.wakeAt(oldest_ms + DAY_MS);
    const [snapshot, ...missed] = greet(stream, 0);
    expect(snapshot).toMatchObject({ type: "snapshot", reset: false });
    expect(missed.slice(0, told)).toMatchObject(Array.from({ length: told }, (_, i) => ({ seq: i + 1 })));
  });

  test("is gone after that, which a client that asks for it is told by a reset; its number never comes again", async () => {
    const { stream, told, newest_ms } = await withIncident();
    stream.wakeAt(newest_ms + DAY_MS + 1);
    expect(greet(stream, told - 1)).toMatchObject([{ type: "snapshot", reset: true, seq: told }]);
    expect(greet(stream, told)).toMatchObject([{ type: "snapshot", reset: false, seq: told }]);
    stream.harness.evict();
    expect(greet(stream, 0)).toMatchObject([{ type: "snapshot", reset: true, seq: told }]);
  });
});

describe("an incident", () => {
  /** Two minutes of health and one of failures come in one batch; the clock then closes them all at `now_ms`. */
  function openedAt(now_ms: number): { readonly onset_ms: number; readonly historical: boolean } {
    const stream = new Stream();
    // A service that is new closes nothing for five seconds.
    stream.harness.now_ms = now_ms - 5_000;
    const seconds = Array.from({ length: 180 }, (_, i) => ({
      event_time_ms: START_MS + i * 1000,
      status_code: i < 120 ? 200 : 500,
    }));
    stream.deliver(seconds.flatMap((second) => Array.from({ length: 10 }, () => second)));
    stream.wakeAt(now_ms);
    const told = stream.harness.actor.greet({ after: 0, expires_at: null, min_severity: null });
    const event = told.find((message) => message.type === "incident")!;
    return { onset_ms: Date.parse(event.incident.onset_at), historical: event.incident.historical };
  }

  test("is historical when its onset lies more than ten minutes behind the clock", () => {
    const { onset_ms } = openedAt(START_MS + 300_000);
    expect(openedAt(onset_ms + 600_000)).toEqual({ onset_ms, historical: false });
    expect(openedAt(onset_ms + 600_001)).toEqual({ onset_ms, historical: true });
  });
});
