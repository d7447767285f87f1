/** How long a service's object keeps what is over. */
import type { MonitorState } from "../domain/monitor-state.ts";
import type { MonitorStore } from "./service-monitor-sql.ts";

/** A minute is kept this long after its last change, and this many minutes at most. */
export const RETENTION_MS = 86_400_000;
const MINUTES_MAX = 20_000;
/** Purging reads every row, so it is done once an hour. */
const PRUNE_MS = 3_600_000;
/** But a batch that touched more minutes than this, with dates far apart, is followed by a purge at once. */
const ROWS_UNPRUNED_MAX = 1_000;

/** Whether what wrote `rows` minutes is to be followed by a purge. */
export function isPruneDue({ pruned_ms }: MonitorState, rows: number, now_ms: number): boolean {
  return now_ms - pruned_ms >= PRUNE_MS || rows > ROWS_UNPRUNED_MAX;
}

/** The clock (ms) at which there is something to purge though nothing comes any more. */
export function pruneDue({ pruned_ms }: MonitorState): number {
  return pruned_ms + RETENTION_MS + PRUNE_MS;
}

/** Inside a transaction. */
export function prune(
  store: MonitorStore,
  { open_second, purged_until, tracker }: MonitorState,
  now_ms: number,
): Pick<MonitorState, "pruned_ms" | "purged_until"> {
  const open_minute = Math.floor((open_second ?? 0) / 60);
  const newest = store.purgeMinutes(now_ms - RETENTION_MS, open_minute, Math.floor(now_ms / 60_000), MINUTES_MAX);
  store.purgeEvents(now_ms - RETENTION_MS);
  store.purgeNarratives(now_ms - RETENTION_MS, tracker.incident?.status === "open" ? tracker.incident.id : null);
  store.purgeIdempotent(now_ms);
  return {
    pruned_ms: now_ms,
    purged_until: newest === null ? purged_until : Math.max(newest, purged_until ?? newest),
  };
}
