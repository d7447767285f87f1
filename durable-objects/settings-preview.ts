/** Tries settings over the seconds that a service's object holds, in pieces, so that batches are applied in between. */
import { MINUTE_S } from "../domain/minute.ts";
import type { StoredMinutes } from "../domain/monitor-draft.ts";
import type { MonitorState } from "../domain/monitor-state.ts";
import type { ServiceSettings } from "../domain/settings.ts";
import { type ComparedSpan, SecondsPreview } from "../domain/settings-preview.ts";

const DAY_S = 86_400;
/** Minutes judged at a stretch: some milliseconds. */
const STRETCH_MIN = 10;

/**
 * Null while no second is closed. What comes meanwhile is not part of it: minutes are read as they are when their turn comes,
 * and late events may have changed them. `pause` lets others have their turn.
 */
export async function previewSeconds(
  state: MonitorState,
  stored: StoredMinutes,
  settings: ServiceSettings,
  pause: () => Promise<void>,
): Promise<ComparedSpan | null> {
  const { open_second, service, versions } = state;
  if (open_second === null) return null;
  const oldest = firstMinute(state, stored, Math.floor((open_second - DAY_S) / MINUTE_S));
  const from = Math.max(open_second - DAY_S, oldest * MINUTE_S);
  if (from >= open_second) return null;
  const preview = new SecondsPreview(service, { before: state.settings, after: settings }, versions, from, open_second);
  for (let number = Math.floor(from / MINUTE_S); number * MINUTE_S < open_second; number += 1) {
    preview.step(number, state.minutes.get(number) ?? stored.read(number));
    if (number % STRETCH_MIN === 0) await pause();
  }
  return preview.result();
}

function firstMinute(state: MonitorState, stored: StoredMinutes, from: number): number {
  const hot = [...state.minutes.keys()].filter((minute) => minute >= from);
  return Math.min(stored.next(from - 1) ?? Infinity, ...hot);
}
