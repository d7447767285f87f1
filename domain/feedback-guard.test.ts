import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { anomalyRow } from "../tests/history-rows.ts";
import { BinaryReader, BinaryWriter } from "./binary.ts";
import { FeedbackGuard, type FeedbackMark, marksAfter, sizeOf } from "./feedback-guard.ts";
import type { Finding, FindingReason } from "./finding.ts";
import { type Anomaly, METRIC_NAMES, type MetricName } from "./incident.ts";

const NOW = 1_793_577_600;
const DAY_S = 86_400;

/** Latency at `times` of its normal 100 ms. */
function latency(times: number, reason: FindingReason = "above_threshold"): Finding {
  const metric_name: MetricName = "p95_latency_ms";
  return {
    metric_name,
    reason,
    metric_value: 100 * times,
    baseline_value: 100,
    threshold_value: 125,
    request_count: 10,
  };
}

function anomalyOf(times: number, isError: boolean): Anomaly {
  const { metric_name, ...numbers } = latency(times);
  return { ...anomalyRow(), ...numbers, metric_name: isError ? "error_rate" : metric_name };
}

/** Seconds until what lasts without a break is told, from `second` on; null if not within ten minutes. */
function toldAfter(guard: FeedbackGuard, second: number, finding: Finding): number | null {
  const own = FeedbackGuard.decode(new BinaryReader(bytesOf(guard)));
  for (let i = 0; i < 600; i += 1) {
    if (own.step(second + i, [finding])[0]!.reason === "above_threshold") return i;
  }
  return null;
}

function marked(times: number, size = 2): FeedbackGuard {
  const guard = new FeedbackGuard();
  for (let i = 0; i < times; i += 1) guard.mark("p95_latency_ms", size, NOW);
  return guard;
}

describe("marks as false positive", () => {
  test("make the like of it wait, longer with each mark, up to four minutes", () => {
    const waits = [0, 1, 2, 3, 4, 9].map((marks) => toldAfter(marked(marks), NOW, latency(2)));
    expect(waits).toEqual([0, 59, 119, 239, 239, 239]);
  });

  test("hide what comes and goes, and keep what lasts", () => {
    const guard = marked(3);
    for (let second = NOW; second < NOW + 600; second += 1) {
      const reason = second % 30 < 20 ? "above_threshold" : "below_threshold";
      expect(guard.step(second, [latency(2, reason)])[0]!.reason).not.toBe("above_threshold");
    }
    expect(toldAfter(guard, NOW + 600, latency(2))).toBe(239);
  });

  test("do not hide what is twice as large, nor another metric", () => {
    const guard = marked(3, 2);
    expect(toldAfter(guard, NOW, latency(4))).toBe(0);
    const errors: Finding = { ...latency(2), metric_name: "error_rate", metric_value: 0.1 };
    expect(guard.step(NOW, [latency(2), errors]).map(({ reason }) => reason)).toEqual(["between", "above_threshold"]);
  });

  test("lose half their weight in 14 days, and are forgotten when they say", () => {
    const guard = marked(2);
    expect(toldAfter(guard, NOW + 14 * DAY_S, latency(2))).toBe(59);
    const { until } = guard.list(NOW)[0]!;
    expect((until - NOW) / DAY_S).toBeCloseTo(28, 0);
    expect(guard.list(until - 60)).toHaveLength(1);
    expect(guard.list(until + 60)).toEqual([]);
    expect(toldAfter(guard, until + 60, latency(2))).toBe(0);
  });

  test("are listed", () => {
    expect(marked(2).list(NOW)).toMatchObject([{ metric: "p95_latency_ms", wait_s: 120, told_from: 4, marks: 2 }]);
  });

  test("that are taken back leave nothing, whatever came before and after", () => {
    const incident = fc.record({
      id: fc.constantFrom("a", "b", "c"),
      anomalies: fc.array(fc.record({ times: fc.integer({ min: 1, max: 9 }), isError: fc.boolean() }), {
        minLength: 1,
      }),
      later_s: fc.nat(DAY_S),
    });
    fc.assert(
      fc.property(fc.array(incident, { maxLength: 8 }), (incidents) => {
        let second = NOW;
        let [all, kept]: (readonly FeedbackMark[])[] = [[], []];
        for (const { id, anomalies, later_s } of incidents) {
          second += later_s;
          const judged = { id, anomalies: anomalies.map(({ times, isError }) => anomalyOf(times, isError)) };
          all = marksAfter(all!, judged, "false_positive", second);
          if (id !== "a") kept = marksAfter(kept!, judged, "false_positive", second);
        }
        const [taken, never] = [new FeedbackGuard(), new FeedbackGuard()];
        taken.recount(all!);
        taken.recount(marksAfter(all!, { id: "a", anomalies: [] }, null, second));
        never.recount(kept!);
        expect(bytesOf(taken)).toEqual(bytesOf(never));
        expect(marksAfter(all!, { id: "a", anomalies: [] }, "useful", second)).toEqual(kept);
      }),
    );
  });

  test("only ever make quieter: no finding grows worse", () => {
    const reason = fc.constantFrom<FindingReason>("above_threshold", "between", "below_threshold", "too_few_requests");
    fc.assert(
      fc.property(fc.nat(6), fc.array(fc.tuple(reason, fc.integer({ min: 1, max: 9 }))), (marks, seconds) => {
        const guard = marked(marks);
        for (const [i, [said, times]] of seconds.entries()) {
          const finding = latency(times, said);
          const [told] = guard.step(NOW + i, [finding]);
          if (told!.reason !== said) expect([said, told!.reason]).toEqual(["above_threshold", "between"]);
          expect({ ...told, reason: said }).toEqual(finding);
        }
      }),
    );
  });

  test("survive their encoding at any second", () => {
    const metric = fc.constantFrom(...METRIC_NAMES);
    fc.assert(
      fc.property(fc.array(fc.tuple(metric, fc.nat(400), fc.boolean()), { maxLength: 30 }), (acts) => {
        let guard = new FeedbackGuard();
        let second = NOW;
        for (const [name, wait_s, isMark] of acts) {
          second += wait_s;
          if (isMark) guard.mark(name, wait_s, second);
          const finding = { ...latency(2), metric_name: name };
          const decoded = FeedbackGuard.decode(new BinaryReader(bytesOf(guard)));
          expect(decoded.step(second, [finding])).toEqual(guard.step(second, [finding]));
          expect(bytesOf(decoded)).toEqual(bytesOf(guard));
          guard = decoded;
        }
        expect(bytesOf(guard).length).toBeLessThanOrEqual(256);
      }),
    );
  });
});

describe("the size of a finding", () => {
  test("is a share of errors, a multiple of normal latency, and by how many times requests are too few", () => {
    expect(sizeOf({ metric_name: "error_rate", metric_value: 0.2, baseline_value: 0.01 })).toBe(0.2);
    expect(sizeOf({ metric_name: "p95_latency_ms", metric_value: 300, baseline_value: 100 })).toBe(3);
    expect(sizeOf({ metric_name: "request_rate", metric_value: 5, baseline_value: 20 })).toBe(4);
  });
});

function bytesOf(guard: FeedbackGuard): Uint8Array {
  const writer = new BinaryWriter();
  guard.encode(writer);
  return writer.finish();
}
