/** The tour that `npm start` shows: a past, a healthy while, a failure to watch and its end, then random anomalies. */
import { randomAnomalies } from "./anomalies.ts";
import { scheduleOf, scheduleOfAll, type Fault, type FaultSchedule } from "./fault.ts";
import type { ServiceProfile } from "./services.ts";

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;

export const HISTORY_MS = 120 * MINUTE_MS;
/** Events a second and service of the past: enough for its charts and baselines, few enough to be sent in seconds. */
export const HISTORY_RATE_PER_SERVICE = 10;

/** From the start of the tour to the failure, so that it is on the page within 90 s of the first look. */
const HEALTH_MS = 45 * SECOND_MS;
/** A slow machine that is still taking the past by then sees at least this much health first. */
const HEALTH_MS_MIN = 20 * SECOND_MS;
const FAILURE_MS = 2 * MINUTE_MS;
const QUIET_MS = 3 * MINUTE_MS;

/**
 * 30 % of `/cart/pay`, which has 45 % of the traffic: 0.45 x 30 % + 0.55 x 2 % = 14.6 % of checkout's requests, well above three
 * times its normal 2 %.
 */
const FAILURE = { service: "checkout", endpoint: "/cart/pay", kind: "errors", share: 0.3 } as const;

/** One incident of the past, more than an hour ago, so that it shows in history and not in the baseline of the last hour. */
const PAST_FAULT = { service: "payments", endpoint: null, kind: "latency", factor: 6 } as const;
const PAST_FAULT_AGO_MS = 75 * MINUTE_MS;
const PAST_FAULT_MS = 3 * MINUTE_MS;

/** What went wrong in the two hours before `start_ms`. */
export function faultsOfHistory(start_ms: number): FaultSchedule {
  const from_ms = start_ms - PAST_FAULT_AGO_MS;
  return scheduleOf([{ ...PAST_FAULT, from_ms, to_ms: from_ms + PAST_FAULT_MS }]);
}

/** The failure of the tour; `live_ms` is when the past had been sent (`start_ms` where there was none to send). */
export function failureOfTour(start_ms: number, live_ms: number): Fault {
  const from_ms = Math.ceil(Math.max(start_ms + HEALTH_MS, live_ms + HEALTH_MS_MIN) / SECOND_MS) * SECOND_MS;
  return { ...FAILURE, from_ms, to_ms: from_ms + FAILURE_MS };
}

/** What goes wrong from `start_ms` on: the failure, three quiet minutes after its end, then random anomalies where wanted. */
export function faultsOfTour(
  options: { readonly seed: number; readonly services: readonly ServiceProfile[]; readonly random: boolean },
  start_ms: number,
  live_ms: number,
): FaultSchedule {
  const failure = failureOfTour(start_ms, live_ms);
  const after = { ...options, origin_ms: start_ms, from_ms: failure.to_ms + QUIET_MS };
  return scheduleOfAll([scheduleOf([failure]), ...(options.random ? [randomAnomalies(after)] : [])]);
}
