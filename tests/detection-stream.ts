/** Runs seconds of traffic through detector and tracker, as a service's object does. */
import { latencyBin, mergeAllSketches, sketchOfBins } from "../domain/sketch.ts";
import { type IncidentChange, INITIAL_TRACKER, track, type TrackerState } from "../domain/incident-tracker.ts";
import { Detectors } from "../domain/detectors.ts";
import type { Evidence } from "../domain/evidence.ts";
import type { Finding } from "../domain/finding.ts";
import { initialState, type MonitorState } from "../domain/monitor-state.ts";
import type { ClosedEndpoint, ClosedSecond } from "../domain/second-ring.ts";
import { defaultSettings, type ServiceSettings } from "../domain/settings.ts";
import { NO_CLASSES, type StatusClasses } from "../domain/status-classes.ts";
import { takeEvidence } from "../domain/take-evidence.ts";
import { type Deploy, deployBefore, type VersionTable } from "../domain/version-table.ts";

/** Traffic of one endpoint in one second. */
export interface Flow {
  readonly name: string;
  readonly requests: number;
  readonly errors?: number;
  readonly latency_ms?: number;
  /** Of each request; else all have `latency_ms`. */
  readonly latencies_ms?: readonly number[];
  /** The class of its errors, 1 to 5; 5 where none is given. */
  readonly error_class?: number;
}

/** The rules of the reference system. */
export const REFERENCE_RULES: Partial<ServiceSettings> = { detectors: ["reference"] };

export class DetectionStream {
  readonly changes: IncidentChange[] = [];
  /** Of each change, as it was when that happened. */
  readonly evidence: Evidence[] = [];
  detectors = new Detectors();
  tracker: TrackerState = INITIAL_TRACKER;
  versions: VersionTable = [];
  /** Of the newest second. */
  findings: readonly Finding[] = [];
  second: number;
  readonly #first_ms: number;
  settings: ServiceSettings;

  constructor(start_second: number, settings: Partial<ServiceSettings> = {}) {
    this.second = start_second;
    this.#first_ms = start_second * 1000;
    this.settings = { ...defaultSettings("checkout"), ...settings };
  }

  /** `seconds` seconds of these flows. */
  run(seconds: number, ...flows: readonly Flow[]): this {
    for (let i = 0; i < seconds; i += 1) this.#step(flows);
    return this;
  }

  /** As a service's object does in the midst of a long gap (domain/monitor-draft.ts). */
  leaveOut(seconds: number): this {
    this.detectors.leaveOut(seconds);
    this.second += seconds;
    return this;
  }

  #step(flows: readonly Flow[]): void {
    const endpoints = flows.map((flow): ClosedEndpoint => {
      const { name, requests, errors = 0, latency_ms = 100 } = flow;
      const latencies_us = (flow.latencies_ms ?? Array.from({ length: requests }, () => latency_ms)).map(
        (ms) => ms * 1000,
      );
      const sketch = sketchOfBins(Uint16Array.from(latencies_us, latencyBin));
      const latency_sum_us = latencies_us.reduce((sum, latency_us) => sum + latency_us, 0);
      return { name, request_count: requests, error_count: errors, latency_sum_us, sketch };
    });
    const total = (key: "request_count" | "error_count" | "latency_sum_us"): number =>
      endpoints.reduce((sum, endpoint) => sum + endpoint[key], 0);
    const closed: ClosedSecond = {
      request_count: total("request_count"),
      error_count: total("error_count"),
      latency_sum_us: total("latency_sum_us"),
      endpoints,
      classes: classesOf(flows),
    };
    const sketch = mergeAllSketches(endpoints.map((endpoint) => endpoint.sketch));
    const findings = this.detectors.step(this.second, closed, sketch, this.settings);
    this.findings = findings;
    const input = {
      service: "checkout",
      second: this.second,
      findings,
      closed,
      sketch,
      detectors: this.detectors,
      deployBefore: (second: number): Deploy | null => deployBefore(this.versions, second),
      now_ms: this.second * 1000,
    };
    const next = track(this.tracker, input);
    this.tracker = next.state;
    if (next.change !== null) {
      this.changes.push(next.change);
      this.evidence.push(takeEvidence(next.change.incident, this.state));
    }
    this.second += 1;
  }

  /** As far as evidence is taken from it. */
  get state(): MonitorState {
    const { settings, detectors, tracker, versions } = this;
    return { ...initialState("checkout", 0, settings), detectors, tracker, versions, first_event_ms: this.#first_ms };
  }

  get actions(): string[] {
    return this.changes.map((change) => change.action);
  }
}

/** What is no error is answered with 2xx. */
function classesOf(flows: readonly Flow[]): StatusClasses {
  const classes = [...NO_CLASSES];
  for (const { requests, errors = 0, error_class = 5 } of flows) {
    classes[1]! += requests - errors;
    classes[error_class - 1]! += errors;
  }
  return classes;
}
