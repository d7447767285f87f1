/** What is judged by the minutes of the last hour: counts, answers, and those who carry changes on. */
import { describe, expect, test } from "vitest";
import type { Rejection } from "../../../../domain/rejection.ts";
import { agoOf as at, FLEET, pastReading, PIPELINE_NOW_MS as NOW_MS } from "../../../../tests/pipeline-item.ts";
import { checkIn, minutesOf, opened } from "../../../../tests/pipeline-hour.ts";
import { pipelineChecks as checksOf } from "./pipeline-checks.ts";
import { hourOf, samplesOf } from "./pipeline-hour.ts";
import { reasonCounts } from "./reject-reasons.ts";

const MINUTE_MS = 60_000;

describe("counts", () => {
  test("of late events are wrong where more than 1 % of what came in five minutes is", () => {
    const late = (...minutes: number[]) =>
      opened(minutesOf(...minutes.map((count) => ({ late: count }))), {}, { accepted: 1000 });
    expect(checkIn("Late", late(0, 0, 0, 0, 49))).toMatchObject({ state: "normal", text: "0.98", normal: "0.00" });
    expect(checkIn("Late", late(0, 0, 0, 11, 50))).toMatchObject({
      state: "outside",
      text: "1.22",
      since_ms: NOW_MS - 2 * MINUTE_MS,
    });
    // Long ago is long ago.
    expect(checkIn("Late", late(900, 0, 0, 0, 0)).state).toBe("normal");
    expect(checkIn("Late", opened([])).state).toBe("unknown");
  });

  test("of dropped events are wrong as soon as there is one, at the minute of it, and for five", () => {
    expect(checkIn("Dropped", opened(minutesOf({ dropped: 2 }, {}), {}, { dropped: 1 }))).toMatchObject({
      state: "outside",
      text: "3",
      since_ms: NOW_MS - 2 * MINUTE_MS,
      wrong: "3 events came too late to be counted.",
    });
    expect(checkIn("Dropped", opened(minutesOf({ dropped: 2 }, {}, {}, {}, {})))).toMatchObject({
      state: "normal",
      text: "0",
    });
  });
});

describe("rejections", () => {
  const refused = (...minutes: number[]) => minutesOf(...minutes.map((future) => ({ rejected: { future } })));
  const newest: Rejection = { at: at(1000), reason: "future", detail: "d", where: "plain HTTP", value: "" };

  test("where none are usual are wrong for five minutes since the first of them", () => {
    const fleet = { ...FLEET, rejections: [newest] };
    const running = { rejected: { invalid_json: 1 } };
    expect(checkIn("Rejected", opened(refused(3, 0), { fleet }, running))).toMatchObject({
      state: "outside",
      text: "1",
      unit: "/min",
      normal: "0",
      since_ms: NOW_MS - 2 * MINUTE_MS,
      wrong: "4 events were refused in the last 5 min, the newest because event_time is too far ahead.",
    });
    expect(checkIn("Rejected", opened(refused(3, 0, 0, 0, 0)))).toMatchObject({ state: "normal", text: "0" });
  });

  test("of a sender that is wrong all day are no news until there are more", () => {
    const usual = Array.from({ length: 30 }, (_, place) =>
      pastReading(30 - place, { rejected: { future: place % 7 } }),
    );
    const told = (future: number) => checkIn("Rejected", opened(usual, {}, { rejected: { future } }));
    expect(told(6)).toMatchObject({ state: "normal", normal: "0 to 6", text: "6" });
    expect(told(7)).toMatchObject({ state: "outside", since_ms: NOW_MS });
    expect(told(7).wrong).toMatch(/more than the usual 6 a minute\.$/);
  });

  test("of the hour are counted by reason, the most frequent first", () => {
    const minutes = [pastReading(61, { rejected: { past: 9 } }), pastReading(60, { rejected: { a: 1, b: 1 } })];
    expect(reasonCounts(opened(minutes, {}, { rejected: { b: 1 } }))).toEqual([
      { reason: "b", count: 2, share: 1 },
      { reason: "a", count: 1, share: 0.5 },
    ]);
    expect(reasonCounts(opened([]))).toEqual([]);
  });
});

