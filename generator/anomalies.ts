/** Random anomalies, as the reference system has them: each minute and service one begins with 5 % chance. */
import { byBeginning, isOn, type Fault, type FaultSchedule } from "./fault.ts";
import { keyOf, randomFor } from "./random.ts";
import type { ServiceProfile } from "./services.ts";

const ANOMALY_CHANCE = 0.05;

const MINUTE_MS = 60_000;
const DURATION_MIN_MS = 2 * MINUTE_MS;
const DURATION_MAX_MS = 5 * MINUTE_MS;

/** Keeps these draws apart from those of the events of the same seed. */
const PURPOSE = keyOf("anomalies");

export interface AnomalyOptions {
  readonly seed: number;
  readonly services: readonly ServiceProfile[];
  /** Minutes are counted from here, so that the same seed gives the same anomalies after any start. */
  readonly origin_ms: number;
  /** None begins before this. */
  readonly from_ms: number;
}

/**
 * The anomaly that begins with the given minute, or null (95 %): latency x 5 to 10 or 20 to 40 % errors, even odds, for 2 to 5
 * minutes in whole seconds. Anomalies of a service may overlap; then the stronger of each kind counts.
 */
export function anomalyOf(options: AnomalyOptions, service: string, minute: number): Fault | null {
  const random = randomFor(options.seed, PURPOSE, keyOf(service), minute);
  const from_ms = options.origin_ms + minute * MINUTE_MS;
  if (random.unit() >= ANOMALY_CHANCE || from_ms < options.from_ms) return null;
  const duration_ms = Math.round(random.between(DURATION_MIN_MS, DURATION_MAX_MS) / 1000) * 1000;
  const base = { service, endpoint: null, from_ms, to_ms: from_ms + duration_ms };
  return random.unit() < 0.5
    ? { ...base, kind: "latency", factor: random.between(5, 10) }
    : { ...base, kind: "errors", share: random.between(0.2, 0.4) };
}

export function randomAnomalies(options: AnomalyOptions): FaultSchedule {
  const minuteOf = (at_ms: number) => Math.floor((at_ms - options.origin_ms) / MINUTE_MS);
  const beginning = (service: string, first: number, last: number): Fault[] => {
    const found: Fault[] = [];
    for (let minute = first; minute <= last; minute++) {
      const anomaly = anomalyOf(options, service, minute);
      if (anomaly !== null) found.push(anomaly);
    }
    return found;
  };
  return {
    activeAt: (service, at_ms) =>
      beginning(service, minuteOf(at_ms - DURATION_MAX_MS), minuteOf(at_ms)).filter((fault) => isOn(fault, at_ms)),
    beginningBetween: (from_ms, to_ms) =>
      options.services
        .flatMap(({ service }) => beginning(service, minuteOf(from_ms), minuteOf(to_ms)))
        .filter((fault) => fault.from_ms >= from_ms && fault.from_ms < to_ms)
        .toSorted(byBeginning),
  };
}
