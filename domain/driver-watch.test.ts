import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type DriverWatch, watchDriver, watchedDriver } from "./driver-watch.ts";
import type { Driver } from "./reference-detector.ts";

const NOBODY: Driver = { endpoint: null, endpoint_share: null };
const PAY: Driver = { endpoint: "/pay", endpoint_share: 0.9 };
const CART: Driver = { endpoint: "/cart", endpoint_share: 0.7 };

/** What is said after each of the seconds, of a fault whose first one was so many before them. */
function said(watch: DriverWatch, found: readonly Driver[], age_s = 0): (string | null)[] {
  let [now, second] = [watch, 1000];
  return found.map((driver) => {
    now = watchedDriver(now, driver, second++, 1000 - age_s);
    return now.said.endpoint;
  });
}

const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);

describe("which endpoint is said to drive an anomaly", () => {
  test("is the first that stands out for ten seconds on end, where none did when it was found", () => {
    expect(said(watchDriver(NOBODY), times(11, PAY))).toEqual([...times(9, null), "/pay", "/pay"]);
    const found = [...times(9, PAY), NOBODY, ...times(9, PAY), ...times(9, CART), ...times(9, PAY)];
    expect(said(watchDriver(NOBODY), found)).toEqual(times(37, null));
  });

  test.each([
    ["another one", CART],
    ["none", NOBODY],
  ])("is %s once that has been found for twenty seconds on end", (_, other) => {
    expect(said(watchDriver(PAY), times(20, other))).toEqual([...times(19, "/pay"), other.endpoint]);
    expect(said(watchDriver(PAY), [...times(19, other), PAY, ...times(19, other)])).toEqual(times(39, "/pay"));
  });

  test("changes later than in the first minute only where that has been found for a whole one", () => {
    expect(said(watchDriver(NOBODY), times(61, PAY), 60).indexOf("/pay")).toBe(59);
    expect(said(watchDriver(PAY), times(61, CART), 60).indexOf("/cart")).toBe(59);
  });

  test("does not change again within a minute, of a later anomaly of the metric neither", () => {
    const found = [...times(10, PAY), ...times(70, CART)];
    expect(said(watchDriver(NOBODY), found).indexOf("/cart")).toBe(9 + 60);
    const before: DriverWatch = { said: PAY, rival: null, changed: 990 };
    expect(said(watchDriver(NOBODY, before), times(60, PAY)).indexOf("/pay")).toBe(50);
  });

  test("changes once a minute at most, whatever is found", () => {
    const runs = fc.array(fc.tuple(fc.constantFrom(NOBODY, PAY, CART), fc.integer({ min: 1, max: 90 })), {
      maxLength: 30,
    });
    fc.assert(
      fc.property(fc.constantFrom(NOBODY, PAY), runs, (first, lengths) => {
        const found = lengths.flatMap(([driver, length]) => times(length, driver));
        const names = [first.endpoint, ...said(watchDriver(first), found)];
        const changes = names.flatMap((name, i) => (i > 0 && name !== names[i - 1] ? [i] : []));
        const gaps = changes.slice(1).map((at, i) => at - changes[i]!);
        expect(Math.min(60, ...gaps)).toBe(60);
      }),
    );
  });
});
