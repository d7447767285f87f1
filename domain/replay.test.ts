import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { lineOf, STREAM_START_MS as START_MS, type StreamEvent, streams } from "../tests/replay-stream.ts";
import { Replay } from "./replay.ts";
import type { IncidentLine, ReplayLine, ReplaySummary, WindowLine } from "./replay-line.ts";
import { defaultSettings, type ServiceSettings } from "./settings.ts";

const encoder = new TextEncoder();
const DAY_MS = 86_400_000;

/** Replays chunks of text. */
function run(...chunks: readonly string[]): { lines: ReplayLine[]; summary: ReplaySummary } {
  return runUnder(defaultSettings, ...chunks);
}

function runUnder(
  settingsOf: (service: string) => ServiceSettings,
  ...chunks: readonly string[]
): { lines: ReplayLine[]; summary: ReplaySummary } {
  const lines: ReplayLine[] = [];
  const replay = new Replay({ settingsOf, emit: (line) => lines.push(line) });
  for (const chunk of chunks) replay.push(encoder.encode(chunk));
  return { lines, summary: replay.finish() };
}

function runEvents(events: readonly StreamEvent[], settingsOf = defaultSettings): ReturnType<typeof run> {
  return runUnder(settingsOf, events.map(lineOf).join(""));
}

/** The rules of the reference system. */
const byRules = (service: string): ServiceSettings => ({ ...defaultSettings(service), detectors: ["reference"] });

/** `count` events a second of a service for `length_s` seconds. */
function traffic(
  service: string,
  start_ms: number,
  length_s: number,
  more: Partial<StreamEvent> = {},
  count = 10,
): StreamEvent[] {
  return Array.from({ length: length_s * count }, (_, i) => ({
    event_time_ms: start_ms + Math.floor((i * 1000) / count),
    service,
    endpoint: "/pay",
    latency_ms: 90,
    status_code: 200,
    ...more,
  }));
}

const incidentsOf = (lines: readonly ReplayLine[]): IncidentLine[] => lines.filter((line) => line.type === "incident");
const windowsOf = (lines: readonly ReplayLine[]): WindowLine[] => lines.filter((line) => line.type === "window");
const byTime = (a: StreamEvent, b: StreamEvent): number => a.event_time_ms - b.event_time_ms;

describe("what a replay tells", () => {
  const fault_ms = START_MS + 180_000;
  const healthy = traffic("checkout", START_MS, 180);
  const failing = traffic("checkout", fault_ms, 60, { status_code: 503 });
  const again = traffic("checkout", fault_ms + 60_000, 180);

  test("an incident, with the moment at which a subscriber would have known: a wait for the watermark counts", () => {
    const { lines, summary } = runEvents([...healthy, ...failing, ...again]);
    const [opened, ...rest] = incidentsOf(lines);
    expect(opened).toMatchObject({
      action: "opened",
      service: "checkout",
      metric_name: "error_rate",
      endpoint: "/pay",
    });
    expect(Date.parse(opened!.onset)).toBe(fault_ms);
    const proof_s = Number(/^checkout-(\d+)-error_rate$/.exec(opened!.id)![1]);
    // The second that proved it is closed by the first event two seconds after its end.
    expect(Date.parse(opened!.at)).toBe((proof_s + 1) * 1000 + 2000);
    expect(rest.at(-1)).toMatchObject({ action: "resolved", id: opened!.id });
    expect(summary.incidents).toEqual({ medium: 0, high: 0, critical: 1 });
  });

  test("each anomaly before the incident that it is part of, and again when it is over", () => {
    const { lines } = runEvents([...healthy, ...failing, ...again]);
    const opened = lines.findIndex((line) => line.type === "incident");
    expect(lines[opened - 1]).toMatchObject({ type: "anomaly", metric_name: "error_rate", resolved: false });
    const anomalies = lines.filter((line) => line.type === "anomaly");
    expect(anomalies.at(-1)).toMatchObject({ resolved: true, detected_at: anomalies[0]!.detected_at });
  });

  test("each minute as a row of service_metrics, the last one too", () => {
    const { lines, summary } = runEvents(traffic("checkout", START_MS, 90));
    expect(windowsOf(lines).map((row) => [row.window_start, row.request_count])).toEqual([
      ["2026-11-24T10:00:00Z", 600],
      ["2026-11-24T10:01:00Z", 300],
    ]);
    expect(windowsOf(lines)[0]).toMatchObject({ error_rate: 0, avg_latency_ms: 90, latency_sum_us: 54_000_000 });
    expect(summary).toMatchObject({ events: 900, services: 1, windows: 2, event_time_s: 89.9 });
  });

  test("of a service that falls silent what its last seconds held, once others have gone on for 5 s", () => {
    const last = traffic("payments", START_MS, 20, { status_code: 500, latency_ms: 9000 }, 1);
    const others = traffic("search", START_MS, 60);
    const { lines } = runEvents([...last, ...others].sort(byTime), byRules);
    const told = incidentsOf(lines).filter((line) => line.service === "payments");
    // Ten requests are the least that the rule judges: the tenth is of second 9, closed by the one of second 12.
    expect(told.map((line) => Date.parse(line.at) - START_MS)[0]).toBe(12_000);
    const brief = traffic("payments", START_MS, 1, { status_code: 500 });
    const next = { ...brief[0]!, event_time_ms: START_MS + 1000 };
    const alone = runEvents([...brief, next, ...others].sort(byTime), byRules);
    // One more event opened the next second, so that the first could close; after that only the clock goes on, past five seconds.
    expect(incidentsOf(alone.lines).map((line) => Date.parse(line.at) - START_MS)).toEqual([6_001]);
  });
});

