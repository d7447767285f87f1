/** How a service's traffic follows the day and the week. */

const DAY_S = 86_400;

export interface Cycle {
  /** 0 (flat) to 1 (nothing at the quietest hour). */
  readonly day_amplitude: number;
  /** Seconds after midnight UTC. */
  readonly peak_s: number;
  /** Traffic of Saturday and Sunday against that of other days. */
  readonly weekend_factor: number;
}

export const FLAT: Cycle = { day_amplitude: 0, peak_s: 0, weekend_factor: 1 };

/** Factor on the rate; 1 on average over a weekday. Weekends come and go over two hours around midnight. */
export function cycleFactor(cycle: Cycle, second: number): number {
  const phase = (2 * Math.PI * ((second % DAY_S) - cycle.peak_s)) / DAY_S;
  return (1 + cycle.day_amplitude * Math.cos(phase)) * (1 + (cycle.weekend_factor - 1) * weekendShare(second));
}

function weekendShare(second: number): number {
  // The epoch was a Thursday, so day 0 of this count is a Saturday and the weekend is a day to each side of day 1.
  const from_middle = Math.abs(((second / DAY_S + 5) % 7) - 1);
  const distance = Math.min(from_middle, 7 - from_middle);
  return Math.min(1, Math.max(0, (1 - distance) * 12 + 0.5));
}
