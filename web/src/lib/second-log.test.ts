import { describe, expect, test } from "vitest";
import { drawnUntil, findGaps, formPoint, PointSeries, trimToGaps } from "./point.ts";
import { SecondLog } from "./second-log.ts";
import { BASELINE, T, tick, window } from "./testing/seconds.ts";

describe("the seconds of a service", () => {
  test("given a second told twice, then the tick replaces it and is not added to it", () => {
    const log = new SecondLog();
    log.hear([tick(T, { request_count: 4, provisional: true })], BASELINE);
    expect(log.hear([tick(T, { request_count: 10 })], BASELINE)).toEqual([T]);
    expect(log.at(T)?.request_count).toBe(10);
  });

  test("given the same numbers again, then nothing changed and the sketch is kept", () => {
    const log = new SecondLog();
    log.load([window(T, [5, 5])]);
    const known = log.at(T)!;
    expect(log.hear([tick(T, { request_count: 2, latency_sum_us: known.latency_sum_us })], BASELINE)).toEqual([]);
    expect(log.at(T)?.sketch).not.toBeNull();
  });

  test("given an answer that was read before the last tick, then the tick's larger count stands", () => {
    const log = new SecondLog();
    log.hear([tick(T, { request_count: 10 })], BASELINE);
    expect(log.load([window(T, [5, 5])])).toEqual([]);
    expect(log.at(T)?.request_count).toBe(10);
  });

  test("given closed seconds without sketches, then exactly their span is asked for", () => {
    const log = new SecondLog();
    log.load([window(T, [5])]);
    log.hear([tick(T + 1), tick(T + 2), tick(T + 3, { provisional: true })], BASELINE);
    expect(log.missingSketches(T, T + 10)).toEqual({ from: T + 1, until: T + 3 });
    log.load([window(T + 1, Array(10).fill(5)), window(T + 2, Array(10).fill(5))]);
    expect(log.missingSketches(T, T + 10)).toBeNull();
  });

  test("given a page open for long, then what left it is forgotten", () => {
    const log = new SecondLog();
    log.hear([tick(T), tick(T + 100)], BASELINE);
    log.forgetBefore(T + 50);
    expect([log.at(T), log.at(T + 100)?.at, log.newest]).toEqual([undefined, T + 100, T + 100]);
  });
});

describe("what is known of a service", () => {
  test("given a shown time, then what was heard of it stays known while the page goes on, and the rest is forgotten", () => {
    const log = new SecondLog();
    log.begin([tick(T)], BASELINE);
    for (let at = T + 1; at < T + 300; at += 1) log.hear([tick(at)], BASELINE);
    log.forgetBefore(T + 200, { from: T + 20, until: T + 50 });
    expect([T + 10, T + 20, T + 49, T + 50, T + 199, T + 200].map((at) => log.knows(at))).toEqual([
      false,
      true,
      true,
      false,
      false,
      true,
    ]);
    expect([log.at(T + 49)?.at, log.at(T + 50)]).toEqual([T + 49, undefined]);
    expect(log.missing(T + 20, T + 300)).toEqual({ from: T + 50, until: T + 200 });
  });
});

