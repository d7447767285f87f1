import { describe, expect, it } from "vitest";
import type { ClosedSecond } from "../../domain/second-ring.ts";
import { EMPTY_SKETCH } from "../../domain/sketch.ts";
import { NO_CLASSES } from "../../domain/status-classes.ts";
import { BurnRateRules } from "./burn-rate-rules.ts";
import type { Alarm, Contender } from "./contender.ts";
import { ReferenceBatch } from "./reference-batch.ts";
import { StaticRules } from "./static-rules.ts";

/** An hour that begins at a whole minute; SLA 300 ms, so the normal mean is 150. */
const START_S = 36_000_000;
const SERVICE = { name: "checkout", sla_ms: 300, phase_s: 10 };

interface Span {
  readonly seconds: number;
  readonly requests?: number;
  readonly errors?: number;
  readonly latency_ms?: number;
}

/** Alarms with their times counted from the start. */
function told(contender: Contender, ...spans: readonly Span[]): Pick<Alarm, "kind" | "metric" | "at_s">[] {
  const alarms: Pick<Alarm, "kind" | "metric" | "at_s">[] = [];
  let second = START_S;
  for (const { seconds, requests = 10, errors = 0, latency_ms = 150 } of spans) {
    const latency_sum_us = requests * latency_ms * 1000;
    const closed: ClosedSecond = {
      request_count: requests,
      error_count: errors,
      latency_sum_us,
      endpoints: [],
      classes: NO_CLASSES,
    };
    for (let i = 0; i < seconds; i += 1, second += 1) {
      const step = { second, closed_at_s: second + 3, closed, sketch: EMPTY_SKETCH, slow: () => [] };
      for (const { kind, metric, at_s } of contender.step(step)) alarms.push({ kind, metric, at_s: at_s - START_S });
    }
  }
  return alarms;
}

describe("the static rules", () => {
  it("tell when 5 % of five minutes have failed, at the next evaluation, and once", () => {
    // 20 % of errors make 5 % of 3,000 requests after 75 s; more than that at the evaluation at 90 s.
    const alarms = told(new StaticRules(SERVICE), { seconds: 600 }, { seconds: 300, errors: 2 }, { seconds: 600 });
    expect(alarms).toEqual([
      { kind: "opened", metric: "error_rate", at_s: 690 },
      { kind: "resolved", metric: "error_rate", at_s: 1125 },
    ]);
  });

  it("tell when the average of five minutes is above twice the normal one", () => {
    const alarms = told(new StaticRules(SERVICE), { seconds: 600 }, { seconds: 600, latency_ms: 750 });
    // Five times the normal latency lifts the average above its double after more than 75 s.
    expect(alarms).toEqual([{ kind: "opened", metric: "avg_latency_ms", at_s: 690 }]);
  });

  it("say nothing of silence", () => {
    expect(told(new StaticRules(SERVICE), { seconds: 600 }, { seconds: 900, requests: 0 })).toEqual([]);
  });
});

describe("the burn-rate rules", () => {
  it("page for a fast burn when both the hour and the five minutes are above it", () => {
    // Ten hours without errors, then half of the requests fail: 14.4 x 0.1 % of an hour are 51.84 s of full failure.
    const alarms = told(new BurnRateRules(SERVICE), { seconds: 36_000 }, { seconds: 300, errors: 5 });
    expect(alarms).toEqual([{ kind: "opened", metric: "error_rate", at_s: 36_105 }]);
  });

  it("page for a slow burn when both six hours and thirty minutes are above it", () => {
    // One request in a hundred: below 14.4 times the budget, above 6 times; six hours of it take 0.6 of them.
    const spans = [
      { seconds: 36_000, requests: 100 },
      { seconds: 21_600, requests: 100, errors: 1 },
    ];
    const alarms = told(new BurnRateRules(SERVICE), ...spans);
    expect(alarms).toEqual([{ kind: "opened", metric: "error_rate", at_s: 36_000 + 12_975 }]);
  });

  it("stay quiet within the budget", () => {
    expect(told(new BurnRateRules(SERVICE), { seconds: 7200, requests: 1000, errors: 1 })).toEqual([]);
  });
});

describe("the reference rules as a batch system runs them", () => {
  it("tell at a poll, once a rewritten window shows the fault", () => {
    // The fault begins at 600 s; the window from 600 s is written first at 630 s, the poll after that is at 670 s.
    const alarms = told(new ReferenceBatch(SERVICE), { seconds: 600 }, { seconds: 300, errors: 3 });
    expect(alarms).toEqual([{ kind: "opened", metric: "error_rate", at_s: 670 }]);
  });

  it("go on telling until the window is five minutes old", () => {
    const alarms = told(new ReferenceBatch(SERVICE), { seconds: 600 }, { seconds: 60, errors: 3 }, { seconds: 600 });
    expect(alarms.map(({ kind, at_s }) => [kind, at_s])).toEqual([
      ["opened", 670],
      ["resolved", 970],
    ]);
  });

  it("want ten requests, an error rate above 5 % and above three times that of the hour", () => {
    expect(
      told(
        new ReferenceBatch(SERVICE),
        { seconds: 600, requests: 0 },
        { seconds: 9, requests: 1, errors: 1 },
        { seconds: 600, requests: 0 },
      ),
    ).toEqual([]);
    expect(told(new ReferenceBatch(SERVICE), { seconds: 600, requests: 100, errors: 5 })).toEqual([]);
    expect(
      told(
        new ReferenceBatch(SERVICE),
        { seconds: 1800, requests: 100, errors: 4 },
        { seconds: 300, requests: 100, errors: 11 },
      ),
    ).toEqual([]);
  });

  it("tell of an average latency above twice the SLA", () => {
    const alarms = told(new ReferenceBatch(SERVICE), { seconds: 600 }, { seconds: 120, latency_ms: 601 });
    expect(alarms).toEqual([{ kind: "opened", metric: "avg_latency_ms", at_s: 670 }]);
    expect(told(new ReferenceBatch(SERVICE), { seconds: 600 }, { seconds: 120, latency_ms: 600 })).toEqual([]);
  });
});
