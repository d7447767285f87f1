import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Bucket, bucketOf, encodeBucket } from "./bucket.ts";
import {
  addToMinute,
  type BucketDelta,
  decodeMinute,
  dropEndpointSketches,
  emptyMinute,
  encodeMinute,
  foldEndpoints,
  type Minute,
  MINUTE_NAMES_MAX,
  minuteWindow,
} from "./minute.ts";
import { bucketDeltas, decodeSums, encodeSums, type ServiceEvents, sumEvents } from "./service-batch.ts";
import { coarsenSketch, EMPTY_SKETCH, mergeAllSketches, sketchCount } from "./sketch.ts";

const MINUTE = 29_925_240;
const isError = (status_code: number): boolean => status_code >= 500;

function eventsOf(
  rows: readonly { ms: number; endpoint: string; latency_us: number; status_code: number }[],
): ServiceEvents {
  const endpoints = [...new Set(rows.map((row) => row.endpoint))];
  return {
    offsets: Float64Array.from(rows, (_, i) => i),
    timestamps_ms: Float64Array.from(rows, () => 0),
    event_times_ms: Float64Array.from(rows, (row) => MINUTE * 60_000 + row.ms),
    endpoint: Uint16Array.from(rows, (row) => endpoints.indexOf(row.endpoint)),
    latency_us: Uint32Array.from(rows, (row) => row.latency_us),
    status_code: Uint16Array.from(rows, (row) => row.status_code),
    version: new Uint16Array(rows.length),
    endpoints,
    versions: [],
  };
}

const rows = fc.array(
  fc.record({
    ms: fc.integer({ min: 0, max: 59_999 }),
    endpoint: fc.constantFrom("/a", "/b", "/c"),
    latency_us: fc.integer({ min: 0, max: 3_600_000_000 }),
    status_code: fc.constantFrom(200, 404, 500, 503),
  }),
  { maxLength: 60 },
);

const add = (minute: Minute, events: ServiceEvents, kept: ReadonlySet<string> = new Set()): Minute => {
  const sums = decodeSums(encodeSums(sumEvents(events)));
  return addToMinute(minute, bucketDeltas(sums, isError), sums.endpoints, kept);
};

const oneEach = (endpoints: readonly string[]): ServiceEvents =>
  eventsOf(endpoints.map((endpoint) => ({ ms: 0, endpoint, latency_us: 1, status_code: 200 })));
const named = (prefix: string, count: number): string[] => Array.from({ length: count }, (_, i) => `${prefix}${i}`);

/** What a minute says, whatever the order in which its endpoint names came. */
function content(minute: Minute): unknown {
  const buckets = minute.buckets.map((bucket) =>
    bucket === undefined
      ? null
      : {
          ...bucket,
          endpoints: bucket.endpoints
            .map(({ name, ...sums }) => [minute.names[name]!, sums] as const)
            .sort((a, b) => (a[0] < b[0] ? -1 : 1)),
        },
  );
  return { buckets, window: minuteWindow("checkout", minute) };
}

describe("a minute", () => {
  test("is the same whatever the batches its events came in", () => {
    fc.assert(
      fc.property(rows, rows, (x, y) => {
        const whole = add(emptyMinute(MINUTE), eventsOf([...x, ...y]));
        const parts = add(add(emptyMinute(MINUTE), eventsOf(y)), eventsOf(x));
        expect(content(parts)).toEqual(content(whole));
      }),
    );
  });

  test("its window equals a plain recomputation", () => {
    fc.assert(
      fc.property(rows, (x) => {
        const window = minuteWindow("checkout", add(emptyMinute(MINUTE), eventsOf(x)));
        const latency_sum_us = x.reduce((sum, row) => sum + row.latency_us, 0);
        expect(window).toMatchObject({
          request_count: x.length,
          error_count: x.filter((row) => isError(row.status_code)).length,
          latency_sum_us,
        });
        expect(window.avg_latency_ms).toBe(x.length === 0 ? null : latency_sum_us / x.length / 1000);
      }),
    );
  });

  test("survives its encoding", () => {
    fc.assert(
      fc.property(rows, (x) => {
        const minute = {
          ...add(emptyMinute(MINUTE), eventsOf(x)),
          revision: 3,
          baseline: { request_rate: 1.5, error_rate: null, p95_latency_ms: 20 },
        };
        expect(decodeMinute(encodeMinute(minute))).toEqual(minute);
      }),
    );
  });

  test("counts endpoints beyond its bound, and those that are not kept, as other", () => {
    const many = named("/e", MINUTE_NAMES_MAX + 20);
    const minute = add(emptyMinute(MINUTE), oneEach(many));
    expect(minute.names).toHaveLength(MINUTE_NAMES_MAX + 1);
    expect(minute.buckets[0]!.endpoints[0]).toMatchObject({ name: 0, request_count: 20 });
    const folded = foldEndpoints(minute, MINUTE * 60, new Set(["other", "/e0"]));
    expect(folded.buckets[0]!.endpoints.map((entry) => [folded.names[entry.name], entry.request_count])).toEqual([
      ["other", many.length - 1],
      ["/e0", 1],
    ]);
  });

  test("given a scan of strange paths at its start, the endpoints of the table keep their places", () => {
    const kept = new Set(named("/used", 50));
    const scanned = add(emptyMinute(MINUTE), oneEach(named("/scan", 300)), kept);
    const minute = add(add(scanned, oneEach([...kept].slice(0, 30)), kept), oneEach([...kept]), kept);
    const counts = new Map(minute.buckets[0]!.endpoints.map((entry) => [minute.names[entry.name], entry]));
    expect([...kept].map((name) => counts.get(name)?.request_count)).toEqual([
      ...Array.from({ length: 30 }, () => 2),
      ...Array.from({ length: 20 }, () => 1),
    ]);
    expect(minute.names).toHaveLength(MINUTE_NAMES_MAX + 1);
    expect(counts.get("other")?.request_count).toBe(300 - (MINUTE_NAMES_MAX - kept.size));
  });

  test("given that the table changed meanwhile, its endpoints take what places are left, strangers none of them", () => {
    const full = add(emptyMinute(MINUTE), oneEach(named("/scan", 230)), new Set());
    const kept = named("/used", 50);
    const minute = add(full, oneEach(["/stranger", ...kept, "/stranger"]), new Set(kept));
    expect(minute.names.slice(231)).toEqual(kept.slice(0, MINUTE_NAMES_MAX - 230));
  });
});

