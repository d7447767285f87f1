import { describe, expect, test } from "vitest";
import { DetectionStream } from "../tests/detection-stream.ts";
import { declare, INITIAL_TRACKER, track } from "./incident-tracker.ts";
import { initialState, type MonitorState } from "./monitor-state.ts";
import { EMPTY_SECOND } from "./second-ring.ts";
import {
  afterData,
  afterStall,
  afterStallEnded,
  dataFlow,
  downDue,
  INITIAL_SILENCE,
  isStalled,
  isUnheard,
  retireDue,
  silentSince,
  withDeclared,
} from "./silence.ts";
import { EMPTY_SKETCH } from "./sketch.ts";
import { INITIAL_WATERMARK, onBatch } from "./watermark.ts";

const START = 1_764_000_000;
/** The newest event came in this second. */
const LAST = START + 599;
const RECEIVED_MS = LAST * 1000 + 500;
const stream = new DetectionStream(START).run(600, { name: "/pay", requests: 10 });

function stateAfter(change: Partial<MonitorState> = {}): MonitorState {
  const watermark = onBatch(INITIAL_WATERMARK, "http", RECEIVED_MS, 2000, RECEIVED_MS);
  return { ...initialState("checkout", RECEIVED_MS), watermark, detectors: stream.detectors, ...change };
}

describe("when silence proves that a service is down", () => {
  test("is some seconds after its newest event, by the clock", () => {
    const due_ms = downDue(stateAfter())!;
    expect(due_ms - RECEIVED_MS).toBeGreaterThanOrEqual(10_000);
    expect(due_ms - RECEIVED_MS).toBeLessThanOrEqual(25_000);
  });

  test("is counted from the moment on at which a broken pipeline was whole again", () => {
    const whole_since_ms = RECEIVED_MS + 600_000;
    const later = downDue(stateAfter({ silence: { ...INITIAL_SILENCE, whole_since_ms } }))!;
    expect(later - downDue(stateAfter())!).toBe(600_000);
  });

  test.each<[string, Partial<MonitorState>]>([
    ["new", { detectors: initialState("checkout", 0).detectors }],
    ["without an event", { watermark: INITIAL_WATERMARK }],
    ["declared down already", { silence: { ...INITIAL_SILENCE, down_second: LAST + 20 } }],
    ["muted by hand", { tracker: { ...INITIAL_TRACKER, muted: ["request_rate"] } }],
    ["in quarantine", { quarantined: true }],
    [
      "judged by the plain rules alone",
      { settings: { ...initialState("checkout", 0).settings, detectors: ["reference"] } },
    ],
  ])("never comes for a service that is %s", (_, change) => {
    expect(downDue(stateAfter(change))).toBeNull();
  });
});

describe("what nobody could hear", () => {
  const stalled = afterStall(stateAfter());

  test("begins after the newest event and lasts while the pipeline is broken", () => {
    expect([LAST, LAST + 1, LAST + 9_999].map((second) => isUnheard(stalled, second))).toEqual([false, true, true]);
    expect(isStalled(stalled)).toBe(true);
    expect(afterStall(stateAfter({ silence: stalled }))).toBe(stalled);
    expect(dataFlow(stateAfter({ silence: stalled }), RECEIVED_MS + 1000)).toBe("stalled");
  });

  test("ends with the first event, and is remembered until its seconds are closed", () => {
    const heard = afterData(stalled, (LAST + 300) * 1000, LAST);
    expect([LAST + 299, LAST + 300].map((second) => isUnheard(heard, second))).toEqual([true, false]);
    expect(isStalled(heard)).toBe(false);
    expect(afterData(heard, (LAST + 400) * 1000, LAST + 300).unheard).toEqual([]);
  });

  test("ends where the pipeline is whole again, from when on silence is the service's own", () => {
    const silence = afterStallEnded(stalled, (LAST + 300) * 1000);
    expect(isUnheard(silence, LAST + 299)).toBe(true);
    expect(isUnheard(silence, LAST + 300)).toBe(false);
    expect(silentSince(stateAfter({ silence }))).toBe(LAST + 300);
    expect(silentSince(stateAfter())).toBe(LAST + 1);
  });

  test("is bounded however often the pipeline breaks", () => {
    let silence = INITIAL_SILENCE;
    for (let i = 0; i < 100; i += 1)
      silence = afterStallEnded(afterStall(stateAfter({ silence })), RECEIVED_MS + i * 60_000);
    expect(silence.unheard.length).toBeLessThanOrEqual(16);
  });

  test("speaks neither for a fault nor against it", () => {
    const { detectors } = new DetectionStream(START).run(600, { name: "/pay", requests: 10 });
    const empty = EMPTY_SECOND;
    for (let second = START + 600; second < START + 1200; second += 1) {
      const findings = detectors.step(second, empty, EMPTY_SKETCH, stream.settings, false);
      expect(findings.find(({ metric_name }) => metric_name === "request_rate")!.reason).toBe("between");
    }
  });
});

describe("an outage that the clock declared", () => {
  const second = LAST + 20;
  const moment = {
    service: "checkout",
    second,
    detectors: stream.detectors,
    deployBefore: () => null,
    now_ms: (second + 1) * 1000,
  };
  const { state: tracker, change } = declare(INITIAL_TRACKER, moment, stream.detectors.silence(LAST + 1));

  test("opens an incident of no requests at all", () => {
    expect(change).toMatchObject({
      action: "opened",
      incident: {
        id: `checkout-${second}-request_rate`,
        anomaly_type: "down",
        metric_value: 0,
        severity: "critical",
        request_count: 0,
        anomalies: [{ detector: "sequential" }],
      },
    });
  });

  test("is told of later in a smaller second, but never at an earlier time", () => {
    const closed = { request_count: 0, error_count: 0 };
    const earlier = { ...moment, findings: [], closed, sketch: EMPTY_SKETCH };
    let [state, told] = [tracker, change];
    for (let i = 0; i < 40; i += 1) {
      const next = track(state, { ...earlier, second: LAST - 40 + i });
      [state, told] = [next.state, next.change ?? told];
    }
    expect(told!.incident.status).toBe("resolved");
    expect(Date.parse(told!.incident.updated_at)).toBeGreaterThanOrEqual(Date.parse(change!.incident.updated_at));
  });

  test("is not ended by what closes before that second", () => {
    const silence = { ...INITIAL_SILENCE, down_second: second };
    const quiet = { ...stream.detectors.silence(LAST), reason: "below_threshold" as const };
    const errors = { ...quiet, metric_name: "error_rate" as const };
    const reasons = (at: number): string[] => withDeclared([quiet, errors], silence, at).map(({ reason }) => reason);
    expect(reasons(second)).toEqual(["between", "below_threshold"]);
    expect(reasons(second + 1)).toEqual(["below_threshold", "below_threshold"]);
  });

  test("is taken for retired a day later, unless it is over", () => {
    const silence = { ...INITIAL_SILENCE, down_second: second };
    expect(retireDue({ silence, tracker })).toBe((second + 86_400) * 1000);
    expect(retireDue({ silence, tracker: INITIAL_TRACKER })).toBeNull();
    expect(retireDue({ silence: INITIAL_SILENCE, tracker })).toBeNull();
  });
});

test("what comes of a service is silent once nothing has come for 15 s", () => {
  expect(dataFlow(stateAfter(), RECEIVED_MS + 15_000)).toBe("flowing");
  expect(dataFlow(stateAfter(), RECEIVED_MS + 15_001)).toBe("silent");
});
