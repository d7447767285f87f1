import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { aMessage, aNarrative, anIncident, anItem, overIncident } from "../tests/message-example.ts";
import { hostileText } from "../tests/hostile-texts.ts";
import { impactText, likelyCause, messageTitle, sparkline, sparkText, tidied } from "./message-text.ts";
import type { Incident } from "./incident.ts";
import type { DeliveredChange } from "./delivery.ts";

const SENTENCE = "31.0 % of requests failed (normally 0.4 %, allowed 5.0 %). /cart/pay carries 92 % of the excess.";

describe("a message's title is a sentence to read out", () => {
  test.each([
    ["opened", {}, `Critical incident of checkout: ${SENTENCE}`],
    ["opened", { severity: "medium" }, `Medium incident of checkout: ${SENTENCE}`],
    ["escalated", {}, `Incident of checkout is critical now: ${SENTENCE}`],
    ["reopened", {}, `Critical incident of checkout is back: ${SENTENCE}`],
    ["flapping", {}, `Critical incident of checkout comes and goes: ${SENTENCE}`],
    ["narrated", {}, `New words on the critical incident of checkout: ${SENTENCE}`],
    ["acknowledged", { acknowledged_by: "Ada" }, `Critical incident of checkout is acknowledged by Ada: ${SENTENCE}`],
    ["acknowledged", {}, `Critical incident of checkout is acknowledged: ${SENTENCE}`],
    ["repeated", {}, `Critical incident of checkout is still open after 42 s: ${SENTENCE}`],
  ] satisfies [DeliveredChange, Partial<Incident>, string][])("%s %o", (change, more, title) => {
    expect(messageTitle(aMessage({ items: [anItem({ change, incident: anIncident(more) })] }))).toBe(title);
  });

  test.each([
    ["recovered", `checkout has recovered after 38 s (was critical): ${SENTENCE}`],
    ["manual", `Critical incident of checkout was resolved by hand after 38 s: ${SENTENCE}`],
    ["retired", `checkout is taken as retired after 38 s: ${SENTENCE}`],
  ] as const)("over: %s", (resolution, title) => {
    for (const change of ["resolved", "opened"] as const) {
      const items = [anItem({ change, incident: overIncident({ resolution }) })];
      expect(messageTitle(aMessage({ items }))).toBe(title);
    }
  });

  test("words that come once it is over are no second end", () => {
    const items = [anItem({ change: "narrated", incident: overIncident() })];
    const title = `New words on the critical incident of checkout, which is over: ${SENTENCE}`;
    expect(messageTitle(aMessage({ kind: "narrated", items }))).toBe(title);
  });

  test.each([
    ["opened", 2, 1, `3 incidents, the worst: Critical incident of checkout: ${SENTENCE}`],
    [
      "digest",
      1,
      0,
      `1 incident held back by the limit of messages an hour: Critical incident of checkout: ${SENTENCE}`,
    ],
    ["digest", 0, 4, "4 incidents held back by the limit of messages an hour."],
    ["caught_up", 1, 2, `Caught up, 3 incidents meanwhile, the worst: Critical incident of checkout: ${SENTENCE}`],
    ["test", 1, 0, `A test of Faultline, nothing has happened: Critical incident of checkout: ${SENTENCE}`],
  ] as const)("%s of %i incidents and %i more", (kind, count, more, title) => {
    const items = Array.from({ length: count }, () => anItem());
    expect(messageTitle(aMessage({ kind, items, more }))).toBe(title);
  });
});

describe("impact", () => {
  const [anomaly] = anIncident().anomalies;
  const latency = { ...anomaly!, anomaly_type: "latency" } as const;

  test.each([
    [{}, "310 of 1,000 requests failed, about 306 more than normal."],
    [{ excess_count: 0 }, "310 of 1,000 requests failed."],
    [
      { anomalies: [latency], slow_count: 12_345, request_count: 20_000 },
      "12,345 of 20,000 requests were slow, about 306 more than normal.",
    ],
    [
      { anomalies: [anomaly!, latency], slow_count: 7 },
      "310 of 1,000 requests failed, 7 were slow, about 306 more than normal.",
    ],
    [{ anomalies: [{ ...anomaly!, anomaly_type: "down" }] }, null],
  ] satisfies [Partial<Incident>, string | null][])("of %o", (more, text) => {
    expect(impactText(anIncident(more))).toBe(text);
  });
});

test("the likely cause is the narrative's first, unless facts do not tell", () => {
  expect(likelyCause(aNarrative())).toEqual({
    cause: "release",
    certainty: "LIKELY",
    text: "The release of 2.4.0 may have brought it.",
  });
  const unknown = { cause: "unknown", certainty: "INCONCLUSIVE", text: "Facts do not tell.", facts: [] } as const;
  expect(likelyCause(aNarrative({ possible_causes: [unknown] }))).toBeNull();
  expect(likelyCause(null)).toBeNull();
});

describe("a sparkline", () => {
  test.each([
    [[0, 1, 2, 3, 4, 5, 6, 7], "▁▂▃▄▅▆▇█"],
    [[0.004, null, 0.12, 0.31, 0.3], "▁·▄██"],
    [[0, 0], "▁▁"],
    [[null, null], "··"],
    [[Number.NaN, Number.POSITIVE_INFINITY, 1], "··█"],
    [[-1, 2], "▁█"],
    [[], ""],
  ])("of %o is %s", (values, line) => {
    expect(sparkline({ values })).toBe(line);
  });

  test("shows the newest sixty, each by one bar, the largest by the highest", () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.double({ min: 0, max: 1e6, noNaN: true })), { minLength: 1 }), (values) => {
        const line = Array.from(sparkline({ values }));
        const shown = values.slice(-60);
        expect(line.length).toBe(shown.length);
        expect(line.map((bar) => bar === "·")).toEqual(shown.map((value) => value === null));
        const top = Math.max(...shown.map((value) => value ?? 0));
        if (top > 0) expect(line[shown.indexOf(top)]).toBe("█");
      }),
    );
  });

  test("is told with its metric, span and top", () => {
    const spark = (metric_name: "error_rate" | "p95_latency_ms" | "request_rate" | "burn_rate", top: number) =>
      sparkText({ metric_name, step_s: 2, values: [0, top] });
    expect(spark("error_rate", 0.31)).toBe("error rate ▁█ over 4 s, at most 31 %");
    expect(spark("p95_latency_ms", 1_900)).toBe("p95 latency ▁█ over 4 s, at most 1.9 s");
    expect(spark("request_rate", 40)).toBe("requests ▁█ over 4 s, at most 40/s");
    expect(spark("burn_rate", 14)).toBe("burn rate ▁█ over 4 s, at most 14 times");
    expect(sparkText({ metric_name: "error_rate", step_s: 2, values: [null] })).toBeNull();
    expect(sparkText(null)).toBeNull();
  });
});

describe("tidied text", () => {
  test("is one line without controls, those of direction included", () => {
    expect(tidied(" a\n\tb\0c\u{202e}d\u{2028}e\u{d800} ", 100)).toBe("a b c d e");
    fc.assert(
      fc.property(hostileText, fc.integer({ min: 1, max: 50 }), (text, max) => {
        const made = tidied(text, max);
        expect(made).not.toMatch(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/u);
        expect(Array.from(made).length).toBeLessThanOrEqual(max);
      }),
    );
  });

  test("ends with an ellipsis where it was cut, never within a character", () => {
    expect(tidied("😀😀😀", 2)).toBe("😀…");
    expect(tidied("😀😀😀", 3)).toBe("😀😀😀");
  });
});
