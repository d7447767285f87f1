import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ChartSeries } from "./chart-series.ts";
import { BASELINE, T, tick, window } from "./testing/seconds.ts";
import { ServerModel } from "./testing/server-model.ts";
import type { Axis } from "./incident-axis.ts";

const LATE = { minute_s: 20, hour_s: 60 };
/** Steps with the span that a page shows them for. */
const SHOWN = [
  { step_s: 1, span_s: 120 },
  { step_s: 5, span_s: 900 },
  { step_s: 10, span_s: 3600 },
  { step_s: 60, span_s: 3 * 3600 },
  { step_s: 300, span_s: 12 * 3600 },
  { step_s: 3600, span_s: 2 * 86_400 },
] as const;

/** A service with a request in about every third second, more now and then, until `now`. */
function served(from: number, now: number, seed = 7): ServerModel {
  const server = new ServerModel(LATE);
  for (let at = from; at < now; at += 1) {
    const mixed = (at * 2_654_435_761 + seed) % 97;
    if (mixed < 33) server.add(at, [mixed + 1, mixed * 3 + 1]);
  }
  return server;
}

/** What a page draws against the truth: no request doubled or missing, none at another time, and no quantile is a mean. */
function drawn(series: ChartSeries, server: ServerModel, axis: Axis, now: number) {
  return series.points(axis, now).map((point, index, points) => {
    const { at, unread, request_count } = point;
    // The seconds of the newest point may not have told their latencies yet.
    const isRead = index < points.length - 1 || !point.quantiles_provisional;
    return { at, unread, request_count, p95: isRead ? point.p95_latency_ms : server.p95(at, at + point.covered_s) };
  });
}

/** What it has to draw: a point for each step of the axis, up to the newest second with a request. */
function truth(series: ChartSeries, server: ServerModel, axis: Axis, now: number) {
  const until = Math.min(axis.until, now - series.newest! > 15 ? now : series.newest! + 1);
  const points: ReturnType<typeof drawn> = [];
  for (let at = Math.floor(axis.from / axis.step_s) * axis.step_s; at < until; at += axis.step_s) {
    const end = Math.min(at + axis.step_s, until);
    points.push({ at, unread: false, request_count: server.count(at, end), p95: server.p95(at, end) });
  }
  return points;
}

describe("hours, minutes and seconds are joined", () => {
  test.each(SHOWN)("a point of $step_s s: nothing is doubled, missing or shifted at a seam", ({ step_s, span_s }) => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 7199 }), fc.integer({ min: 0, max: 119 }), (past_hour, heard_s) => {
        const now = T + 7200 + past_hour;
        const axis = { from: now - span_s, until: now, step_s };
        const server = served(now - Math.min(span_s, 6 * 3600) - 4000, now);
        const series = new ChartSeries();
        series.begin(server.points(now - heard_s, now), BASELINE);
        server.read(series, axis, now);
        expect(drawn(series, server, axis, now)).toEqual(truth(series, server, axis, now));
      }),
      { numRuns: 5 },
    );
  });

  test("the whole is read with few answers, the longest windows first, and then nothing is asked for again", () => {
    const now = T + 7200 + 1000;
    const axis = { from: now - 2 * 86_400, until: now, step_s: 3600 };
    const server = served(T - 3600, now);
    const series = new ChartSeries();
    expect(series.wish(axis, now, now)?.step).toBe(3600);
    expect(server.read(series, axis, now)).toBe(3);
    expect(series.wish(axis, now, now + 5)).toBeNull();
  });

  test("before history is read, what was heard is drawn, and nothing is claimed of the time before it", () => {
    const series = new ChartSeries();
    const axis = { from: T, until: T + 900, step_s: 5 };
    series.begin([tick(T + 800), tick(T + 850)], BASELINE);
    expect(series.points(axis, T + 855)[0]?.at).toBe(T + 800);
  });

  test("where one answer lacks between two stretches, there is neither a line nor a gap of the service's", () => {
    const series = new ChartSeries();
    const axis = { from: T, until: T + 60, step_s: 5 };
    const wish = { from: T, until: T + 20, step: 1 } as const;
    series.load([window(T, [5])], wish);
    series.loaded(wish, T + 60);
    series.begin([tick(T + 40), tick(T + 59)], BASELINE);
    const unread = series.points(axis, T + 60).filter((point) => point.unread);
    expect(unread.map((point) => point.at - T)).toEqual([20, 25, 30, 35]);
  });
});