describe("the latencies of endpoints in an open second", () => {
  const sketches = (bucket: Bucket | undefined) => bucket!.endpoints.map((entry) => entry.sketch);

  test("add up to the service's, whatever the batches they came in", () => {
    fc.assert(
      fc.property(rows, rows, (x, y) => {
        const minute = add(add(emptyMinute(MINUTE), eventsOf(x)), eventsOf(y));
        for (const bucket of minute.buckets) {
          if (bucket === undefined) continue;
          expect(mergeAllSketches(sketches(bucket))).toEqual(bucket.sketch);
          for (const entry of bucket.endpoints) expect(sketchCount(entry.sketch)).toBe(entry.request_count);
        }
      }),
    );
  });

  test("of endpoints that are folded together are merged, and none is left once the second is judged", () => {
    const minute = add(emptyMinute(MINUTE), oneEach(["/a", "/b", "/c"]));
    const folded = foldEndpoints(minute, MINUTE * 60, new Set(["other", "/a"]));
    expect(sketches(folded.buckets[0]).map(sketchCount)).toEqual([2, 1]);
    const { buckets } = dropEndpointSketches(folded, MINUTE * 60);
    expect(sketches(buckets[0])).toEqual([EMPTY_SKETCH, EMPTY_SKETCH]);
    expect(buckets[0]!.sketch).toEqual(minute.buckets[0]!.sketch);
  });

  test("take no room in a closed second", () => {
    const minute = dropEndpointSketches(add(emptyMinute(MINUTE), oneEach(named("/e", 50))), MINUTE * 60);
    // Three sums and a sketch of one bin with its length, the number of endpoints, and six bytes for each of them.
    expect(encodeBucket(minute.buckets[0]!).length).toBeLessThan(16 + 50 * 6);
  });

  test("are counted more coarsely where there are too many of them, in the same way whatever the order", () => {
    const flood = (from: number, count: number): ServiceEvents =>
      eventsOf(
        Array.from({ length: count }, (_, i) => ({
          ms: 0,
          endpoint: `/e${i % 50}`,
          latency_us: Math.round(1.16 ** ((from + Math.floor(i / 50)) % 100) * 1000),
          status_code: 200,
        })),
      );
    const batches = [flood(0, 3000), flood(31, 3000), flood(67, 10)];
    const all = (own: readonly ServiceEvents[]): Minute =>
      own.reduce((minute, x) => add(minute, x), emptyMinute(MINUTE));
    const [one, other] = [all(batches), all(batches.toReversed())];
    expect(content(other)).toEqual(content(one));
    const bucket = one.buckets[0]!;
    expect(bucket.shift).toBeGreaterThan(0);
    expect(sketches(bucket).reduce((sum, sketch) => sum + sketch.bins.length, 0)).toBeLessThanOrEqual(1500);
    expect(mergeAllSketches(sketches(bucket))).toEqual(coarsenSketch(bucket.sketch, bucket.shift));
    expect(decodeMinute(encodeMinute(one))).toEqual(one);
  });

  /** A second with `names` endpoints, each with one request in every `step`-th bin there is. */
  function wide(second: number, names: number, step: number): BucketDelta {
    const bins = Uint16Array.from({ length: Math.floor(1100 / step) }, (_, i) => i * step);
    const [sketch, request_count] = [{ bins, counts: new Float64Array(bins.length).fill(1) }, bins.length];
    const sums = { request_count, error_count: 1, latency_sum_us: request_count * 60_000_000, sketch };
    const endpoints = Array.from({ length: names }, (_, name) => ({ name, ...sums }));
    return { second, versions: [], bucket: bucketOf(endpoints) };
  }

  test.each([
    { names: MINUTE_NAMES_MAX, step: 11, bytes_max: 1_900_000 },
    { names: 50, step: 10, bytes_max: 1_000_000 },
  ])("let three minutes of open seconds with $names endpoints fit the hot row", ({ names, step, bytes_max }) => {
    const deltas = Array.from({ length: 60 }, (_, i) => wide(MINUTE * 60 + i, names, step));
    const texts = Array.from({ length: names }, (_, i) => `/${i}`.padEnd(200, "x"));
    const minute = addToMinute(emptyMinute(MINUTE), deltas, texts, new Set());
    expect(3 * encodeMinute(minute).length).toBeLessThan(bytes_max);
  });
});
