/** Incidents on one time axis, a lane for each severity: how many there were, when, and for how long. */
import { formatClockMinute, formatDay, formatWeekday } from "../format/time.ts";
import { zoneOffset } from "../format/zone.ts";
import { SEVERITIES, type Incident, type Severity } from "../../../../domain/incident.ts";

/** An incident as a mark of its lane; shares of the axis' width, 0 to 1. */
export interface LaneMark {
  readonly id: string;
  readonly left: number;
  readonly width: number;
  readonly isOpen: boolean;
  readonly incident: Incident;
}

export interface Lane {
  readonly severity: Severity;
  readonly count: number;
  readonly hasOpen: boolean;
  readonly marks: readonly LaneMark[];
}

/** The worst first. `from_ms` and `until_ms` are the axis' ends; what began before it is drawn from its beginning. */
export function severityLanes(incidents: readonly Incident[], from_ms: number, until_ms: number): Lane[] {
  const share = (at_ms: number) => Math.min(1, Math.max(0, (at_ms - from_ms) / (until_ms - from_ms)));
  return SEVERITIES.toReversed().map((severity) => {
    const own = incidents.filter((incident) => incident.severity === severity);
    const marks = own.map((incident) => {
      const left = share(Date.parse(incident.onset_at));
      const end = incident.resolved_at === null ? 1 : share(Date.parse(incident.resolved_at));
      return { id: incident.id, left, width: Math.max(0, end - left), isOpen: incident.status === "open", incident };
    });
    // What is open is drawn over what was there just before.
    const drawn = marks.toSorted((a, b) => Number(a.isOpen) - Number(b.isOpen));
    return { severity, count: own.length, hasOpen: marks.some(({ isOpen }) => isOpen), marks: drawn };
  });
}

const DAY_MS = 86_400_000;

/** Steps between ticks, in hours, with the longest axis (hours) that each is for. */
const TICK_STEPS_H = [
  [2, 0.25],
  [8, 1],
  [30, 4],
  [80, 12],
  [400, 24],
  [Infinity, 168],
] as const;

/** Round moments of the shown zone on the axis, each as a share of it with its words: a clock, or the day that begins, by its name where it is one of the last weeks. */
export function laneTicks(from_ms: number, until_ms: number): { readonly share: number; readonly text: string }[] {
  const hours = (until_ms - from_ms) / 3_600_000;
  const step_ms = TICK_STEPS_H.find(([hours_max]) => hours <= hours_max)![1] * 3_600_000;
  const ahead_ms = zoneOffset(until_ms);
  const ticks = [];
  for (
    let wall_ms = Math.ceil((from_ms + ahead_ms) / step_ms) * step_ms;
    wall_ms < until_ms + ahead_ms;
    wall_ms += step_ms
  ) {
    const at_ms = wall_ms - ahead_ms;
    const isDay = wall_ms % DAY_MS === 0;
    ticks.push({
      share: (at_ms - from_ms) / (until_ms - from_ms),
      text: isDay ? (step_ms > DAY_MS ? formatDay(at_ms) : formatWeekday(at_ms)) : formatClockMinute(at_ms),
    });
  }
  return ticks;
}
