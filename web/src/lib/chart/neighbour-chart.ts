/** The chart of another service's one figure, under the charts of the page's own service and on their axis. */
import { askMoment, type AskedMark, type MetricFigure, type ServiceFigures } from "./service-figures.ts";
import { FIGURES } from "./figure-words.ts";
import { reachOf, sharedReach } from "./scale.ts";
import type { Point } from "../point.ts";
import type { Figures } from "../sentence.ts";
import type { FigureName } from "../severity.ts";
import type { Incident, Severity } from "../../../../domain/incident.ts";
import type { BaselinePoint } from "../../../../domain/message.ts";

export interface NeighbourChart {
  readonly service: string;
  /** The page of its incident, or its own. */
  readonly href: string;
  /** The figure that its incident is about; null while that is not known. */
  readonly name: FigureName | null;
  readonly points: readonly Point[];
  readonly incidents: readonly Incident[];
  readonly baseline: BaselinePoint | null;
  /** Null where nothing is known of now. */
  readonly figures: Figures | null;
  /** Of what is wrong with the figure now. */
  readonly severity: Severity | null;
  /** In place of what is normal: when data last came, or why nothing is drawn; null where there is nothing to say. */
  readonly note: string | null;
  /** Of the evidence that it proves. */
  readonly numbers: readonly number[];
}

export function metricOf(figures: ServiceFigures, name: FigureName): MetricFigure {
  return { rate: figures.rate, errors: figures.errors, latency: figures.p95 }[name];
}

/** How far the scales of its chart and of the service's own on the same figure reach; 0 where each has its own. */
export function neighbourReach(
  own: ServiceFigures,
  other: ServiceFigures,
  name: FigureName,
  sla_ms: number | null,
): number {
  const isLatency = name === "latency";
  const lines = [metricOf(own, name).marks, ...(isLatency ? [own.p99] : [])];
  return sharedReach(reachOf(lines, isLatency ? sla_ms : null).top, reachOf([metricOf(other, name).marks]).top);
}

/** "payments p95 690 ms", "payments errors 31.0 % of 500" */
export function neighbourWords({ service, name }: Pick<NeighbourChart, "service" | "name">, asked: AskedMark): string {
  // Latency names its quantile itself.
  const title = name === null || name === "latency" ? service : `${service} ${FIGURES[name].title}`;
  return `${title} ${asked.text}`;
}

/**
 * What the crosshair at a moment (epoch seconds, the middle of a point of `step_s`) tells of it: a service whose data ends earlier
 * is not asked for its newest point instead.
 */
export function askNeighbour(figures: ServiceFigures, name: FigureName, moment: number, step_s: number): AskedMark {
  const asked = askMoment(figures, moment);
  if (asked !== null && Math.abs(asked.at - moment) < step_s)
    return { rate: asked.rate, errors: asked.errors, latency: asked.p95 }[name];
  const mark = { at: moment, value: null, normal: null, provisional: false, finding: null };
  return { mark, text: "no data yet" };
}
