/** Ticks that a person would choose. */

/** Two or three round values from zero that hold `max`; the last is the top of the scale. */
export function valueTicks(max: number): number[] {
  if (!(max > 0)) return [0, 1];
  const magnitude = 10 ** Math.floor(Math.log10(max));
  for (const factor of [0.5, 1, 2, 2.5, 5]) {
    const step = factor * magnitude;
    // At most two steps, so that there are never more than three ticks.
    if (step * 2 >= max) return [0, step, step * 2];
  }
  return [0, 5 * magnitude, 10 * magnitude];
}

const DAY_S = 86_400;
const TIME_STEPS_S = [10, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600, 7200, 10_800, 21_600, 43_200, DAY_S];

/** Round moments (epoch seconds) inside the axis, at most `count` of them. */
export function timeTicks(from: number, until: number, count: number): number[] {
  const step =
    TIME_STEPS_S.find((candidate) => (until - from) / candidate <= count) ??
    Math.ceil((until - from) / count / DAY_S) * DAY_S;
  const ticks: number[] = [];
  for (let at = Math.ceil(from / step) * step; at < until; at += step) ticks.push(at);
  return ticks;
}