describe("the order of what is told", () => {
  test("is that of its time", () => {
    fc.assert(
      fc.property(streams(["checkout", "payments", "search"], 2000), (events) => {
        const at = incidentsOf(runEvents(events).lines).map((line) => Date.parse(line.at));
        expect(at).toEqual(at.toSorted((a, b) => a - b));
      }),
      { numRuns: 20 },
    );
  });

  test("and all of it, is the same however the lines are cut into chunks, beyond the disorder bound too", () => {
    fc.assert(
      fc.property(
        streams(["checkout", "payments"], 8000),
        fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 6 }),
        (events, sizes) => {
          const chunks: string[] = [];
          for (let at = 0, n = 0; at < events.length; n += 1) {
            const size = sizes[n % sizes.length]!;
            chunks.push(
              events
                .slice(at, at + size)
                .map(lineOf)
                .join(""),
            );
            at += size;
          }
          expect(run(...chunks)).toEqual(runEvents(events));
        },
      ),
      { numRuns: 30 },
    );
  });
});

describe("late events", () => {
  test("correct their window, which is told again, and never detection", () => {
    const on_time = traffic("checkout", START_MS, 200);
    const late = traffic("checkout", START_MS + 70_000, 10, { status_code: 500, latency_ms: 1 });
    const { lines, summary } = runEvents([...on_time.slice(0, 1900), ...late, ...on_time.slice(1900)]);
    expect(incidentsOf(lines)).toEqual([]);
    expect(summary).toMatchObject({ events: 2100, late: 100, dropped: 0, windows: 4 });
    const corrected = windowsOf(lines).filter((row) => row.window_start === "2026-11-24T10:01:00Z");
    expect(corrected.map((row) => [row.request_count, row.error_count])).toEqual([
      [600, 0],
      [700, 100],
    ]);
    expect(corrected[1]!.revision).toBeGreaterThan(corrected[0]!.revision);
  });

  test("whose minute is no longer held are counted as dropped", () => {
    const on_time = traffic("checkout", START_MS, 1200, {}, 1);
    const late = traffic("checkout", START_MS + 30_000, 7);
    const { summary } = runEvents([...on_time, ...late]);
    expect(summary).toMatchObject({ events: 1270, late: 0, dropped: 70 });
  });

  test("leave every window as a plain recomputation over all events not dropped has it", () => {
    fc.assert(
      fc.property(streams(["checkout", "payments"], 20_000), (events) => {
        const { lines, summary } = runEvents(events);
        expect(summary.dropped).toBe(0);
        const expected = new Map<string, number>();
        for (const { service, event_time_ms } of events) {
          const key = `${service} ${Math.floor(event_time_ms / 60_000) * 60_000}`;
          expected.set(key, (expected.get(key) ?? 0) + 1);
        }
        const found = windowsOf(lines).map((row): [string, number] => [
          `${row.service} ${Date.parse(row.window_start)}`,
          row.request_count,
        ]);
        expect(new Map(found)).toEqual(expected);
      }),
      { numRuns: 20 },
    );
  });
});

