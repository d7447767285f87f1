/** What a service reports to the Fleet: with each closed minute and incident, and once a second while somebody looks at the fleet. */
import type { FleetPort, FleetReport } from "../domain/fleet.ts";
import type { MonitorDraft, StoredMinutes } from "../domain/monitor-draft.ts";
import type { MonitorState } from "../domain/monitor-state.ts";
import { fleetReports } from "./service-view.ts";

const REPORT_MS = 1_000;

export class MonitorReports {
  readonly #stored: StoredMinutes;
  readonly #fleet: Pick<FleetPort, "report">;
  #watched_until_ms = 0;
  #reported_ms = 0;

  constructor(stored: StoredMinutes, fleet: Pick<FleetPort, "report">) {
    this.#stored = stored;
    this.#fleet = fleet;
  }

  watch(until_ms: number): void {
    this.#watched_until_ms = Math.max(this.#watched_until_ms, until_ms);
  }

  /** What is due after a change that led to `state`. */
  due(draft: MonitorDraft, state: MonitorState, now_ms: number): readonly FleetReport[] {
    const isWatched = now_ms < this.#watched_until_ms && now_ms - this.#reported_ms >= REPORT_MS;
    if (draft.closed_minutes.length === 0 && draft.changes.length === 0 && !isWatched) return [];
    this.#reported_ms = now_ms;
    return fleetReports(state, draft.closed_minutes, this.#stored);
  }

  /** Without a batch there is no Worker to hand reports on. A lost one is replaced by the next: it is a view, not a record. */
  send(reports: readonly FleetReport[]): void {
    if (reports.length === 0) return;
    this.#fleet.report(reports).catch((error: unknown) => console.warn("the fleet took no report", error));
  }
}
