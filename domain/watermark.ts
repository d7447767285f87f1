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
  const wasIdle = activeFloorMs(state.partitions, now_ms) === null;
  const hold_until_ms = wasIdle ? now_ms + WARM_UP_MS : state.hold_until_ms;
  const before = state.partitions.get(partition);
  const newest = Math.max(before?.newest_ms ?? -Infinity, Math.min(event_time_max_ms ?? -Infinity, now_ms));
  if (newest === -Infinity) return { ...state, hold_until_ms };
  const partitions = new Map(state.partitions).set(partition, { newest_ms: newest, received_ms: now_ms });
  const next = { ...state, hold_until_ms, partitions, frontier: extendFrontier(state.frontier, partitions, now_ms) };
  return { ...next, watermark_ms: watermarkOf(next, disorder_ms, now_ms) };
}

/** The newest event time of the slowest partition that is not idle; null where all are. */
function activeFloorMs(partitions: WatermarkState["partitions"], now_ms: number): number | null {
  let floor: number | null = null;
  for (const progress of partitions.values())
    if (!isIdle(progress, now_ms)) floor = Math.min(floor ?? progress.newest_ms, progress.newest_ms);
  return floor;
}

function watermarkOf(state: WatermarkState, disorder_ms: number, now_ms: number): number | null {
  let watermark_ms = state.watermark_ms ?? -Infinity;
  if (now_ms >= state.hold_until_ms) {
    const floor_ms = activeFloorMs(state.partitions, now_ms);
    watermark_ms = Math.max(watermark_ms, (floor_ms ?? Infinity) - disorder_ms);
  }
  // Entries are ascending: the last one that is 30 s old says where the fastest partition stood then.
  for (const { at_ms, newest_ms } of state.frontier) {
    if (now_ms - at_ms < HOLD_MAX_MS) break;
    watermark_ms = Math.max(watermark_ms, newest_ms - disorder_ms);
  }
  return watermark_ms === -Infinity ? null : watermark_ms;
}

function extendFrontier(
  frontier: WatermarkState["frontier"],
  partitions: ReadonlyMap<string, PartitionProgress>,
  now_ms: number,
): WatermarkState["frontier"] {
  const last = frontier.at(-1);
  if (last !== undefined && now_ms - last.at_ms < 1000) return frontier;
  let newest_ms = -Infinity;
  for (const progress of partitions.values()) newest_ms = Math.max(newest_ms, progress.newest_ms);
  // Of those that are 30 s old only the last one is asked for.
  const first = frontier.findIndex(
    (_, i) => i + 1 === frontier.length || now_ms - frontier[i + 1]!.at_ms < HOLD_MAX_MS,
  );
  return [...frontier.slice(Math.max(0, first)), { at_ms: now_ms, newest_ms }];
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
