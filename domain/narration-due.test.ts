import { describe, expect, it } from "vitest";
import { DetectionStream, type Flow } from "../tests/detection-stream.ts";
import { mark } from "./incident-tracker.ts";
import { isNarrationDue } from "./narration-due.ts";
import { templateStory } from "./template-narrative.ts";

const START = 1_764_000_000;
const PAY: Flow = { name: "/pay", requests: 20, latency_ms: 100 };
const CART: Flow = { name: "/cart", requests: 20, latency_ms: 100 };
const failing = (flow: Flow): Flow => ({ ...flow, errors: 18 });

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

  it("when a metric comes back on another endpoint while another one lasts", () => {
    const slow = { latency_ms: 2000 };
    const stream = new DetectionStream(START)
      .run(600, PAY, CART)
      .run(30, { ...failing(PAY), ...slow }, { ...CART, ...slow });
    stream.run(60, { ...PAY, ...slow }, { ...CART, ...slow });
    const before = stream.changes.length;
    stream.run(10, { ...PAY, ...slow }, { ...failing(CART), ...slow });
    expect(stream.tracker.incident!.reopened_count).toBe(0);
    expect(told(stream).slice(before)).toEqual([["updated", true]]);
    expect(stream.tracker.incident!.anomalies.map(({ endpoint }) => endpoint).slice(-1)).toEqual(["/cart"]);
  });

  it("when another incident opens", () => {
    const [first] = healthy().run(20, { ...PAY, errors: 4 }).changes;
    const [second] = healthy().run(20, { ...PAY, latency_ms: 2000 }).changes;
    expect(isNarrationDue(first!.incident, second!.incident)).toBe(true);
  });
});

describe("once it is known which endpoint drives an incident, new words are due", () => {
  /** Both fail at first, so that nobody stands out when it opens as bad as can be; then one alone does. */
  const named = (): DetectionStream =>
    new DetectionStream(START).run(600, PAY, CART).run(4, failing(PAY), failing(CART)).run(15, failing(PAY), CART);

  it("soon, and they name it as the incident does", () => {
    const stream = named();
    const [opened, known, ...more] = stream.changes;
    expect(opened!.incident).toMatchObject({ severity: "critical", endpoint: null });
    expect(known!.incident).toMatchObject({ severity: "critical", endpoint: "/pay" });
    expect(known!.incident.anomalies[0]!.description).toMatch(/\. \/pay carries \d+ % of the excess\.$/);
    expect(known!.incident.description).toBe(known!.incident.anomalies[0]!.description);
    expect(told(stream).slice(0, 2)).toEqual([
      ["opened", true],
      ["updated", true],
    ]);
    expect(Date.parse(known!.incident.updated_at) - Date.parse(opened!.incident.opened_at)).toBeLessThanOrEqual(15_000);
    expect(more).toEqual([]);
    const words = stream.evidence.map((evidence) => JSON.stringify(templateStory(evidence).summary));
    expect(words[0]).toContain("No endpoint stands out");
    expect(words[1]).not.toContain("No endpoint stands out");
    expect(words[1]).toContain("/pay");
  });

  it("and again when another one leads for good, a minute later at the soonest", () => {
    const stream = named().run(200, PAY, failing(CART));
    const due = stream.changes.filter((_, i) => told(stream)[i]![1]).map(({ incident }) => incident);
    expect(due.map(({ endpoint }) => endpoint)).toEqual([null, "/pay", "/cart"]);
    expect(Date.parse(due[2]!.updated_at) - Date.parse(due[1]!.updated_at)).toBeGreaterThanOrEqual(60_000);
  });

  it("but not for each that leads for a moment", () => {
    const stream = named();
    for (let i = 0; i < 3; i += 1) stream.run(8, failing(PAY), CART).run(8, PAY, failing(CART));
    const due = told(stream).filter(([, isDue]) => isDue);
    expect(due).toHaveLength(2);
  });

  it("and after an object was made anew that had not kept who was said to drive it", () => {
    const stream = named();
    const { drivers: _, ...older } = stream.tracker;
    stream.tracker = older;
    stream.run(200, PAY, failing(CART));
    expect(stream.tracker.incident!.endpoint).toBe("/cart");
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
