/** The time axis of a service's charts: which step its points have, and which windows they are formed of. */
import type { Axis } from "./incident-axis.ts";
import type { Span } from "./span.ts";

/** A point narrower than this cannot be told from its neighbours, px. */
const POINT_PX_MIN = 2.5;

/** Round steps in seconds; each is a whole part of a minute, of an hour or of a day, or whole days. */
const STEPS_S = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400,
] as const;

/** Seconds are read for at most an hour and minutes for at most a day: more would be megabytes for one page. */
const SECONDS_SPAN_S = 3600;
const MINUTES_SPAN_S = 86_400;

/** The service's object holds its seconds so long; a little less, so that none is forgotten while it is read. */
const SECONDS_HELD_S = 86_400 - 120;

/**
 * The axis of a span (epoch seconds) at `now` on so many px: the shortest round step whose points can be told apart, and whose
 * windows are held and not too many.
 */
export function timeAxis(span: Span, width_px: number, now: number): Axis {
  const span_s = span.until - span.from;
  const wanted_s = (span_s * POINT_PX_MIN) / Math.max(width_px, 1);
  const finest_s =
    span_s <= SECONDS_SPAN_S && now - span.from <= SECONDS_HELD_S ? 1 : span_s <= MINUTES_SPAN_S ? 60 : 3600;
  const step_s = STEPS_S.find((step) => step >= wanted_s && step >= finest_s) ?? wholeDays(wanted_s);
  return { ...span, step_s };
}

/** The longest windows that the points of a step can be formed of: a point of five minutes has five of a minute. */
export function windowStep(step_s: number): 1 | 60 | 3600 {
  if (step_s % 3600 === 0) return 3600;
  return step_s % 60 === 0 ? 60 : 1;
}

function wholeDays(seconds: number): number {
  return Math.ceil(seconds / 86_400) * 86_400;
}
