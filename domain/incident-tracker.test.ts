import { describe, expect, test } from "vitest";
import { DetectionStream, REFERENCE_RULES } from "../tests/detection-stream.ts";
import { mark } from "./incident-tracker.ts";
import { formatRfc3339 } from "./rfc3339.ts";

const START = 1_764_000_000;
const HEALTHY = { name: "/cart", requests: 20 };
const at = (second: number): string => formatRfc3339(second * 1000);

describe("the reference rules", () => {
  test("stay quiet at a steady two percent of errors, even in the first minute", () => {
    const stream = new DetectionStream(START, REFERENCE_RULES).run(1800, { name: "/cart", requests: 50, errors: 1 });
    expect(stream.changes).toEqual([]);
  });

  test("need ten requests in the window", () => {
    const few = new DetectionStream(START, REFERENCE_RULES).run(9, { name: "/cart", requests: 1, errors: 1 }).run(120);
    expect(few.changes).toEqual([]);
    const enough = new DetectionStream(START, REFERENCE_RULES).run(10, { name: "/cart", requests: 1, errors: 1 });
    expect(enough.actions).toEqual(["opened"]);
  });

  test("take three times the baseline, not the floor, for a service that errs more", () => {
    const base = { name: "/cart", requests: 100, errors: 4 };
    const below = new DetectionStream(START, REFERENCE_RULES)
      .run(1200, base)
      .run(120, { name: "/cart", requests: 100, errors: 11 });
    expect(below.changes).toEqual([]);
    const above = new DetectionStream(START, REFERENCE_RULES)
      .run(1200, base)
      .run(120, { name: "/cart", requests: 100, errors: 13 });
    expect(above.changes[0]!.incident).toMatchObject({ baseline_value: 0.04, threshold_value: 0.12 });
  });

  test("call an average above twice the SLA slow", () => {
    const stream = new DetectionStream(START, REFERENCE_RULES)
      .run(300, HEALTHY)
      .run(60, { ...HEALTHY, latency_ms: 1300 });
    expect(stream.changes[0]!.incident).toMatchObject({
      metric_name: "avg_latency_ms",
      anomaly_type: "latency",
      threshold_value: 600,
      severity: "medium",
    });
    expect(stream.changes.at(-1)!.incident.severity).toBe("critical");
  });

  test("grade by 1, 1.5 and 2 times the threshold", () => {
    const graded = (errors: number): string =>
      new DetectionStream(START, REFERENCE_RULES).run(60, { name: "/cart", requests: 1000, errors }).changes.at(-1)!
        .incident.severity;
    expect([graded(60), graded(80), graded(120)]).toEqual(["medium", "high", "critical"]);
  });
});

