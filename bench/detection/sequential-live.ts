/** Faultline's sequential detectors judged at each closed second, wired as a service's object wires them. */
import { Detectors } from "../../domain/detectors.ts";
import { INITIAL_TRACKER, track, type TrackerState } from "../../domain/incident-tracker.ts";
import type { Alarm, Contender, SimulatedSecond, WatchedService } from "./contender.ts";

export class SequentialLive implements Contender {
  readonly name = "faultline";
  readonly #service: WatchedService;
  readonly #detectors = new Detectors();
  #tracker: TrackerState = INITIAL_TRACKER;

  constructor(service: WatchedService) {
    this.#service = service;
  }

  step({ second, closed_at_s, closed, sketch }: SimulatedSecond): readonly Alarm[] {
    const findings = this.#detectors.step(second, closed, sketch, this.#service.sla_ms);
    const wasOpen = this.#tracker.incident?.status === "open";
    const input = {
      service: this.#service.name,
      second,
      findings,
      closed,
      detector: this.#detectors.reference,
      now_ms: closed_at_s * 1000,
    };
    const { state, change } = track(this.#tracker, input);
    this.#tracker = state;
    if (change === null) return [];
    const { id, status, onset_at, metric_name, endpoint, severity } = change.incident;
    const isOpen = status === "open";
    if (isOpen === wasOpen) return [];
    const onset_s = Math.floor(Date.parse(onset_at) / 1000);
    return [
      { at_s: closed_at_s, kind: isOpen ? "opened" : "resolved", id, onset_s, metric: metric_name, endpoint, severity },
    ];
  }
}