describe("while a page is open", () => {
  test.each(SHOWN)("a point of $step_s s stays true while time goes on and seconds are heard", ({ step_s, span_s }) => {
    const begin = T + 7200 - 130;
    const server = served(begin - Math.min(span_s, 6 * 3600) - 4000, begin);
    const series = new ChartSeries();
    series.begin(server.points(begin - 60, begin), BASELINE);
    for (let now = begin; now < begin + 400; now += 1) {
      if (now % 3 === 0) server.add(now - 1, [now % 50]);
      series.hear(server.points(now - 1, now), BASELINE);
      const axis = { from: now - span_s, until: now, step_s };
      if (now % 7 === 0) server.read(series, axis, now);
      if (now % 40 === 0) {
        server.read(series, axis, now);
        expect(drawn(series, server, axis, now)).toEqual(truth(series, server, axis, now));
      }
    }
  });

  test("given a pause or a zoom of any length, then back to live nothing is missing and nothing is there twice", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1800 }), fc.constantFrom(...SHOWN), (long_s, { step_s, span_s }) => {
        const begin = T + 7200 + 50;
        const server = served(begin - Math.min(span_s, 3 * 3600) - 4000, begin);
        const series = new ChartSeries();
        series.begin(server.points(begin - 60, begin), BASELINE);
        server.read(series, { from: begin - span_s, until: begin, step_s }, begin);
        const paused = { from: begin - span_s, until: begin, step_s };
        const zoomed = { from: begin - 400, until: begin - 340, step_s: 1 };
        for (let now = begin; now < begin + long_s; now += 1) {
          if (now % 3 === 0) server.add(now - 1, [now % 50]);
          series.hear(server.points(now - 1, now), BASELINE);
          series.points(now % 100 < 50 ? paused : zoomed, now);
          if (now % 50 === 0) server.read(series, now % 100 < 50 ? paused : zoomed, now);
        }
        const now = begin + long_s;
        const live = { from: now - span_s, until: now, step_s };
        server.read(series, live, now);
        expect(drawn(series, server, live, now)).toEqual(truth(series, server, live, now));
      }),
      { numRuns: 6 },
    );
  });

  test("given a week, then three hours of it, then a minute, each shows its own: an hour is no point of a minute", () => {
    const now = T + 7200 + 1000;
    const server = served(now - 8 * 3600, now);
    const series = new ChartSeries();
    for (const { step_s, from, until } of [
      { step_s: 3600, from: now - 7 * 86_400, until: now },
      { step_s: 60, from: now - 3 * 3600, until: now },
      { step_s: 1, from: T + 3590, until: T + 3650 },
      { step_s: 5, from: now - 900, until: now },
      { step_s: 3600, from: now - 7 * 86_400, until: now },
    ]) {
      const axis = { from, until, step_s };
      server.read(series, axis, now);
      expect(drawn(series, server, axis, now)).toEqual(truth(series, server, axis, now));
    }
  });

  test.each([
    { step_s: 5, span_s: 900 },
    { step_s: 60, span_s: 3000 },
  ])("given a break of the connection, then what changed meanwhile is read, late requests too: $step_s s", (shown) => {
    const begin = T + 7200;
    const server = served(begin - 4000, begin);
    const series = new ChartSeries();
    const axis = (now: number) => ({ from: now - shown.span_s, until: now, step_s: shown.step_s });
    series.begin(server.points(begin - 60, begin), BASELINE);
    server.read(series, axis(begin), begin);
    for (let at = begin; at < begin + 400; at += 1) server.add(at, [9]);
    server.correct(begin - 300, [900], begin + 100);
    const now = begin + 400;
    series.begin(server.points(now - 60, now), BASELINE);
    server.read(series, axis(now), now);
    expect(drawn(series, server, axis(now), now)).toEqual(truth(series, server, axis(now), now));
  });

  test("given a tick that had to leave seconds out, then they are read", () => {
    const begin = T + 3600;
    const server = served(begin - 1000, begin);
    const series = new ChartSeries();
    series.begin(server.points(begin - 60, begin), BASELINE);
    server.read(series, { from: begin - 100, until: begin, step_s: 5 }, begin);
    for (let at = begin; at < begin + 800; at += 1) server.add(at, [9]);
    series.hear(server.points(begin, begin + 800).slice(-600), BASELINE);
    const [now, axis] = [begin + 800, { from: begin - 100, until: begin + 800, step_s: 5 }];
    server.read(series, axis, now);
    expect(drawn(series, server, axis, now)).toEqual(truth(series, server, axis, now));
  });

  test("given a late request in a minute of history, then its newer revision replaces the minute once it is there", () => {
    const begin = T + 7200;
    const server = served(begin - 4 * 3600, begin);
    const series = new ChartSeries();
    const axis = (now: number) => ({ from: now - 3 * 3600, until: now, step_s: 60 });
    series.begin(server.points(begin - 60, begin), BASELINE);
    server.read(series, axis(begin), begin);
    const late = begin - 3000;
    server.correct(late, [3000, 3000, 3000], begin);
    series.hear(server.points(late, late + 1), BASELINE);
    server.read(series, axis(begin + 60), begin + 60);
    expect(drawn(series, server, axis(begin + 60), begin + 60)).toEqual(
      truth(series, server, axis(begin + 60), begin + 60),
    );
    const minute = Math.floor(late / 60) * 60;
    const after = server.count(minute, minute + 60);
    expect(series.revisions(axis(begin + 60))).toEqual([{ at: minute, until: minute + 60, before: after - 3, after }]);
    // Whoever comes later sees that it was revised, and not from what.
    const later = new ChartSeries();
    server.read(later, axis(begin + 60), begin + 60);
    expect(later.revisions(axis(begin + 60))).toEqual([{ at: minute, until: minute + 60, before: null, after }]);
  });

  test("a minute that was heard takes the latencies of history, once they are there", () => {
    const begin = T + 7200;
    const server = served(begin - 3 * 3600, begin);
    const series = new ChartSeries();
    const axis = { from: begin - 2 * 3600, until: begin, step_s: 60 };
    series.begin(server.points(begin - 119, begin), BASELINE);
    const first = series.wish(axis, begin, begin + 50)!;
    series.load(server.answer(first, begin), first);
    series.loaded(first, begin);
    expect(series.points(axis, begin).at(-1)?.quantiles_provisional).toBe(true);
    const next = series.wish(axis, begin, begin + 60)!;
    expect(next).toMatchObject({ step: 60, from: begin - 60 });
    series.load(server.answer(next, begin + 60), next);
    series.loaded(next, begin + 60);
    expect(series.points(axis, begin + 60).at(-1)).toMatchObject({
      quantiles_provisional: false,
      p95_latency_ms: server.p95(begin - 60, begin),
    });
  });

  test("a page that is open for long holds no more than a fresh one", () => {
    const server = new ServerModel(LATE);
    const series = new ChartSeries();
    const axis = (now: number) => ({ from: now - 900, until: now, step_s: 5 });
    series.begin([tick(T)], BASELINE);
    for (let now = T; now < T + 4000; now += 1) {
      server.add(now, [5]);
      series.hear([tick(now)], BASELINE);
      if (now % 500 === 0) series.points(axis(now), now);
    }
    series.points(axis(T + 4000), T + 4000);
    expect([series.totals(T, T + 3000).request_count, series.totals(T + 3100, T + 4000).request_count]).toEqual([
      0, 9000,
    ]);
  });
});