describe("an incident", () => {
  const fault = { name: "/pay", requests: 10, errors: 5 };
  const well = { name: "/pay", requests: 10 };

  test("names onset, numbers and the endpoint that drives it", () => {
    const stream = new DetectionStream(START, REFERENCE_RULES).run(600, HEALTHY, well).run(90, HEALTHY, fault);
    const { incident } = stream.changes[0]!;
    expect(incident).toMatchObject({
      endpoint: "/pay",
      endpoint_share: 1,
      onset_at: at(START + 600),
      historical: false,
      baseline_value: 0,
    });
    expect(incident.id).toBe(`checkout-${Date.parse(incident.opened_at) / 1000 - 1}-error_rate`);
    expect(incident.description).toBe(
      "5.3 % of requests failed over 60 s (normally 0.0 %, allowed 5.0 %). /pay carries 100 % of the excess.",
    );
  });

  test("names no endpoint when all fail alike", () => {
    const all = ["/a", "/b", "/c", "/d"].map((name) => ({ name, requests: 10, errors: 2 }));
    const stream = new DetectionStream(START, REFERENCE_RULES)
      .run(600, HEALTHY, ...all.map(({ name, requests }) => ({ name, requests })))
      .run(60, ...all);
    expect(stream.changes[0]!.incident.endpoint).toBeNull();
  });

  test("is one for one fault: opened, made worse, resolved, with what it cost", () => {
    const stream = new DetectionStream(START, REFERENCE_RULES)
      .run(600, HEALTHY, well)
      .run(120, HEALTHY, fault)
      .run(200, HEALTHY, well);
    const severities = new Set(stream.changes.map((change) => change.incident.severity));
    expect([...severities]).toEqual(["medium", "high", "critical"]);
    expect(stream.actions.filter((action) => action !== "updated")).toEqual(["opened", "resolved"]);
    const { incident } = stream.changes.at(-1)!;
    expect(incident).toMatchObject({
      status: "resolved",
      severity: "critical",
      failed_count: 600,
      revision: stream.changes.length,
    });
    expect(incident.excess_low).toBeLessThanOrEqual(600);
    expect(incident.excess_high).toBeGreaterThanOrEqual(600);
    expect(incident.anomalies).toHaveLength(1);
    expect(incident.anomalies[0]).toMatchObject({ resolved: true, severity: "critical" });
  });

  test("tells its counts at the end of each minute that added to them, and no more often", () => {
    const stream = new DetectionStream(START, REFERENCE_RULES).run(600, HEALTHY, well).run(120, HEALTHY, fault);
    const told = stream.changes.length;
    stream.run(600, HEALTHY, fault);
    const news = stream.changes.slice(told).map(({ action, incident }) => [action, incident.updated_at]);
    expect(news).toEqual(Array.from({ length: 10 }, (_, i) => ["updated", at(START + 780 + i * 60)]));
    const counts = stream.changes.slice(told).map(({ incident }) => [incident.request_count, incident.failed_count]);
    expect(counts).toEqual(Array.from({ length: 10 }, (_, i) => [30 * (180 + i * 60), 5 * (180 + i * 60)]));
    expect(stream.changes.at(-1)!.incident.revision).toBe(stream.changes.length);
  });

  test("is not told again while nothing comes, nor after its end", () => {
    const stream = new DetectionStream(START, REFERENCE_RULES).run(600, HEALTHY, well).run(90, HEALTHY, fault).run(20);
    const told = stream.changes.length;
    expect(stream.tracker.incident?.status).toBe("open");
    stream.run(10);
    expect(stream.changes.slice(told).map(({ action }) => action)).toEqual(["updated"]);
    const ended = stream.run(400, HEALTHY, well).changes.length;
    expect(stream.actions.at(-1)).toBe("resolved");
    expect(stream.run(300, HEALTHY, well).changes).toHaveLength(ended);
  });

  test("an anomaly that grows worse began when it was found", () => {
    const stream = new DetectionStream(START, REFERENCE_RULES).run(600, HEALTHY, well).run(120, HEALTHY, fault);
    const [first, last] = [stream.changes[0]!, stream.changes.at(-1)!].map(({ incident }) => incident.anomalies[0]!);
    expect(last!.metric_value).toBeGreaterThan(first!.metric_value);
    expect([last!.detected_at, last!.window_start]).toEqual([first!.detected_at, first!.window_start]);
    expect(Date.parse(last!.window_end)).toBeGreaterThan(Date.parse(first!.window_end));
  });

  test("does not flap: 20 s on and 40 s off is one incident", () => {
    const stream = new DetectionStream(START, REFERENCE_RULES).run(600, HEALTHY, well);
    for (let cycle = 0; cycle < 10; cycle += 1) stream.run(20, HEALTHY, fault).run(40, HEALTHY, well);
    expect(stream.actions.filter((action) => action === "opened")).toHaveLength(1);
    expect(stream.actions).not.toContain("resolved");
  });

  test("reopens within five minutes of its end, and is another one after that", () => {
    const soon = new DetectionStream(START, REFERENCE_RULES)
      .run(600, HEALTHY, well)
      .run(90, HEALTHY, fault)
      .run(300, HEALTHY, well)
      .run(90, HEALTHY, fault);
    expect(new Set(soon.changes.map((change) => change.incident.id)).size).toBe(1);
    expect(soon.changes.at(-1)!.incident).toMatchObject({ status: "open", reopened_count: 1, resolved_at: null });
    const late = new DetectionStream(START, REFERENCE_RULES)
      .run(600, HEALTHY, well)
      .run(90, HEALTHY, fault)
      .run(600, HEALTHY, well)
      .run(90, HEALTHY, fault);
    expect(new Set(late.changes.map((change) => change.incident.id)).size).toBe(2);
  });

  test("counts what failed again before it reopened, and nothing of the quiet between", () => {
    const stream = new DetectionStream(START).run(600, HEALTHY, well).run(60, HEALTHY, fault).run(120, HEALTHY, well);
    expect(stream.actions.at(-1)).toBe("resolved");
    const before = stream.tracker.incident!;
    expect(before.failed_count).toBe(300);
    const { incident } = stream.run(30, HEALTHY, fault).tracker;
    expect(incident).toMatchObject({ id: before.id, reopened_count: 1, failed_count: 450 });
    expect(incident!.excess_low).toBeLessThanOrEqual(450);
    expect(incident!.excess_high).toBeGreaterThanOrEqual(450);
  });

  test("is acknowledged, and what was said of it holds, until its end: it reopens to be taken on and judged anew", () => {
    const stream = new DetectionStream(START).run(600, HEALTHY, well).run(20, HEALTHY, fault);
    const taken = { acknowledged_at: at(stream.second), acknowledged_by: "Ada" };
    stream.tracker = mark(stream.tracker, stream.tracker.incident!.id, taken)!.state;
    const said = { feedback: "false_positive" } as const;
    stream.tracker = mark(stream.tracker, stream.tracker.incident!.id, said)!.state;
    stream.run(10, { ...HEALTHY, latency_ms: 2000 }, { ...fault, latency_ms: 2000 });
    expect(stream.tracker.incident!.anomalies).toHaveLength(2);
    expect(stream.tracker.incident).toMatchObject({ ...taken, ...said });
    stream.run(60, HEALTHY, well);
    expect(stream.tracker.incident).toMatchObject({ status: "resolved", ...taken, ...said });
    stream.run(20, HEALTHY, fault);
    const open = { status: "open", reopened_count: 1, acknowledged_at: null, acknowledged_by: null, feedback: null };
    expect(stream.changes.find(({ incident }) => incident.reopened_count === 1)!.incident).toMatchObject(open);
  });

  test("takes in a second metric of the same service and ends with the last of them", () => {
    const slow = { name: "/pay", requests: 10, errors: 5, latency_ms: 5000 };
    const stream = new DetectionStream(START, REFERENCE_RULES)
      .run(600, HEALTHY, well)
      .run(90, HEALTHY, slow)
      .run(300, HEALTHY, well);
    expect(new Set(stream.changes.map((change) => change.incident.id)).size).toBe(1);
    const { incident } = stream.changes.at(-1)!;
    expect(incident.anomalies.map((anomaly) => anomaly.metric_name).sort()).toEqual(["avg_latency_ms", "error_rate"]);
    expect(incident.anomalies.every((anomaly) => anomaly.resolved)).toBe(true);
  });

  test("does not teach the baseline: a fault of half an hour ends where it began", () => {
    const stream = new DetectionStream(START, REFERENCE_RULES).run(600, HEALTHY, well).run(1800, HEALTHY, fault);
    expect(stream.tracker.incident).toMatchObject({ status: "open", baseline_value: 0 });
    expect(stream.detectors.reference.baseline.error_rate).toBe(0);
  });
});