describe("a point of five seconds", () => {
  test("given sketches, then its quantile is that of all its requests and never a mean of quantiles", () => {
    const log = new SecondLog();
    // 99 fast requests in one second, one slow in another: a mean of the two seconds' p95 would be about 505 ms.
    log.load([window(T, Array(99).fill(10)), window(T + 1, [1000])]);
    const point = formPoint(log, T, T + 5)!;
    expect(point.request_count).toBe(100);
    expect(point.p95_latency_ms).toBeCloseTo(10, 0);
    expect(point.quantiles_provisional).toBe(false);
  });

  test("given ticks alone, then it shows the newest second's own quantile and says that it is provisional", () => {
    const log = new SecondLog();
    log.hear([tick(T, { p95_latency_ms: 300 }), tick(T + 1, { p95_latency_ms: 110 })], BASELINE);
    expect(formPoint(log, T, T + 5)).toMatchObject({
      p95_latency_ms: 110,
      quantiles_provisional: true,
      provisional: false,
    });
  });

  test("given the newest point with two whole seconds, then its rate is over those two", () => {
    const log = new SecondLog();
    log.hear([tick(T), tick(T + 1), tick(T + 2, { request_count: 3, provisional: true })], BASELINE);
    expect(formPoint(log, T, T + 2)).toMatchObject({ covered_s: 2, request_rate: 10, provisional: true });
    expect(formPoint(log, T, T)).toBeNull();
  });

  test("given a changed second, then only its point is formed again", () => {
    const log = new SecondLog();
    const series = new PointSeries(log);
    for (let second = T; second < T + 20; second += 1) log.hear([tick(second)], BASELINE);
    const before = series.between(T, T + 20);
    series.touch(log.hear([tick(T + 7, { request_count: 30 })], BASELINE));
    const after = series.between(T, T + 20);
    expect(after.map((point, index) => point === before[index])).toEqual([true, false, true, true]);
    expect(after[1]?.request_count).toBe(70);
  });
});

describe("where the points of a service end", () => {
  test("given a second that is still filling, then before it; given a closed one, then after it", () => {
    expect(drawnUntil({ at: T, provisional: true }, T + 2)).toBe(T);
    expect(drawnUntil({ at: T, provisional: false }, T + 2)).toBe(T + 1);
  });

  test("given a service that stopped, then at the clock, so that its silence is drawn, although its last second never closed", () => {
    const log = new SecondLog();
    log.hear([tick(T), tick(T + 1, { provisional: true })], BASELINE);
    const until = drawnUntil(log.at(T + 1)!, T + 100);
    expect(findGaps(new PointSeries(log).between(T, until))).toEqual([{ from: T + 2, until: T + 100 }]);
  });

  test("given nothing heard at all, then at the clock", () => {
    expect(drawnUntil(null, T)).toBe(T);
  });
});

describe("a gap", () => {
  function pointsWithout(from: number, until: number) {
    const log = new SecondLog();
    for (let second = T; second < T + 60; second += 1) {
      if (second < from || second >= until) log.hear([tick(second)], BASELINE);
    }
    return new PointSeries(log).between(T, T + 60);
  }

  test("given twenty seconds of silence, then the gap is exact to the second", () => {
    expect(findGaps(pointsWithout(T + 12, T + 38))).toEqual([{ from: T + 12, until: T + 38 }]);
  });

  test("given a lull of a few seconds, then it is a rate of zero and no gap", () => {
    const points = pointsWithout(T + 15, T + 25);
    expect(findGaps(points)).toEqual([]);
    expect(points[3]?.request_rate).toBe(0);
  });

  test("given points beside a gap, then their rates show no fall that never was", () => {
    const points = pointsWithout(T + 12, T + 38);
    const trimmed = trimToGaps(points, findGaps(points)).filter((point) => point.request_count > 0);
    expect(new Set(trimmed.map((point) => point.request_rate))).toEqual(new Set([10]));
  });

  test("given requests that begin in the middle of a second, then its part of a point is left out: it would draw a fall", () => {
    const points = pointsWithout(T + 12, T + 39);
    const trimmed = trimToGaps(points, findGaps(points));
    expect(points.find((point) => point.at === T + 35)?.request_count).toBe(10);
    expect(trimmed.some((point) => point.at >= T + 35 && point.at < T + 40)).toBe(false);
  });

  test("given longer points, then fewer of them are a gap", () => {
    const log = new SecondLog();
    log.hear([tick(T), tick(T + 1200)], BASELINE);
    const gaps = (step_s: number) => findGaps(new PointSeries(log, step_s).between(T, T + 1201), step_s).length;
    expect([gaps(1), gaps(60), gaps(300), gaps(600)]).toEqual([1, 1, 1, 0]);
  });
});
