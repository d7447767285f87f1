/** What was found in a span, a lane for each service that had something: when, how bad, and whether it is still so. */
import type { Incident, Severity } from "../../../../domain/incident.ts";
import { raisedSeverity } from "../severity.ts";
import type { Span } from "../span.ts";

/** One finding on its lane; shares of the axis, 0 to 1. */
export interface HeatMark {
  readonly key: string;
  readonly left: number;
  readonly width: number;
  readonly severity: Severity;
  /** True of now: it bears its colour. */
  readonly active: boolean;
}

export interface HeatLane {
  readonly service: string;
  /** The worst of its findings, and whether one is still true. */
  readonly severity: Severity;
  readonly active: boolean;
  readonly count: number;
  /** The worst last, so that it is drawn over the others. */
  readonly marks: readonly HeatMark[];
}

/** An incident at least so long on the axis can be seen. */
const WIDTH_MIN = 2.6 / 1000;

/** Lanes of the services with findings in the span (epoch seconds): what is still true first, then the worst, then by name. */
export function heatLanes(incidents: Iterable<Incident>, span: Span): HeatLane[] {
  const lanes: HeatLane[] = [];
  for (const [service, own] of Map.groupBy(incidents, (incident) => incident.service)) {
    const marks = own.flatMap((incident) => marksOf(incident, span));
    const worst = marks.reduce<HeatMark | null>(worse, null);
    if (worst === null) continue;
    lanes.push({
      service,
      severity: worst.severity,
      active: marks.some(({ active }) => active),
      count: marks.length,
      marks: marks.toSorted(
        (a, b) => Number(raisedSeverity(b.severity, a.severity)) - Number(raisedSeverity(a.severity, b.severity)),
      ),
    });
  }
  return lanes.toSorted(compareLanes);
}

function worse(held: HeatMark | null, mark: HeatMark): HeatMark {
  return held === null || raisedSeverity(held.severity, mark.severity) ? mark : held;
}

function compareLanes(a: HeatLane, b: HeatLane): number {
  if (a.active !== b.active) return a.active ? -1 : 1;
  if (a.severity !== b.severity) return raisedSeverity(a.severity, b.severity) ? 1 : -1;
  return a.service < b.service ? -1 : 1;
}

function marksOf(incident: Incident, { from, until }: Span): HeatMark[] {
  return incident.anomalies.flatMap((anomaly, at) => {
    // The first finding is what the fault was told by: its lane begins where the fault did.
    const begin = Date.parse(at === 0 ? incident.onset_at : anomaly.detected_at) / 1000;
    const end = anomaly.resolved_at === null ? Infinity : Date.parse(anomaly.resolved_at) / 1000;
    if (begin >= until || end < from) return [];
    const left = Math.max(0, (begin - from) / (until - from));
    const right = Math.min(1, (end - from) / (until - from));
    const width = Math.max(WIDTH_MIN, right - left);
    const active = incident.status === "open" && !anomaly.resolved;
    const key = `${incident.id} ${anomaly.detected_at} ${anomaly.metric_name}`;
    return [{ key, left: Math.min(left, 1 - width), width, severity: anomaly.severity, active }];
  });
}