describe("answers", () => {
  test("to batches are of the minute, or of the one before while it has none", () => {
    expect(checkIn("Ingest", opened(minutesOf()))).toMatchObject({
      text: "41",
      unit: "ms",
      normal: "41",
      state: "normal",
    });
    const slow = checkIn("Ingest", opened(minutesOf({ answer_p99_ms: 2000 })));
    expect(slow).toMatchObject({ state: "outside", text: "2,000", since_ms: NOW_MS - MINUTE_MS });
  });

  test("of subscriptions' targets and of the model are judged by what is usual", () => {
    const usual = Array.from({ length: 20 }, (_, place) =>
      pastReading(20 - place, { delivery_p99_ms: 400, narrator_p95_ms: 3000 }),
    );
    const now = (delivery_p99_ms: number, narrator_p95_ms: number) =>
      opened(usual, { history: { delivery_p99_ms, narrator_p95_ms, readers: [] } });
    expect(checkIn("Deliveries", now(5000, 0))).toMatchObject({ state: "normal", normal: "400", text: "5,000" });
    expect(checkIn("Deliveries", now(5001, 0))).toMatchObject({ state: "outside", since_ms: NOW_MS });
    expect(checkIn("Narrator", now(0, 30_000))).toMatchObject({ state: "normal", normal: "3.0", text: "30.0" });
    expect(checkIn("Narrator", now(0, 30_001)).state).toBe("outside");
  });
});

describe("readers of changes", () => {
  const reader = (waiting: number, acknowledged_ago_ms: number) => {
    return { reader: "lake", waiting, acknowledged_at: at(acknowledged_ago_ms) };
  };
  const out = (minute: Record<string, number>, ...readers: ReturnType<typeof reader>[]) => {
    const hour = opened(minutesOf({ readers: minute }), {
      history: { delivery_p99_ms: null, narrator_p95_ms: null, readers },
    });
    // The minute ended 15 s ago.
    const late = hour.readings.map((one) => ({ ...one, at: at(-15_000) }));
    return checksOf({ ...hour, readings: late }).find(({ name }) => name === "Topics out");
  };

  test("are no check where there is none", () => {
    expect(out({})).toBeUndefined();
  });

  test("that put nothing away since a minute's end while something waited are stuck since the last time", () => {
    expect(out({ lake: 3 }, reader(5, 90_000))).toMatchObject({
      state: "outside",
      text: "5",
      since_ms: NOW_MS - 90_000,
      wrong: "lake has put nothing away for 1 min, and changes wait.",
    });
    // It went on, or nothing had waited.
    expect(out({ lake: 3 }, reader(5, -5000))).toMatchObject({ state: "normal", since_ms: null });
    expect(out({ lake: 0 }, reader(5, 90_000))?.state).toBe("normal");
    expect(out({ lake: 3 }, reader(0, 90_000))?.state).toBe("normal");
  });
});

describe("the hour", () => {
  test("is a point for each minute at its end, and one for now", () => {
    const minutes = [pastReading(2, { lag: 5 }), pastReading(1, { lag: null })];
    const seconds = NOW_MS / 1000;
    expect(samplesOf(opened(minutes), "lag", 9)).toEqual([
      { at: seconds - 60, value: 5 },
      { at: seconds, value: null },
      { at: seconds, value: 9 },
    ]);
  });

  test("tells what was counted in a minute that is not read yet, as of that minute", () => {
    const hour = opened([], {}, { rejected: { future: 1 } });
    const fleet = hour.readings[0]!.fleet!;
    const readings = { ...fleet.readings, running_since: at(MINUTE_MS) };
    const unread = hourOf([{ ...hour.readings[0]!, fleet: { ...fleet, readings } }], []);
    expect(checkIn("Rejected", unread)).toMatchObject({ state: "outside", since_ms: NOW_MS - MINUTE_MS });
  });

  test("has neither what is older nor the minute that is not over", () => {
    const minutes = [61, 60, 1, 0].map((ago) => pastReading(ago));
    expect(opened(minutes).minutes.map(({ minute }) => minute)).toEqual([at(60 * MINUTE_MS), at(MINUTE_MS)]);
  });
});
