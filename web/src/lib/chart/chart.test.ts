import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { timeTicks, valueTicks } from "./axis.ts";
import { fitLane, lineEnds, spreadLabels } from "./labels.ts";
import { lonelyMarks, splitRuns, type Mark } from "./line.ts";
import { layoutSparkline, layoutTail, SPARK_BOX, type SparkScale, sparkScale, stretchScale } from "../sparkline.ts";

const NORMAL = { low: 5, high: 15 };
const mark = (at: number, value: number | null, wanted: Partial<Mark> = {}): Mark => ({
  at,
  value,
  normal: NORMAL,
  provisional: false,
  finding: null,
  ...wanted,
});

describe("a line", () => {
  test("given a missing value, then the line breaks there", () => {
    const runs = splitRuns([mark(0, 10), mark(5, 10), mark(10, null), mark(15, 10), mark(20, 10)]);
    expect(runs.map((run) => run.marks.map((m) => m.at))).toEqual([
      [0, 5],
      [15, 20],
    ]);
  });

  test("given a value outside normal, then it takes colour only within a finding, and grey once that is over", () => {
    const finding = { severity: "high", over: false } as const;
    const looks = (marks: Mark[]) => splitRuns(marks).map((run) => run.look);
    expect(looks([mark(0, 10), mark(5, 90)])).toEqual(["plain"]);
    expect(looks([mark(0, 10), mark(5, 10), mark(10, 90, { finding })])).toEqual(["plain", "outside"]);
    expect(looks([mark(0, 10), mark(5, 10), mark(10, 90, { finding: { ...finding, over: true } })])).toEqual([
      "plain",
      "past",
    ]);
  });

  test("given a change of look, then the runs share the mark between them and the line stays whole", () => {
    const runs = splitRuns([mark(0, 10), mark(5, 10), mark(10, 12, { provisional: true })]);
    expect(runs.map((run) => run.marks.map((m) => m.at))).toEqual([
      [0, 5],
      [5, 10],
    ]);
    expect(runs[1]?.provisional).toBe(true);
  });

  test("given a mark without neighbours, then it is shown as a dot; one that goes on in another look is none", () => {
    expect(lonelyMarks(splitRuns([mark(0, null), mark(5, 10), mark(10, null)])).map((m) => m.at)).toEqual([5]);
    expect(lonelyMarks(splitRuns([mark(0, 10), mark(5, 10, { provisional: true })]))).toEqual([]);
  });
});

describe("an axis", () => {
  test("given any largest value, then two or three ticks from zero hold it, and not much more", () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-4, max: 1e7, noNaN: true }), (max) => {
        const ticks = valueTicks(max);
        expect(ticks.length).toBeLessThanOrEqual(3);
        expect(ticks[0]).toBe(0);
        expect(ticks.at(-1)).toBeGreaterThanOrEqual(max);
        expect(ticks.at(-1)).toBeLessThanOrEqual(max * 2.5);
      }),
    );
    expect(valueTicks(318)).toEqual([0, 200, 400]);
    expect(valueTicks(0)).toEqual([0, 1]);
  });

  test("given a quarter of an hour, then ticks are round minutes", () => {
    const until = Date.parse("2026-11-24T10:06:14Z") / 1000;
    const minutes = timeTicks(until - 900, until, 8).map((at) => new Date(at * 1000).toISOString().slice(11, 19));
    expect(minutes).toEqual([
      "09:52:00",
      "09:54:00",
      "09:56:00",
      "09:58:00",
      "10:00:00",
      "10:02:00",
      "10:04:00",
      "10:06:00",
    ]);
  });

  test("given any span, then there are no more ticks than asked for, all within it and evenly apart", () => {
    fc.assert(
      fc.property(fc.integer({ min: 60, max: 5_000_000 }), fc.integer({ min: 2, max: 9 }), (span_s, count) => {
        const from = 1_795_514_652;
        const ticks = timeTicks(from, from + span_s, count);
        expect(ticks.length).toBeLessThanOrEqual(count);
        expect(ticks.every((tick) => tick >= from && tick < from + span_s)).toBe(true);
        expect(new Set(ticks.slice(1).map((tick, i) => tick - ticks[i]!)).size).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe("words on a chart", () => {
  test("given any wanted places that fit, then labels keep their order, their distance and the plot", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 136, noNaN: true }), { minLength: 1, maxLength: 5 }), (ys) => {
        const placed = spreadLabels(
          ys.map((y, i) => ({ text: String(i), y })),
          136,
          14,
        );
        placed.slice(1).forEach((label, i) => expect(label.y - placed[i]!.y).toBeGreaterThanOrEqual(14 - 1e-9));
        expect(placed.at(-1)!.y).toBeLessThanOrEqual(136);
      }),
    );
  });

  test("given lines that end at the same height, then their names keep the order of the list, and p99 is not named under p95", () => {
    const ends = lineEnds([
      { text: "p99", values: [150, 120, null] },
      { text: "p95", values: [90, 120, null] },
      { text: "p50", values: [50, 40, null] },
      { text: "nothing", values: [null] },
    ]);
    expect(ends).toEqual([
      { text: "p99", value: 120 },
      { text: "p95", value: 120 },
      { text: "p50", value: 40 },
    ]);
    const placed = spreadLabels(
      ends.map(({ text, value }) => ({ text, y: 136 - value })),
      136,
      14,
    );
    expect(placed.map((label) => label.text)).toEqual(["p99", "p95", "p50"]);
  });

  test("given labels that cover each other, then the more important stays", () => {
    const lane = fitLane([
      { text: "onset", left: 50, right: 140 },
      { text: "no data", left: 100, right: 190 },
      { text: "far", left: 200, right: 290 },
    ]);
    expect(lane.map((label) => label.text)).toEqual(["onset", "far"]);
  });
});

