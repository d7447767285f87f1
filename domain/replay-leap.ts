/**
 * Wrong dates in a stream without record timestamps. One event dated years ahead would move the clock there, and everything
 * after it would be late. So an event that leaps more than a day ahead of all before it, as the first one does, waits for those that
 * follow to say whether time really moved. An event that is too old does no harm: it is late, or its minute is no longer held.
 */
import { PAST_MAX_MS } from "./event.ts";

/** How many events have to agree. One wrong clock among a hundred would need nine more in a row to be believed. */
const VOTES = 10;

/** An event with everything that taking it later needs. */
export interface WaitingEvent {
  readonly service: number;
  readonly event_time_ms: number;
  readonly endpoint: string;
  readonly latency_us: number;
  readonly status_code: number;
  readonly version: string | null;
  readonly line: number;
}

/** An event may be a day behind its record (event.ts), so within a day of the clock it can be told from nothing. */
export function isLeap(event_time_ms: number, clock_ms: number): boolean {
  return event_time_ms > clock_ms + PAST_MAX_MS;
}

/** Judges the first of `waiting` by those after it: near or ahead of it they confirm it, a day behind they contradict it. */
export function judgeLeap(waiting: readonly WaitingEvent[]): "moved" | "wrong" | "unsure" {
  const reached_ms = waiting[0]!.event_time_ms - PAST_MAX_MS;
  let [confirming, contradicting] = [0, 0];
  for (let i = 1; i < waiting.length; i += 1) {
    if (waiting[i]!.event_time_ms >= reached_ms) confirming += 1;
    else contradicting += 1;
    if (confirming === VOTES) return "moved";
    if (contradicting === VOTES) return "wrong";
  }
  return "unsure";
}
