import { describe, expect, it } from "vitest";
import { servicesOf } from "./services.ts";
import { eventsBetween } from "./stream.ts";
import { failureOfTour, faultsOfHistory, faultsOfTour, HISTORY_MS } from "./tour.ts";

const START = Date.parse("2026-11-24T10:00:00Z");
const HOUR_MS = 3_600_000;
const OPTIONS = { seed: 1, services: servicesOf(3), random: true };

describe("the tour", () => {
  it("begins with two hours of past with one incident, over before the last hour", () => {
    const [fault, ...others] = faultsOfHistory(START).beginningBetween(START - HISTORY_MS, START);
    expect(HISTORY_MS).toBe(2 * HOUR_MS);
    expect(others).toEqual([]);
    expect(fault?.service).toBe("payments");
    expect(fault?.to_ms).toBeLessThan(START - HOUR_MS);
  });

  it("lets 30 % of /cart/pay fail for two minutes after 45 s of health", () => {
    expect(failureOfTour(START, START)).toEqual({
      service: "checkout",
      endpoint: "/cart/pay",
      kind: "errors",
      share: 0.3,
      from_ms: START + 45_000,
      to_ms: START + 165_000,
    });
  });

  it("shows at least 20 s of health where the past took long to send", () => {
    expect(failureOfTour(START, START + 10_000).from_ms).toBe(START + 45_000);
    expect(failureOfTour(START, START + 60_300).from_ms).toBe(START + 81_000);
  });

  it("fails clearly beyond three times the normal 2 % of the whole service", () => {
    const faults = faultsOfTour(OPTIONS, START, START);
    const stream = { seed: 1, services: OPTIONS.services, rate: 100, faults };
    const events = [...eventsBetween(stream, START + 45_000, START + 165_000)].filter(
      (event) => event.service === "checkout",
    );
    const share = events.filter((event) => event.status_code >= 500).length / events.length;
    expect(share).toBeGreaterThan(0.12);
    expect(share).toBeLessThan(0.17);
  });

  it("stays quiet for three minutes, then goes on with random anomalies where wanted", () => {
    const healed_ms = START + 165_000;
    const quiet_until_ms = healed_ms + 180_000;
    const begun = faultsOfTour(OPTIONS, START, START).beginningBetween(START, START + 6 * HOUR_MS);
    expect(begun.length).toBeGreaterThan(20);
    expect(begun.slice(1).every((fault) => fault.from_ms >= quiet_until_ms)).toBe(true);
    const none = faultsOfTour({ ...OPTIONS, random: false }, START, START).beginningBetween(START, START + 6 * HOUR_MS);
    expect(none).toEqual([failureOfTour(START, START)]);
  });
});
