/** Whether what is known of a service still speaks of now: a rate that stands on the page after its service stopped is a lie. */
import type { DataFlow } from "../../../domain/silence.ts";

/**
 * A figure older than this says nothing of now. While nobody watches, the fleet hears of a service once a minute, some seconds
 * after the minute's end: a page that opens must not take that for an end in the second before the first tick.
 */
const STALE_AFTER_MS = 75_000;

/** Data that is younger proves that the pipeline brings events again, whatever its last report said: that is a few seconds old. */
const STALLED_AFTER_MS = 10_000;

/**
 * The moment of the last data (epoch ms) where it is too old to be shown as present; null while it is current.
 *
 * @param last_ms event time of the newest data, epoch ms; null where none has come, of which nothing is claimed
 * @param now_ms the page's clock, which follows the server's: event time is never ahead of it
 */
export function staleSince(last_ms: number | null, now_ms: number): number | null {
  return last_ms !== null && now_ms - last_ms > STALE_AFTER_MS ? last_ms : null;
}

/**
 * The moment of the last data (epoch ms) of a service whose pipeline is known to be broken; null where it is not. There is
 * nothing to wait for then: its figures are of that moment at once.
 */
export function stalledSince(flow: DataFlow | null, last_ms: number | null, now_ms: number): number | null {
  return flow === "stalled" && last_ms !== null && now_ms - last_ms > STALLED_AFTER_MS ? last_ms : null;
}
