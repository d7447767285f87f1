/** Detectors of Faultline judged at each closed second, wired to the incident tracker as a service's object wires them. */
import { Detectors } from "../../domain/detectors.ts";
import type { Finding } from "../../domain/finding.ts";
import { INITIAL_TRACKER, track, type TrackerState } from "../../domain/incident-tracker.ts";
import { ReferenceDetector } from "../../domain/reference-detector.ts";
import type { ClosedSecond } from "../../domain/second-ring.ts";
import type { Sketch } from "../../domain/sketch.ts";
import type { Alarm, Contender, SimulatedSecond, WatchedService } from "./contender.ts";

interface Judge {
  step(second: number, closed: ClosedSecond, sketch: Sketch, sla_ms: number): readonly Finding[];
}

class TrackedLive implements Contender {
  readonly name: string;
  readonly #service: WatchedService;
  readonly #judge: Judge;
  /** Knows the newest seconds: onset and driving endpoint come from there. */
  readonly #reference: ReferenceDetector;
  #tracker: TrackerState = INITIAL_TRACKER;

  constructor(name: string, service: WatchedService, judge: Judge, reference: ReferenceDetector) {
    this.name = name;
    this.#service = service;
    this.#judge = judge;
    this.#reference = reference;
  }

  step({ second, closed_at_s, closed, sketch }: SimulatedSecond): readonly Alarm[] {
    const findings = this.#judge.step(second, closed, sketch, this.#service.sla_ms);
    const wasOpen = this.#tracker.incident?.status === "open";
    const { state, change } = track(this.#tracker, {
      service: this.#service.name,
      second,
      findings,
      closed,
      detector: this.#reference,
      now_ms: closed_at_s * 1000,
    });
    this.#tracker = state;
    if (change === null) return [];
    const { id, status, onset_at, metric_name, endpoint, severity } = change.incident;
    const isOpen = status === "open";
    if (isOpen === wasOpen) return [];
    const onset_s = Math.floor(Date.parse(onset_at) / 1000);
    const kind = isOpen ? "opened" : "resolved";
    return [{ at_s: closed_at_s, kind, id, onset_s, metric: metric_name, endpoint, severity }];
  }
}

/** The sequential detectors. */
export function sequentialLive(service: WatchedService): Contender {
  const detectors = new Detectors();
  return new TrackedLive("faultline", service, detectors, detectors.reference);
}

/** The reference rules, which the objects run today. */
export function referenceLive(service: WatchedService): Contender {
  const detector = new ReferenceDetector();
  return new TrackedLive("reference-live", service, detector, detector);
}
