/** When a message that its target did not take is sent again: the schedule that Standard Webhooks recommends. */
import { backoffMs } from "./backoff.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** After the first failure, the second, and so on; ten attempts in 75 h 35 min. */
const DELAYS_MS = [
  5_000,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  5 * HOUR_MS,
  10 * HOUR_MS,
  14 * HOUR_MS,
  20 * HOUR_MS,
  24 * HOUR_MS,
] as const;
/** As long as the schedule lasts. */
export const TRIED_MS_MAX = 76 * HOUR_MS;
/** Messages that failed together do not come back together. */
const JITTER = 0.1;
/** A target that asks for more has not said when it will be there. */
const RETRY_AFTER_MS_MAX = HOUR_MS;

/**
 * How long (ms) to wait after so many failures (1 or more); null: it is given up. `retry_after_s`: what the target asks for; `random`:
 * 0 to before 1.
 */
export function retryDelayMs(failures: number, retry_after_s: number | null, random: number): number | null {
  const delay_ms = DELAYS_MS[failures - 1];
  if (delay_ms === undefined) return null;
  return Math.max(askedMs(retry_after_s), Math.round(delay_ms * (1 + JITTER * random)));
}

/** Where a target says no more than that it is too much (429): longer each time, so that one that says nothing else costs little. */
const PAUSE_MS_MIN = 1_000;
const PAUSE_MS_MAX = 5 * MINUTE_MS;

/** How long (ms) a target that takes no more for now (429) is left alone, the `nth` time (1 or more) in a row. */
export function pauseMs(nth: number, retry_after_s: number | null, random: number): number {
  const pause_ms = backoffMs(nth, PAUSE_MS_MIN, PAUSE_MS_MAX);
  return Math.max(askedMs(retry_after_s), Math.round(pause_ms * (1 + JITTER * random)));
}

function askedMs(retry_after_s: number | null): number {
  return Math.min(RETRY_AFTER_MS_MAX, Math.max(0, retry_after_s ?? 0) * 1000);
}
