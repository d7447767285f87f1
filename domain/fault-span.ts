/** The seconds of a fault of which the service's sums are still held: ten minutes at most, of endpoints one. */
import type { FactValue } from "./evidence.ts";
import { seconds } from "./evidence-values.ts";
import { duration } from "./fact-words.ts";
import type { Totals } from "./impact.ts";
import { onsetSecond } from "./incident-change.ts";
import { RELEASE_S, REOPEN_S } from "./incident-tracker.ts";
import type { Incident } from "./incident.ts";
import type { MonitorState } from "./monitor-state.ts";
import { RING_S } from "./second-ring.ts";
import { TOTALS_S } from "./totals-ring.ts";

/** Epoch seconds, both included. */
export interface FaultSpan {
  readonly from: number;
  readonly to: number;
  /** The fault began before: what is held of it, or the present bout of one that came back, is not all since its onset. */
  readonly isCut: boolean;
  /** In words, as in ` since the onset`, with their numbers. */
  readonly when: string;
  readonly values: readonly FactValue[];
}

/**
 * Null where nothing is held of it: another incident is the service's newest one. An incident ends after a time of quiet, which
 * is no part of the fault.
 */
export function faultSpan(incident: Incident, { detectors, tracker }: MonitorState): FaultSpan | null {
  if (tracker.incident?.id !== incident.id) return null;
  const newest = detectors.newest_second;
  const told = Date.parse(incident.updated_at) / 1000 - 1;
  const isOver = incident.status === "resolved";
  const quiet_s = isOver && incident.resolution === "recovered" ? (incident.flapping ? REOPEN_S : RELEASE_S) : 0;
  const began = beginOf(incident);
  const from = Math.max(began, newest - TOTALS_S + 1);
  const to = Math.min(newest, told - quiet_s);
  if (to < from) return null;
  const isCut = from > onsetSecond(incident);
  if (!isCut) return { from, to, isCut, when: isOver ? " while it lasted" : " since the onset", values: [] };
  const over = seconds("over", to - from + 1);
  return { from, to, isCut, when: ` in ${isOver ? "its" : "the"} last ${duration(over.value)}`, values: [over] };
}

/** Of one that came back: where the present bout began. What lay between was none of it. */
function beginOf(incident: Incident): number {
  const onset = onsetSecond(incident);
  if (incident.reopened_count === 0) return onset;
  const lasting = incident.anomalies.filter(
    ({ resolved, resolved_at }) => !resolved || resolved_at === incident.resolved_at,
  );
  const begins = lasting.map(({ window_start }) => Date.parse(window_start) / 1000);
  return Math.max(onset, Math.min(...begins));
}

/** The requests of a span. */
export function totalsOf({ from, to }: FaultSpan, { detectors }: MonitorState): Totals {
  const [all, after] = [detectors.totalsSince(from), detectors.totalsSince(to + 1)];
  return {
    request_count: all.request_count - after.request_count,
    failed_count: all.failed_count - after.failed_count,
    slow_count: all.slow_count - after.slow_count,
  };
}

/** The part of a span of which endpoints are told apart; null where that lies behind. */
export function endpointSpan(span: FaultSpan, { detectors }: MonitorState): Pick<FaultSpan, "from" | "to"> | null {
  const from = Math.max(span.from, detectors.newest_second - RING_S + 1);
  return from > span.to ? null : { from, to: span.to };
}
