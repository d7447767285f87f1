import { describe, expect, test } from "vitest";
import type { Finding } from "./finding.ts";
import { describeFinding, withDriver } from "./sentence.ts";

const NOBODY = { endpoint: null, endpoint_share: null };

function finding(wanted: Partial<Finding>): Finding {
  return {
    metric_name: "error_rate",
    reason: "above_threshold",
    metric_value: 0.31,
    baseline_value: 0.004,
    threshold_value: 0.02,
    request_count: 100,
    ...wanted,
  };
}

describe("a finding in words", () => {
  test("says what was measured, what is normal and what is allowed", () => {
    expect(describeFinding(finding({}), NOBODY)).toBe("31.0 % of requests failed (normally 0.4 %, allowed 2.0 %).");
  });

  test("given a window and no normal yet, names the one and not the other", () => {
    const slow = finding({
      metric_name: "avg_latency_ms",
      metric_value: 1900,
      baseline_value: null,
      threshold_value: 600,
    });
    expect(describeFinding({ ...slow, window_s: 60 }, NOBODY)).toBe(
      "1.9 s was the average latency over 60 s (normal not known yet, allowed 600 ms).",
    );
  });

  test("given a driver, names it with its share; given an endpoint of its own, speaks of its requests", () => {
    const driver = { endpoint: "/pay", endpoint_share: 0.916 };
    expect(describeFinding(finding({}), driver)).toMatch(/\. \/pay carries 92 % of the excess\.$/);
    expect(describeFinding(finding({ endpoint: "/pay" }), NOBODY)).toMatch(/^31\.0 % of requests to \/pay failed/);
  });

  test("another driver takes the place of the one that was said, or of none, whatever it is called", () => {
    const pay = { endpoint: "/pay", endpoint_share: 0.9 };
    const odd = { endpoint: "/$&$1", endpoint_share: 0.7 };
    const said = describeFinding(finding({}), pay);
    expect(withDriver(said, pay, odd)).toBe(describeFinding(finding({}), odd));
    expect(withDriver(`${said} Usual at 06:00.`, pay, odd)).toMatch(
      / \/\$&\$1 carries 70 % of the excess\. Usual at 06:00\.$/,
    );
    expect(withDriver(describeFinding(finding({}), NOBODY), NOBODY, pay)).toBe(said);
  });

  test.each([
    [2, "2.0/s requests came (normally 10.0/s, allowed down to 3.0/s)."],
    [0, "No request came (normally 10.0/s, allowed down to 3.0/s)."],
  ])("given %d requests a second, then that is what came", (metric_value, text) => {
    const few = finding({ metric_name: "request_rate", metric_value, baseline_value: 10, threshold_value: 3 });
    expect(describeFinding(few, NOBODY)).toBe(text);
  });

  test.each([
    [3600, "1 h"],
    [86_400 * 3, "3 d"],
  ])("given an error budget over %d s, then no normal is claimed and 'allowed' means one thing", (window_s, span) => {
    const burning = finding({
      metric_name: "burn_rate",
      metric_value: 20.48,
      baseline_value: 1,
      threshold_value: 14.4,
    });
    expect(describeFinding({ ...burning, window_s }, NOBODY)).toBe(
      `The error budget was spent 20.5 times as fast as allowed over ${span} (told from 14.4 times).`,
    );
  });
});