describe("dates without a record's timestamp", () => {
  test("no event is too old: a stream of weeks is read to its end", () => {
    const days = Array.from({ length: 21 }, (_, day) => traffic("checkout", START_MS + day * DAY_MS, 3)).flat();
    expect(runEvents(days).summary).toMatchObject({ events: days.length, wrong_lines: 0, late: 0, dropped: 0 });
  });

  test.each([
    ["among others", 700],
    ["as the first one", 0],
  ])("given a date of another century %s, names the line and goes on", (_where, place) => {
    const fault_ms = START_MS + 120_000;
    const events = [
      ...traffic("checkout", START_MS, 120),
      ...traffic("checkout", fault_ms, 30, { status_code: 500 }),
      ...traffic("checkout", fault_ms + 30_000, 30),
    ];
    const wrong = { ...events[0]!, event_time_ms: Date.parse("2126-11-24T10:00:00Z") };
    const { lines, summary } = runEvents(events.toSpliced(place, 0, wrong));
    expect(summary.wrong_first).toEqual([{ line: place + 1, reason: "future" }]);
    expect(lines).toEqual(runEvents(events).lines);
  });

  test("given a gap of months, and stragglers after it, takes time to have moved", () => {
    const before = traffic("checkout", START_MS, 30);
    const after = traffic("checkout", START_MS + 90 * DAY_MS, 30);
    const { summary } = runEvents([...before, after[0]!, before[0]!, ...after.slice(1)]);
    expect(summary).toMatchObject({ events: 601, wrong_lines: 0 });
  });

  test("a short stream is taken as it is", () => {
    const few = [0, 2, 4].map((day) => traffic("checkout", START_MS + day * DAY_MS, 1, {}, 1)).flat();
    expect(runEvents(few).summary).toMatchObject({ events: 3, wrong_lines: 0 });
  });
});

describe("wrong lines", () => {
  const good = lineOf(traffic("checkout", START_MS, 1)[0]!);

  test("are counted by reason, the first twenty named, and the rest goes on", () => {
    const bad = [
      "{",
      "[]",
      `[${good.trim()}]`,
      '"text"',
      good.replace("checkout", "Checkout"),
      good.replace("90", "-1"),
    ];
    const { summary } = run(good, bad.map((line) => `${line.trim()}\n`).join(""), good, "x\n".repeat(30), good);
    expect(summary).toMatchObject({ events: 3, wrong_lines: 36 });
    expect(summary.wrong_by_reason).toEqual({
      invalid_json: 31,
      not_an_object: 3,
      invalid_service: 1,
      invalid_latency_ms: 1,
    });
    expect(summary.wrong_first).toHaveLength(20);
    expect(summary.wrong_first.slice(0, 7).map(({ line }) => line)).toEqual([2, 3, 4, 5, 6, 7, 9]);
  });

  test.each([
    ["no time: a file has no time of receipt", good.replace(/"event_time":"[^"]*",/, ""), "missing_event_time"],
    ["a time before 1970", good.replace("2026", "1926"), "past"],
    ["bytes that are no UTF-8, here replaced", good.replace("/pay", "/\\ud800"), "invalid_endpoint"],
  ])("given %s", (_what, line, reason) => {
    expect(run(line, good).summary.wrong_first).toEqual([{ line: 1, reason }]);
  });

  test("blank lines are none, and the last line needs no newline", () => {
    expect(run("\n", ` \t\r\n${good}\r\n`.replace("\n\r", "\r"), good.trim()).summary).toMatchObject({
      events: 2,
      wrong_lines: 0,
    });
  });

  test("names beyond the 2,000th service are refused, those before go on", () => {
    const names = Array.from({ length: 2_001 }, (_, i) => good.replace("checkout", `s${i}`));
    const { summary } = run(...names, good.replace("checkout", "s0"));
    expect(summary).toMatchObject({ events: 2_001, services: 2_000, wrong_lines: 1 });
    expect(summary.wrong_first).toEqual([{ line: 2_001, reason: "too_many_services" }]);
  });
});

describe("settings", () => {
  test("are those of each service", () => {
    const lines: ReplayLine[] = [];
    const settingsOf = (service: string) => ({
      ...defaultSettings(service),
      errors: service === "strict" ? [404] : ["5xx" as const],
    });
    const replay = new Replay({ settingsOf, emit: (line) => lines.push(line) });
    const events = ["strict", "usual"].flatMap((service) => traffic(service, START_MS, 30, { status_code: 404 }));
    replay.push(encoder.encode(events.sort(byTime).map(lineOf).join("")));
    replay.finish();
    expect(new Set(incidentsOf(lines).map((line) => line.service))).toEqual(new Set(["strict"]));
  });
});
