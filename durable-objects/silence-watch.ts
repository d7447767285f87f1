/**
 * A service that falls silent asks the Fleet whether the others are heard, before it calls itself down. One question at a time;
 * where nobody can say, it asks again later, each time after a longer wait.
 */
import type { FleetPort, SilenceQuestion } from "../domain/fleet.ts";
import type { MonitorDraft } from "../domain/monitor-draft.ts";
import type { MonitorState } from "../domain/monitor-state.ts";
import { afterStall, afterStallEnded, downDue, isStalled, type PipelineVerdict } from "../domain/silence.ts";
import { lastReceivedMs, newestEventMs, QUIET_MS } from "../domain/watermark.ts";
import { backoffMs } from "./backoff.ts";

const AGAIN_MIN_MS = 10_000;
const AGAIN_MAX_MS = 300_000;
/** A partition that was idle for longer when the last event came had no part in it: its source may be gone for good. */
const ACTIVE_MS = 60_000;

export class SilenceWatch {
  readonly #fleet: Pick<FleetPort, "hears">;
  readonly #now: () => number;
  #is_asking = false;
  /** Questions that did not settle it, since the last event. */
  #unsettled = 0;
  #unsettled_since_ms = -Infinity;
  #blocked_until_ms = -Infinity;

  constructor(fleet: Pick<FleetPort, "hears">, now: () => number) {
    this.#fleet = fleet;
    this.#now = now;
  }

  /** When the Fleet is to be asked; null where silence proves nothing, or what came last is not closed yet. */
  due(state: MonitorState): number | null {
    const due_ms = quietDue(state) === null ? downDue(state) : null;
    if (due_ms === null) return null;
    return this.#unsettled_since_ms === lastReceivedMs(state.watermark)
      ? Math.max(due_ms, this.#blocked_until_ms)
      : due_ms;
  }

  isDue(state: MonitorState): boolean {
    return !this.#is_asking && (this.due(state) ?? Infinity) <= this.#now();
  }

  /** What the Fleet says; never rejects. */
  async ask(state: MonitorState): Promise<PipelineVerdict> {
    this.#is_asking = true;
    try {
      return await this.#fleet.hears(questionOf(state));
    } catch (error) {
      console.warn(`the fleet could not be asked whether it hears more than ${state.service}`, error);
      return "unknown";
    } finally {
      this.#is_asking = false;
    }
  }

  /** It has to be asked again: not at once, and less often each time. */
  unsettled(state: MonitorState): void {
    const received_ms = lastReceivedMs(state.watermark) ?? -Infinity;
    this.#unsettled = this.#unsettled_since_ms === received_ms ? this.#unsettled + 1 : 1;
    this.#unsettled_since_ms = received_ms;
    const wait_ms = backoffMs(this.#unsettled, AGAIN_MIN_MS, AGAIN_MAX_MS);
    this.#blocked_until_ms = this.#now() + wait_ms;
  }
}

function questionOf(state: MonitorState): SilenceQuestion {
  const since_ms = lastReceivedMs(state.watermark) ?? 0;
  const sources = new Set<string>();
  let is_plain = false;
  for (const [key, { received_ms }] of state.watermark.partitions) {
    if (since_ms - received_ms > ACTIVE_MS) continue;
    const partition = state.partitions.get(key);
    if (partition === undefined) is_plain = true;
    else sources.add(partition.source);
  }
  return { service: state.service, sources: [...sources], is_plain, since_ms };
}

/** What the Fleet said, as a change of the draft; false where it has to be asked again. `due_ms`: when it was to be asked. */
export function afterVerdict(draft: MonitorDraft, verdict: PipelineVerdict, due_ms: number, now_ms: number): boolean {
  const { silence } = draft.state;
  if (verdict === "stalled") draft.set({ silence: afterStall(draft.state) });
  if (verdict !== "flowing") return false;
  // The silence of a broken pipeline was not the service's: it is given the whole time again.
  if (isStalled(silence)) draft.set({ silence: afterStallEnded(silence, now_ms) });
  else draft.declareDown(Math.floor(due_ms / 1000));
  return true;
}

/** When 5 s without any event will have passed; null when that would change nothing. */
export function quietDue(state: MonitorState): number | null {
  const last = lastReceivedMs(state.watermark);
  const isBehind = (state.watermark.watermark_ms ?? -Infinity) < (newestEventMs(state.watermark) ?? -Infinity);
  const isChanged = state.dirty_hours.length > 0 || [...state.minutes.values()].some((minute) => minute.changed);
  // A partition is idle after more than five seconds: a batch that comes at the same moment still finds it active.
  return last !== null && (isBehind || isChanged) ? last + QUIET_MS + 1 : null;
}
