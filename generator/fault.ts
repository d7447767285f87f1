/** What goes wrong in the generated services, and when. */

interface FaultBase {
  readonly service: string;
  /** The endpoint that it strikes; null for all of the service. */
  readonly endpoint: string | null;
  /** From (inclusive) and to (exclusive), epoch ms of event time. */
  readonly from_ms: number;
  readonly to_ms: number;
}

export type Fault =
  | (FaultBase & {
      readonly kind: "latency";
      /** Latencies are multiplied by this. */
      readonly factor: number;
    })
  | (FaultBase & {
      readonly kind: "errors";
      /** Share of the requests that fail, 0 to 1. */
      readonly share: number;
    })
  | (FaultBase & {
      readonly kind: "traffic";
      /** How many times as many requests as usual, 0 to 10; 0: none arrives. */
      readonly factor: number;
    });

/** Answers for any time, without state, so that a stream can be made from anywhere. */
export interface FaultSchedule {
  /** The faults of a service that are on at a time. */
  activeAt(service: string, at_ms: number): readonly Fault[];
  /** The faults of any service that begin in [from_ms, to_ms), by their beginning. */
  beginningBetween(from_ms: number, to_ms: number): readonly Fault[];
}

/** Nothing ever fails. */
export const NO_FAULTS: FaultSchedule = scheduleOf([]);

/** Exactly these faults. */
export function scheduleOf(faults: readonly Fault[]): FaultSchedule {
  const sorted = faults.toSorted(byBeginning);
  return {
    activeAt: (service, at_ms) => sorted.filter((fault) => fault.service === service && isOn(fault, at_ms)),
    beginningBetween: (from_ms, to_ms) => sorted.filter((fault) => fault.from_ms >= from_ms && fault.from_ms < to_ms),
  };
}

/** All faults of all of them. */
export function scheduleOfAll(schedules: readonly FaultSchedule[]): FaultSchedule {
  return {
    activeAt: (service, at_ms) => schedules.flatMap((schedule) => schedule.activeAt(service, at_ms)),
    beginningBetween: (from_ms, to_ms) =>
      schedules.flatMap((schedule) => schedule.beginningBetween(from_ms, to_ms)).toSorted(byBeginning),
  };
}

export function isOn(fault: Fault, at_ms: number): boolean {
  return at_ms >= fault.from_ms && at_ms < fault.to_ms;
}

export function byBeginning(a: Fault, b: Fault): number {
  return a.from_ms - b.from_ms;
}

/** The fault in plain words, without its times. */
export function describeFault(fault: Fault): string {
  const where = fault.endpoint === null ? fault.service : `${fault.service} ${fault.endpoint}`;
  switch (fault.kind) {
    case "errors":
      return `${where}: ${Math.round(fault.share * 100)} % of its requests fail`;
    case "latency":
      return `${where}: latency x ${fault.factor.toFixed(1)}`;
    case "traffic":
      return fault.factor === 0 ? `${where}: no request arrives` : `${where}: requests x ${fault.factor.toFixed(2)}`;
  }
}
