/** Detectors of Faultline judged at each closed second, wired to the incident tracker as a service's object wires them. */
import { Detectors } from "../../domain/detectors.ts";
import { INITIAL_TRACKER, track, type TrackerState } from "../../domain/incident-tracker.ts";
import { defaultSettings, type ServiceSettings } from "../../domain/settings.ts";
import type { Alarm, Contender, SimulatedSecond, WatchedService } from "./contender.ts";

const NO_DEPLOY = (): null => null;

class TrackedLive implements Contender {
  readonly name: string;
  readonly #settings: ServiceSettings;
  readonly #service: WatchedService;
  readonly #detectors = new Detectors();
  #tracker: TrackerState = INITIAL_TRACKER;

  constructor(name: string, service: WatchedService, detectors: ServiceSettings["detectors"]) {
    this.name = name;
    this.#service = service;
    this.#settings = { ...defaultSettings(service.name), sla_ms: service.sla_ms, detectors };
  }

  step({ second, closed_at_s, closed, sketch }: SimulatedSecond): readonly Alarm[] {
    const findings = this.#detectors.step(second, closed, sketch, this.#settings);
    const wasOpen = this.#tracker.incident?.status === "open";
    const { state, change } = track(this.#tracker, {
      service: this.#service.name,
      second,
      findings,
      closed,
      sketch,
      detectors: this.#detectors,
      deployBefore: NO_DEPLOY,
      now_ms: closed_at_s * 1000,
    });
    this.#tracker = state;
    if (change === null) return [];
    const { id, status, onset_at, metric_name, endpoint, severity } = change.incident;
    const { excess_low: low, excess_count: estimate, excess_high: high } = change.incident;
    const isOpen = status === "open";
    if (isOpen === wasOpen) return [];
    const onset_s = Math.floor(Date.parse(onset_at) / 1000);
    const kind = isOpen ? "opened" : "resolved";
    return [
      {
        at_s: closed_at_s,
        kind,
        id,
        onset_s,
        metric: metric_name,
        endpoint,
        severity,
        excess: { low, estimate, high },
      },
    ];
  }
}

/** Faultline as it is delivered. */
export function sequentialLive(service: WatchedService): Contender {
  return new TrackedLive("faultline", service, ["sequential"]);
}

/** The reference rules, judged at each closed second. */
export function referenceLive(service: WatchedService): Contender {
  return new TrackedLive("reference-live", service, ["reference"]);
}
