/** Faultline with the reference rules judged at each closed second, wired as a service's object wires it. */
import { INITIAL_TRACKER, track, type TrackerState } from "../../domain/incident-tracker.ts";
import { ReferenceDetector } from "../../domain/reference-detector.ts";
import type { Alarm, Contender, SimulatedSecond, WatchedService } from "./contender.ts";

export class ReferenceLive implements Contender {
  readonly name = "reference-live";
  readonly #service: WatchedService;
  readonly #detector = new ReferenceDetector();
  #tracker: TrackerState = INITIAL_TRACKER;

  constructor(service: WatchedService) {
    this.#service = service;
  }

  step({ second, closed_at_s, closed, sketch }: SimulatedSecond): readonly Alarm[] {
    const findings = this.#detector.step(second, closed, sketch, this.#service.sla_ms);
    const wasOpen = this.#tracker.incident?.status === "open";
    const { state, change } = track(this.#tracker, {
      service: this.#service.name,
      second,
      findings,
      closed,
      detector: this.#detector,
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
