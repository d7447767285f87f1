/** Windows of one second, from the minutes that a service's object holds. */
import { metricsWindow, type Minute, summarize } from "../domain/minute.ts";
import type { StoredMinutes } from "../domain/monitor-draft.ts";
import type { MonitorState } from "../domain/monitor-state.ts";
import type { WindowItem } from "../domain/resource.ts";

/** Seconds with requests from `from_s` to before `to_s` (epoch seconds), at most `limit`, and where to go on. */
export function secondWindows(
  state: MonitorState,
  stored: StoredMinutes,
  from_s: number,
  to_s: number,
  limit: number,
): { items: WindowItem[]; next_s: number | null } {
  const items: WindowItem[] = [];
  for (const minute of minutesBetween(state, stored, Math.floor(from_s / 60), Math.ceil(to_s / 60))) {
    for (const [slot, bucket] of minute.buckets.entries()) {
      const second = minute.minute * 60 + slot;
      if (bucket === undefined || second < from_s || second >= to_s) continue;
      if (items.length === limit) return { items, next_s: second };
      const window = metricsWindow(state.service, second, 1, summarize([bucket]), minute.baseline, minute.revision);
      items.push({ ...window, provisional: state.open_second === null || second >= state.open_second });
    }
  }
  return { items, next_s: null };
}

/** Held minutes in order, read one at a time: a day of them does not fit the memory of an object. */
function* minutesBetween(state: MonitorState, stored: StoredMinutes, from: number, to: number): Iterable<Minute> {
  for (let at = from; at < to; at += 1) {
    const hot = [...state.minutes.keys()].filter((minute) => minute >= at);
    at = Math.min(stored.next(at - 1) ?? Infinity, ...hot);
    if (at >= to) return;
    yield state.minutes.get(at) ?? stored.read(at)!;
  }
}
