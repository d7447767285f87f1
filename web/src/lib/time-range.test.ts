import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  isLive,
  keptTime,
  rangeWords,
  readTimeRange,
  spanAt,
  SPANS_S,
  writeTimeRange,
  zoomSpan,
  type TimeRange,
} from "./time-range.ts";

const QUARTER_S = 900;
const NOW = Date.parse("2026-11-24T10:06:14Z") / 1000;
const read = (query: string) => readTimeRange(new URLSearchParams(query), QUARTER_S);
const moment = fc.integer({ min: 1_600_000_000, max: 1_900_000_000 });
const anyRange: fc.Arbitrary<TimeRange> = fc.record({
  span_s: fc.constantFrom(...SPANS_S, 45 * 60, 30 * 3600, 31 * 86_400),
  paused_at: fc.option(moment),
  fixed: fc.option(
    fc.tuple(moment, fc.integer({ min: 10, max: 30 * 86_400 })).map(([from, long]) => ({ from, until: from + long })),
  ),
  zone: fc.constantFrom("utc" as const, "local" as const),
});

describe("the time in an address", () => {
  test("given nothing, then the page's own span, live, in UTC", () => {
    expect(read("")).toEqual({ span_s: QUARTER_S, paused_at: null, fixed: null, zone: "utc" });
    expect([isLive(read("span=1h")), isLive(read("paused=2026-11-24T10:00:00Z"))]).toEqual([true, false]);
  });

  test.each(SPANS_S.map((span_s, index) => [["15m", "1h", "3h", "6h", "12h", "24h", "7d"][index]!, span_s]))(
    "span=%s is %i s, and is written so",
    (text, span_s) => {
      expect(read(`span=${text}`).span_s).toBe(span_s);
      const written = writeTimeRange(new URLSearchParams(), { ...read(""), span_s }, 1).get("span");
      expect(written).toBe(text);
    },
  );

  test("given any time, then what is written is read back the same, and other parameters stay", () => {
    fc.assert(
      fc.property(anyRange, (range) => {
        const written = writeTimeRange(new URLSearchParams("q=a+b&span=3h&from=x"), range, QUARTER_S);
        expect(written.get("q")).toBe("a b");
        expect(read(written.toString())).toEqual(range);
      }),
    );
  });

  test.each([
    "span=0m",
    "span=9999d",
    "span=1y",
    "span=-1h",
    "from=2026-11-24T10:00:00Z",
    "from=2026-11-24T10:00:00Z&to=2026-11-24T09:00:00Z",
    "from=2026-11-24T10:00:00Z&to=2026-11-24T10:00:09Z",
    "from=yesterday&to=now",
    "from=2016-11-24T10:00:00Z&to=2026-11-24T10:00:00Z",
    "paused=soon",
    "tz=Mars",
  ])("given %s, which is wrong, then the default", (query) => {
    expect(read(query)).toEqual(read(""));
  });
});

describe("what is shown", () => {
  test("goes along with the clock, stands still while paused, and is the fixed span above both", () => {
    expect(spanAt(read("span=1h"), NOW)).toEqual({ from: NOW - 3600, until: NOW });
    const paused = read("span=1h&paused=2026-11-24T10:00:00Z");
    expect(spanAt(paused, NOW)).toEqual(spanAt(paused, NOW + 500));
    const zoomed = read("span=1h&paused=2026-11-24T10:00:00Z&from=2026-11-24T09:30:00Z&to=2026-11-24T09:40:00Z");
    expect(spanAt(zoomed, NOW)).toEqual({ from: NOW - 2174, until: NOW - 1574 });
    expect(spanAt({ ...zoomed, fixed: null }, NOW)).toEqual(spanAt(paused, NOW));
  });

  test("given two ends in any order, then a zoom holds both and is never too short to draw", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e9, max: 2e9, noNaN: true }),
        fc.double({ min: -9e4, max: 9e4, noNaN: true }),
        (at, by) => {
          const { from, until } = zoomSpan(at, at + by);
          expect(from).toBeLessThanOrEqual(Math.min(at, at + by));
          expect(until).toBeGreaterThanOrEqual(Math.max(at, at + by));
          expect(until - from).toBeGreaterThanOrEqual(10);
          expect(until - from).toBeLessThanOrEqual(Math.max(10, Math.abs(by) + 2));
          expect([from, until].every(Number.isInteger)).toBe(true);
        },
      ),
    );
  });

  test("is said in words: days only where they are not today's", () => {
    expect(rangeWords(read("span=15m"), NOW * 1000)).toBe("Last 15 min");
    expect(rangeWords(read("span=24h"), NOW * 1000)).toBe("Last 24 h");
    expect(rangeWords(read("span=7d"), NOW * 1000)).toBe("Last 7 days");
    const words = (query: string) => rangeWords(read(query), NOW * 1000);
    expect(words("from=2026-11-24T10:00:00Z&to=2026-11-24T10:04:12Z")).toBe("10:00:00 to 10:04:12");
    expect(words("from=2026-11-23T10:00:00Z&to=2026-11-23T10:04:12Z")).toBe("23 Nov 10:00:00 to 10:04:12");
    expect(words("from=2026-11-23T23:00:00Z&to=2026-11-24T10:04:12Z")).toBe("23 Nov 23:00:00 to 24 Nov 10:04:12");
  });
});

describe("a link", () => {
  const here = new URLSearchParams("span=3h&tz=local&q=pay");
  test("takes the page's time along, and nothing else of the page", () => {
    expect(keptTime(new URLSearchParams("page=2"), here)?.toString()).toBe("page=2&span=3h&tz=local");
    expect(keptTime(new URLSearchParams(), new URLSearchParams("q=pay"))).toBeNull();
  });

  test("that speaks of time itself keeps its own", () => {
    expect(keptTime(new URLSearchParams("from=a&to=b"), here)).toBeNull();
  });
});
