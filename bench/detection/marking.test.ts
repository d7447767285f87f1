import { describe, expect, it } from "vitest";
import type { Alarm, Contender } from "./contender.ts";
import { Marking } from "./marking.ts";

function opened(id: string, at_s: number): Alarm {
  return { kind: "opened", at_s, id, onset_s: at_s, metric: "p95", endpoint: null, severity: "high" };
}

/** The seconds in which incidents were marked, when these alarms come at their times. */
function marked(alarms: readonly Alarm[], until_s: number): [id: string, second: number][] {
  const marks: [string, number][] = [];
  let now_s = 0;
  const contender: Contender = { name: "c", step: () => [], markFalsePositive: (id) => marks.push([id, now_s]) };
  const marking = new Marking(contender, until_s);
  for (; now_s < 1000; now_s += 1) {
    marking.step(now_s);
    for (const alarm of alarms) if (alarm.at_s === now_s) marking.hear(alarm);
  }
  return marks;
}

describe("marking as false positive", () => {
  it("follows two minutes after the alarm, for the first three", () => {
    const alarms = [
      opened("a", 10),
      { ...opened("a", 20), kind: "resolved" as const },
      opened("b", 30),
      opened("c", 40),
    ];
    expect(marked([...alarms, opened("d", 50)], 1000)).toEqual([
      ["a", 130],
      ["b", 150],
      ["c", 160],
    ]);
  });

  it("leaves alone what is told too late to be marked", () => {
    expect(marked([opened("a", 10), opened("b", 30)], 30)).toEqual([["a", 130]]);
  });

  it("passes by those that learn nothing", () => {
    const marking = new Marking({ name: "c", step: () => [] }, 1000);
    marking.hear(opened("a", 10));
    expect(() => marking.step(130)).not.toThrow();
  });
});
