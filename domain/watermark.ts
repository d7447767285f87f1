/**
 * The watermark: the event time up to which a service's data is taken as complete (DESIGN.md section 3). It only grows.
 * Everything here takes `now_ms`, the receiving clock.
 */

/** A partition is idle for a service after this long without a batch that carries it. */
const PARTITION_IDLE_MS = 5_000;
/** A service that is new, or was wholly idle, closes nothing for this long, so that its partitions can appear. */
const WARM_UP_MS = 5_000;
/** After this long without any event the watermark moves to the newest event time. */
export const QUIET_MS = 5_000;
/** Nothing holds a watermark back for longer: then the laggards are late. */
const HOLD_MAX_MS = 30_000;

/** How far one partition has come. */
export interface PartitionProgress {
  /** Newest event time, never ahead of the clock that received it: one wrong date must not close what is still to come. */
  readonly newest_ms: number;
  /** When its newest batch came. */
  readonly received_ms: number;
}

export interface WatermarkState {
  /** Seconds that end at or before it are closed; null while nothing was ever closed. */
  readonly watermark_ms: number | null;
  /** Nothing closes before. */
  readonly hold_until_ms: number;
  readonly partitions: ReadonlyMap<string, PartitionProgress>;
  /** Where the fastest partition stood at times of the last 30 s (about one entry a second), ascending. */
  readonly frontier: readonly { readonly at_ms: number; readonly newest_ms: number }[];
}

export const INITIAL_WATERMARK: WatermarkState = {
  watermark_ms: null,
  hold_until_ms: 0,
  partitions: new Map(),
  frontier: [],
};

export function newestEventMs(state: WatermarkState): number | null {
  let newest: number | null = null;
  for (const { newest_ms } of state.partitions.values()) newest = Math.max(newest ?? newest_ms, newest_ms);
  return newest;
}

export function lastReceivedMs(state: WatermarkState): number | null {
  let last: number | null = null;
  for (const { received_ms } of state.partitions.values()) last = Math.max(last ?? received_ms, received_ms);
  return last;
}

export function isIdle(progress: PartitionProgress, now_ms: number): boolean {
  return now_ms - progress.received_ms > PARTITION_IDLE_MS;
}

/** The state after a batch of `partition` whose newest event time is `event_time_max_ms` (null: it brought nothing new). */
export function onBatch(
  state: WatermarkState,
  partition: string,
  event_time_max_ms: number | null,
  disorder_ms: number,
  now_ms: number,
): WatermarkState {
  const wasIdle = [...state.partitions.values()].every((progress) => isIdle(progress, now_ms));
  const hold_until_ms = wasIdle ? now_ms + WARM_UP_MS : state.hold_until_ms;
  const before = state.partitions.get(partition);
  const newest = Math.max(before?.newest_ms ?? -Infinity, Math.min(event_time_max_ms ?? -Infinity, now_ms));
  if (newest === -Infinity) return { ...state, hold_until_ms };
  const partitions = new Map(state.partitions).set(partition, { newest_ms: newest, received_ms: now_ms });
  const next = { ...state, hold_until_ms, partitions, frontier: extendFrontier(state.frontier, partitions, now_ms) };
  return { ...next, watermark_ms: watermarkOf(next, disorder_ms, now_ms) };
}

function watermarkOf(state: WatermarkState, disorder_ms: number, now_ms: number): number | null {
  const candidates: number[] = [];
  if (now_ms >= state.hold_until_ms) {
    const active = [...state.partitions.values()].filter((progress) => !isIdle(progress, now_ms));
    candidates.push(Math.min(...active.map((progress) => progress.newest_ms)) - disorder_ms);
  }
  // Entries are ascending: the last one that is 30 s old says where the fastest partition stood then.
  const overdue = state.frontier.findLast((entry) => now_ms - entry.at_ms >= HOLD_MAX_MS);
  if (overdue !== undefined) candidates.push(overdue.newest_ms - disorder_ms);
  if (state.watermark_ms !== null) candidates.push(state.watermark_ms);
  return candidates.length === 0 ? null : Math.max(...candidates);
}

function extendFrontier(
  frontier: WatermarkState["frontier"],
  partitions: ReadonlyMap<string, PartitionProgress>,
  now_ms: number,
): WatermarkState["frontier"] {
  const last = frontier.at(-1);
  if (last !== undefined && now_ms - last.at_ms < 1000) return frontier;
  const newest_ms = Math.max(...[...partitions.values()].map((progress) => progress.newest_ms));
  const kept = frontier.filter((_, i) => {
    const next = frontier[i + 1];
    return next === undefined || now_ms - next.at_ms < HOLD_MAX_MS;
  });
  return [...kept, { at_ms: now_ms, newest_ms }];
}

/** The state after 5 s without any event: the watermark stands at the newest event time. The clock moves it in no other case. */
export function onQuiet(state: WatermarkState): WatermarkState {
  const newest = newestEventMs(state);
  return newest === null ? state : { ...state, watermark_ms: Math.max(state.watermark_ms ?? newest, newest) };
}

/** The first second that is still open: those before are closed. Null while nothing was ever closed. */
export function openSecond(state: WatermarkState): number | null {
  return state.watermark_ms === null ? null : Math.floor(state.watermark_ms / 1000);
}
