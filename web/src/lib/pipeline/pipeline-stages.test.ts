import { describe, expect, test } from "vitest";
import { agoOf as at, FLEET, flowOf as flow, itemOf } from "../../../../tests/pipeline-item.ts";
import { minutesOf, opened } from "../../../../tests/pipeline-hour.ts";
import { groupsWaiting } from "./groups-waiting.ts";
import { pipelineChecks as checksOf } from "./pipeline-checks.ts";
import { pipelineStages, type Stage } from "./pipeline-stages.ts";

describe("the way of an event", () => {
  const shown = ({ name, text, unit, isWrong }: Stage) => [name, `${text} ${unit}`, isWrong];

  test("has a station for each part, marked where it is wrong", () => {
    const asked = [flow({ outbox_since: { d1: at(41_000), fleet: null, narrator: null } })];
    const hour = opened(minutesOf(), { asked });
    const { way, beyond } = pipelineStages(hour, checksOf(hour));
    expect(way.map(shown)).toEqual([
      ["Topic", "5,812 /s", false],
      ["Bridge", "212 events", false],
      ["Ingest", "41 ms", false],
      ["Services", "3.0 s", false],
    ]);
    expect(beyond.map(shown)).toEqual([
      ["History", "41 s", true],
      ["Narrator", "0 incidents", false],
      ["Deliveries", "380 ms", false],
      ["Topics out", "– ", false],
    ]);
    expect(way.map(({ beside }) => beside)).toEqual([
      "from 3 services, normally 5,812",
      "waiting, normally 212",
      "an answer, p99, normally 41",
      "behind the clock, normally 3.0",
    ]);
    expect(beyond.map(({ beside }) => beside)).toEqual([
      "behind, 3 rows wait",
      "waiting, circuit closed",
      "nobody is subscribed",
      "nobody reads /v1/changes",
    ]);
  });

  test("says what waits for targets, and how many of them fail", () => {
    const unhealthy = [
      { id: "sub_1", name: "Shop", state: "unhealthy", since: at(0), reason: null, waiting: 2 } as const,
    ];
    const hour = opened([], { subscriptions: { total: 9, waiting: 2, unhealthy } });
    const { beyond } = pipelineStages(hour, checksOf(hour));
    expect(beyond[2]!.beside).toBe("an answer, p99; 2 wait, 1 of 9 fail");
  });
});

test("what waits is told by group, each by its newest word", () => {
  const bridges = [
    { source: "a", instance: "2", lag: 5, seen_at: at(1000) },
    { source: "a", instance: "1", lag: 7, seen_at: at(2000) },
    { source: "b", instance: "1", lag: 10, seen_at: at(2000) },
    { source: "c", instance: "1", lag: null, seen_at: at(2000) },
  ];
  const sources = ["a", "b", "c"].map((source) => ({ source, standing: "flowing" as const }));
  expect(groupsWaiting(itemOf({ fleet: { ...FLEET, bridges, sources } }))).toEqual([
    { reason: "b", count: 10, share: 1 },
    { reason: "a", count: 5, share: 0.5 },
  ]);
});
