import { describe, expect, test } from "vitest";
import type { FleetPipeline, TopicWaiting } from "../../../../domain/pipeline.ts";
import { BEAT_PARTITIONS_MAX } from "../../../../domain/resource.ts";
import { minutesOf, opened } from "../../../../tests/pipeline-hour.ts";
import { agoOf, FLEET, itemOf, PIPELINE_NOW_MS as NOW_MS } from "../../../../tests/pipeline-item.ts";
import { groupsWaiting } from "./groups-waiting.ts";
import { BARS_MAX, partitionBars } from "./partition-bars.ts";

const topicOf = (lags: readonly number[], change: Partial<TopicWaiting> = {}): TopicWaiting => ({
  source: "default",
  topic: "raw_events",
  at: agoOf(2000),
  partitions: lags.map((lag, partition) => ({ partition, lag })),
  ...change,
});

const barsOf = (fleet: Partial<FleetPipeline>) => partitionBars(itemOf({ fleet: { ...FLEET, ...fleet } }));
/** With half an hour behind it in which 212 messages waited. */
const usuallyOf = (fleet: Partial<FleetPipeline>) =>
  partitionBars(opened(minutesOf(), { fleet: { ...FLEET, ...fleet } }).readings.at(-1)!);

test("each partition has its bar, the longest where most waits, over all topics", () => {
  const waiting = [topicOf([10, 40]), topicOf([20], { source: "eu" })];
  const { topics, band } = barsOf({ waiting });
  expect(topics).toEqual([
    {
      source: "default",
      topic: "raw_events",
      lag: 50,
      partitions: 2,
      bars: [
        { partition: 0, lag: 10, share: 0.25 },
        { partition: 1, lag: 40, share: 1 },
      ],
      worst: { partition: 1, lag: 40, share: 1 },
      silent_ms: null,
    },
    expect.objectContaining({ source: "eu", lag: 20, bars: [{ partition: 0, lag: 20, share: 0.5 }] }),
  ]);
  // Nothing is known of what is normal.
  expect(band).toBeNull();
});

test("where nothing waits no bar is drawn longer than none", () => {
  expect(barsOf({ waiting: [topicOf([0, 0])] }).topics[0]!.bars.map(({ share }) => share)).toEqual([0, 0]);
});

test("of many partitions those in which most waits are drawn, in their order, and all are counted", () => {
  const { topics } = barsOf({ waiting: [topicOf(Array.from({ length: 200 }, (_, at) => at))] });
  const bars = topics[0]!.bars.map(({ partition }) => partition);
  expect(bars).toEqual(Array.from({ length: BARS_MAX }, (_, at) => 200 - BARS_MAX + at));
  expect(topics[0]).toMatchObject({ partitions: 200, lag: 19_900, worst: { partition: 199 } });
});

test("what bridges told that are silent since is told with its time", () => {
  const silentOf = (ago_ms: number) => barsOf({ waiting: [topicOf([1], { at: agoOf(ago_ms) })] }).topics[0]!.silent_ms;
  expect([silentOf(15_000), silentOf(15_001)]).toEqual([null, NOW_MS - 15_001]);
});

describe("the band of normal", () => {
  test("is an even share of what normally waits in all, and within the scale", () => {
    expect(usuallyOf({ waiting: [topicOf([53, 106])] }).band).toEqual({ low: 1, high: 1 });
    expect(usuallyOf({ waiting: [topicOf([424, 0])] }).band).toEqual({ low: 0.25, high: 0.25 });
    expect(usuallyOf({ waiting: [topicOf([1, 1]), topicOf([1, 106], { topic: "more" })] }).band).toEqual({
      low: 0.5,
      high: 0.5,
    });
  });

  test("is none where some of what waits is in partitions that nobody tells", () => {
    const waiting = [topicOf([1, 1])];
    const bridges = [...FLEET.bridges, { source: "old", instance: "b", lag: 5, seen_at: agoOf(0) }];
    expect(usuallyOf({ waiting, bridges }).band).toBeNull();
    expect(usuallyOf({ waiting, bridges: [{ ...bridges[1]!, lag: null }] }).band).not.toBeNull();
    const many = topicOf(Array.from({ length: BEAT_PARTITIONS_MAX }, () => 1));
    expect(usuallyOf({ waiting: [many] }).band).toBeNull();
  });
});

test("groups are told of those sources alone whose bridges tell no partitions", () => {
  const sources = ["default", "old"].map((source) => ({ source, standing: "flowing" as const }));
  const bridges = [...FLEET.bridges, { source: "old", instance: "b", lag: 5, seen_at: agoOf(0) }];
  const fleet = { ...FLEET, sources, bridges, waiting: [topicOf([1])] };
  expect(groupsWaiting(itemOf({ fleet })).map(({ reason }) => reason)).toEqual(["old"]);
  expect(partitionBars(itemOf({ fleet: { ...fleet, waiting: [] } }))).toEqual({ topics: [], band: null });
  expect(partitionBars(itemOf({ fleet: null }))).toEqual({ topics: [], band: null });
});
