/** Windows that changed after they had closed: late requests came, and the charts say so. */
import type { Held } from "./window-log.ts";

export interface Revision {
  /** Epoch seconds of the window. */
  readonly at: number;
  readonly until: number;
  /** Its requests as they were first seen; null where this page came later than the change. */
  readonly before: number | null;
  readonly after: number;
}

/**
 * The revised among windows of one service, ascending. A service numbers what it hands on to history, and hands on windows in
 * the order of their time: one that has a higher number than a later one was handed on again. Seconds have the number of their
 * minute, and are told as that minute.
 */
export function findRevisions(windows: readonly Held[]): Revision[] {
  const spans = spansOf(windows);
  const found: Revision[] = [];
  let lowest_after = Infinity;
  for (const span of spans.toReversed()) {
    const again = span.revision > lowest_after;
    if (again || span.gained > 0) {
      const before = span.gained > 0 ? span.after - span.gained : null;
      found.push({ at: span.at, until: span.until, before, after: span.after });
    }
    // 0: history does not have it yet.
    if (span.revision > 0) lowest_after = Math.min(lowest_after, span.revision);
  }
  return found.toReversed();
}

interface RevisedSpan {
  readonly at: number;
  readonly until: number;
  revision: number;
  after: number;
  /** Requests that were seen to come late. */
  gained: number;
}

function spansOf(windows: readonly Held[]): RevisedSpan[] {
  const spans = new Map<number, RevisedSpan>();
  for (const window of windows) {
    const length_s = Math.max(60, window.step_s);
    const at = Math.floor(window.at / length_s) * length_s;
    const span = spans.get(at) ?? { at, until: at + length_s, revision: 0, after: 0, gained: 0 };
    span.revision = Math.max(span.revision, window.revision);
    span.after += window.request_count;
    if (window.revised_from !== null) span.gained += window.request_count - window.revised_from;
    spans.set(at, span);
  }
  return [...spans.values()];
}
