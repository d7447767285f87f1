/** The time axis of an incident's charts: what was before, its whole span, and what came after it. */
import { POINT_S } from "./point.ts";
import type { Incident } from "../../../domain/incident.ts";

/** Epoch seconds; a point covers `step_s`. */
export interface Axis {
  readonly from: number;
  readonly until: number;
  readonly step_s: number;
}

interface Scale {
  /** For incidents that last at most so long. */
  readonly span_s: number;
  /** How much quiet is shown before and after. */
  readonly lead_s: number;
  readonly step_s: number;
}

/**
 * The lead is steps and no share of the span: the beginning of the axis of an open incident must not creep. In each row it has
 * at least twelve points, so that the band of normal can be drawn.
 */
const SCALES: readonly Scale[] = [
  { span_s: 10 * 60, lead_s: 3 * 60, step_s: POINT_S },
  { span_s: 30 * 60, lead_s: 5 * 60, step_s: POINT_S },
  { span_s: 3 * 3600, lead_s: 30 * 60, step_s: 60 },
  { span_s: 24 * 3600, lead_s: 2 * 3600, step_s: 60 },
  { span_s: Infinity, lead_s: 24 * 3600, step_s: 3600 },
];

/**
 * The axis of an incident at a moment (epoch seconds). It ends now while the incident is open, and never after now.
 *
 * @param coarse the seconds of that time are no longer held: points of a minute at least
 * @param began when another service went wrong before it, epoch seconds: what was quiet is then shown from before that
 */
export function incidentAxis(incident: Incident, now: number, coarse = false, began = Infinity): Axis {
  const onset = Math.min(began, Math.floor(Date.parse(incident.onset_at) / 1000));
  const end = incident.resolved_at === null ? now : Math.ceil(Date.parse(incident.resolved_at) / 1000);
  const fits = SCALES.filter((scale) => end - onset <= scale.span_s && (!coarse || scale.step_s > POINT_S));
  const { lead_s, step_s } = fits[0] ?? SCALES.at(-1)!;
  const from = Math.floor((onset - lead_s) / step_s) * step_s;
  return { from, until: Math.max(from + step_s, Math.min(now, end + lead_s)), step_s };
}

/** "one point is 5 s", as the charts state their step. */
export function stepWords(step_s: number): string {
  if (step_s < 60) return `${step_s} s`;
  if (step_s < 3600) return `${step_s / 60} min`;
  if (step_s < 86_400) return `${step_s / 3600} h`;
  return step_s === 86_400 ? "1 day" : `${step_s / 86_400} days`;
}
