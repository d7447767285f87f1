/** Writes what changed of a service, with all that goes out of it, as one transaction. */
import type { HistoryRow } from "../domain/history.ts";
import type { NarrativeEvent } from "../domain/message.ts";
import type { Minute } from "../domain/minute.ts";
import type { MonitorDraft } from "../domain/monitor-draft.ts";
import type { MonitorState } from "../domain/monitor-state.ts";
import type { HeldNarrative } from "../domain/narrative-draft.ts";
import type { NarrativeDraft } from "../domain/narrator.ts";
import { noticesOf } from "./notices.ts";
import { narrativeEvent, type Told } from "./number-rows.ts";
import type { Outbox } from "./outbox.ts";
import { isPruneDue, prune } from "./prune-service.ts";
import type { MonitorStore } from "./service-monitor-sql.ts";
import type { Storage } from "./storage.ts";

export class MonitorWriter {
  readonly #storage: Storage;
  readonly #store: MonitorStore;
  readonly #outbox: Outbox;

  constructor(storage: Storage, store: MonitorStore, outbox: Outbox) {
    this.#storage = storage;
    this.#store = store;
    this.#outbox = outbox;
  }

  /** Gives the state as it is stored then. `more`: what else belongs to the change. */
  writeDraft(draft: MonitorDraft, before: MonitorState, told: Told, now_ms: number, more: () => void): MonitorState {
    return this.#storage.transaction(() => {
      const { state, rows } = draft.finish();
      for (const minute of rows) this.#store.saveMinute(minute, now_ms);
      for (const event of told.events) this.#store.addEvent(event, now_ms);
      for (const { narrative, severity } of newestNarratives(told))
        this.#store.saveNarrative({ narrative, severity, is_first: true }, now_ms);
      const outbox_position = this.#outbox.putAll(state.service, state.outbox_position, told);
      more();
      const saved = {
        ...state,
        ...(isPruneDue(before, rows.length, now_ms) ? prune(this.#store, state, now_ms) : {}),
        outbox_position,
      };
      this.#store.saveState(saved);
      return saved;
    });
  }

  /** Better words of an incident in the place of those that are held. */
  writeNarrative(
    state: MonitorState,
    { severity }: HeldNarrative,
    draft: NarrativeDraft,
    now_ms: number,
  ): { readonly state: MonitorState; readonly event: NarrativeEvent } {
    const event = narrativeEvent(draft, severity, state.seq + 1);
    const { narrative } = event;
    const minuteOf = (minute: number): Minute | undefined => state.minutes.get(minute) ?? this.#store.read(minute);
    const notices = noticesOf([event], { state, minuteOf });
    const rows: HistoryRow[] = [{ table: "incident_summaries", row: narrative }];
    const told: Told = { events: [event], rows, requests: [], notices };
    return this.#storage.transaction(() => {
      this.#store.addEvent(event, now_ms);
      this.#store.saveNarrative({ narrative, severity, is_first: false }, now_ms);
      const outbox_position = this.#outbox.putAll(state.service, state.outbox_position, told);
      const saved = { ...state, seq: event.seq, outbox_position };
      this.#store.saveState(saved);
      return { state: saved, event };
    });
  }
}

/** One an incident: a draft may tell several versions of it. */
function newestNarratives({ events }: Told): Iterable<NarrativeEvent> {
  const narratives = events.filter((event) => event.type === "narrative");
  return new Map(narratives.map((event) => [event.narrative.incident_id, event])).values();
}
