import { describe, expect, test } from "vitest";
import { staleSince, stalledSince } from "./freshness.ts";

const T = Date.parse("2026-11-24T10:06:10Z");

describe("a figure", () => {
  test("given the report of the last closed minute, then it is current, whichever clock is a little ahead", () => {
    expect(staleSince(T - 65_000, T)).toBeNull();
    expect(staleSince(T + 2000, T)).toBeNull();
  });

  test("given a service that stopped more than a minute ago, then it is of the last data and not of now", () => {
    expect(staleSince(T - 75_001, T)).toBe(T - 75_001);
  });

  test("given a service that has sent nothing yet, then nothing is said to be old", () => {
    expect(staleSince(null, T)).toBeNull();
  });
});

describe("a pipeline that is known to be broken", () => {
  test("given its report, then the figures of its services are of their last data at once", () => {
    expect(stalledSince("stalled", T - 20_000, T)).toBe(T - 20_000);
  });

  test("given a service that is only silent, or a pipeline that works, then nothing is said of the pipeline", () => {
    expect(stalledSince("silent", T - 20_000, T)).toBeNull();
    expect(stalledSince("flowing", T - 20_000, T)).toBeNull();
    expect(stalledSince(null, T - 20_000, T)).toBeNull();
  });

  test("given data that came after the report, then the report is overtaken", () => {
    expect(stalledSince("stalled", T - 2000, T)).toBeNull();
  });
});
