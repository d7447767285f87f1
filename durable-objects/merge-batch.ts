/** One service's part of a batch becomes part of a draft: its new events are added, its place in the partition moves on. */
import type { MonitorDraft } from "../domain/monitor-draft.ts";
import type { MonitorState } from "../domain/monitor-state.ts";
import { advancePartition, partitionKey } from "../domain/positions.ts";
import { bucketDeltas } from "../domain/service-batch.ts";
import { errorTable, type ServiceSettings } from "../domain/settings.ts";
import { afterData, afterStall } from "../domain/silence.ts";
import { onBatch } from "../domain/watermark.ts";
import type { ApplyAnswer, ApplyCall } from "./apply-call.ts";
import { selectNew } from "./select-new.ts";
import type { MonitorStore } from "./service-monitor-sql.ts";

/** Plain HTTP counts as one partition. */
const PLAIN_HTTP = "http";

type Applied = Extract<ApplyAnswer, { kind: "applied" }>;

/**
 * `state` is what the draft started from. Where the service `refuses` (quarantine) nothing is added and no time passes: the
 * batch only moves its place. Null when only the events can tell which are new.
 */
export function mergeBatch(
  draft: MonitorDraft,
  state: MonitorState,
  call: ApplyCall,
  batch: { readonly settings: ServiceSettings; readonly refuses: boolean; readonly now_ms: number },
): Omit<Applied, "reports"> | null {
  const { settings, refuses, now_ms } = batch;
  const { position, facts } = call;
  const selected = selectNew(state, call, refuses);
  if (selected === null) return null;
  const { sums, duplicates, before_start, recreated } = selected;
  const added = draft.add(bucketDeltas(sums, errorTable(settings.errors)), sums.endpoints);
  const key = position === null ? PLAIN_HTTP : partitionKey(position);
  const known = state.partitions.get(key);
  const applied = added.accepted + added.dropped;
  let refused: Applied["refused"] = [];
  if (position !== null) {
    const outcome = { recreated, applied, duplicates, refuses, timestamp_max_ms: facts.timestamp_max_ms };
    const next = advancePartition(known, position, outcome);
    draft.set({ partitions: new Map(state.partitions).set(key, next) });
    refused = next.refused.filter((span) => span.first <= position.last_offset && span.last >= position.first_offset);
  }
  const { counters } = state;
  const first = Math.min(state.first_event_ms ?? Infinity, (sums.seconds[0]?.second ?? Infinity) * 1000);
  draft.set({
    counters: {
      accepted: counters.accepted + added.accepted,
      duplicates: counters.duplicates + duplicates,
      duplicates_suspect: counters.duplicates_suspect + (recreated ? (known?.duplicate_run ?? 0) : 0),
      before_start: counters.before_start + before_start,
      late: counters.late + added.late,
      dropped: counters.dropped + added.dropped,
    },
    first_event_ms: Number.isFinite(first) ? first : state.first_event_ms,
    last_event_ms: applied > 0 ? Math.max(state.last_event_ms ?? 0, facts.event_time_max_ms) : state.last_event_ms,
  });
  if (refuses) draft.set({ silence: afterStall(state) });
  else if (applied > 0) draft.set({ silence: afterData(state.silence, now_ms, state.open_second) });
  const newest = applied > 0 ? facts.event_time_max_ms : null;
  if (!refuses) draft.advance(onBatch(state.watermark, key, newest, settings.disorder_s * 1000, now_ms));
  return { kind: "applied", ...added, duplicates, before_start, refused };
}

/** The answer to a request whose idempotency key the object has seen; null where it has not. */
export function repeatedAnswer(
  store: Pick<MonitorStore, "idempotent">,
  { idempotency, facts }: ApplyCall,
  now_ms: number,
): ApplyAnswer | null {
  if (idempotency === null) return null;
  const before = store.idempotent(idempotency.key, now_ms);
  if (before === null) return null;
  if (before.body !== idempotency.body) return { kind: "key_conflict" };
  const nothing = { accepted: 0, before_start: 0, late: 0, dropped: 0, refused: [], reports: [] };
  return { kind: "applied", ...nothing, duplicates: facts.event_count };
}
