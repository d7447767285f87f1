/** Detectors of Faultline judged at each closed second, wired to the incident tracker as a service's object wires them. */
import { Detectors } from "../../domain/detectors.ts";
import { type FeedbackMark, marksAfter } from "../../domain/feedback-guard.ts";
import type { Incident } from "../../domain/incident.ts";
import { INITIAL_TRACKER, track, type TrackerState } from "../../domain/incident-tracker.ts";
import { defaultSettings, type ServiceSettings } from "../../domain/settings.ts";
import type { Alarm, Contender, SimulatedSecond, WatchedService } from "./contender.ts";

/** A mark comes within minutes: no more incidents can have come between. */
const TOLD_MAX = 8;
const NO_DEPLOY = (): null => null;

class TrackedLive implements Contender {
  readonly name: string;
  readonly #settings: ServiceSettings;
  readonly #service: WatchedService;
  readonly #detectors = new Detectors();
  #tracker: TrackerState = INITIAL_TRACKER;
  /** The newest incidents, the oldest first, as they were told last; and what was said of them. */
  readonly #told = new Map<string, Incident>();
  #marks: readonly FeedbackMark[] = [];
  #second = 0;

  constructor(name: string, service: WatchedService, detectors: ServiceSettings["detectors"]) {
    this.name = name;
    this.#service = service;
    this.#settings = { ...defaultSettings(service.name), sla_ms: service.sla_ms, detectors };
  }

  step({ second, closed_at_s, closed, sketch }: SimulatedSecond): readonly Alarm[] {
    const findings = this.#detectors.step(second, closed, sketch, this.#settings);
    this.#second = second;
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
    this.#remember(change.incident);
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

  #remember(incident: Incident): void {
    this.#told.set(incident.id, incident);
    if (this.#told.size > TOLD_MAX) this.#told.delete(this.#told.keys().next().value!);
  }

  markFalsePositive(incident_id: string): void {
    this.#marks = marksAfter(this.#marks, this.#told.get(incident_id)!, "false_positive", this.#second);
    this.#detectors.guard.recount(this.#marks);
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
