import { describe, expect, it } from "vitest";
import { Detectors } from "./detectors.ts";
import type { Finding } from "./finding.ts";
import { defaultSettings } from "./settings.ts";
import { EMPTY_SKETCH } from "./sketch.ts";
import { NO_CLASSES } from "./status-classes.ts";

const START = 1_764_000_000;
const SETTINGS = defaultSettings("checkout");
const FINDING: Finding = {
  detector: "slo",
  metric_name: "burn_rate",
  reason: "above_threshold",
  metric_value: 20,
  baseline_value: 0,
  threshold_value: 14.4,
  request_count: 1,
};

/** A minute in which each endpoint had 20 requests a second, and these failed in all. */
function driverOf(failed: Readonly<Record<string, number>>): string | null {
  const detectors = new Detectors();
  for (let i = 0; i < 60; i += 1) {
    const endpoints = Object.entries(failed).map(([name, count]) => ({
      name,
      request_count: 20,
      error_count: i < count ? 1 : 0,
      latency_sum_us: 0,
      sketch: EMPTY_SKETCH,
    }));
    const error_count = endpoints.reduce((sum, endpoint) => sum + endpoint.error_count, 0);
    const closed = {
      request_count: 20 * endpoints.length,
      error_count,
      latency_sum_us: 0,
      endpoints,
      classes: NO_CLASSES,
    };
    detectors.step(START + i, closed, EMPTY_SKETCH, SETTINGS);
  }
  return detectors.driver(START, START + 59, FINDING).endpoint;
}

describe("the endpoint that drives", () => {
  it("is the one on which the failures are", () => {
    expect(driverOf({ "/a": 12, "/b": 0, "/c": 0 })).toBe("/a");
    expect(driverOf({ "/a": 40, "/b": 12, "/c": 8 })).toBe("/a");
  });

  it("is none where a few failures had to fall somewhere", () => {
    expect(driverOf({ "/a": 7, "/b": 3, "/c": 2 })).toBeNull();
  });
});
