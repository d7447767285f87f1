/** Detection over closed seconds that are at hand already: what settings would have told of them. */
import { Detectors } from "./detectors.ts";
import { INITIAL_TRACKER, track, type TrackerState } from "./incident-tracker.ts";
import { type Minute, MINUTE_S } from "./minute.ts";
import { ToldIncidents } from "./replay-compare.ts";
import { incidentLine } from "./replay-line.ts";
import { closedSecond } from "./second-ring.ts";
import type { ServiceSettings } from "./settings.ts";
import { EMPTY_SKETCH } from "./sketch.ts";
import { deployBefore, type VersionTable } from "./version-table.ts";

/** From nothing learned, as a new service. */
export class DetectionRun {
  readonly told = new ToldIncidents();
  readonly #service: string;
  readonly #settings: ServiceSettings;
  readonly #versions: VersionTable;
  readonly #detectors = new Detectors();
  #tracker: TrackerState = INITIAL_TRACKER;

  constructor(service: string, settings: ServiceSettings, versions: VersionTable) {
    this.#service = service;
    this.#settings = settings;
    this.#versions = versions;
  }

  /** Judges the seconds of minute `number` from `from` to before `to`, which must follow the last ones; without a minute all are empty. */
  run(number: number, minute: Minute | undefined, from: number, to: number): void {
    const begin = Math.max(from, number * MINUTE_S);
    const end = Math.min(to, (number + 1) * MINUTE_S);
    for (let second = begin; second < end; second += 1) this.#close(second, minute);
  }

  #close(second: number, minute: Minute | undefined): void {
    const bucket = minute?.buckets[second % MINUTE_S];
    const closed = closedSecond(bucket, minute?.names ?? []);
    const sketch = bucket?.sketch ?? EMPTY_SKETCH;
    const detectors = this.#detectors;
    const findings = detectors.step(second, closed, sketch, this.#settings);
    const { state, change } = track(this.#tracker, {
      service: this.#service,
      second,
      findings,
      closed: detectors.judged,
      sketch: detectors.timed,
      detectors,
      deployBefore: (onset) => deployBefore(this.#versions, onset),
      // What is judged afterwards is never historical: it is asked as if it had been live.
      now_ms: (second + 1) * 1000,
    });
    this.#tracker = state;
    if (change !== null) this.told.add(incidentLine(change, change.incident.updated_at));
  }
}
