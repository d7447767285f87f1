/** The newest values of an incident's metric. */
import { describe, expect, test } from "vitest";
import { EMPTY_BUCKET, type Bucket } from "./bucket.ts";
import { emptyMinute, type Minute } from "./minute.ts";
import { sparkMinutes, sparkOf } from "./spark.ts";

const bucket = (request_count: number, error_count: number, latency_sum_us: number): Bucket => {
  return { ...EMPTY_BUCKET, request_count, error_count, latency_sum_us };
};

/** Minute 10 has 10 requests a second, one of a hundred failing, minute 11 three of ten; second 30 of minute 11 is empty, as 31 is. */
function minutes(): ReadonlyMap<number, Minute> {
  const slots = Array.from({ length: 60 }, (_, slot) => slot);
  const ten = { ...emptyMinute(10), buckets: slots.map(() => bucket(100, 1, 10_000_000)) };
  const hole = (slot: number): boolean => slot === 30 || slot === 31;
  const eleven = {
    ...emptyMinute(11),
    buckets: slots.map((slot) => (hole(slot) ? undefined : bucket(10, 3, 5_000_000))),
  };
  return new Map([
    [10, ten],
    [11, eleven],
  ]);
}

describe("the newest values", () => {
  test("are thirty points of two seconds, oldest first, over the end of a minute", () => {
    const end_s = 11 * 60 + 40;
    expect(sparkMinutes(end_s)).toEqual([10, 11]);
    const spark = sparkOf("error_rate", end_s, minutes(), null)!;
    expect(spark).toMatchObject({ metric_name: "error_rate", step_s: 2 });
    expect(spark.values).toEqual([...Array(10).fill(0.01), ...Array(15).fill(0.3), null, ...Array(4).fill(0.3)]);
  });

  test("are of the incident's own metric", () => {
    const newest = (metric: Parameters<typeof sparkOf>[0], availability: number | null = null) =>
      sparkOf(metric, 12 * 60, minutes(), availability)?.values.at(-1);
    expect(newest("request_rate")).toBe(10);
    expect(newest("avg_latency_ms")).toBe(500);
    expect(newest("burn_rate", 0.99)).toBeCloseTo(30, 9);
    expect(newest("burn_rate")).toBeUndefined();
    expect(newest("p95_latency_ms")).toBeNull();
  });

  test("count no requests as none, and what is not held as unknown, but for their rate, which is 0", () => {
    const end_s = 11 * 60 + 32;
    expect(sparkOf("request_rate", end_s, minutes(), null)!.values.at(-1)).toBe(0);
    expect(sparkOf("error_rate", end_s, new Map(), null)!.values).toEqual(Array(30).fill(null));
  });
});
