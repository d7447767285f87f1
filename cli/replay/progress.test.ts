import { describe, expect, test } from "vitest";
import { progressText } from "./progress.ts";

const figures = { read_bytes: 43, size_bytes: 100, events: 12_300_000, event_time_s: 7200, wall_s: 10 };

describe("the progress of a replay", () => {
  test("names the part of the file, events and their rate, and the event time that has passed", () => {
    expect(progressText(figures)).toBe("replay: 43 %  12,300,000 events, 1,230,000/s, 120 min of event time");
  });

  test("names no part of a stream whose size is not known", () => {
    expect(progressText({ ...figures, size_bytes: null })).toMatch(/^replay: 12,300,000 events/);
  });
});
