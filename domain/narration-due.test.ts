import { describe, expect, it } from "vitest";
import { DetectionStream, type Flow } from "../tests/detection-stream.ts";
import { mark } from "./incident-tracker.ts";
import { isNarrationDue } from "./narration-due.ts";

const START = 1_764_000_000;
const PAY: Flow = { name: "/pay", requests: 20, latency_ms: 100 };

/** What changed, in order, and whether it deserves new words. */
function told(stream: DetectionStream): (readonly [action: string, isDue: boolean])[] {
  const incidents = stream.changes.map(({ incident }) => incident);
  return stream.changes.map(({ action, incident }, i) => [action, isNarrationDue(incidents[i - 1] ?? null, incident)]);
}

function healthy(): DetectionStream {
  return new DetectionStream(START).run(600, PAY);
}

describe("new words are due", () => {
  it("when an incident opens, is resolved, and comes back", () => {
    const stream = healthy()
      .run(20, { ...PAY, errors: 4 })
      .run(45, PAY)
      .run(20, { ...PAY, errors: 4 });
    expect(
      told(stream)
        .filter(([, isDue]) => isDue)
        .map(([action]) => action),
    ).toEqual(["opened", "resolved", "updated"]);
    expect(stream.changes.at(-1)!.incident.reopened_count).toBe(1);
  });

  it("when its severity rises", () => {
    const stream = healthy().run(20, { ...PAY, errors: 3 });
    const before = stream.changes.length;
    stream.run(60, { ...PAY, errors: 15 });
    const rises = stream.changes.slice(before).filter(({ incident }) => incident.severity === "critical");
    expect(told(stream)[before + stream.changes.slice(before).indexOf(rises[0]!)]).toEqual(["updated", true]);
  });

  it("when another metric joins", () => {
    // As bad as can be already: no rise of its severity makes the new words due.
    const stream = healthy().run(60, { ...PAY, errors: 15 });
    stream.run(30, { ...PAY, errors: 15, latency_ms: 2000 });
    const joined = stream.changes.findIndex(({ incident }) => incident.anomalies.length === 2);
    expect(stream.changes[joined - 1]!.incident.severity).toBe("critical");
    expect(told(stream)[joined]).toEqual(["updated", true]);
  });

  it("when another incident opens", () => {
    const [first] = healthy().run(20, { ...PAY, errors: 4 }).changes;
    const [second] = healthy().run(20, { ...PAY, latency_ms: 2000 }).changes;
    expect(isNarrationDue(first!.incident, second!.incident)).toBe(true);
  });
});

describe("no new words are due", () => {
  it("for mere growth", () => {
    const stream = healthy().run(300, { ...PAY, errors: 20 });
    const growth = told(stream).slice(1);
    expect(growth.length).toBeGreaterThan(2);
    expect(growth.slice(1).every(([, isDue]) => !isDue)).toBe(true);
  });

  it("for what people note on it", () => {
    const { tracker } = healthy().run(20, { ...PAY, errors: 4 });
    const before = tracker.incident!;
    const acknowledged = mark(tracker, before.id, { acknowledged_at: "2026-11-24T10:00:00Z", acknowledged_by: "Ada" })!;
    const judged = mark(tracker, before.id, { feedback: "useful" })!;
    expect(isNarrationDue(before, acknowledged.change.incident)).toBe(false);
    expect(isNarrationDue(before, judged.change.incident)).toBe(false);
  });
});
