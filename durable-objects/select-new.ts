/** Which events of a call are to be applied, from what the object remembers of their partition. */
import type { MonitorState } from "../domain/monitor-state.ts";
import { judgeBatch, judgeEvents, partitionKey } from "../domain/positions.ts";
import { decodeSums, type ServiceSums, sumEvents } from "../domain/service-batch.ts";
import type { ApplyCall } from "./apply-call.ts";

interface Selected {
  readonly sums: ServiceSums;
  readonly duplicates: number;
  readonly before_start: number;
  readonly recreated: boolean;
}

const NOTHING: ServiceSums = { endpoints: [], seconds: [] };

/**
 * The events of a call that were neither applied nor refused yet, none of them where `refuses`; null when only the events with
 * their offsets can tell.
 */
export function selectNew(state: MonitorState, call: ApplyCall, refuses: boolean): Selected | null {
  const { content, facts, position } = call;
  const all = (recreated: boolean): Selected => ({
    sums: refuses ? NOTHING : content instanceof Uint8Array ? decodeSums(content) : sumEvents(content),
    duplicates: 0,
    before_start: 0,
    recreated,
  });
  if (position === null) return all(false);
  const known = state.partitions.get(partitionKey(position));
  const verdict = judgeBatch(known, facts);
  const none = { sums: NOTHING, duplicates: 0, before_start: 0, recreated: false };
  switch (verdict.kind) {
    case "new":
      return all(false);
    case "recreated_topic":
      return all(true);
    case "duplicate":
      return { ...none, duplicates: facts.event_count };
    case "before_start":
      return { ...none, before_start: facts.event_count };
    case "overlap": {
      if (content instanceof Uint8Array) return null;
      const { isNew, duplicates, before_start, recreated } = judgeEvents(known!, content);
      return { sums: refuses ? NOTHING : sumEvents(content, isNew), duplicates, before_start, recreated };
    }
  }
}