describe("a sparkline", () => {
  const axis = { from: 0, until: 3600, since: null };
  const hour = Array.from({ length: 60 }, (_, i) => ({ at: i * 60 + 30, value: 10 as number | null }));

  test("given a missing minute, then the line has a gap", () => {
    const broken = hour.map((sample, i) => (i === 30 ? { ...sample, value: null } : sample));
    expect(layoutSparkline(hour, NORMAL, axis).line.match(/M/g)).toHaveLength(1);
    expect(layoutSparkline(broken, NORMAL, axis).line.match(/M/g)).toHaveLength(2);
  });

  test("given a value outside normal, then it is coloured only from the onset of a finding on", () => {
    const surge = hour.map((sample, i) => (i >= 50 ? { ...sample, value: 90 } : sample));
    expect(layoutSparkline(surge, NORMAL, axis).outside).toBe("");
    expect(layoutSparkline(surge, NORMAL, { ...axis, since: 3000 }).outside).not.toBe("");
    expect(layoutSparkline(surge, NORMAL, { ...axis, since: 3590 }).outside).toBe("");
  });

  test("given any values, then its coordinates are whole numbers, which are soonest written and read", () => {
    const uneven = hour.map((sample, i) => ({ ...sample, value: 10 + Math.sin(i) * 7 }));
    const { line, outside, excess } = layoutSparkline(uneven, NORMAL, { ...axis, since: 0 });
    expect(outside).not.toBe("");
    expect(line + outside + excess).toMatch(/^[MLZ\d ]+$/);
  });

  test("given one more sample that the scale has room for, then the line goes on to it and what is drawn stays", () => {
    const scale = sparkScale(hour, NORMAL);
    const newest = { at: 3590, value: 11 };
    expect(stretchScale(scale, newest)).toBe(scale);
    const [from_x, from_y, to_x, to_y] = layoutTail(hour.at(-1), newest, axis, scale).split(" ").map(Number);
    const { line } = layoutSparkline(hour, NORMAL, axis, scale);
    expect(line.endsWith(`L${from_x} ${from_y}`)).toBe(true);
    expect(to_x).toBeGreaterThan(from_x!);
    expect(to_y).toBeLessThan(from_y!);
  });

  test("given samples beyond the scale, then it is stretched in steps as far as each needs, and never below zero", () => {
    const scale = { bottom: 4, top: 20 };
    const stretched = (value: number) => stretchScale(scale, { at: 3590, value });
    expect(stretched(20.5)).toEqual({ bottom: 4, top: 24 });
    expect(stretched(24)).toEqual({ bottom: 4, top: 24 });
    expect(stretched(25)).toEqual({ bottom: 4, top: 28 });
    expect(stretched(3)).toEqual({ bottom: 0, top: 20 });
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e9, noNaN: true }), (value) => {
        const { bottom, top } = stretched(value);
        expect(bottom).toBeGreaterThanOrEqual(0);
        expect(value).toBeGreaterThanOrEqual(bottom);
        expect(value).toBeLessThanOrEqual(top);
      }),
    );
  });

  test("given an hour of nothing but zeros, or none at all, then the newest sample is seen all the same", () => {
    const zeros = hour.map((sample) => ({ ...sample, value: 0 }));
    const newest = { at: 3590, value: 0.5 };
    const height = (scale: SparkScale) => Number(layoutTail(zeros.at(-1), newest, axis, scale).split(" ").at(-1));
    expect(height(stretchScale(sparkScale(zeros, { low: 0, high: 0 }), newest))).toBeLessThan(SPARK_BOX.height / 2);
    const alone = stretchScale(sparkScale([], null), newest);
    expect(layoutTail(undefined, newest, axis, alone)).toMatch(/^\d+ \d+ \d+\.1 \d+$/);
  });

  test("given a newest sample after a missing minute, then it stands alone, and one that was not measured draws nothing", () => {
    const scale = sparkScale(hour, NORMAL);
    const [x, , to_x] = layoutTail(hour.at(-3), { at: 3590, value: 10 }, axis, scale).split(" ").map(Number);
    expect(to_x! - x!).toBeCloseTo(0.1);
    expect(layoutTail(hour.at(-1), { at: 3590, value: null }, axis, scale)).toBe("");
    expect(layoutTail(hour.at(-1), { at: -5, value: 10 }, axis, scale)).toBe("");
  });

  test("given nothing measured, then nothing is drawn", () => {
    expect(layoutSparkline([], null, axis)).toEqual({ band: null, line: "", outside: "", excess: "" });
  });
});
