/** What a detection system must offer to be measured, and what it is told about the service it watches. */
import type { ClosedSecond } from "../../domain/second-ring.ts";
import type { Sketch } from "../../domain/sketch.ts";

/** One second of event time of one service, as it looks when the watermark closes it. */
export interface SimulatedSecond {
  /** Epoch seconds. */
  readonly second: number;
  /** Event time at which the second closes: its end, the wait for the watermark, and what late data adds. */
  readonly closed_at_s: number;
  readonly closed: ClosedSecond;
  readonly sketch: Sketch;
  /** Requests in bins above `bin`, an entry for each of `closed.endpoints`. Only to be called within `step`. */
  readonly slow: (bin: number) => readonly number[];
}

export interface Alarm {
  /** Event time at which a person would have been told. */
  readonly at_s: number;
  /** A reopened incident is `opened` again with the same id. */
  readonly kind: "opened" | "resolved";
  readonly id: string;
  /** Estimated first second of the fault. */
  readonly onset_s: number;
  readonly metric: string;
  readonly endpoint: string | null;
  readonly severity: string;
  /** Requests that failed or were slow since the onset beyond what is normal, with an interval. */
  readonly excess?: { readonly low: number; readonly estimate: number; readonly high: number };
}

/** One instance watches one service; it sees event time only, each second once and in order. */
export interface Contender {
  readonly name: string;
  step(second: SimulatedSecond): readonly Alarm[];
  /** A person marked an incident as a false positive; those that learn nothing from it leave this out. */
  markFalsePositive?(incident_id: string): void;
}

/** What an operator has set for the service. */
export interface WatchedService {
  readonly name: string;
  /** The average latency that the service promises, twice its true mean, as in the reference system's settings. */
  readonly sla_ms: number;
  /** 0 to 59: where within a minute the schedules of polling systems lie. */
  readonly phase_s: number;
}