test.each([
  { step_s: 60, end: 30, whole: 60 },
  { step_s: 300, end: 130, whole: 180 },
  { step_s: 3600, end: 100, whole: 3600 },
])("a time that ended within a window has all of that window, and is no fall: $step_s s", ({ step_s, end, whole }) => {
  const server = served(T - 86_400, T + 86_400);
  const axis = { from: T - 6 * 3600, until: T + end, step_s };
  const series = new ChartSeries();
  server.read(series, axis, T + 2 * 86_400);
  const last = series.points(axis, T + 2 * 86_400).at(-1)!;
  const start = Math.floor((T + end) / step_s) * step_s;
  expect([last.at, last.covered_s, last.request_count]).toEqual([
    start,
    T + whole - start,
    server.count(start, T + whole),
  ]);
});

test("an open minute of history is told by its seconds, which go along with the clock", () => {
  const series = new ChartSeries();
  const axis = { from: T, until: T + 90, step_s: 60 };
  const wish = series.wish(axis, T, T + 170)!;
  series.load([window(T, [5, 5]), window(T + 60, [5], { provisional: true })], wish);
  series.loaded(wish, T + 170);
  expect(series.wish(axis, T + 90, T + 171)).toEqual({ from: T + 60, until: T + 90, step: 1 });
});
